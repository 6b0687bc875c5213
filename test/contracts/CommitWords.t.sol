// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {CommitMessage} from "../../contracts/libraries/CommitMessage.sol";
import {CommitWords} from "../../contracts/libraries/CommitWords.sol";
import {CommitHead, firstHead} from "../../contracts/types/CommitHead.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

/// @dev Has no measurement but zero, as a registry without enclaves; but its registry goes through the rules one by one.
contract ZeroEnclaves is IEnclaveRegistry {
    function isActiveVersion(bytes32 pcr0) external pure returns (bool) {
        return pcr0 == 0;
    }
}

contract DigestHarness {
    function twins(StateCommit calldata commit, bytes32 separator) external pure returns (bytes32, bytes32) {
        return (
            CommitMessage.digestOf(commit, separator),
            keccak256(abi.encodePacked(hex"1901", separator, CommitMessage.structHash(commit)))
        );
    }
}

contract UsualHarness {
    StateRoot[720] private _roots;

    function isUsual(
        StateCommit calldata commit,
        CommitHead head,
        uint256 latest,
        uint256 oddities
    ) external pure returns (bool) {
        return CommitWords.isUsual(commit, head, latest, oddities);
    }

    /// @dev The head after `commit`: the one by the words, the other by its fields.
    function heads(StateCommit calldata commit, CommitHead head) external returns (CommitHead, CommitHead) {
        return (
            CommitWords.retain(_roots, commit),
            head.followedBy(commit.sequenceNo, commit.timestamp, commit.newStateRoot)
        );
    }
}

contract CommitWordsTest is StateCommitFixture {
    /// @dev The same registry, whose rules are all checked one by one.
    StateCommitRegistry private _plain;

    function setUp() public override {
        super.setUp();
        _plain = _deploy(new ZeroEnclaves());
    }

    function _twist(StateCommit memory commit, uint256 twist, uint256 seed) private view {
        if (twist == 0) commit.version = uint8(seed);
        else if (twist == 1) commit.sequenceNo = uint64(commit.sequenceNo + (seed % 3));
        else if (twist == 2) commit.prevStateRoot = StateRoot.wrap(_flip(commit.prevStateRoot, seed));
        else if (twist == 3) commit.newStateRoot = commit.prevStateRoot;
        else if (twist == 4)
            commit.newStateRoot = StateRoot.wrap(seed % 2 == 0 ? bytes32(0) : EMPTY_TREE_ROOT);
        else if (twist == 5) commit.timestamp = uint64(_clock + (seed % 400) - 200);
        else if (twist == 6) commit.timestamp = uint64(seed);
        else if (twist == 7) commit.daCertHash = DaCertHash.wrap(0);
        else if (twist == 8) commit.pcr0Commitment = bytes32(seed);
        else if (twist == 9) commit.sequenceNo = uint64(seed);
        else if (twist == 10)
            (commit.newStateRoot, commit.daCertHash) = (commit.prevStateRoot, DaCertHash.wrap(0));
    }

    function _flip(StateRoot root, uint256 seed) private pure returns (bytes32) {
        return StateRoot.unwrap(root) ^ bytes32(uint256(1) << (seed % 256));
    }

    /// @dev Both registries say the same of commits with up to two things wrong, and keep the same state.
    function testFuzz_isUsual_agreesWithTheRules(uint256 seed) public {
        uint256 accepted = 0;
        for (uint256 i = 0; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _warp(_clock + uint64((seed >> 32) % 200) + (seed % 9 == 0 ? HEARTBEAT_SECONDS : 0));
            if (seed % 11 < 2) _setPaused(seed % 11 == 0);
            StateCommit memory commit = _next(_registry);
            _twist(commit, (seed >> 64) % 20, seed >> 128);
            _twist(commit, (seed >> 72) % 40, seed >> 160);
            bytes memory data = abi.encodeCall(_registry.commitStateRoot, (commit, ""));
            (bool ok, bytes memory reason) = address(_registry).call(data);
            (bool plainOk, bytes memory plainReason) = address(_plain).call(data);
            assertTrue(ok == plainOk, "accepted by both or none");
            assertEq(keccak256(reason), keccak256(plainReason), "for the same reason");
            if (ok) ++accepted;
            assertEq(_registry.getSequenceNo(), accepted, "sequence");
            _assertSame();
        }
    }

    function _setPaused(bool isPaused) private {
        if (isPaused) {
            _registry.pauseCommits();
            _plain.pauseCommits();
        } else {
            _registry.resumeCommits();
            _plain.resumeCommits();
        }
    }

    function _assertSame() private view {
        (uint64 timestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        (uint64 plainTimestamp, uint64 plainAcceptedAt) = _plain.lastCommitTimes();
        assertEq(timestamp, plainTimestamp, "timestamp");
        assertEq(acceptedAt, plainAcceptedAt, "acceptedAt");
        assertEq(_registry.getSequenceNo(), _plain.getSequenceNo(), "sequence");
        bytes32 root = StateRoot.unwrap(_registry.getStateRoot());
        assertEq(root, StateRoot.unwrap(_plain.getStateRoot()), "root");
    }

    function test_SEQ02_commitStateRoot_anyBitOfThePreviousRootFlipped_reverts() public {
        _commitTimes(1);
        for (uint256 bit = 0; bit < 256; ++bit) {
            StateCommit memory commit = _next(_registry);
            commit.prevStateRoot = StateRoot.wrap(_flip(commit.prevStateRoot, bit));
            (bool ok, ) = address(_registry).call(abi.encodeCall(_registry.commitStateRoot, (commit, "")));
            assertTrue(!ok, "refused");
        }
        assertEq(_registry.getSequenceNo(), 1, "unchanged");
        _commitTimes(1);
    }

    function testFuzz_digestOf_agreesWithTwin(StateCommit calldata commit, bytes32 separator) public {
        (bytes32 digest, bytes32 twin) = new DigestHarness().twins(commit, separator);
        assertEq(digest, twin, "digest");
    }

    // -- Head --

    function test_firstHead_isAtRootZeroOnly() public pure {
        CommitHead head = firstHead();
        assertTrue(head.isAtRoot(StateRoot.wrap(0)), "zero");
        assertTrue(!head.isAtRoot(StateRoot.wrap(bytes32(uint256(1)))), "not another");
        assertTrue(head.sequenceNo() == 0 && head.timestamp() == 0 && head.acceptedAt() == 0, "nothing yet");
    }

    function testFuzz_withPause_changesNothingElse(uint256 bits) public pure {
        CommitHead head = CommitHead.wrap(bits);
        CommitHead paused = head.withPause(true);
        assertTrue(paused.isPaused(), "paused");
        assertTrue(!paused.withPause(false).isPaused(), "resumed");
        assertEq(paused.sequenceNo(), head.sequenceNo(), "sequence");
        assertEq(paused.timestamp(), head.timestamp(), "timestamp");
        assertEq(paused.acceptedAt(), head.acceptedAt(), "acceptedAt");
        assertEq(CommitHead.unwrap(paused) >> 128, bits >> 128, "root");
    }

    function testFuzz_withAmendment_changesNothingElse(uint256 bits) public pure {
        CommitHead head = CommitHead.wrap(bits);
        CommitHead amended = head.withAmendment(true);
        assertTrue(amended.isAmended(), "amended");
        assertTrue(!amended.withAmendment(false).isAmended(), "as deployed");
        assertEq(CommitHead.unwrap(amended) | (1 << 81), bits | (1 << 81), "nothing else");
        assertTrue(amended.isPaused() == head.isPaused(), "pause");
    }

    /// @dev Pause, amendment and what else is odd each send a commit the long way.
    function test_isUsual_onlyWhenNothingIsOdd() public {
        UsualHarness harness = new UsualHarness();
        StateCommit memory commit = _next(_registry);
        uint256 latest = _clock + SKEW_SECONDS;
        CommitHead head = firstHead();
        assertTrue(harness.isUsual(commit, head, latest, 0), "usual");
        assertTrue(!harness.isUsual(commit, head.withPause(true), latest, 0), "paused");
        assertTrue(!harness.isUsual(commit, head.withAmendment(true), latest, 0), "amended");
        for (uint256 bit = 0; bit < 256; ++bit) {
            assertTrue(!harness.isUsual(commit, head, latest, 1 << bit), "odd");
        }
    }

    function testFuzz_followedBy_agreesWithTwin(uint40 n, uint40 time, StateRoot root, uint256 bits) public {
        StateCommit memory commit = _next(_registry);
        (commit.sequenceNo, commit.timestamp, commit.newStateRoot) = (n, time, root);
        CommitHead before = CommitHead.wrap(bits).withPause(false).withAmendment(false);
        (CommitHead head, CommitHead twin) = new UsualHarness().heads(commit, before);
        assertEq(CommitHead.unwrap(head), CommitHead.unwrap(twin), "head");
        (, twin) = new UsualHarness().heads(commit, before.withPause(true).withAmendment(true));
        assertTrue(twin.isPaused() && twin.isAmended(), "flags stay");
        assertEq(CommitHead.unwrap(twin) ^ (3 << 80), CommitHead.unwrap(head), "and nothing else does");
    }

    function test_commitStateRoot_greatestTimes_fitTheHead() public {
        uint64 late = uint64(2 ** 40 - 1 - SKEW_SECONDS);
        _warp(late);
        StateCommit memory commit = _next(_registry);
        commit.timestamp = late + SKEW_SECONDS;
        _registry.commitStateRoot(commit, "");
        (uint64 timestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        assertEq(timestamp, 2 ** 40 - 1, "timestamp");
        assertEq(acceptedAt, late, "acceptedAt");
        assertEq(_registry.getSequenceNo(), 1, "sequence");
        assertTrue(!_registry.isPaused(), "not paused");
    }
}
