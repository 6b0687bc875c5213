// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CommitRules} from "../../../contracts/interfaces/ICommitGovernance.sol";
import {StateCommitFixture} from "./StateCommitFixture.sol";
import {StateCommitRegistry} from "../../../contracts/StateCommitRegistry.sol";
import {ITimelocked} from "../../../contracts/interfaces/ITimelocked.sol";

/// @dev A registry with proposals, and everything a refusal must leave as it was.
abstract contract GovernanceFixture is StateCommitFixture {
    uint64 internal constant GRACE_SECONDS = 14 days;

    /// @dev The rules that the registry was deployed with.
    function _deployed() internal view returns (CommitRules memory) {
        return CommitRules(_verifier, QUORUM_BPS, SKEW_SECONDS, HEARTBEAT_SECONDS);
    }

    function _inForce() internal view returns (CommitRules memory) {
        return
            CommitRules(
                _registry.verifier(),
                _registry.quorumBps(),
                _registry.maxSkewSeconds(),
                _registry.heartbeatSeconds()
            );
    }

    function _enact(CommitRules memory rules) internal {
        _registry.proposeRules(rules);
        _warp(_clock + CHANGE_DELAY_SECONDS);
        _registry.enactRules(rules);
    }

    function _governanceHash() internal view returns (bytes32) {
        (CommitRules memory proposed, uint64 rulesAt) = _registry.proposedRules();
        (bytes32 digest, uint64 recoveryAt) = _registry.proposedRecovery();
        return
            keccak256(
                abi.encode(
                    _stateHash(),
                    _inForce(),
                    proposed,
                    rulesAt,
                    digest,
                    recoveryAt,
                    _registry.lastRecoveryUpTo(type(uint64).max)
                )
            );
    }

    /// @dev Asserts that the registry refuses `data` for `reason`, and stays as it is.
    function _assertRefused(bytes memory data, bytes memory reason) internal {
        bytes32 before = _governanceHash();
        (bool ok, bytes memory got) = address(_registry).call(data);
        assertTrue(!ok, "refused");
        assertEq(keccak256(got), keccak256(reason), "reason");
        assertEq(_governanceHash(), before, "unchanged");
    }

    function _active(uint64 executableAt) internal view returns (bytes memory) {
        return abi.encodeWithSelector(ITimelocked.TimelockActive.selector, executableAt, _clock);
    }

    function _expired(uint64 expiredAt) internal view returns (bytes memory) {
        return abi.encodeWithSelector(ITimelocked.ProposalExpired.selector, expiredAt, _clock);
    }

    function _nothing() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ITimelocked.NothingProposed.selector);
    }
}
