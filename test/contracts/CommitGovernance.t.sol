// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {GovernanceFixture} from "./helpers/GovernanceFixture.sol";
import {VerifierStub} from "./VerifierStub.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {CommitRules, ICommitGovernance} from "../../contracts/interfaces/ICommitGovernance.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {ITimelocked} from "../../contracts/interfaces/ITimelocked.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract CommitGovernanceTest is GovernanceFixture {
    address private constant STRANGER = address(0xbad);

    VerifierStub private _other;
    CommitRules private _rules;

    function setUp() public override {
        super.setUp();
        _other = new VerifierStub();
        _rules = CommitRules(_other, 9_000, 10, 1 hours);
        _commitTimes(2);
    }

    // -- Delay --

    function test_constructor_changeDelayOutOfBounds_reverts() public {
        uint32[4] memory bad = [uint32(0), 2 days - 1, 30 days + 1, type(uint32).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ITimelocked.InvalidChangeDelay.selector, 2 days, 30 days, bad[i])
            );
            _deployWithDelay(bad[i]);
        }
        assertEq(_deployWithDelay(2 days).changeDelaySeconds(), 2 days, "shortest");
        assertEq(_deployWithDelay(30 days).changeDelaySeconds(), 30 days, "longest");
    }

    function _deployWithDelay(uint32 delay) private returns (StateCommitRegistry) {
        IEnclaveRegistry none = IEnclaveRegistry(address(0));
        return new StateCommitRegistry(address(this), _verifier, none, 6_667, 60, 1 hours, delay);
    }

    // -- Proposal --

    function test_proposeRules_changesNothingYet() public {
        uint64 executableAt = _clock + CHANGE_DELAY_SECONDS;
        vm.expectEmit();
        emit ICommitGovernance.RulesProposed(_rules, executableAt);
        _registry.proposeRules(_rules);
        (CommitRules memory proposed, uint64 dueAt) = _registry.proposedRules();
        assertEq(keccak256(abi.encode(proposed)), keccak256(abi.encode(_rules)), "proposed");
        assertEq(dueAt, executableAt, "time");
        assertEq(keccak256(abi.encode(_inForce())), keccak256(abi.encode(_deployed())), "in force");
        _commitTimes(1);
        assertEq(_registry.getSequenceNo(), 3, "commits go on");
    }

    function test_OPS12_proposeRules_outOfBounds_isRefused() public {
        uint16[3] memory badBps = [uint16(0), 6_666, 10_001];
        for (uint256 i = 0; i < badBps.length; ++i) {
            _assertBad(
                CommitRules(_other, badBps[i], 10, 1 hours),
                abi.encodeWithSelector(IStateCommitRegistry.InvalidQuorumBps.selector, 6_667, badBps[i])
            );
        }
        _assertBad(CommitRules(_other, 9_000, 901, 1 hours), _invalid("maxSkewSeconds", 901));
        _assertBad(CommitRules(_other, 9_000, 10, 599), _invalid("heartbeatSeconds", 599));
        _assertBad(CommitRules(_other, 9_000, 10, 7 days + 1), _invalid("heartbeatSeconds", 7 days + 1));
        _assertBad(
            CommitRules(IQuorumVerifier(address(0xdead)), 9_000, 10, 1 hours),
            _invalid("verifier", 0xdead)
        );
    }

    function _assertBad(CommitRules memory rules, bytes memory reason) private {
        _assertRefused(abi.encodeCall(_registry.proposeRules, (rules)), reason);
    }

    function _invalid(bytes32 name, uint256 got) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStateCommitRegistry.InvalidParameter.selector, name, got);
    }

    function test_proposeRules_again_restartsTheClock() public {
        _registry.proposeRules(_rules);
        _warp(_clock + CHANGE_DELAY_SECONDS);
        CommitRules memory lower = CommitRules(_other, 6_667, 10, 1 hours);
        _registry.proposeRules(lower);
        uint64 executableAt = _clock + CHANGE_DELAY_SECONDS;
        _assertRefused(_enactCall(_rules), _active(executableAt));
        _assertRefused(_enactCall(lower), _active(executableAt));
        _warp(executableAt);
        _assertRefused(_enactCall(_rules), abi.encodeWithSelector(ICommitGovernance.NotTheProposal.selector));
        _registry.enactRules(lower);
        assertEq(_registry.quorumBps(), 6_667, "the newer one");
    }

    function _enactCall(CommitRules memory rules) private view returns (bytes memory) {
        return abi.encodeCall(_registry.enactRules, (rules));
    }

    // -- Enactment --

    function test_OPS12_enactRules_insideTheTimelock_isRefused() public {
        CommitRules memory lower = CommitRules(_verifier, 6_667, SKEW_SECONDS, HEARTBEAT_SECONDS);
        _assertRefused(_enactCall(lower), _nothing());
        _registry.proposeRules(lower);
        uint64 executableAt = _clock + CHANGE_DELAY_SECONDS;
        _assertRefused(_enactCall(lower), _active(executableAt));
        _warp(executableAt - 1);
        _assertRefused(_enactCall(lower), _active(executableAt));
        _verifier.answer(CertificateFault.None, 6_667, 10_000);
        _assertRejected(_next(_registry), _insufficient(6_667, 10_000));
        _warp(executableAt);
        vm.expectEmit();
        emit ICommitGovernance.RulesEnacted(lower);
        _registry.enactRules(lower);
        _registry.commitStateRoot(_next(_registry), "");
        assertEq(_registry.getSequenceNo(), 3, "the lower quorum counts");
        _assertRefused(_enactCall(lower), _nothing());
    }

    function test_enactRules_forgotten_expires() public {
        _registry.proposeRules(_rules);
        uint64 expiredAt = _clock + CHANGE_DELAY_SECONDS + GRACE_SECONDS;
        _warp(expiredAt + 1);
        _assertRefused(_enactCall(_rules), _expired(expiredAt));
        _warp(expiredAt);
        _registry.enactRules(_rules);
        assertEq(_registry.quorumBps(), 9_000, "the last second");
    }

    function test_cancelRulesProposal_takesItBack() public {
        bytes memory cancel = abi.encodeCall(_registry.cancelRulesProposal, ());
        _assertRefused(cancel, _nothing());
        _registry.proposeRules(_rules);
        vm.expectEmit();
        emit ICommitGovernance.RulesProposalCancelled();
        _registry.cancelRulesProposal();
        (CommitRules memory proposed, uint64 dueAt) = _registry.proposedRules();
        assertTrue(dueAt == 0 && address(proposed.verifier) == address(0), "nothing proposed");
        _warp(_clock + CHANGE_DELAY_SECONDS);
        _assertRefused(_enactCall(_rules), _nothing());
        _assertRefused(cancel, _nothing());
    }

    function test_ACL09_rules_areOnlyForTheOwner() public {
        _registry.proposeRules(_rules);
        _warp(_clock + CHANGE_DELAY_SECONDS);
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER);
        bytes[3] memory calls = [
            abi.encodeCall(_registry.proposeRules, (_rules)),
            _enactCall(_rules),
            abi.encodeCall(_registry.cancelRulesProposal, ())
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool ok, bytes memory got) = address(_registry).call(calls[i]);
            assertTrue(!ok && keccak256(got) == keccak256(reason), "refused");
        }
        (, uint64 dueAt) = _registry.proposedRules();
        assertTrue(dueAt != 0 && _registry.quorumBps() == QUORUM_BPS, "unchanged");
    }

    // -- Amended rules --

    function test_amendedRules_areThoseThatCount() public {
        _enact(_rules);
        assertEq(keccak256(abi.encode(_inForce())), keccak256(abi.encode(_rules)), "views");
        // What the first verifier says does not matter any more.
        _verifier.answer(CertificateFault.InvalidSignature, 0, 0);
        _commitTimes(2);
        assertEq(_registry.getSequenceNo(), 4, "judged by the other verifier");
        _verifier.answer(CertificateFault.None, 3, 3);
        _other.answer(CertificateFault.UnknownEpoch, 0, 0);
        _assertRejected(_next(_registry), _rejected(CertificateFault.UnknownEpoch));
        _other.answer(CertificateFault.None, 8_999, 10_000);
        _assertRejected(_next(_registry), _short(8_999));
        _other.answer(CertificateFault.None, 9_000, 10_000);
        StateCommit memory commit = _next(_registry);
        commit.timestamp = _clock + 11;
        _assertRejected(
            commit,
            abi.encodeWithSelector(
                IStateCommitRegistry.TimestampInFuture.selector,
                _clock + 10,
                commit.timestamp
            )
        );
        commit = _heartbeat();
        uint64 dueAt = _clock + 1 hours;
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.NoOpCommit.selector, dueAt));
        _warp(dueAt);
        _registry.commitStateRoot(_heartbeat(), "");
        assertEq(_registry.getSequenceNo(), 5, "heartbeat");
    }

    function _heartbeat() private view returns (StateCommit memory commit) {
        commit = _next(_registry);
        (commit.newStateRoot, commit.daCertHash) = (commit.prevStateRoot, DaCertHash.wrap(0));
    }

    function _short(uint256 signed) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(IStateCommitRegistry.InsufficientQuorum.selector, signed, 10_000, 9_000);
    }

    function test_amendedRules_batches_obeyThem() public {
        _enact(_rules);
        _verifier.answer(CertificateFault.InvalidSignature, 0, 0);
        StateCommit[] memory commits = _nextBatch(_registry, 3);
        _registry.commitStateRoots(commits, "");
        assertEq(_registry.getSequenceNo(), 5, "by the other verifier");
        _other.answer(CertificateFault.None, 8_999, 10_000);
        _warp(_clock + 120);
        commits = _nextBatch(_registry, 2);
        _assertRefused(abi.encodeCall(_registry.commitStateRoots, (commits, "")), _short(8_999));
        _other.answer(CertificateFault.None, 9_000, 10_000);
        commits[1].timestamp = _clock + 11;
        _assertRefused(
            abi.encodeCall(_registry.commitStateRoots, (commits, "")),
            abi.encodeWithSelector(
                IStateCommitRegistry.TimestampInFuture.selector,
                _clock + 10,
                commits[1].timestamp
            )
        );
    }

    function test_amendedRules_outliveCommitsAndPauses() public {
        _enact(_rules);
        _commitTimes(3);
        _registry.pauseCommits();
        assertEq(_registry.quorumBps(), 9_000, "paused");
        _registry.resumeCommits();
        _commitTimes(1);
        assertEq(keccak256(abi.encode(_inForce())), keccak256(abi.encode(_rules)), "still in force");
        assertEq(StateRoot.unwrap(_registry.stateRootAt(6)), StateRoot.unwrap(_root(6)), "roots go on");
    }

    function test_enactRules_thoseOfTheDeployment_areCheapAgain() public {
        _enact(_rules);
        _enact(_deployed());
        assertEq(keccak256(abi.encode(_inForce())), keccak256(abi.encode(_deployed())), "in force");
        assertEq(uint256(vm.load(address(_registry), bytes32(RING_SLOT - 1))) & (1 << 81), 0, "bit");
        _other.answer(CertificateFault.InvalidSignature, 0, 0);
        _commitTimes(1);
        assertEq(_registry.getSequenceNo(), 3, "judged by the first verifier");
    }

    function testFuzz_enactRules_anyInBounds_areInForce(uint16 bps, uint32 skew, uint32 heartbeat) public {
        CommitRules memory rules = CommitRules(
            _other,
            6_667 + (bps % 3_334),
            skew % (15 minutes + 1),
            10 minutes + (heartbeat % (7 days - 10 minutes + 1))
        );
        _enact(rules);
        assertEq(keccak256(abi.encode(_inForce())), keccak256(abi.encode(rules)), "in force");
        _commitTimes(1);
        assertEq(_registry.getSequenceNo(), 3, "commits go on");
    }
}
