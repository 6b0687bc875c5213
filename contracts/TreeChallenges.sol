// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultLedger} from "./FaultLedger.sol";
import {IChallengeVerifier} from "./interfaces/IChallengeVerifier.sol";
import {JellyfishMerkleProof} from "./libraries/JellyfishMerkleProof.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {MalformedLeafEvidence, QuorumFault, RewriteEvidence, Verdict} from "./types/Challenge.sol";
import {LeafFault} from "./types/LeafFault.sol";
import {ProofFault} from "./types/ProofFault.sol";
import {StateRoot} from "./types/StateRoot.sol";
import {TreeKey} from "./types/TreeKey.sol";
import {ValueHash} from "./types/ValueHash.sol";

/// @title TreeChallenges
/// @notice Faults that lie in the leaves under retained roots: rewritten, removed, malformed.
abstract contract TreeChallenges is IChallengeVerifier, FaultLedger {
    /// @dev A leaf record has 52 bytes; a malformed one may have any length up to this.
    uint256 public constant MAX_RECORD_BYTES = 4_096;

    bytes32 private constant REWRITE_TAG = keccak256("OPS::RewriteFault");
    bytes32 private constant MALFORMED_LEAF_TAG = keccak256("OPS::MalformedLeafFault");

    /// @dev First byte of a proof whose terminal is the queried key's own leaf.
    bytes1 private constant TERMINAL_LEAF = 0x00;

    // -- Rewrites --

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2
    function challengeRewrite(
        RewriteEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = judgeRewrite(evidence);
        if (verdict != Verdict.Proven) return verdict;
        QuorumFault fault =
            _showsLeaf(evidence.laterProof) ? QuorumFault.LeafRewritten : QuorumFault.LeafRemoved;
        _record(faultId, fault, TreeKey.unwrap(evidence.key), evidence.laterSequenceNo, challenger);
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
        StateRoot earlierRoot = _rootAt(evidence.earlierSequenceNo);
        StateRoot laterRoot = _rootAt(evidence.laterSequenceNo);
        if (earlierRoot.isZero() || laterRoot.isZero()) return (Verdict.RootNotRetained, bytes32(0));
        if (STATE_COMMIT_REGISTRY.lastRecoveryUpTo(evidence.laterSequenceNo) > evidence.earlierSequenceNo) {
            return (Verdict.RecoveredBetween, bytes32(0));
        }

        ValueHash earlierHash = LeafRecord.valueHashOf(evidence.earlierRecord);
        if (!_isIncluded(earlierRoot, evidence.key, earlierHash, evidence.earlierProof)) {
            return (Verdict.InvalidInclusionProof, bytes32(0));
        }
        if (!_isShown(laterRoot, evidence.key, evidence.laterRecord, evidence.laterProof)) {
            return (Verdict.InvalidLaterProof, bytes32(0));
        }
        bool isKept =
            _showsLeaf(evidence.laterProof) && LeafRecord.valueHashOf(evidence.laterRecord) == earlierHash;
        if (isKept) return (Verdict.NoFault, bytes32(0));

        // The earlier leaf is the identity: losing it is one fault, whichever later commit shows the loss,
        // and whether it was replaced or removed.
        faultId = _faultIdOf(REWRITE_TAG, evidence.key, earlierHash);
        verdict = _verdictOn(faultId);
    }

    // -- Malformed leaves --

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2
    function challengeMalformedLeaf(
        MalformedLeafEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = judgeMalformedLeaf(evidence);
        if (verdict != Verdict.Proven) return verdict;
        bytes32 subject = TreeKey.unwrap(evidence.key);
        _record(faultId, QuorumFault.MalformedLeaf, subject, evidence.sequenceNo, challenger);
    }

    /// @inheritdoc IChallengeVerifier
    function judgeMalformedLeaf(
        MalformedLeafEvidence calldata evidence
    ) public view returns (Verdict verdict, bytes32 faultId) {
        if (evidence.record.length > MAX_RECORD_BYTES) return (Verdict.InvalidRecord, bytes32(0));
        StateRoot root = _rootAt(evidence.sequenceNo);
        if (root.isZero()) return (Verdict.RootNotRetained, bytes32(0));

        ValueHash valueHash = LeafRecord.valueHashOf(evidence.record);
        if (!_isIncluded(root, evidence.key, valueHash, evidence.proof)) {
            return (Verdict.InvalidInclusionProof, bytes32(0));
        }
        if (LeafRecord.check(evidence.key, evidence.record, evidence.sequenceNo) == LeafFault.None) {
            return (Verdict.NoFault, bytes32(0));
        }
        faultId = _faultIdOf(MALFORMED_LEAF_TAG, evidence.key, valueHash);
        verdict = _verdictOn(faultId);
    }

    // -- Proofs --

    /// @dev Zero if it is not retained.
    function _rootAt(uint64 sequenceNo) internal view returns (StateRoot) {
        return STATE_COMMIT_REGISTRY.tryStateRootAt(sequenceNo);
    }

    function _showsLeaf(bytes calldata proof) internal pure returns (bool) {
        return proof.length != 0 && proof[0] == TERMINAL_LEAF;
    }

    /// @dev Whether `proof` shows, under `root`, the leaf of `record` at `key`, or no leaf and the record is empty.
    function _isShown(
        StateRoot root,
        TreeKey key,
        bytes calldata record,
        bytes calldata proof
    ) internal pure returns (bool) {
        if (_showsLeaf(proof)) return _isIncluded(root, key, LeafRecord.valueHashOf(record), proof);
        return record.length == 0 && JellyfishMerkleProof.tryAbsence(root, key, proof) == ProofFault.None;
    }

    function _isIncluded(
        StateRoot root,
        TreeKey key,
        ValueHash valueHash,
        bytes calldata proof
    ) internal pure returns (bool) {
        return JellyfishMerkleProof.tryInclusion(root, key, valueHash, proof) == ProofFault.None;
    }

    /// @dev Every field has a fixed width, so no two facts share a preimage.
    function _faultIdOf(bytes32 tag, TreeKey key, ValueHash valueHash) private view returns (bytes32) {
        return keccak256(abi.encode(tag, block.chainid, address(STATE_COMMIT_REGISTRY), key, valueHash));
    }
}
