// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientAuthority} from "../libraries/ClientAuthority.sol";

/// @title ClientAuthorityHarness
/// @notice Opens `ClientAuthority` to tests, beside its twin in plain Solidity.
contract ClientAuthorityHarness {
    /// @notice As the library.
    function actsFor(address caller, address client) external view returns (bool) {
        return ClientAuthority.actsFor(caller, client);
    }

    /// @notice As the library.
    function ownerOf(address client) external view returns (address) {
        return ClientAuthority.ownerOf(client);
    }

    /// @notice The twin.
    function plainOwnerOf(address client) external view returns (address) {
        (bool ok, bytes memory out) = client.staticcall{gas: ClientAuthority.OWNER_CALL_GAS}(
            abi.encodeWithSignature("getOwner()")
        );
        if (!ok || out.length != 32 || uint256(bytes32(out)) > type(uint160).max) return address(0);
        return address(uint160(uint256(bytes32(out))));
    }
}
