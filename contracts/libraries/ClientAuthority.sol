// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IPolicyClient} from "../interfaces/IPolicyClient.sol";

/// @title ClientAuthority
/// @notice Who may choose the policies of a client: the client itself, or the owner it names.
/// @dev The client is foreign code: it gets a bounded amount of gas, cannot write, and at most one word of what it
///      returns is copied, so it can neither burn the caller's gas nor fill its memory.
library ClientAuthority {
    /// @dev Enough for a getter behind a proxy and a beacon: three cold accounts (7,800), three cold slots (6,300).
    uint256 internal constant OWNER_CALL_GAS = 50_000;

    /// @notice Whether `caller` acts for `client`.
    function actsFor(address caller, address client) internal view returns (bool) {
        return caller == client || (caller != address(0) && caller == ownerOf(client));
    }

    /// @notice What `client.getOwner()` returns; zero unless it is one word that holds an address.
    /// @dev Twin: `(bool ok, bytes memory out) = client.staticcall{gas: OWNER_CALL_GAS}(getOwner())`, then
    ///      `ok && out.length == 32 && uint256(bytes32(out)) <= type(uint160).max`.
    function ownerOf(address client) internal view returns (address owner) {
        bytes4 selector = IPolicyClient.getOwner.selector;
        uint256 gasStipend = OWNER_CALL_GAS;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            let isCalled := staticcall(gasStipend, client, 0x00, 0x04, 0x00, 0x20)
            let word := mload(0x00)
            if and(and(isCalled, eq(returndatasize(), 0x20)), iszero(shr(160, word))) {
                owner := word
            }
        }
    }
}
