// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EquivocationChallenges} from "./EquivocationChallenges.sol";
import {FaultGovernance} from "./FaultGovernance.sol";
import {FaultLedger} from "./FaultLedger.sol";
import {PolicyEvidence} from "./PolicyEvidence.sol";
import {QuorumEvidence} from "./QuorumEvidence.sol";
import {RegistrationChallenges} from "./RegistrationChallenges.sol";
import {FaultRules} from "./interfaces/IFaultLedger.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";
import {IPolicyRegistry} from "./interfaces/IPolicyRegistry.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";

/// @title ChallengeVerifier
/// @notice Judges what can be proven against the quorum of one state-commit registry in one call.
/// @custom:invariant CHV1 CHV3 CHV4
contract ChallengeVerifier is EquivocationChallenges, RegistrationChallenges {
    /// @param initialOwner may propose other rules for what follows a fault
    /// @param registry whose quorum is judged
    /// @param policies whose artifacts are in the registry's trees
    /// @param operatorSets_ whose members the certificates name, or zero
    /// @param rules what follows a fault
    /// @param changeDelaySeconds_ how long other rules wait, 2 to 30 days
    constructor(
        address initialOwner,
        IStateCommitRegistry registry,
        IPolicyRegistry policies,
        IOperatorSetRegistry operatorSets_,
        FaultRules memory rules,
        uint32 changeDelaySeconds_
    )
        FaultGovernance(initialOwner, rules, changeDelaySeconds_)
        FaultLedger(registry)
        QuorumEvidence(operatorSets_)
        PolicyEvidence(policies)
    {}
}
