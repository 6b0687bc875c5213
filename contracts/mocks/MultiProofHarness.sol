// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JellyfishMerkleMultiProof} from "../libraries/JellyfishMerkleMultiProof.sol";
import {JellyfishMerkleProof} from "../libraries/JellyfishMerkleProof.sol";
import {JellyfishMerkleUpdate} from "../libraries/JellyfishMerkleUpdate.sol";
import {LeafChange, LeafClaim} from "../types/LeafClaim.sol";
import {MultiProofFault} from "../types/MultiProofFault.sol";
import {ProofFault} from "../types/ProofFault.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {ValueHash} from "../types/ValueHash.sol";

/// @title MultiProofHarness
/// @notice Lets tests and gas measurements call the verifiers of several leaves.
contract MultiProofHarness {
    /// @dev Something that one proof claims of one leaf, or that a multiproof claims of several.
    struct Claim {
        StateRoot root;
        LeafClaim[] leaves;
        bytes proof;
    }

    /// @dev An update that is claimed.
    struct UpdateClaim {
        StateRoot oldRoot;
        LeafChange[] changes;
        bytes proof;
        bytes openings;
    }

    /// @notice See `JellyfishMerkleMultiProof.tryLeaves`.
    function tryLeaves(
        StateRoot root,
        LeafClaim[] calldata leaves,
        bytes calldata proof
    ) external pure returns (MultiProofFault) {
        return JellyfishMerkleMultiProof.tryLeaves(root, leaves, proof);
    }

    /// @notice See `JellyfishMerkleMultiProof.verifyLeaves`.
    function verifyLeaves(StateRoot root, LeafClaim[] calldata leaves, bytes calldata proof) external pure {
        JellyfishMerkleMultiProof.verifyLeaves(root, leaves, proof);
    }

    /// @notice See `JellyfishMerkleUpdate.tryUpdate`.
    function tryUpdate(
        StateRoot oldRoot,
        LeafChange[] calldata changes,
        bytes calldata proof,
        bytes calldata openings
    ) external pure returns (MultiProofFault fault, StateRoot newRoot) {
        return JellyfishMerkleUpdate.tryUpdate(oldRoot, changes, proof, openings);
    }

    /// @notice See `JellyfishMerkleUpdate.verifyUpdate`.
    function verifyUpdate(
        StateRoot oldRoot,
        StateRoot newRoot,
        LeafChange[] calldata changes,
        bytes calldata proof,
        bytes calldata openings
    ) external pure {
        JellyfishMerkleUpdate.verifyUpdate(oldRoot, newRoot, changes, proof, openings);
    }

    /// @notice Shows every one of `leaves` with a proof of its own.
    function verifySingles(
        StateRoot root,
        LeafClaim[] calldata leaves,
        bytes[] calldata proofs
    ) external pure {
        for (uint256 i = 0; i < leaves.length; ++i) {
            LeafClaim calldata leaf = leaves[i];
            if (ValueHash.unwrap(leaf.valueHash) == 0) {
                JellyfishMerkleProof.verifyAbsence(root, leaf.key, proofs[i]);
            } else {
                JellyfishMerkleProof.verifyInclusion(root, leaf.key, leaf.valueHash, proofs[i]);
            }
        }
    }

    /// @notice What `JellyfishMerkleProof` says of each claim, which is of one leaf.
    function trySingles(Claim[] calldata claims) external pure returns (ProofFault[] memory faults) {
        faults = new ProofFault[](claims.length);
        for (uint256 i = 0; i < claims.length; ++i) {
            Claim calldata claim = claims[i];
            LeafClaim calldata leaf = claim.leaves[0];
            faults[i] =
                ValueHash.unwrap(leaf.valueHash) == 0
                    ? JellyfishMerkleProof.tryAbsence(claim.root, leaf.key, claim.proof)
                    : JellyfishMerkleProof.tryInclusion(claim.root, leaf.key, leaf.valueHash, claim.proof);
        }
    }

    /// @notice What `JellyfishMerkleMultiProof.tryLeaves` says of each claim.
    function tryMany(Claim[] calldata claims) external pure returns (MultiProofFault[] memory faults) {
        faults = new MultiProofFault[](claims.length);
        for (uint256 i = 0; i < claims.length; ++i) {
            Claim calldata claim = claims[i];
            faults[i] = JellyfishMerkleMultiProof.tryLeaves(claim.root, claim.leaves, claim.proof);
        }
    }

    /// @notice What `JellyfishMerkleUpdate.tryUpdate` says of each claim.
    function tryUpdates(
        UpdateClaim[] calldata claims
    ) external pure returns (MultiProofFault[] memory faults, StateRoot[] memory newRoots) {
        (faults, newRoots) = (new MultiProofFault[](claims.length), new StateRoot[](claims.length));
        for (uint256 i = 0; i < claims.length; ++i) {
            UpdateClaim calldata claim = claims[i];
            (faults[i], newRoots[i]) = JellyfishMerkleUpdate.tryUpdate(
                claim.oldRoot,
                claim.changes,
                claim.proof,
                claim.openings
            );
        }
    }

    /// @notice Gas that `JellyfishMerkleMultiProof.tryLeaves` itself takes, without dispatch and decoding.
    function leavesGas(
        StateRoot root,
        LeafClaim[] calldata leaves,
        bytes calldata proof
    ) external view returns (uint256 gasUsed, MultiProofFault fault) {
        uint256 before = gasleft();
        fault = JellyfishMerkleMultiProof.tryLeaves(root, leaves, proof);
        gasUsed = before - gasleft();
    }

    /// @notice Gas that `verifySingles` takes, without dispatch and decoding.
    function singlesGas(
        StateRoot root,
        LeafClaim[] calldata leaves,
        bytes[] calldata proofs
    ) external view returns (uint256 gasUsed) {
        for (uint256 i = 0; i < leaves.length; ++i) {
            LeafClaim calldata leaf = leaves[i];
            bytes calldata proof = proofs[i];
            uint256 before = gasleft();
            ProofFault fault =
                ValueHash.unwrap(leaf.valueHash) == 0
                    ? JellyfishMerkleProof.tryAbsence(root, leaf.key, proof)
                    : JellyfishMerkleProof.tryInclusion(root, leaf.key, leaf.valueHash, proof);
            gasUsed += before - gasleft();
            if (fault != ProofFault.None) revert JellyfishMerkleProof.InvalidProof(fault);
        }
    }

    /// @notice Gas that `JellyfishMerkleUpdate.tryUpdate` itself takes, without dispatch and decoding.
    function updateGas(
        StateRoot oldRoot,
        LeafChange[] calldata changes,
        bytes calldata proof,
        bytes calldata openings
    ) external view returns (uint256 gasUsed, MultiProofFault fault) {
        uint256 before = gasleft();
        (fault, ) = JellyfishMerkleUpdate.tryUpdate(oldRoot, changes, proof, openings);
        gasUsed = before - gasleft();
    }
}
