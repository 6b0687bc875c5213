// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Campaign} from "./Campaign.sol";
import {CommitHandler} from "./CommitHandler.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../../contracts/interfaces/IStateRootCommittable.sol";

/// @dev The runner calls only what has an artifact, which is what this file defines.
contract StateCommitsHandler is CommitHandler {}

/// @dev The invariants SCR1, SCR2, … of docs/Invariants.md, under commits good and bad.
contract StateCommitsInvariantTest is Campaign {
    string[] private _names = [
        "SCR1_sequenceCountsAcceptedCommits",
        "SCR2_everyCommitExtendsTheCurrentRoot",
        "SCR3_timestampsRiseWithinTheSkew",
        "SCR4_aRetainedRootIsItsOwnCommits",
        "SCR5_manifestHashIsZeroIffUnchanged",
        "SCR6_aPauseStopsCommitsAndNothingElse",
        "SCR7_aRefusalHasItsNameAndChangesNothing",
        "SCR8_aBatchIsItsCommitsOneByOneOrNothing",
        "SCR9_anUnchangedRootWaitsForTheHeartbeat",
        "SCR10_zeroAndTheEmptyTreesRootNeverLand",
        "SCR11_onlyTheOwnerPausesAndResumes",
        "SCR12_theQuorumSignsTheDigestOfTheVeryCommit",
        "SCR13_everyCommitIsAnnouncedOnceWordForWord"
    ];

    function setUp() public {
        CommitHandler handler = new StateCommitsHandler();
        // The ring is full, so that a campaign goes on around it.
        for (uint256 i = 0; i < 23; ++i) handler.commitBatch(33 * i + 2, 32, 60);
        _begin(handler);
    }

    function invariant_SCR_SEQ18_stateCommits() public view {
        _assertHold(_names);
    }

    /// @dev Far below what is usual, so that chance does not fail a run.
    function afterInvariant() public view {
        _assertOften("commit", 1);
        _assertOften("refused", 1);
    }

    /// @dev Every rule is broken by something that the handler does.
    function test_handler_breaksEveryRule() public {
        StateCommitsHandler handler = new StateCommitsHandler();
        handler.extend(0, 1);
        handler.extend(1, 1);
        for (uint256 i = 0; i < 250; ++i) handler.commit(i, keccak256(abi.encode(i)), 90);
        for (uint256 i = 0; i < 8; ++i) handler.heartbeat(uint8(i), true, i % 2 == 0);
        handler.commitWith(0, 1, 2, false, 0);
        handler.commitWith(200, 3, 3, false, 0);
        handler.commitBatch(1, 0, 90);
        handler.pauseOrResume(1);
        handler.extend(2, 1);
        bytes4[14] memory names = [
            IStateCommitRegistry.CommitsPaused.selector,
            IStateRootCommittable.UnsupportedStateCommitVersion.selector,
            IStateRootCommittable.InvalidPcr0Commitment.selector,
            IStateRootCommittable.InvalidNewStateRoot.selector,
            IStateCommitRegistry.EmptyTreeRoot.selector,
            IStateRootCommittable.SequenceGap.selector,
            IStateRootCommittable.StateRootMismatch.selector,
            IStateRootCommittable.TimestampRegression.selector,
            IStateCommitRegistry.TimestampInFuture.selector,
            IStateCommitRegistry.NoOpCommit.selector,
            IStateCommitRegistry.InvalidDaCert.selector,
            IStateCommitRegistry.InvalidBatchSize.selector,
            IStateCommitRegistry.InsufficientQuorum.selector,
            IStateCommitRegistry.CertificateRejected.selector
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, vm.toString(i));
        }
        assertTrue(handler.countOf("heartbeat") != 0, "and a heartbeat is accepted");
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }
}
