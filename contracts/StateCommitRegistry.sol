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
import {CommitWords} from "./libraries/CommitWords.sol";
import {JellyfishMerkleProof} from "./libraries/JellyfishMerkleProof.sol";
import {CertificateFault} from "./types/CertificateFault.sol";
import {CommitHead, firstHead} from "./types/CommitHead.sol";
import {StateCommit} from "./types/StateCommit.sol";
import {StateRoot} from "./types/StateRoot.sol";

/// @title StateCommitRegistry
/// @notice The state roots of one chain. All rules are fixed at deployment; the owner can only pause commits.
contract StateCommitRegistry is IStateCommitRegistry, Ownable2Step, EIP712 {
    uint8 private constant COMMIT_VERSION = 2;
    /// @dev One day of commits every 120 seconds.
    uint64 private constant RETAINED_COUNT = 720;
    /// @dev Two thirds, rounded up.
    uint16 private constant QUORUM_FLOOR_BPS = 6_667;
    uint16 private constant FULL_BPS = 10_000;
    uint32 private constant MAX_SKEW_SECONDS_LIMIT = 15 minutes;
    uint32 private constant SHORTEST_HEARTBEAT_SECONDS = 10 minutes;
    uint32 private constant LONGEST_HEARTBEAT_SECONDS = 7 days;
    uint256 private constant MAX_BATCH = 32;
    /// @dev Far from what the head's 40 bits hold: a chain whose clock is later counts in something else.
    uint256 private constant LATEST_DEPLOYMENT = 1 << 39;
    StateRoot private constant EMPTY_TREE_ROOT = StateRoot.wrap(JellyfishMerkleProof.EMPTY_ROOT);

    IQuorumVerifier private immutable VERIFIER;
    IEnclaveRegistry private immutable ENCLAVE_REGISTRY;
    uint16 private immutable QUORUM_BPS;
    /// @dev As a number, to be tested for zero.
    uint256 private immutable ENCLAVES;
    uint256 private immutable MAX_SKEW_SECONDS;
    uint32 private immutable HEARTBEAT_SECONDS;
    /// @dev Here and on this chain, the domain separator is what it was at deployment.
    uint256 private immutable CHAIN_ID;
    uint256 private immutable SELF;
    bytes32 private immutable DOMAIN_SEPARATOR;

    CommitHead private _head;
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
        if (address(verifier_).code.length == 0 && address(verifier_) != address(this)) {
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
        if (block.timestamp > LATEST_DEPLOYMENT) revert InvalidParameter("blockTimestamp", block.timestamp);
        _head = firstHead();
        VERIFIER = verifier_;
        ENCLAVE_REGISTRY = enclaveRegistry_;
        ENCLAVES = uint160(enclaves);
        QUORUM_BPS = quorumBps_;
        MAX_SKEW_SECONDS = maxSkewSeconds_;
        HEARTBEAT_SECONDS = heartbeatSeconds_;
        CHAIN_ID = block.chainid;
        SELF = uint160(address(this));
        DOMAIN_SEPARATOR = _domainSeparatorV4();
    }

    // -- Commits --

    /// @inheritdoc IStateRootCommittable
    function commitStateRoot(StateCommit calldata commit, bytes calldata certificate) external {
        (CommitHead head, bytes32 digest) = _advance(_head, commit);
        _head = head;
        _requireQuorum(digest, certificate);
    }

    /// @inheritdoc IStateCommitRegistry
    function commitStateRoots(StateCommit[] calldata commits, bytes calldata batchCertificate) external {
        uint256 count = commits.length;
        if (count == 0 || count > MAX_BATCH) revert InvalidBatchSize(MAX_BATCH, count);
        CommitHead head = _head;
        bytes32[] memory digests = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) (head, digests[i]) = _advance(head, commits[i]);
        _head = head;
        _requireBatchQuorum(digests, batchCertificate);
    }

    /// @inheritdoc IStateCommitRegistry
    function digestOf(StateCommit calldata commit) external view returns (bytes32) {
        return _hashTypedDataV4(CommitMessage.structHash(commit));
    }

    /// @dev Checks every rule but the quorum, retains the root and announces the commit: what is written is taken back
    ///      if the quorum is missing. Returns the head after it, and what the quorum must have signed.
    function _advance(
        CommitHead head,
        StateCommit calldata commit
    ) private returns (CommitHead next, bytes32 digest) {
        unchecked {
            // Times are below 2⁴⁰.
            uint256 latest = block.timestamp + MAX_SKEW_SECONDS;
            if (!CommitWords.isUsual(commit, head, latest, ENCLAVES)) _requireAllRules(commit, head);
        }
        next = CommitWords.retain(_roots, commit);
        CommitWords.announce(commit);
        bool isAtHome = (block.chainid ^ CHAIN_ID) | (uint160(address(this)) ^ SELF) == 0;
        bytes32 separator = isAtHome ? DOMAIN_SEPARATOR : _domainSeparatorV4();
        digest = CommitMessage.digestOf(commit, separator);
    }

    /// @dev The rules one by one, in the order in which they are named.
    function _requireAllRules(StateCommit calldata commit, CommitHead head) private view {
        if (head.isPaused()) revert CommitsPaused();
        if (commit.version != COMMIT_VERSION)
            revert UnsupportedStateCommitVersion(COMMIT_VERSION, commit.version);
        _requireActiveEnclave(commit.pcr0Commitment);
        if (commit.newStateRoot.isZero()) revert InvalidNewStateRoot();
        if (commit.newStateRoot == EMPTY_TREE_ROOT) revert EmptyTreeRoot();

        uint64 expected = head.sequenceNo() + 1;
        if (commit.sequenceNo != expected) revert SequenceGap(expected, commit.sequenceNo);
        if (!head.isAtRoot(commit.prevStateRoot)) {
            revert StateRootMismatch(_roots[head.sequenceNo() % RETAINED_COUNT], commit.prevStateRoot);
        }

        if (commit.timestamp <= head.timestamp()) {
            revert TimestampRegression(head.timestamp(), commit.timestamp);
        }
        uint64 latest = _now() + uint32(MAX_SKEW_SECONDS);
        if (commit.timestamp > latest) revert TimestampInFuture(latest, commit.timestamp);

        bool isHeartbeat = commit.newStateRoot == commit.prevStateRoot;
        if (isHeartbeat) {
            uint64 heartbeatDueAt = head.acceptedAt() + HEARTBEAT_SECONDS;
            if (_now() < heartbeatDueAt) revert NoOpCommit(heartbeatDueAt);
        }
        if (isHeartbeat != commit.daCertHash.isZero()) revert InvalidDaCert();
    }

    function _requireActiveEnclave(bytes32 pcr0Commitment) private view {
        bool isActive =
            address(ENCLAVE_REGISTRY) == address(0)
                ? pcr0Commitment == bytes32(0)
                : ENCLAVE_REGISTRY.isActiveVersion(pcr0Commitment);
        if (!isActive) revert InvalidPcr0Commitment();
    }

    /// @dev Reverts unless `certificate` shows that the quorum signed `digest`.
    function _requireQuorum(bytes32 digest, bytes calldata certificate) internal view virtual {
        (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) = VERIFIER.verify(
            digest,
            certificate
        );
        if (fault != CertificateFault.None) revert CertificateRejected(fault);
        _requireShare(signedWeight, totalWeight);
    }

    /// @dev Reverts unless `certificate` shows that the quorum signed every one of `digests`.
    function _requireBatchQuorum(bytes32[] memory digests, bytes calldata certificate) internal view virtual {
        (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) = VERIFIER.verifyBatch(
            digests,
            certificate
        );
        if (fault != CertificateFault.None) revert CertificateRejected(fault);
        _requireShare(signedWeight, totalWeight);
    }

    /// @dev Cross-multiplied, so that nothing is rounded in anybody's favour.
    function _requireShare(uint256 signedWeight, uint256 totalWeight) internal view {
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
        return _roots[_head.sequenceNo() % RETAINED_COUNT];
    }

    /// @inheritdoc IStateRootCommittable
    function getSequenceNo() external view returns (uint64) {
        return _head.sequenceNo();
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
        newest = _head.sequenceNo();
        if (newest > RETAINED_COUNT) oldest = newest - RETAINED_COUNT + 1;
        else if (newest != 0) oldest = 1;
    }

    /// @inheritdoc IStateCommitRegistry
    function lastCommitTimes() external view returns (uint64 timestamp, uint64 acceptedAt) {
        CommitHead head = _head;
        return (head.timestamp(), head.acceptedAt());
    }

    // -- Pause --

    /// @inheritdoc IStateCommitRegistry
    function isPaused() external view returns (bool) {
        return _head.isPaused();
    }

    /// @inheritdoc IStateCommitRegistry
    function pauseCommits() external onlyOwner {
        _head = _head.withPause(true);
        emit CommitPauseChanged(true);
    }

    /// @inheritdoc IStateCommitRegistry
    function resumeCommits() external onlyOwner {
        _head = _head.withPause(false);
        emit CommitPauseChanged(false);
    }

    // -- Settings --

    /// @inheritdoc IStateCommitRegistry
    function quorumBps() external view returns (uint16) {
        return QUORUM_BPS;
    }

    /// @inheritdoc IStateCommitRegistry
    function maxSkewSeconds() external view returns (uint32) {
        // Was a uint32 when it entered.
        return uint32(MAX_SKEW_SECONDS);
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
