// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChallengeVerifier} from "./interfaces/IChallengeVerifier.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {JellyfishMerkleProof} from "./libraries/JellyfishMerkleProof.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {MalformedLeafEvidence, QuorumFault, RewriteEvidence, Verdict} from "./types/Challenge.sol";
import {LeafFault} from "./types/LeafFault.sol";
import {ProofFault} from "./types/ProofFault.sol";
import {StateRoot} from "./types/StateRoot.sol";
import {TreeKey} from "./types/TreeKey.sol";
import {ValueHash} from "./types/ValueHash.sol";

/// @title ChallengeVerifier
/// @notice Judges, on the retained roots of one state-commit registry, that a quorum broke a rule of the tree.
contract ChallengeVerifier is IChallengeVerifier {
    /// @dev A leaf record has 52 bytes; a malformed one may have any length up to this.
    uint256 public constant MAX_RECORD_BYTES = 4_096;

    bytes32 private constant REWRITE_TAG = keccak256("OPS::RewriteFault");
    bytes32 private constant MALFORMED_LEAF_TAG = keccak256("OPS::MalformedLeafFault");

    /// @dev First byte of a proof whose terminal is the queried key's own leaf.
    bytes1 private constant TERMINAL_LEAF = 0x00;

    IStateCommitRegistry private immutable STATE_COMMIT_REGISTRY;

    mapping(bytes32 faultId => FaultRecord) private _faults;
    uint256 private _faultCount;

    constructor(IStateCommitRegistry registry) {
        if (address(registry) == address(0)) revert ZeroAddress();
        STATE_COMMIT_REGISTRY = registry;
    }

    // -- Rewrites --

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2
    function challengeRewrite(
        RewriteEvidence calldata evidence,
        address challenger
    ) external returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = judgeRewrite(evidence);
        if (verdict != Verdict.Proven) return verdict;
        QuorumFault fault =
            _showsLeaf(evidence.laterProof) ? QuorumFault.LeafRewritten : QuorumFault.LeafRemoved;
        _record(faultId, fault, evidence.key, evidence.laterSequenceNo, challenger);
    }

    /// @inheritdoc IChallengeVerifier
    function judgeRewrite(
        RewriteEvidence calldata evidence
    ) public view returns (Verdict verdict, bytes32 faultId) {
        if (!LeafRecord.isAppendOnly(LeafRecord.namespaceOf(evidence.key))) {
            return (Verdict.NotAppendOnly, bytes32(0));
        }
        if (evidence.laterSequenceNo <= evidence.earlierSequenceNo) {
            return (Verdict.SequenceOrder, bytes32(0));
        }
        if (
            evidence.earlierRecord.length > MAX_RECORD_BYTES || evidence.laterRecord.length > MAX_RECORD_BYTES
        ) {
            return (Verdict.InvalidRecord, bytes32(0));
        }
        StateRoot earlierRoot = STATE_COMMIT_REGISTRY.tryStateRootAt(evidence.earlierSequenceNo);
        StateRoot laterRoot = STATE_COMMIT_REGISTRY.tryStateRootAt(evidence.laterSequenceNo);
        if (earlierRoot.isZero() || laterRoot.isZero()) return (Verdict.RootNotRetained, bytes32(0));
        if (STATE_COMMIT_REGISTRY.lastRecoveryUpTo(evidence.laterSequenceNo) > evidence.earlierSequenceNo) {
            return (Verdict.RecoveredBetween, bytes32(0));
        }

        ValueHash earlierHash = LeafRecord.valueHashOf(evidence.earlierRecord);
        if (
            JellyfishMerkleProof.tryInclusion(
                earlierRoot,
                evidence.key,
                earlierHash,
                evidence.earlierProof
            ) != ProofFault.None
        ) {
            return (Verdict.InvalidInclusionProof, bytes32(0));
        }
        verdict = _judgeLater(evidence, laterRoot, earlierHash);
        if (verdict != Verdict.Proven) return (verdict, bytes32(0));

        // The earlier leaf is the identity: losing it is one fault, whichever later commit shows the loss,
        // and whether it was replaced or removed.
        faultId = _faultIdOf(REWRITE_TAG, evidence.key, earlierHash);
        if (_faults[faultId].recordedAt != 0) verdict = Verdict.AlreadyRecorded;
    }

    /// @dev Whether the later root lacks the earlier leaf: `Proven`, `NoFault` or `InvalidLaterProof`.
    function _judgeLater(
        RewriteEvidence calldata evidence,
        StateRoot laterRoot,
        ValueHash earlierHash
    ) private pure returns (Verdict) {
        if (!_showsLeaf(evidence.laterProof)) {
            ProofFault absence = JellyfishMerkleProof.tryAbsence(
                laterRoot,
                evidence.key,
                evidence.laterProof
            );
            if (absence != ProofFault.None || evidence.laterRecord.length != 0) {
                return Verdict.InvalidLaterProof;
            }
            return Verdict.Proven;
        }
        ValueHash laterHash = LeafRecord.valueHashOf(evidence.laterRecord);
        ProofFault inclusion = JellyfishMerkleProof.tryInclusion(
            laterRoot,
            evidence.key,
            laterHash,
            evidence.laterProof
        );
        if (inclusion != ProofFault.None) return Verdict.InvalidLaterProof;
        return laterHash == earlierHash ? Verdict.NoFault : Verdict.Proven;
    }

    function _showsLeaf(bytes calldata proof) private pure returns (bool) {
        return proof.length != 0 && proof[0] == TERMINAL_LEAF;
    }

    // -- Malformed leaves --

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2
    function challengeMalformedLeaf(
        MalformedLeafEvidence calldata evidence,
        address challenger
    ) external returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = judgeMalformedLeaf(evidence);
        if (verdict != Verdict.Proven) return verdict;
        _record(faultId, QuorumFault.MalformedLeaf, evidence.key, evidence.sequenceNo, challenger);
    }

    /// @inheritdoc IChallengeVerifier
    function judgeMalformedLeaf(
        MalformedLeafEvidence calldata evidence
    ) public view returns (Verdict verdict, bytes32 faultId) {
        if (evidence.record.length > MAX_RECORD_BYTES) return (Verdict.InvalidRecord, bytes32(0));
        StateRoot root = STATE_COMMIT_REGISTRY.tryStateRootAt(evidence.sequenceNo);
        if (root.isZero()) return (Verdict.RootNotRetained, bytes32(0));

        ValueHash valueHash = LeafRecord.valueHashOf(evidence.record);
        if (
            JellyfishMerkleProof.tryInclusion(root, evidence.key, valueHash, evidence.proof) !=
            ProofFault.None
        ) {
            return (Verdict.InvalidInclusionProof, bytes32(0));
        }
        if (LeafRecord.check(evidence.key, evidence.record, evidence.sequenceNo) == LeafFault.None) {
            return (Verdict.NoFault, bytes32(0));
        }
        faultId = _faultIdOf(MALFORMED_LEAF_TAG, evidence.key, valueHash);
        verdict = _faults[faultId].recordedAt == 0 ? Verdict.Proven : Verdict.AlreadyRecorded;
    }

    // -- Records --

    /// @inheritdoc IChallengeVerifier
    function faultRecord(bytes32 faultId) external view returns (FaultRecord memory) {
        return _faults[faultId];
    }

    /// @inheritdoc IChallengeVerifier
    function faultCount() external view returns (uint256) {
        return _faultCount;
    }

    /// @inheritdoc IChallengeVerifier
    function stateCommitRegistry() external view returns (IStateCommitRegistry) {
        return STATE_COMMIT_REGISTRY;
    }

    /// @dev Every field has a fixed width, so no two facts share a preimage.
    function _faultIdOf(bytes32 tag, TreeKey key, ValueHash valueHash) private view returns (bytes32) {
        return keccak256(abi.encode(tag, block.chainid, address(STATE_COMMIT_REGISTRY), key, valueHash));
    }

    function _record(
        bytes32 faultId,
        QuorumFault fault,
        TreeKey key,
        uint64 sequenceNo,
        address challenger
    ) private {
        _faults[faultId] = FaultRecord({
            fault: fault,
            sequenceNo: sequenceNo,
            // Seconds since 1970 fit 64 bits for longer than the chain will run.
            recordedAt: uint64(block.timestamp),
            challenger: challenger
        });
        _faultCount++;
        emit FaultProven(faultId, fault, key, sequenceNo, challenger);
    }
}
