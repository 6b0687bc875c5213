// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./Owned.sol";
import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";

/// @title AddressesProvider
/// @dev The owner decides what later deployables are built from; nothing that is already deployed reads it again.
contract AddressesProvider is IAddressesProvider, Owned {
    mapping(bytes32 id => address entry) private _entries;

    /// @param owner account that sets entries
    constructor(address owner) Owned(owner) {}

    /// @inheritdoc IAddressesProvider
    function getAddress(bytes32 id) external view returns (address) {
        address entry = _entries[id];
        if (entry == address(0)) revert AddressNotSet(id);
        return entry;
    }

    /// @inheritdoc IAddressesProvider
    function tryGetAddress(bytes32 id) external view returns (address) {
        return _entries[id];
    }

    /// @inheritdoc IAddressesProvider
    function setAddress(bytes32 id, address newAddress) external onlyOwner {
        if (newAddress != address(0) && newAddress.code.length == 0) revert NoContractCode(id, newAddress);
        address oldAddress = _entries[id];
        _entries[id] = newAddress;
        emit AddressSet(id, oldAddress, newAddress);
    }
}
