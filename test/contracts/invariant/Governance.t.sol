// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Campaign} from "./Campaign.sol";
import {GovernanceHandler} from "./GovernanceHandler.sol";
import {ICommitGovernance} from "../../../contracts/interfaces/ICommitGovernance.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../../contracts/interfaces/IStateRootCommittable.sol";
import {ITimelocked} from "../../../contracts/interfaces/ITimelocked.sol";

/// @dev The runner calls only what has an artifact, which is what this file defines.
contract GovernanceCampaignHandler is GovernanceHandler {}

/// @dev The invariants GOV1, GOV2, … of docs/Invariants.md, under an owner and strangers who do everything they can.
contract GovernanceInvariantTest is Campaign {
    string[] private _names = [
        "GOV1_rulesInForceAreThoseLastEnacted",
        "GOV2_nothingComesIntoForceBeforeItsTimeOrLongAfter",
        "GOV3_whatComesIntoForceIsWhatWasProposed",
        "GOV4_rulesInForceAreWithinTheirBounds",
        "GOV5_theHeadSaysWhetherOtherRulesAreInForce",
        "GOV6_aRecoveryTakesTheQuorumAtBothSteps",
        "GOV7_aRecoveryIsOneStepOnFromTheCurrentRoot",
        "GOV8_everyRecoveryIsRemembered",
        "GOV9_noCertificateServesACommitAndARecovery",
        "GOV10_aRefusalHasItsNameAndChangesNothing",
        "GOV11_onlyTheOwnerProposesEnactsAndCancels",
        "GOV12_neitherPauseNorAmendmentIsLiftedByAStep",
        "GOV13_commitsAreMeasuredByTheRulesInForce"
    ];

    function setUp() public {
        GovernanceHandler handler = new GovernanceCampaignHandler();
        for (uint256 i = 0; i < 12; ++i) handler.commit(i, 90);
        _begin(handler);
    }

    function invariant_GOV_governance() public view {
        _assertHold(_names);
    }

    /// @dev Far below what is usual, so that chance does not fail a run.
    function afterInvariant() public view {
        _assertOften("refused", 1);
    }

    /// @dev What may take long to happen by chance happens.
    function test_handler_enactsRecoversAndIsRefused() public {
        GovernanceHandler handler = new GovernanceCampaignHandler();
        for (uint256 i = 0; i < 160; ++i) {
            handler.commit(i, 90);
            handler.proposeRules(i, 90);
            handler.enactRules(i);
            if (i % 8 == 0) handler.pauseOrResume(uint8(i / 8));
            handler.proposeRecovery(i, 90);
            handler.enactRecovery(i);
            if (i % 16 == 0) handler.cancelRules(uint8(i + i / 16));
            if (i % 16 == 0) handler.cancelRecovery(uint8(i + i / 16));
        }
        bytes32[3] memory actions = [bytes32("commit"), "rules", "recovery"];
        for (uint256 i = 0; i < actions.length; ++i) assertTrue(handler.countOf(actions[i]) > 9, "often");
        bytes4[13] memory names = [
            Ownable.OwnableUnauthorizedAccount.selector,
            ITimelocked.NothingProposed.selector,
            ITimelocked.TimelockActive.selector,
            ITimelocked.ProposalExpired.selector,
            ICommitGovernance.NotTheProposal.selector,
            ICommitGovernance.NothingToRecover.selector,
            ICommitGovernance.MissingReason.selector,
            IStateCommitRegistry.InvalidQuorumBps.selector,
            IStateCommitRegistry.InvalidParameter.selector,
            IStateRootCommittable.SequenceGap.selector,
            IStateRootCommittable.StateRootMismatch.selector,
            IStateCommitRegistry.CertificateRejected.selector,
            IStateCommitRegistry.InsufficientQuorum.selector
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, vm.toString(i));
        }
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }
}
