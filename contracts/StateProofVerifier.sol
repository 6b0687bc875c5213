// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {IStateProofVerifier} from "./interfaces/IStateProofVerifier.sol";
import {JellyfishMerkleProof} from "./libraries/JellyfishMerkleProof.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {LeafFault} from "./types/LeafFault.sol";
import {ProofFault} from "./types/ProofFault.sol";
import {StateRoot} from "./types/StateRoot.sol";
import {TreeKey} from "./types/TreeKey.sol";

/// @title StateProofVerifier
/// @notice Checks inclusion and absence against the retained roots of one state-commit registry.
contract StateProofVerifier is IStateProofVerifier {
    IStateCommitRegistry private immutable STATE_COMMIT_REGISTRY;

    constructor(IStateCommitRegistry registry) {
        if (address(registry) == address(0)) revert ZeroAddress();
        STATE_COMMIT_REGISTRY = registry;
    }

    /// @inheritdoc IStateProofVerifier
    function tryInclusion(
        uint64 sequenceNo,
        TreeKey key,
        bytes calldata record,
        bytes calldata proof
    ) public view returns (ProofFault proofFault, LeafFault leafFault) {
        StateRoot root = STATE_COMMIT_REGISTRY.stateRootAt(sequenceNo);
        proofFault = JellyfishMerkleProof.tryInclusion(root, key, LeafRecord.valueHashOf(record), proof);
        leafFault = LeafRecord.check(key, record, sequenceNo);
    }

    /// @inheritdoc IStateProofVerifier
    function tryAbsence(
        uint64 sequenceNo,
        TreeKey key,
        bytes calldata proof
    ) public view returns (ProofFault) {
        return JellyfishMerkleProof.tryAbsence(STATE_COMMIT_REGISTRY.stateRootAt(sequenceNo), key, proof);
    }

    /// @inheritdoc IStateProofVerifier
    function verifyInclusion(
        uint64 sequenceNo,
        TreeKey key,
        bytes calldata record,
        bytes calldata proof
    ) external view {
        (ProofFault proofFault, LeafFault leafFault) = tryInclusion(sequenceNo, key, record, proof);
        if (proofFault != ProofFault.None || leafFault != LeafFault.None) {
            revert InvalidLeaf(proofFault, leafFault);
        }
    }

    /// @inheritdoc IStateProofVerifier
    function verifyAbsence(uint64 sequenceNo, TreeKey key, bytes calldata proof) external view {
        ProofFault fault = tryAbsence(sequenceNo, key, proof);
        if (fault != ProofFault.None) revert InvalidAbsence(fault);
    }

    /// @inheritdoc IStateProofVerifier
    function stateCommitRegistry() external view returns (IStateCommitRegistry) {
        return STATE_COMMIT_REGISTRY;
    }
}
