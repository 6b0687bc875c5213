// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultGovernance} from "./FaultGovernance.sol";
import {FaultLedger} from "./FaultLedger.sol";
import {SignedCommits} from "./SignedCommits.sol";
import {FaultRules} from "./interfaces/IFaultLedger.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {ITransitionVerifier} from "./interfaces/ITransitionVerifier.sol";
import {ChunkSegments} from "./libraries/ChunkSegments.sol";
import {DeltaFormat} from "./libraries/DeltaFormat.sol";
import {DeltaManifest, Manifest} from "./libraries/DeltaManifest.sol";
import {JellyfishMerkleProof} from "./libraries/JellyfishMerkleProof.sol";
import {JellyfishMerkleUpdate} from "./libraries/JellyfishMerkleUpdate.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {QuorumFault, Verdict} from "./types/Challenge.sol";
import {DaCertHash} from "./types/DaCertHash.sol";
import {LeafChange} from "./types/LeafClaim.sol";
import {MultiProofFault} from "./types/MultiProofFault.sol";
import {CommitStanding} from "./types/SignedCommit.sol";
import {StateCommit} from "./types/StateCommit.sol";
import {StateRoot} from "./types/StateRoot.sol";
import {TransitionEvidence, TransitionFault, TransitionVerdict} from "./types/Transition.sol";
import {ValueHash} from "./types/ValueHash.sol";

/// @title TransitionVerifier
/// @notice Judges, from one commit's manifest, delta and update proof, whether its root follows from the root before.
contract TransitionVerifier is ITransitionVerifier, SignedCommits {
    /// @dev With 64 bytes of content each, in a tree of 100,000 leaves, what 10 million gas pay for (docs/Transitions.md).
    uint256 public constant MAX_LEAVES = 320;
    /// @dev Bytes that are no manifest are at fault up to this length; a manifest has at most 8,524.
    uint256 private constant MAX_MANIFEST_EVIDENCE_BYTES = 65_536;
    uint256 private constant MAX_PROOF_BYTES = 131_072;
    uint256 private constant MAX_OPENINGS_BYTES = 65 * MAX_LEAVES;

    StateRoot private constant EMPTY_TREE_ROOT = StateRoot.wrap(JellyfishMerkleProof.EMPTY_ROOT);
    bytes32 private constant TRANSITION_TAG = keccak256("OPS::InvalidTransitionFault");

    /// @dev Which rule the evidence of a recorded fault showed to be broken.
    mapping(bytes32 faultId => TransitionFault) private _shown;

    /// @param initialOwner may propose other rules for what follows a fault
    /// @param registry whose quorum is judged
    /// @param rules what follows a fault
    /// @param changeDelaySeconds_ how long other rules wait, 2 to 30 days
    constructor(
        address initialOwner,
        IStateCommitRegistry registry,
        FaultRules memory rules,
        uint32 changeDelaySeconds_
    ) FaultGovernance(initialOwner, rules, changeDelaySeconds_) FaultLedger(registry) {}

    // -- Verdicts --

    /// @inheritdoc ITransitionVerifier
    /// @custom:invariant TRC2
    function challengeTransition(
        TransitionEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (TransitionVerdict verdict, TransitionFault fault) {
        bytes32 faultId;
        (verdict, fault, faultId) = judgeTransition(evidence);
        if (verdict != TransitionVerdict.Proven) return (verdict, fault);
        _shown[faultId] = fault;
        (uint64 sequenceNo, StateRoot root) = (
            evidence.signed.commit.sequenceNo,
            evidence.signed.commit.newStateRoot
        );
        emit TransitionRefuted(faultId, sequenceNo, root, fault);
        _record(faultId, QuorumFault.InvalidTransition, StateRoot.unwrap(root), sequenceNo, challenger);
    }

    /// @inheritdoc ITransitionVerifier
    function judgeTransition(
        TransitionEvidence calldata evidence
    ) public view returns (TransitionVerdict verdict, TransitionFault fault, bytes32 faultId) {
        if (_isTooLarge(evidence)) return (TransitionVerdict.EvidenceTooLarge, fault, faultId);
        CommitStanding standing = _standingOf(evidence.signed);
        if (standing != CommitStanding.Signed) return (_verdictOf(standing), fault, faultId);
        faultId = _faultIdOf(evidence.signed.commit);
        if (_verdictOn(faultId) == Verdict.AlreadyRecorded) {
            return (TransitionVerdict.AlreadyRecorded, _shown[faultId], faultId);
        }
        (verdict, fault) = _judgeManifest(evidence);
        if (verdict != TransitionVerdict.Proven) faultId = bytes32(0);
    }

    /// @dev From the manifest on. A fault is `Proven`.
    function _judgeManifest(
        TransitionEvidence calldata evidence
    ) private view returns (TransitionVerdict, TransitionFault fault) {
        StateCommit calldata commit = evidence.signed.commit;
        if (commit.daCertHash.isZero()) return (TransitionVerdict.Heartbeat, fault);
        if (keccak256(evidence.manifest) != DaCertHash.unwrap(commit.daCertHash)) {
            return (TransitionVerdict.WrongManifest, fault);
        }
        Manifest memory manifest;
        (fault, manifest) = DeltaManifest.read(evidence.manifest, commit.sequenceNo);
        if (fault != TransitionFault.None) return (TransitionVerdict.Proven, fault);
        // What is short enough is raw, or the manifest is at fault; and it has one chunk.
        if (manifest.deltaLength > DeltaManifest.RAW_DELTA_BYTES) {
            return (TransitionVerdict.OutOfReach, fault);
        }
        bool isDelta =
            evidence.delta.length == manifest.deltaLength &&
                ChunkSegments.commitmentOf(evidence.delta) == manifest.chunks[0].commitment;
        if (!isDelta) return (TransitionVerdict.WrongDelta, fault);
        return _judgeDelta(evidence);
    }

    function _judgeDelta(
        TransitionEvidence calldata evidence
    ) private view returns (TransitionVerdict, TransitionFault fault) {
        StateCommit calldata commit = evidence.signed.commit;
        LeafChange[] memory changes;
        (fault, changes) = DeltaFormat.read(evidence.delta, commit);
        if (fault != TransitionFault.None) return (TransitionVerdict.Proven, fault);
        uint256 count = changes.length;
        if (count > MAX_LEAVES) return (TransitionVerdict.OutOfReach, fault);
        if (evidence.oldValueHashes.length != count) return (TransitionVerdict.InvalidUpdateProof, fault);
        for (uint256 i = 0; i < count; ++i) changes[i].oldValueHash = evidence.oldValueHashes[i];

        StateRoot made = commit.prevStateRoot.isZero() ? EMPTY_TREE_ROOT : commit.prevStateRoot;
        // Nothing is what no proof is of.
        if (count != 0) {
            MultiProofFault proofFault;
            // As a call: the library reads claims from calldata.
            (proofFault, made) = this.updatedRoot(made, changes, evidence.proof, evidence.openings);
            if (proofFault != MultiProofFault.None) return (TransitionVerdict.InvalidUpdateProof, fault);
        }
        fault = made == commit.newStateRoot ? _contextFault(changes) : TransitionFault.RootMismatch;
        bool isFaulty = fault != TransitionFault.None;
        return (isFaulty ? TransitionVerdict.Proven : TransitionVerdict.NoFault, fault);
    }

    /// @dev The first rule that the changes break by what was there before.
    function _contextFault(LeafChange[] memory changes) private pure returns (TransitionFault) {
        for (uint256 i = 0; i < changes.length; ++i) {
            LeafChange memory change = changes[i];
            bool wasThere = ValueHash.unwrap(change.oldValueHash) != 0;
            if (ValueHash.unwrap(change.newValueHash) == 0) {
                if (!wasThere) return TransitionFault.AbsentLeafRemoved;
            } else if (wasThere && LeafRecord.isAppendOnly(LeafRecord.namespaceOf(change.key))) {
                return TransitionFault.AppendOnlyRewritten;
            }
        }
        return TransitionFault.None;
    }

    /// @inheritdoc ITransitionVerifier
    function updatedRoot(
        StateRoot oldRoot,
        LeafChange[] calldata changes,
        bytes calldata proof,
        bytes calldata openings
    ) external pure returns (MultiProofFault fault, StateRoot newRoot) {
        return JellyfishMerkleUpdate.tryUpdate(oldRoot, changes, proof, openings);
    }

    function _isTooLarge(TransitionEvidence calldata evidence) private pure returns (bool) {
        return
            evidence.signed.certificate.length > MAX_CERTIFICATE_BYTES ||
            evidence.signed.digests.length > MAX_BATCH ||
            evidence.manifest.length > MAX_MANIFEST_EVIDENCE_BYTES ||
            evidence.delta.length > DeltaManifest.RAW_DELTA_BYTES ||
            evidence.oldValueHashes.length > MAX_LEAVES ||
            evidence.proof.length > MAX_PROOF_BYTES ||
            evidence.openings.length > MAX_OPENINGS_BYTES;
    }

    function _verdictOf(CommitStanding standing) private pure returns (TransitionVerdict) {
        if (standing == CommitStanding.RootNotRetained) return TransitionVerdict.RootNotRetained;
        if (standing == CommitStanding.OtherRoots) return TransitionVerdict.OtherRoots;
        if (standing == CommitStanding.RecoveryStep) return TransitionVerdict.RecoveryStep;
        return TransitionVerdict.NotSigned;
    }

    // -- Records --

    /// @inheritdoc ITransitionVerifier
    function transitionFault(bytes32 faultId) external view returns (TransitionFault) {
        return _shown[faultId];
    }

    /// @dev Every field has a fixed width, so no two facts share a preimage.
    function _faultIdOf(StateCommit calldata commit) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    TRANSITION_TAG,
                    block.chainid,
                    address(STATE_COMMIT_REGISTRY),
                    commit.sequenceNo,
                    commit.newStateRoot
                )
            );
    }
}
