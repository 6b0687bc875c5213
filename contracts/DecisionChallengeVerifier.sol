// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultGovernance} from "./FaultGovernance.sol";
import {FaultLedger} from "./FaultLedger.sol";
import {PolicyEvidence} from "./PolicyEvidence.sol";
import {QuorumEvidence} from "./QuorumEvidence.sol";
import {IDecisionChallengeVerifier} from "./interfaces/IDecisionChallengeVerifier.sol";
import {FaultRules} from "./interfaces/IFaultLedger.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";
import {IPolicyRegistry} from "./interfaces/IPolicyRegistry.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {DecisionIdentity} from "./libraries/DecisionIdentity.sol";
import {DecisionMessage} from "./libraries/DecisionMessage.sol";
import {QuorumFault, Verdict} from "./types/Challenge.sol";
import {Decision, DecisionEvidence} from "./types/Decision.sol";
import {PolicyInstanceId} from "./types/PolicyInstanceId.sol";

/// @title DecisionChallengeVerifier
/// @notice Decisions that the quorum certified for tasks, and that are wrong by what they say themselves, or by the
///         client's own history.
/// @dev Whatever is judged was signed: a challenger supplies no part of his own.
contract DecisionChallengeVerifier is IDecisionChallengeVerifier, QuorumEvidence, PolicyEvidence {
    bytes32 private constant WRONG_IDENTITY_TAG = keccak256("OPS::WrongIdentityFault");
    bytes32 private constant STALE_INSTANCE_TAG = keccak256("OPS::StaleInstanceFault");

    /// @param initialOwner may propose other rules for what follows a fault
    /// @param registry whose quorum is judged
    /// @param policies whose instances decide
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

    // -- Wrong identity --

    /// @inheritdoc IDecisionChallengeVerifier
    /// @custom:invariant CHV2 CHV11 CHV23
    function challengeWrongIdentity(
        DecisionEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = judgeWrongIdentity(evidence);
        if (verdict != Verdict.Proven) return verdict;
        (bytes32 signed, bytes32 actual) = DecisionIdentity.mismatchOf(evidence.decision, block.chainid);
        _refute(faultId, evidence, signed, actual);
        bytes32 subject = digestOfDecision(evidence.decision);
        _record(faultId, QuorumFault.WrongIdentity, subject, 0, challenger);
    }

    /// @inheritdoc IDecisionChallengeVerifier
    function judgeWrongIdentity(
        DecisionEvidence calldata evidence
    ) public view returns (Verdict verdict, bytes32 faultId) {
        (bytes32 signed, bytes32 actual) = DecisionIdentity.mismatchOf(evidence.decision, block.chainid);
        return _judgeDecision(evidence, WRONG_IDENTITY_TAG, signed == actual);
    }

    // -- Stale or foreign instance --

    /// @inheritdoc IDecisionChallengeVerifier
    /// @custom:invariant CHV2 CHV11 CHV23
    function challengeStaleInstance(
        DecisionEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = judgeStaleInstance(evidence);
        if (verdict != Verdict.Proven) return verdict;
        bytes32 signed = PolicyInstanceId.unwrap(evidence.decision.policyInstanceId);
        _refute(faultId, evidence, signed, PolicyInstanceId.unwrap(_instanceFor(evidence.decision)));
        bytes32 subject = digestOfDecision(evidence.decision);
        _record(faultId, QuorumFault.StaleInstance, subject, 0, challenger);
    }

    /// @inheritdoc IDecisionChallengeVerifier
    function judgeStaleInstance(
        DecisionEvidence calldata evidence
    ) public view returns (Verdict verdict, bytes32 faultId) {
        if (evidence.decision.referenceBlock >= block.number) return (Verdict.BlockNotPast, bytes32(0));
        bool isCurrent = evidence.decision.policyInstanceId == _instanceFor(evidence.decision);
        return _judgeDecision(evidence, STALE_INSTANCE_TAG, isCurrent);
    }

    function _instanceFor(Decision calldata decision) private view returns (PolicyInstanceId) {
        return POLICY_REGISTRY.policyInstanceAt(decision.client, decision.referenceBlock);
    }

    // -- Decisions --

    /// @dev The digest is the identity: which certificate of the quorum shows it makes no other fault.
    function _judgeDecision(
        DecisionEvidence calldata evidence,
        bytes32 tag,
        bool isRight
    ) private view returns (Verdict verdict, bytes32 faultId) {
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = digestOfDecision(evidence.decision);
        verdict = _judgeCertificate(digests, evidence.certificate);
        if (verdict != Verdict.Proven) return (verdict, bytes32(0));
        if (isRight) return (Verdict.NoFault, bytes32(0));
        faultId = keccak256(abi.encode(tag, block.chainid, address(STATE_COMMIT_REGISTRY), digests[0]));
        verdict = _verdictOn(faultId);
    }

    function _refute(
        bytes32 faultId,
        DecisionEvidence calldata evidence,
        bytes32 signed,
        bytes32 actual
    ) private {
        (uint32 epoch, uint256 signers) = _signersOf(1, evidence.certificate);
        emit DecisionRefuted(faultId, evidence.decision.client, signed, actual, epoch, signers);
    }

    /// @inheritdoc IDecisionChallengeVerifier
    function digestOfDecision(Decision calldata decision) public view returns (bytes32) {
        return DecisionMessage.digestOf(decision, block.chainid, address(POLICY_REGISTRY));
    }
}
