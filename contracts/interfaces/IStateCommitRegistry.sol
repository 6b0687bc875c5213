// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {CertificateFault} from "../types/CertificateFault.sol";
import {StateCommit} from "../types/StateCommit.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {ICommitGovernance} from "./ICommitGovernance.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";
import {IEnclaveRegistry} from "./IEnclaveRegistry.sol";
import {IStateRootCommittable} from "./IStateRootCommittable.sol";

/// @title IStateCommitRegistry
/// @notice Holds the last 720 state roots of one chain, each accepted only with a certificate of the
///         operator quorum over an EIP-712 digest that names this chain and this registry.
/// @dev Safety rests on the verifier: what it reports as signed weight is taken as signed. Liveness rests on
///      nobody in particular: any account may land a certificate.
interface IStateCommitRegistry is IStateRootCommittable, ICommitGovernance {
    /// @notice Commits were paused or resumed.
    event CommitPauseChanged(bool isPaused);

    /// @notice A commit arrived while commits are paused.
    error CommitsPaused();
    /// @notice The verifier refused the certificate.
    error CertificateRejected(CertificateFault fault);
    /// @notice Less than the quorum signed. Weights are those of the certificate's epoch.
    error InsufficientQuorum(uint256 signedWeight, uint256 totalWeight, uint16 quorumBps);
    /// @notice The root is unchanged and the next heartbeat is not due before `heartbeatDueAt` (seconds since 1970).
    error NoOpCommit(uint64 heartbeatDueAt);
    /// @notice The new root is that of the empty tree: committed state cannot be wiped.
    error EmptyTreeRoot();
    /// @notice The manifest hash is zero although the root changed, or not zero although it did not.
    error InvalidDaCert();
    /// @notice The timestamp is later than block time plus the allowed skew.
    error TimestampInFuture(uint64 latest, uint64 got);
    /// @notice The root of that commit is no longer, or not yet, held.
    error RootNotRetained(uint64 sequenceNo, uint64 oldest, uint64 newest);
    /// @notice The quorum is below the floor or above 10,000.
    error InvalidQuorumBps(uint16 floor, uint16 got);
    /// @notice A batch holds no commit, or more than `limit`.
    error InvalidBatchSize(uint256 limit, uint256 got);
    /// @notice A rule, the enclave registry, or the chain's clock, is out of its bounds.
    error InvalidParameter(bytes32 name, uint256 got);

    /// @notice Share of the total weight that must sign, in basis points. As all rules, that in force.
    function quorumBps() external view returns (uint16);

    /// @notice How far a commit's timestamp may lie ahead of block time, in seconds.
    function maxSkewSeconds() external view returns (uint32);

    /// @notice After this many seconds without a commit, one with an unchanged root is accepted.
    function heartbeatSeconds() external view returns (uint32);

    /// @notice Judges certificates.
    function verifier() external view returns (IQuorumVerifier);

    /// @notice Knows the active enclave measurements; the zero address where enclaves are not used.
    function enclaveRegistry() external view returns (IEnclaveRegistry);

    /// @notice Accepts the next commits of this chain, at most 32, if one quorum signed every one of them; all or
    ///         none. Anyone may call.
    /// @dev Each commit obeys the rules of `commitStateRoot`, is retained and announced; refusals have the same
    ///      names.
    /// @param commits consecutive commits, the next one first
    /// @param batchCertificate certificate over all of them, in the format of the configured verifier
    function commitStateRoots(StateCommit[] calldata commits, bytes calldata batchCertificate) external;

    /// @notice EIP-712 digest of `commit` for this chain and registry, before an epoch is bound to it.
    function digestOf(StateCommit calldata commit) external view returns (bytes32);

    /// @notice Root after commit `sequenceNo`. Reverts with `RootNotRetained`.
    function stateRootAt(uint64 sequenceNo) external view returns (StateRoot);

    /// @notice Root after commit `sequenceNo`; zero if it is not retained.
    function tryStateRootAt(uint64 sequenceNo) external view returns (StateRoot);

    /// @notice Oldest and newest commit whose roots are held; zeros before the first.
    function retainedRange() external view returns (uint64 oldest, uint64 newest);

    /// @notice Timestamp of the newest commit, and block time at which it was accepted, in seconds since 1970.
    function lastCommitTimes() external view returns (uint64 timestamp, uint64 acceptedAt);

    /// @notice Whether commits are paused.
    function isPaused() external view returns (bool);

    /// @notice Stops new commits. Reads and challenges go on. Owner only.
    function pauseCommits() external;

    /// @notice Ends the pause. Owner only.
    function resumeCommits() external;
}
