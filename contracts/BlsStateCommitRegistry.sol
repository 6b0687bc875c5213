// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BlsQuorum} from "./BlsQuorum.sol";
import {StateCommitRegistry} from "./StateCommitRegistry.sol";
import {IEnclaveRegistry} from "./interfaces/IEnclaveRegistry.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {ProvenWeight} from "./types/ProvenWeight.sol";

/// @title BlsStateCommitRegistry
/// @notice A state-commit registry that is its own verifier: certificates are judged here, by epochs kept here, and
///         no other account is touched. Everything else is `StateCommitRegistry`, which takes any verifier.
/// @dev Under amended rules, and for recoveries, the verifier is called like any other, even if it is this contract.
contract BlsStateCommitRegistry is StateCommitRegistry, BlsQuorum {
    /// @param operatorSets_ tells of every epoch, once it lists this contract as a sink
    constructor(
        address initialOwner,
        IOperatorSetRegistry operatorSets_,
        IEnclaveRegistry enclaveRegistry_,
        uint16 quorumBps_,
        uint32 maxSkewSeconds_,
        uint32 heartbeatSeconds_,
        uint32 changeDelaySeconds_
    )
        StateCommitRegistry(
            initialOwner,
            IQuorumVerifier(address(this)),
            enclaveRegistry_,
            quorumBps_,
            maxSkewSeconds_,
            heartbeatSeconds_,
            changeDelaySeconds_
        )
        BlsQuorum(operatorSets_)
    {}

    /// @dev With everybody's signature the quorum is reached, whatever the weights.
    function _requireQuorum(bytes32 digest, bytes calldata certificate) internal view override {
        ProvenWeight proven = _prove(digest, certificate);
        if (proven.isEverybody()) return;
        if (proven.isNothing()) revert CertificateRejected(_faultOf(digest, certificate));
        _requireShare(proven.signedWeight(), proven.totalWeight(), QUORUM_BPS);
    }

    /// @dev As `_requireQuorum`.
    function _requireBatchQuorum(
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view override {
        ProvenWeight proven = _proveBatch(digests, certificate);
        if (proven.isEverybody()) return;
        if (proven.isNothing()) revert CertificateRejected(_faultOfBatch(digests, certificate));
        _requireShare(proven.signedWeight(), proven.totalWeight(), QUORUM_BPS);
    }
}
