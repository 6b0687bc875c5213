// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title IAddressesProvider
/// @notice Directory of a chain's deployables: `keccak256(NAME)` to address.
/// @dev Consumers copy addresses into immutables when they are built; changing an entry does not reach them.
interface IAddressesProvider {
    /// @notice An entry was set; the zero address removes it.
    event AddressSet(bytes32 indexed id, address oldAddress, address newAddress);

    /// @notice The entry is empty.
    error AddressNotSet(bytes32 id);
    /// @notice The address has no code.
    error NoContractCode(bytes32 id, address got);

    /// @notice Address under `id`. Reverts with `AddressNotSet`.
    function getAddress(bytes32 id) external view returns (address);

    /// @notice Address under `id`; zero if there is none.
    function tryGetAddress(bytes32 id) external view returns (address);

    /// @notice Sets or, with the zero address, removes an entry. Owner only.
    function setAddress(bytes32 id, address newAddress) external;
}
