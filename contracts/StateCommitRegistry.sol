// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {CommitGovernance} from "./CommitGovernance.sol";
import {CommitRecovery} from "./CommitRecovery.sol";
import {Owned} from "./Owned.sol";
import {CommitRules} from "./interfaces/ICommitGovernance.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "./interfaces/IStateRootCommittable.sol";
import {CommitMessage} from "./libraries/CommitMessage.sol";
import {CommitWords} from "./libraries/CommitWords.sol";
import {CommitHead} from "./types/CommitHead.sol";
import {StateCommit} from "./types/StateCommit.sol";

/// @title StateCommitRegistry
/// @notice The state roots of one chain. Commits need the quorum's signature and nobody's leave; what the owner can do
///         is to pause them at once, and to change their rules or, with the quorum, recover after a delay.
contract StateCommitRegistry is CommitRecovery {
    uint8 private constant COMMIT_VERSION = 2;
    uint256 private constant MAX_BATCH = 32;

    IEnclaveRegistry private immutable ENCLAVE_REGISTRY;
    /// @dev As a number, to be tested for zero.
    uint256 private immutable ENCLAVES;
    /// @dev Here and on this chain, the domain separator is what it was at deployment.
    uint256 private immutable CHAIN_ID;
    uint256 private immutable SELF;
    bytes32 private immutable DOMAIN_SEPARATOR;

    /// @param initialOwner may pause commits, and propose other rules and recoveries
    /// @param verifier_ judges certificates
    /// @param enclaveRegistry_ knows the active enclave measurements, or zero where enclaves are not used
    /// @param quorumBps_ 6,667 to 10,000
    /// @param maxSkewSeconds_ at most 15 minutes
    /// @param heartbeatSeconds_ 10 minutes to 7 days
    /// @param changeDelaySeconds_ how long other rules and recoveries wait, 2 to 30 days
    constructor(
        address initialOwner,
        IQuorumVerifier verifier_,
        IEnclaveRegistry enclaveRegistry_,
        uint16 quorumBps_,
        uint32 maxSkewSeconds_,
        uint32 heartbeatSeconds_,
        uint32 changeDelaySeconds_
    )
        Owned(initialOwner)
        EIP712("StateCommitRegistry", "2")
        CommitGovernance(
            CommitRules(verifier_, quorumBps_, maxSkewSeconds_, heartbeatSeconds_),
            changeDelaySeconds_
        )
    {
        address enclaves = address(enclaveRegistry_);
        if (enclaves != address(0) && enclaves.code.length == 0) {
            revert InvalidParameter("enclaveRegistry", uint160(enclaves));
        }
        ENCLAVE_REGISTRY = enclaveRegistry_;
        ENCLAVES = uint160(enclaves);
        CHAIN_ID = block.chainid;
        SELF = uint160(address(this));
        DOMAIN_SEPARATOR = _domainSeparatorV4();
    }

    // -- Commits --

    /// @inheritdoc IStateRootCommittable
    function commitStateRoot(StateCommit calldata commit, bytes calldata certificate) external {
        CommitHead head = _currentHead();
        bytes32 digest;
        // What is written is taken back if the quorum is missing.
        if (_isUsual(head, commit)) {
            (head, digest) = _advance(commit);
            _setHead(head);
            _requireQuorum(digest, certificate);
        } else {
            (head, digest) = _advanceByRules(head, commit);
            _setHead(head);
            if (head.isAmended()) {
                CommitRules memory rules = _rulesAt(head);
                _requireQuorumBy(rules.verifier, rules.quorumBps, digest, certificate);
            } else {
                _requireQuorum(digest, certificate);
            }
        }
    }

    /// @inheritdoc IStateCommitRegistry
    function commitStateRoots(StateCommit[] calldata commits, bytes calldata batchCertificate) external {
        uint256 count = commits.length;
        if (count == 0 || count > MAX_BATCH) revert InvalidBatchSize(MAX_BATCH, count);
        CommitHead head = _currentHead();
        bytes32[] memory digests = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            StateCommit calldata commit = commits[i];
            if (_isUsual(head, commit)) (head, digests[i]) = _advance(commit);
            else (head, digests[i]) = _advanceByRules(head, commit);
        }
        _setHead(head);
        if (head.isAmended()) {
            CommitRules memory rules = _rulesAt(head);
            _requireBatchQuorumBy(rules.verifier, rules.quorumBps, digests, batchCertificate);
        } else {
            _requireBatchQuorum(digests, batchCertificate);
        }
    }

    /// @inheritdoc IStateCommitRegistry
    function digestOf(StateCommit calldata commit) public view returns (bytes32) {
        return _hashTypedDataV4(CommitMessage.structHash(commit));
    }

    /// @dev Whether `_advance` may be taken: every rule but the quorum holds, and all is as it was at deployment.
    function _isUsual(CommitHead head, StateCommit calldata commit) private view returns (bool) {
        uint256 oddities = ENCLAVES | (block.chainid ^ CHAIN_ID) | (uint160(address(this)) ^ SELF);
        unchecked {
            // Times are below 2⁴⁰.
            return CommitWords.isUsual(commit, head, block.timestamp + MAX_SKEW_SECONDS, oddities);
        }
    }

    /// @dev Retains the root of a usual commit and announces it. Returns the head after it, and what the quorum must have
    ///      signed.
    function _advance(StateCommit calldata commit) private returns (CommitHead next, bytes32 digest) {
        next = CommitWords.retain(_ring(), commit);
        CommitWords.announce(commit);
        digest = CommitMessage.digestOf(commit, DOMAIN_SEPARATOR);
    }

    /// @dev The twin of `_isUsual` and `_advance`, for any commit and any rules; names what is wrong.
    function _advanceByRules(
        CommitHead head,
        StateCommit calldata commit
    ) private returns (CommitHead next, bytes32 digest) {
        _requireAllRules(commit, head);
        return (_enter(head, commit), digestOf(commit));
    }

    /// @dev The rules one by one, in the order in which they are named.
    function _requireAllRules(StateCommit calldata commit, CommitHead head) private view {
        if (head.isPaused()) revert CommitsPaused();
        if (commit.version != COMMIT_VERSION) {
            revert UnsupportedStateCommitVersion(COMMIT_VERSION, commit.version);
        }
        _requireActiveEnclave(commit.pcr0Commitment);
        CommitRules memory rules = _rulesAt(head);
        _requireStep(head, commit, rules.maxSkewSeconds);
        bool isHeartbeat = commit.newStateRoot == commit.prevStateRoot;
        if (isHeartbeat) {
            uint64 heartbeatDueAt = head.acceptedAt() + rules.heartbeatSeconds;
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

    /// @dev Reverts unless `certificate` shows that the quorum of the deployment's rules signed `digest`.
    function _requireQuorum(bytes32 digest, bytes calldata certificate) internal view virtual {
        _requireQuorumBy(VERIFIER, QUORUM_BPS, digest, certificate);
    }

    /// @dev Reverts unless `certificate` shows that the quorum of the deployment's rules signed every one of `digests`.
    function _requireBatchQuorum(bytes32[] memory digests, bytes calldata certificate) internal view virtual {
        _requireBatchQuorumBy(VERIFIER, QUORUM_BPS, digests, certificate);
    }

    // -- Settings --

    /// @inheritdoc IStateCommitRegistry
    function enclaveRegistry() external view returns (IEnclaveRegistry) {
        return ENCLAVE_REGISTRY;
    }
}
