// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Campaign} from "./Campaign.sol";
import {GovernanceHandler} from "./GovernanceHandler.sol";

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
        _assertOften("commit", 10);
        _assertOften("rules", 2);
        _assertOften("recovery", 1);
        _assertOften("refused", 15);
        _assertOften("confused", 10);
    }
}
