// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Campaign} from "./Campaign.sol";
import {OperatorHandler} from "./OperatorHandler.sol";
import {ITimelocked} from "../../../contracts/interfaces/ITimelocked.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";

/// @dev The runner calls only what has an artifact, which is what this file defines.
contract OperatorSetsHandler is OperatorHandler {}

/// @dev The invariants OPR1, OPR2, … of docs/Invariants.md, under keys proven and forged.
contract OperatorSetsInvariantTest is Campaign {
    string[] private _names = [
        "OPR1_everyKeyIsProvenByItsOwnAccount",
        "OPR2_aKeyIsUsedByOneOperatorOnce",
        "OPR3_theAggregateIsTheSumOfTheKeys",
        "OPR4_atMostTwoEpochsAreValid",
        "OPR5_anEmergencyEndsEveryEarlierEpochAtOnce",
        "OPR6_noAccountWithoutWeightIsOnTheQueue",
        "OPR7_everySinkHearsInTheSameTransaction",
        "OPR8_anEpochNeverChangesButForItsExpiry",
        "OPR9_epochsAreNumberedOneByOneAndLastTheirTime",
        "OPR10_theTotalIsTheSumOfBoundedWeights",
        "OPR11_anEpochIsTheQueueAsItStood",
        "OPR12_aRefusalHasItsNameAndChangesNothing",
        "OPR13_onlyTheOwnerWeighsListsAndDeclaresEmergencies",
        "OPR14_aSinkTakenOffKnowsNoValidEpoch",
        "OPR15_noWeightRisesWithinTheDelay"
    ];

    function setUp() public {
        OperatorSetsHandler handler = new OperatorSetsHandler();
        for (uint256 i = 0; i < 10; ++i) {
            handler.offerKey(i, 15, false);
            handler.weigh(i, uint128(100 + i), false);
        }
        _begin(handler);
    }

    function invariant_OPR_operatorSets() public view {
        _assertHold(_names);
    }

    /// @dev Far below what is usual, so that chance does not fail a run.
    function afterInvariant() public view {
        _assertOften("weigh", 1);
        _assertOften("refused", 1);
    }

    /// @dev Every refusal is met by something that the handler does.
    function test_handler_meetsEveryRefusal() public {
        OperatorSetsHandler handler = new OperatorSetsHandler();
        for (uint256 i = 0; i < 48; ++i) {
            uint256 random = uint256(keccak256(abi.encode(i)));
            handler.offerKey(random, uint8(i), i % 4 == 0);
            handler.weigh(random >> 8, uint128(random), i % 3 != 0);
            handler.startEpoch(random >> 16, i % 2 == 0);
            handler.changeSink(random >> 32);
            handler.enactRaise(random >> 40);
            handler.enactRaise(random >> 48);
            if (i % 2 == 1) handler.leave(i);
            if (i % 8 == 7) handler.startEmergencyEpoch(random >> 24);
        }
        for (uint256 i = 0; i < 256; ++i) handler.changeSink(i);
        bytes4[16] memory names = [
            ITimelocked.NothingProposed.selector,
            ITimelocked.TimelockActive.selector,
            ITimelocked.ProposalExpired.selector,
            IOperatorSetRegistry.AlreadyRegistered.selector,
            IOperatorSetRegistry.NotRegistered.selector,
            IOperatorSetRegistry.KeyInUse.selector,
            IOperatorSetRegistry.ZeroKey.selector,
            IOperatorSetRegistry.InvalidProofOfPossession.selector,
            IOperatorSetRegistry.InvalidParameter.selector,
            IOperatorSetRegistry.EpochTooShort.selector,
            IOperatorSetRegistry.EmptyOperatorSet.selector,
            IOperatorSetRegistry.AggregateKeyMismatch.selector,
            IOperatorSetRegistry.EpochSinkListed.selector,
            IOperatorSetRegistry.TooManyEpochSinks.selector,
            IOperatorSetRegistry.NotAnEpochSink.selector,
            Ownable.OwnableUnauthorizedAccount.selector
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, vm.toString(i));
        }
        assertTrue(handler.countOf("leave") != 0 && handler.countOf("rotate") != 0, "and every success");
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }
}
