// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";
import {CertificateFault} from "../types/CertificateFault.sol";
import {StateCommit} from "../types/StateCommit.sol";
import {StateRoot} from "../types/StateRoot.sol";

/// @title CommitStandingMock
/// @notice Stands in for a state commit registry and its verifier where it is asked which commits were signed. It takes every
///         certificate unless told otherwise.
contract CommitStandingMock {
    mapping(uint64 sequenceNo => StateRoot root) private _roots;
    uint64 private _recovery;
    CertificateFault private _fault;
    uint256 private _signedWeight = 2;
    uint256 private _totalWeight = 3;

    /// @notice Sets the roots after commits from `first` on; zero forgets one.
    function setRoots(uint64 first, StateRoot[] calldata roots) external {
        for (uint64 i = 0; i < roots.length; ++i) _roots[first + i] = roots[i];
    }

    /// @notice Says that a commit was a recovery.
    function setRecovery(uint64 sequenceNo) external {
        _recovery = sequenceNo;
    }

    /// @notice What certificates prove from now on.
    function setWeight(CertificateFault fault, uint256 signedWeight, uint256 totalWeight) external {
        (_fault, _signedWeight, _totalWeight) = (fault, signedWeight, totalWeight);
    }

    /// @notice As `IStateCommitRegistry.tryStateRootAt`.
    function tryStateRootAt(uint64 sequenceNo) external view returns (StateRoot) {
        return _roots[sequenceNo];
    }

    /// @notice The only recovery, if it is not later than `sequenceNo`.
    function lastRecoveryUpTo(uint64 sequenceNo) external view returns (uint64) {
        return _recovery <= sequenceNo ? _recovery : 0;
    }

    /// @notice A digest of every field.
    function digestOf(StateCommit calldata commit) external pure returns (bytes32) {
        return keccak256(abi.encode(commit));
    }

    /// @notice This contract.
    function verifier() external view returns (IQuorumVerifier) {
        return IQuorumVerifier(address(this));
    }

    /// @notice Two thirds, rounded down.
    function quorumBps() external pure returns (uint16) {
        return 6_666;
    }

    /// @notice As `IQuorumVerifier.verify`. The certificate, if any, is the digest.
    function verify(
        bytes32 digest,
        bytes calldata certificate
    ) external view returns (CertificateFault, uint256, uint256) {
        if (certificate.length != 0 && bytes32(certificate) != digest) {
            return (CertificateFault.MessageMismatch, 0, 0);
        }
        return (_fault, _signedWeight, _totalWeight);
    }

    /// @notice As `IQuorumVerifier.verifyBatch`. The certificate is the hash of the digests.
    function verifyBatch(
        bytes32[] calldata digests,
        bytes calldata certificate
    ) external view returns (CertificateFault, uint256, uint256) {
        if (bytes32(certificate) != keccak256(abi.encodePacked(digests))) {
            return (CertificateFault.MessageMismatch, 0, 0);
        }
        return (_fault, _signedWeight, _totalWeight);
    }
}
