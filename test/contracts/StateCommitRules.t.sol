// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EnclaveStub} from "./helpers/EnclaveStub.sol";
import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../contracts/interfaces/IStateRootCommittable.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract StateCommitRulesTest is StateCommitFixture {
    // -- Rules --

    function test_SEQ12_commitStateRoot_otherVersion_reverts() public {
        StateCommit memory commit = _next(_registry);
        uint8[4] memory bad = [uint8(0), 1, 3, 255];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.version = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(
                    IStateRootCommittable.UnsupportedStateCommitVersion.selector,
                    2,
                    bad[i]
                )
            );
        }
    }

    function testFuzz_SEQ01_commitStateRoot_otherSequence_reverts(uint64 sequenceNo) public {
        _commitTimes(3);
        vm.assume(sequenceNo != 4);
        StateCommit memory commit = _next(_registry);
        commit.sequenceNo = sequenceNo;
        _assertRejected(
            commit,
            abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 4, sequenceNo)
        );
    }

    function test_SEQ01_commitStateRoot_edgesOfSequence_revert() public {
        _commitTimes(1);
        StateCommit memory commit = _next(_registry);
        uint64[4] memory bad = [uint64(0), 1, 3, type(uint64).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.sequenceNo = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 2, bad[i])
            );
        }
    }

    function test_SEQ02_commitStateRoot_otherPreviousRoot_reverts() public {
        _commitTimes(2);
        StateCommit memory commit = _next(_registry);
        bytes32[4] memory bad = [
            bytes32(0),
            StateRoot.unwrap(_root(1)),
            keccak256("other chain"),
            EMPTY_TREE_ROOT
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.prevStateRoot = StateRoot.wrap(bad[i]);
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateRootCommittable.StateRootMismatch.selector, _root(2), bad[i])
            );
        }
    }

    function test_SEQ02_commitStateRoot_firstOnANonZeroRoot_reverts() public {
        StateCommit memory commit = _next(_registry);
        commit.prevStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        _assertRejected(
            commit,
            abi.encodeWithSelector(
                IStateRootCommittable.StateRootMismatch.selector,
                bytes32(0),
                EMPTY_TREE_ROOT
            )
        );
    }

    function test_SEQ03_commitStateRoot_zeroRoot_reverts() public {
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = StateRoot.wrap(0);
        _assertRejected(commit, abi.encodeWithSelector(IStateRootCommittable.InvalidNewStateRoot.selector));
    }

    function test_SEQ05_commitStateRoot_emptyTreeRoot_reverts() public {
        _commitTimes(1);
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.EmptyTreeRoot.selector));
    }

    function test_SEQ04_commitStateRoot_unchangedRoot_onlyWhenHeartbeatIsDue() public {
        _commitTimes(1);
        uint64 dueAt = _clock + HEARTBEAT_SECONDS;
        _warp(dueAt - 1);
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = commit.prevStateRoot;
        commit.daCertHash = DaCertHash.wrap(0);
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.NoOpCommit.selector, dueAt));
        _warp(dueAt);
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 2, "heartbeat");
        assertEq(StateRoot.unwrap(_registry.getStateRoot()), StateRoot.unwrap(_root(1)), "root unchanged");
        assertEq(
            StateRoot.unwrap(_registry.stateRootAt(2)),
            StateRoot.unwrap(_root(1)),
            "retained under both"
        );
    }

    function test_SEQ14_commitStateRoot_manifestHash_zeroIffUnchanged() public {
        _commitTimes(1);
        StateCommit memory commit = _next(_registry);
        commit.daCertHash = DaCertHash.wrap(0);
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.InvalidDaCert.selector));
        _warp(_clock + HEARTBEAT_SECONDS);
        commit = _next(_registry);
        commit.newStateRoot = commit.prevStateRoot;
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.InvalidDaCert.selector));
    }

    function test_SEQ06_commitStateRoot_timestampNotLater_reverts() public {
        _commitTimes(1);
        (uint64 last, ) = _registry.lastCommitTimes();
        StateCommit memory commit = _next(_registry);
        uint64[3] memory bad = [uint64(0), last - 1, last];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.timestamp = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateRootCommittable.TimestampRegression.selector, last, bad[i])
            );
        }
    }

    function test_SEQ06_commitStateRoot_timestampBeyondSkew_reverts() public {
        uint64 latest = _clock + SKEW_SECONDS;
        StateCommit memory commit = _next(_registry);
        uint64[2] memory bad = [latest + 1, type(uint64).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.timestamp = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateCommitRegistry.TimestampInFuture.selector, latest, bad[i])
            );
        }
        commit.timestamp = latest;
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "the latest allowed");
    }

    function test_SEQ07_commitStateRoot_twoInOneBlock_areAccepted() public {
        _registry.commitStateRoot(_next(_registry), "");
        _registry.commitStateRoot(_next(_registry), "");
        assertEq(_registry.getSequenceNo(), 2, "cadence is the commit loop's, not the chain's");
    }

    function test_SEQ10_commitStateRoot_landedTwice_secondIsASequenceGap() public {
        StateCommit memory commit = _next(_registry);
        vm.prank(address(0xfeed));
        _registry.commitStateRoot(commit, "");
        _assertRejected(commit, abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 2, 1));
    }

    function test_commitStateRoot_pcr0WithoutEnclaveRegistry_mustBeZero() public {
        StateCommit memory commit = _next(_registry);
        commit.pcr0Commitment = "active";
        _assertRejected(commit, abi.encodeWithSelector(IStateRootCommittable.InvalidPcr0Commitment.selector));
    }

    function test_commitStateRoot_pcr0WithEnclaveRegistry_mustBeActive() public {
        _registry = _deploy(new EnclaveStub());
        StateCommit memory commit = _next(_registry);
        bytes memory reason = abi.encodeWithSelector(IStateRootCommittable.InvalidPcr0Commitment.selector);
        _assertRejected(commit, reason);
        commit.pcr0Commitment = "retired";
        _assertRejected(commit, reason);
        commit.pcr0Commitment = "active";
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "active");
    }

    function test_commitStateRoot_severalRulesBroken_firstInOrderIsNamed() public {
        _commitTimes(1);
        (uint64 last, ) = _registry.lastCommitTimes();
        StateCommit memory good = _next(_registry);
        StateCommit memory bad = StateCommit(
            1,
            9,
            StateRoot.wrap("x"),
            StateRoot.wrap(0),
            last,
            DaCertHash.wrap(0),
            "x"
        );
        _verifier.answer(CertificateFault.UnknownEpoch, 0, 0);
        _registry.pauseCommits();
        _assertRejected(bad, abi.encodeWithSelector(IStateCommitRegistry.CommitsPaused.selector));
        _registry.resumeCommits();
        _assertRejected(
            bad,
            abi.encodeWithSelector(IStateRootCommittable.UnsupportedStateCommitVersion.selector, 2, 1)
        );
        bad.version = 2;
        _assertRejected(bad, abi.encodeWithSelector(IStateRootCommittable.InvalidPcr0Commitment.selector));
        bad.pcr0Commitment = 0;
        _assertRejected(bad, abi.encodeWithSelector(IStateRootCommittable.InvalidNewStateRoot.selector));
        bad.newStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        _assertRejected(bad, abi.encodeWithSelector(IStateCommitRegistry.EmptyTreeRoot.selector));
        bad.newStateRoot = good.prevStateRoot;
        _assertRejected(bad, abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 2, 9));
        bad.sequenceNo = 2;
        _assertRejected(
            bad,
            abi.encodeWithSelector(
                IStateRootCommittable.StateRootMismatch.selector,
                good.prevStateRoot,
                bytes32("x")
            )
        );
        bad.prevStateRoot = good.prevStateRoot;
        _assertRejected(
            bad,
            abi.encodeWithSelector(IStateRootCommittable.TimestampRegression.selector, last, last)
        );
        bad.timestamp = last + 1;
        _assertRejected(
            bad,
            abi.encodeWithSelector(IStateCommitRegistry.NoOpCommit.selector, _clock + HEARTBEAT_SECONDS)
        );
        bad.newStateRoot = good.newStateRoot;
        _assertRejected(bad, abi.encodeWithSelector(IStateCommitRegistry.InvalidDaCert.selector));
        bad.daCertHash = good.daCertHash;
        _assertRejected(bad, _rejected(CertificateFault.UnknownEpoch));
        _verifier.answer(CertificateFault.None, 0, 0);
        _assertRejected(bad, _insufficient(0, 0));
    }
}
