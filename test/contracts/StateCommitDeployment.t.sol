// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";

contract StateCommitDeploymentTest is StateCommitFixture {
    function test_constructor_afterTheLatestDeployment_reverts() public {
        _warp(uint64(1) << 39);
        _deploy(IEnclaveRegistry(address(0)));
        _warp((uint64(1) << 39) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStateCommitRegistry.InvalidParameter.selector,
                bytes32("blockTimestamp"),
                (uint256(1) << 39) + 1
            )
        );
        _deploy(IEnclaveRegistry(address(0)));
    }
}
