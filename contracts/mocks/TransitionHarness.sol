// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITransitionVerifier} from "../interfaces/ITransitionVerifier.sol";
import {TransitionEvidence, TransitionFault, TransitionVerdict} from "../types/Transition.sol";

/// @title TransitionHarness
/// @notice Lets tests ask for many verdicts in one call.
contract TransitionHarness {
    /// @notice What `judge` says of each.
    function judgeMany(
        ITransitionVerifier judge,
        TransitionEvidence[] calldata evidence
    ) external view returns (TransitionVerdict[] memory verdicts, TransitionFault[] memory faults) {
        verdicts = new TransitionVerdict[](evidence.length);
        faults = new TransitionFault[](evidence.length);
        for (uint256 i = 0; i < evidence.length; ++i) {
            (verdicts[i], faults[i], ) = judge.judgeTransition(evidence[i]);
        }
    }
}
