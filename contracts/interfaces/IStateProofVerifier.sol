// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {LeafFault} from "../types/LeafFault.sol";
import {ProofFault} from "../types/ProofFault.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {IStateCommitRegistry} from "./IStateCommitRegistry.sol";

/// @title IStateProofVerifier
/// @notice Checks, for readers on and off chain, that a leaf is or is not in a committed state of this chain.
/// @dev Every function reverts with the registry's `RootNotRetained` if the commit's root is not held.
interface IStateProofVerifier {
    /// @notice The leaf is not shown to be in the tree, or breaks a rule.
    error InvalidLeaf(ProofFault proofFault, LeafFault leafFault);
    /// @notice The key is not shown to be absent.
    error InvalidAbsence(ProofFault fault);
    /// @notice A constructor argument is the zero address.
    error ZeroAddress();

    /// @notice Whether `record` is the leaf record under `key` after commit `sequenceNo`, and well-formed.
    /// @return proofFault `None` iff the proof holds
    /// @return leafFault `None` iff the record keeps the rules; meaningful only if the proof holds
    function tryInclusion(
        uint64 sequenceNo,
        TreeKey key,
        bytes calldata record,
        bytes calldata proof
    ) external view returns (ProofFault proofFault, LeafFault leafFault);

    /// @notice Whether no leaf is under `key` after commit `sequenceNo`; `None` iff that is shown.
    function tryAbsence(
        uint64 sequenceNo,
        TreeKey key,
        bytes calldata proof
    ) external view returns (ProofFault);

    /// @notice As `tryInclusion`, but reverts with `InvalidLeaf`.
    function verifyInclusion(
        uint64 sequenceNo,
        TreeKey key,
        bytes calldata record,
        bytes calldata proof
    ) external view;

    /// @notice As `tryAbsence`, but reverts with `InvalidAbsence`.
    function verifyAbsence(uint64 sequenceNo, TreeKey key, bytes calldata proof) external view;

    /// @notice The registry against whose roots proofs are checked.
    function stateCommitRegistry() external view returns (IStateCommitRegistry);
}
