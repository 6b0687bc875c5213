// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyEvidence} from "./PolicyEvidence.sol";
import {TreeChallenges} from "./TreeChallenges.sol";
import {IChallengeVerifier} from "./interfaces/IChallengeVerifier.sol";
import {IPolicyDataRegistry} from "./interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "./interfaces/IPolicyRegistry.sol";
import {ArtifactProofs} from "./libraries/ArtifactProofs.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {PolicyIds} from "./libraries/PolicyIds.sol";
import {QuorumFault, Verdict} from "./types/Challenge.sol";
import {ContentHash} from "./types/ContentHash.sol";
import {
    DanglingDataEvidence,
    DanglingParamsEvidence,
    DanglingTemplateEvidence,
    LaterLeaf
} from "./types/DanglingRegistration.sol";
import {PolicyDataRef} from "./types/PolicyDataRef.sol";
import {PolicyInstanceId} from "./types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "./types/PolicyTemplateRef.sol";
import {StateRoot} from "./types/StateRoot.sol";
import {TreeKey} from "./types/TreeKey.sol";

/// @title RegistrationChallenges
/// @notice Registered artifacts, and params of instances, that a later root does not hold.
/// @dev The registry took an inclusion proof at the registration, so nobody proves the earlier state again.
abstract contract RegistrationChallenges is TreeChallenges, PolicyEvidence {
    bytes32 private constant DANGLING_TAG = keccak256("OPS::DanglingRegistrationFault");
    /// @dev How many roots a state-commit registry retains: a registration's proofs are against one of them.
    uint64 private constant RETAINED_COUNT = 720;

    IPolicyDataRegistry private immutable POLICY_DATA_REGISTRY;

    /// @dev An artifact of a registration, and when it was registered. `ref` is the id where it is the params of an instance.
    struct Registration {
        bytes32 ref;
        uint64 sequenceNo;
        uint8 namespace;
        ContentHash contentHash;
    }

    constructor() {
        POLICY_DATA_REGISTRY = POLICY_REGISTRY.policyDataRegistry();
    }

    // -- Templates --

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2
    function challengeDanglingTemplate(
        DanglingTemplateEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict) {
        return _challengeLoss(_registrationOf(evidence), evidence.later, challenger);
    }

    /// @inheritdoc IChallengeVerifier
    function judgeDanglingTemplate(
        DanglingTemplateEvidence calldata evidence
    ) external view returns (Verdict, bytes32) {
        return _judgeLoss(_registrationOf(evidence), evidence.later);
    }

    /// @dev All zero if there is none.
    function _registrationOf(
        DanglingTemplateEvidence calldata evidence
    ) private view returns (Registration memory registration) {
        PolicyTemplateRef ref = PolicyIds.policyTemplateRefOf(evidence.template);
        IPolicyRegistry.TemplateRecord memory record = POLICY_REGISTRY.policyTemplate(ref);
        if (record.registeredAt == 0 || evidence.artifactIndex > 1) return registration;
        bool isRego = evidence.artifactIndex == 0;
        registration = Registration({
            ref: PolicyTemplateRef.unwrap(ref),
            sequenceNo: record.sequenceNo,
            namespace: isRego ? ArtifactProofs.NAMESPACE_REGO : ArtifactProofs.NAMESPACE_INPUT_SCHEMA,
            contentHash: isRego ? evidence.template.regoHash : evidence.template.paramsSchemaHash
        });
    }

    // -- Data templates --

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2
    function challengeDanglingData(
        DanglingDataEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict) {
        return _challengeLoss(_registrationOf(evidence), evidence.later, challenger);
    }

    /// @inheritdoc IChallengeVerifier
    function judgeDanglingData(
        DanglingDataEvidence calldata evidence
    ) external view returns (Verdict, bytes32) {
        return _judgeLoss(_registrationOf(evidence), evidence.later);
    }

    /// @dev All zero if there is none.
    function _registrationOf(
        DanglingDataEvidence calldata evidence
    ) private view returns (Registration memory registration) {
        PolicyDataRef ref = PolicyIds.policyDataRefOf(evidence.template);
        IPolicyDataRegistry.DataTemplateRecord memory record = POLICY_DATA_REGISTRY.policyData(ref);
        if (record.registeredAt == 0 || evidence.artifactIndex > 3) return registration;
        ContentHash[4] memory hashes = [
            evidence.template.wasmHash,
            evidence.template.argsSchemaHash,
            evidence.template.outputSchemaHash,
            evidence.template.secretsSchemaHash
        ];
        uint8[4] memory namespaces = [
            ArtifactProofs.NAMESPACE_WASM_PLUGIN,
            ArtifactProofs.NAMESPACE_INPUT_SCHEMA,
            ArtifactProofs.NAMESPACE_OUTPUT_SCHEMA,
            ArtifactProofs.NAMESPACE_SECRETS_SCHEMA
        ];
        registration = Registration({
            ref: PolicyDataRef.unwrap(ref),
            sequenceNo: record.sequenceNo,
            namespace: namespaces[evidence.artifactIndex],
            contentHash: hashes[evidence.artifactIndex]
        });
    }

    // -- Params --

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2 CHV25
    function challengeDanglingParams(
        DanglingParamsEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict) {
        return _challengeLoss(_registrationOf(evidence.policyInstanceId), evidence.later, challenger);
    }

    /// @inheritdoc IChallengeVerifier
    function judgeDanglingParams(
        DanglingParamsEvidence calldata evidence
    ) external view returns (Verdict, bytes32) {
        return _judgeLoss(_registrationOf(evidence.policyInstanceId), evidence.later);
    }

    /// @dev All zero if there is none.
    function _registrationOf(PolicyInstanceId id) private view returns (Registration memory registration) {
        IPolicyRegistry.InstanceRecord memory record = POLICY_REGISTRY.policyInstance(id);
        // No root that holds a leaf has the number zero: there is no such instance, or its params are no leaf.
        if (record.sequenceNo == 0) return registration;
        registration = Registration({
            ref: PolicyInstanceId.unwrap(id),
            sequenceNo: record.sequenceNo,
            namespace: ArtifactProofs.NAMESPACE_PARAMS,
            contentHash: ContentHash.wrap(record.paramsHash)
        });
    }

    // -- Losses --

    function _challengeLoss(
        Registration memory registration,
        LaterLeaf calldata later,
        address challenger
    ) private returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = _judgeLoss(registration, later);
        if (verdict != Verdict.Proven) return verdict;
        emit ArtifactLost(faultId, registration.ref, registration.contentHash, later.sequenceNo);
        bytes32 subject = TreeKey.unwrap(_keyOf(registration));
        _record(faultId, QuorumFault.DanglingRegistration, subject, later.sequenceNo, challenger);
    }

    function _judgeLoss(
        Registration memory registration,
        LaterLeaf calldata later
    ) private view returns (Verdict verdict, bytes32 faultId) {
        if (registration.contentHash.isZero()) return (Verdict.UnknownRegistration, bytes32(0));
        if (later.sequenceNo <= registration.sequenceNo) return (Verdict.SequenceOrder, bytes32(0));
        if (later.record.length > MAX_RECORD_BYTES) return (Verdict.InvalidRecord, bytes32(0));
        StateRoot root = _rootAt(later.sequenceNo);
        if (root.isZero()) return (Verdict.RootNotRetained, bytes32(0));
        // The artifact was proven under a root that was retained then, perhaps the oldest. What a recovery after that root
        // has lost, before or after the registration, accuses nobody.
        uint64 recoveredAt = STATE_COMMIT_REGISTRY.lastRecoveryUpTo(later.sequenceNo);
        if (recoveredAt != 0 && recoveredAt + RETAINED_COUNT > registration.sequenceNo + 1) {
            return (Verdict.RecoveredBetween, bytes32(0));
        }
        TreeKey key = _keyOf(registration);
        if (!_isShown(root, key, later.record, later.proof)) return (Verdict.InvalidLaterProof, bytes32(0));
        if (_holds(later.record, registration.contentHash)) return (Verdict.NoFault, bytes32(0));
        // One artifact is lost once, however many templates or instances name it.
        address registry = address(STATE_COMMIT_REGISTRY);
        bytes32 contentHash = ContentHash.unwrap(registration.contentHash);
        faultId = keccak256(abi.encode(DANGLING_TAG, block.chainid, registry, key, contentHash));
        verdict = _verdictOn(faultId);
    }

    function _keyOf(Registration memory registration) private pure returns (TreeKey) {
        return LeafRecord.contentKey(registration.namespace, registration.contentHash);
    }

    /// @dev Whether `record` is a leaf's with this content. Empty for no leaf.
    function _holds(bytes calldata record, ContentHash contentHash) private pure returns (bool) {
        if (record.length != LeafRecord.RECORD_BYTES) return false;
        return bytes32(record[LeafRecord.RECORD_BYTES - 32:]) == ContentHash.unwrap(contentHash);
    }
}
