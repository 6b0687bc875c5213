// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";

/// @title AddressesProvider
/// @dev The owner decides what later deployables are built from; nothing that is already deployed reads it again.
contract AddressesProvider is IAddressesProvider, Ownable2Step {
    mapping(bytes32 id => address entry) private _entries;

    /// @param owner account that sets entries
    constructor(address owner) Ownable(owner) {}

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
