// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "./interfaces/IStateRootCommittable.sol";
import {CommitMessage} from "./libraries/CommitMessage.sol";
import {CertificateFault} from "./types/CertificateFault.sol";
import {StateCommit} from "./types/StateCommit.sol";
import {StateRoot} from "./types/StateRoot.sol";

/// @title StateCommitRegistry
/// @notice The state roots of one chain. All rules are fixed at deployment; the owner can only pause commits.
contract StateCommitRegistry is IStateCommitRegistry, Ownable2Step, EIP712 {
    /// @dev One slot: sequenceNo (64 bits), timestamp (64), acceptedAt (64), isPaused (8).
    struct Head {
        uint64 sequenceNo;
        uint64 timestamp;
        uint64 acceptedAt;
        bool isPaused;
    }

    uint8 private constant COMMIT_VERSION = 2;
    /// @dev One day of commits every 120 seconds.
    uint64 private constant RETAINED_COUNT = 720;
    /// @dev Two thirds, rounded up.
    uint16 private constant QUORUM_FLOOR_BPS = 6_667;
    uint16 private constant FULL_BPS = 10_000;
    uint32 private constant MAX_SKEW_SECONDS_LIMIT = 15 minutes;
    uint32 private constant SHORTEST_HEARTBEAT_SECONDS = 10 minutes;
    uint32 private constant LONGEST_HEARTBEAT_SECONDS = 7 days;
    /// @dev docs/StateTree.md, "Hashing".
    StateRoot private constant EMPTY_TREE_ROOT = StateRoot.wrap("SPARSE_MERKLE_PLACEHOLDER_HASH__");

    IQuorumVerifier private immutable VERIFIER;
    IEnclaveRegistry private immutable ENCLAVE_REGISTRY;
    uint16 private immutable QUORUM_BPS;
    uint32 private immutable MAX_SKEW_SECONDS;
    uint32 private immutable HEARTBEAT_SECONDS;

    Head private _head;
    /// @dev Root of commit n at index n % 720.
    StateRoot[RETAINED_COUNT] private _roots;

    /// @param initialOwner may pause commits
    /// @param verifier_ judges certificates
    /// @param enclaveRegistry_ knows the active enclave measurements, or zero where enclaves are not used
    /// @param quorumBps_ 6,667 to 10,000
    /// @param maxSkewSeconds_ at most 15 minutes
    /// @param heartbeatSeconds_ 10 minutes to 7 days
    constructor(
        address initialOwner,
        IQuorumVerifier verifier_,
        IEnclaveRegistry enclaveRegistry_,
        uint16 quorumBps_,
        uint32 maxSkewSeconds_,
        uint32 heartbeatSeconds_
    ) Ownable(initialOwner) EIP712("StateCommitRegistry", "2") {
        address enclaves = address(enclaveRegistry_);
        if (address(verifier_).code.length == 0) {
            revert InvalidParameter("verifier", uint160(address(verifier_)));
        }
        if (enclaves != address(0) && enclaves.code.length == 0) {
            revert InvalidParameter("enclaveRegistry", uint160(enclaves));
        }
        if (quorumBps_ < QUORUM_FLOOR_BPS || quorumBps_ > FULL_BPS) {
            revert InvalidQuorumBps(QUORUM_FLOOR_BPS, quorumBps_);
        }
        if (maxSkewSeconds_ > MAX_SKEW_SECONDS_LIMIT)
            revert InvalidParameter("maxSkewSeconds", maxSkewSeconds_);
        if (heartbeatSeconds_ < SHORTEST_HEARTBEAT_SECONDS || heartbeatSeconds_ > LONGEST_HEARTBEAT_SECONDS) {
            revert InvalidParameter("heartbeatSeconds", heartbeatSeconds_);
        }
        VERIFIER = verifier_;
        ENCLAVE_REGISTRY = enclaveRegistry_;
        QUORUM_BPS = quorumBps_;
        MAX_SKEW_SECONDS = maxSkewSeconds_;
        HEARTBEAT_SECONDS = heartbeatSeconds_;
    }

    // -- Commits --

    /// @inheritdoc IStateRootCommittable
    function commitStateRoot(StateCommit calldata commit, bytes calldata certificate) external {
        Head memory head = _head;
        if (head.isPaused) revert CommitsPaused();
        _requireAcceptable(commit, head);
        _requireQuorum(digestOf(commit), certificate);

        head.sequenceNo = commit.sequenceNo;
        head.timestamp = commit.timestamp;
        head.acceptedAt = _now();
        _head = head;
        _roots[commit.sequenceNo % RETAINED_COUNT] = commit.newStateRoot;
        emit StateRootCommitted(
            commit.sequenceNo,
            commit.prevStateRoot,
            commit.newStateRoot,
            commit.timestamp,
            commit.daCertHash,
            commit.pcr0Commitment
        );
    }

    /// @inheritdoc IStateCommitRegistry
    function digestOf(StateCommit calldata commit) public view returns (bytes32) {
        return _hashTypedDataV4(CommitMessage.structHash(commit));
    }

    /// @dev Every rule but the quorum: whether `commit` may follow `head` now.
    function _requireAcceptable(StateCommit calldata commit, Head memory head) private view {
        if (commit.version != COMMIT_VERSION)
            revert UnsupportedStateCommitVersion(COMMIT_VERSION, commit.version);
        _requireActiveEnclave(commit.pcr0Commitment);
        if (commit.newStateRoot.isZero()) revert InvalidNewStateRoot();
        if (commit.newStateRoot == EMPTY_TREE_ROOT) revert EmptyTreeRoot();

        uint64 expected = head.sequenceNo + 1;
        if (commit.sequenceNo != expected) revert SequenceGap(expected, commit.sequenceNo);
        // Zero before the first commit, as the ring's slot 0 is not written until commit 720.
        StateRoot current = _roots[head.sequenceNo % RETAINED_COUNT];
        if (commit.prevStateRoot != current) revert StateRootMismatch(current, commit.prevStateRoot);

        if (commit.timestamp <= head.timestamp) revert TimestampRegression(head.timestamp, commit.timestamp);
        uint64 latest = _now() + MAX_SKEW_SECONDS;
        if (commit.timestamp > latest) revert TimestampInFuture(latest, commit.timestamp);

        bool isHeartbeat = commit.newStateRoot == commit.prevStateRoot;
        uint64 heartbeatDueAt = head.acceptedAt + HEARTBEAT_SECONDS;
        if (isHeartbeat && _now() < heartbeatDueAt) revert NoOpCommit(heartbeatDueAt);
        if (isHeartbeat != commit.daCertHash.isZero()) revert InvalidDaCert();
    }

    function _requireActiveEnclave(bytes32 pcr0Commitment) private view {
        bool isActive =
            address(ENCLAVE_REGISTRY) == address(0)
                ? pcr0Commitment == bytes32(0)
                : ENCLAVE_REGISTRY.isActiveVersion(pcr0Commitment);
        if (!isActive) revert InvalidPcr0Commitment();
    }

    /// @dev Cross-multiplied, so that nothing is rounded in anybody's favour.
    function _requireQuorum(bytes32 digest, bytes calldata certificate) private view {
        (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) = VERIFIER.verify(
            digest,
            certificate
        );
        if (fault != CertificateFault.None) revert CertificateRejected(fault);
        if (totalWeight == 0 || signedWeight * FULL_BPS < totalWeight * QUORUM_BPS) {
            revert InsufficientQuorum(signedWeight, totalWeight, QUORUM_BPS);
        }
    }

    function _now() private view returns (uint64) {
        // Seconds since 1970 fit for 584 billion years.
        return uint64(block.timestamp);
    }

    // -- Roots --

    /// @inheritdoc IStateRootCommittable
    function getStateRoot() external view returns (StateRoot) {
        return _roots[_head.sequenceNo % RETAINED_COUNT];
    }

    /// @inheritdoc IStateRootCommittable
    function getSequenceNo() external view returns (uint64) {
        return _head.sequenceNo;
    }

    /// @inheritdoc IStateCommitRegistry
    function stateRootAt(uint64 sequenceNo) external view returns (StateRoot root) {
        root = tryStateRootAt(sequenceNo);
        if (root.isZero()) {
            (uint64 oldest, uint64 newest) = retainedRange();
            revert RootNotRetained(sequenceNo, oldest, newest);
        }
    }

    /// @inheritdoc IStateCommitRegistry
    function tryStateRootAt(uint64 sequenceNo) public view returns (StateRoot root) {
        (uint64 oldest, uint64 newest) = retainedRange();
        // Before the first commit the range is 0 to 0, and slot 0 is zero.
        if (sequenceNo >= oldest && sequenceNo <= newest) root = _roots[sequenceNo % RETAINED_COUNT];
    }

    /// @inheritdoc IStateCommitRegistry
    function retainedRange() public view returns (uint64 oldest, uint64 newest) {
        newest = _head.sequenceNo;
        if (newest > RETAINED_COUNT) oldest = newest - RETAINED_COUNT + 1;
        else if (newest != 0) oldest = 1;
    }

    /// @inheritdoc IStateCommitRegistry
    function lastCommitTimes() external view returns (uint64 timestamp, uint64 acceptedAt) {
        return (_head.timestamp, _head.acceptedAt);
    }

    // -- Pause --

    /// @inheritdoc IStateCommitRegistry
    function isPaused() external view returns (bool) {
        return _head.isPaused;
    }

    /// @inheritdoc IStateCommitRegistry
    function pauseCommits() external onlyOwner {
        _head.isPaused = true;
        emit CommitPauseChanged(true);
    }

    /// @inheritdoc IStateCommitRegistry
    function resumeCommits() external onlyOwner {
        _head.isPaused = false;
        emit CommitPauseChanged(false);
    }

    // -- Settings --

    /// @inheritdoc IStateCommitRegistry
    function quorumBps() external view returns (uint16) {
        return QUORUM_BPS;
    }

    /// @inheritdoc IStateCommitRegistry
    function maxSkewSeconds() external view returns (uint32) {
        return MAX_SKEW_SECONDS;
    }

    /// @inheritdoc IStateCommitRegistry
    function heartbeatSeconds() external view returns (uint32) {
        return HEARTBEAT_SECONDS;
    }

    /// @inheritdoc IStateCommitRegistry
    function verifier() external view returns (IQuorumVerifier) {
        return VERIFIER;
    }

    /// @inheritdoc IStateCommitRegistry
    function enclaveRegistry() external view returns (IEnclaveRegistry) {
        return ENCLAVE_REGISTRY;
    }
}
