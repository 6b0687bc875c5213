// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../../Cheats.sol";
import {FaultRules} from "../../../contracts/interfaces/IFaultLedger.sol";
import {ISlashingHook} from "../../../contracts/interfaces/ISlashingHook.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {CommitStandingMock} from "../../../contracts/mocks/CommitStandingMock.sol";
import {SignedCommit} from "../../../contracts/types/SignedCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev A registry that retains what it is told and takes every certificate unless told otherwise.
abstract contract StandingFixture is Test {
    uint96 internal constant REWARD_WEI = 0.5 ether;
    uint32 internal constant DELAY_SECONDS = 3 days;

    CommitStandingMock internal _registry;
    /// @dev Who is told of faults; nobody unless a test says so.
    ISlashingHook internal _hook;

    function _openRegistry() internal returns (IStateCommitRegistry) {
        _registry = new CommitStandingMock();
        return IStateCommitRegistry(address(_registry));
    }

    function _faultRules() internal view returns (FaultRules memory) {
        return FaultRules(_hook, REWARD_WEI);
    }

    /// @dev The roots that `signed` names stand on the chain.
    function _retain(SignedCommit memory signed) internal {
        StateRoot[] memory roots = new StateRoot[](2);
        (roots[0], roots[1]) = (signed.commit.prevStateRoot, signed.commit.newStateRoot);
        _registry.setRoots(signed.commit.sequenceNo - 1, roots);
    }

    function _setRoot(uint64 sequenceNo, bytes32 root) internal {
        StateRoot[] memory roots = new StateRoot[](1);
        roots[0] = StateRoot.wrap(root);
        _registry.setRoots(sequenceNo, roots);
    }
}
