// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultLedger} from "./FaultLedger.sol";
import {ISignedCommits} from "./interfaces/ISignedCommits.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {CertificateFault} from "./types/CertificateFault.sol";
import {CommitStanding, SignedCommit} from "./types/SignedCommit.sol";
import {StateCommit} from "./types/StateCommit.sol";
import {StateRoot} from "./types/StateRoot.sol";

/// @title SignedCommits
/// @notice Which commits of a registry the quorum signed.
/// @dev What is asked of the quorum is what the registry asks of it now: its verifier, its share. That a signed commit has the
///      retained roots makes it the accepted one as far as roots go; should the quorum have signed two with the same roots
///      and other manifests, it answers for both.
abstract contract SignedCommits is ISignedCommits, FaultLedger {
    /// @dev Above every certificate of a deployable verifier.
    uint256 internal constant MAX_CERTIFICATE_BYTES = 32_768;
    uint256 internal constant MAX_BATCH = 32;
    uint256 private constant FULL_BPS = 10_000;

    mapping(bytes32 digest => bool attested) private _attested;

    /// @inheritdoc ISignedCommits
    function attestCommit(SignedCommit calldata signed) external {
        _requireSigned(signed);
        bytes32 digest = STATE_COMMIT_REGISTRY.digestOf(signed.commit);
        if (_attested[digest]) return;
        _attested[digest] = true;
        emit CommitAttested(digest, signed.commit.sequenceNo);
    }

    /// @inheritdoc ISignedCommits
    function isAttested(bytes32 digest) external view returns (bool) {
        return _attested[digest];
    }

    function _requireSigned(SignedCommit calldata signed) internal view {
        CommitStanding standing = _standingOf(signed);
        if (standing != CommitStanding.Signed) revert InvalidCommit(standing);
    }

    /// @dev The first reason for which the commit does not stand on the chain, or is not shown to be signed.
    function _standingOf(SignedCommit calldata signed) internal view returns (CommitStanding) {
        StateCommit calldata commit = signed.commit;
        uint64 sequenceNo = commit.sequenceNo;
        StateRoot newRoot = STATE_COMMIT_REGISTRY.tryStateRootAt(sequenceNo);
        if (sequenceNo == 0 || newRoot.isZero()) return CommitStanding.RootNotRetained;
        // The first commit extends the empty tree, which it calls zero.
        if (sequenceNo == 1) {
            if (!commit.prevStateRoot.isZero()) return CommitStanding.OtherRoots;
        } else {
            StateRoot prevRoot = STATE_COMMIT_REGISTRY.tryStateRootAt(sequenceNo - 1);
            if (prevRoot.isZero()) return CommitStanding.RootNotRetained;
            if (prevRoot != commit.prevStateRoot) return CommitStanding.OtherRoots;
        }
        if (newRoot != commit.newStateRoot) return CommitStanding.OtherRoots;
        if (STATE_COMMIT_REGISTRY.lastRecoveryUpTo(sequenceNo) == sequenceNo) {
            return CommitStanding.RecoveryStep;
        }
        return _isSigned(signed) ? CommitStanding.Signed : CommitStanding.NotSigned;
    }

    function _isSigned(SignedCommit calldata signed) private view returns (bool) {
        bytes32 digest = STATE_COMMIT_REGISTRY.digestOf(signed.commit);
        if (_attested[digest]) return true;
        uint256 count = signed.digests.length;
        if (signed.certificate.length > MAX_CERTIFICATE_BYTES || count > MAX_BATCH) return false;
        IQuorumVerifier judge = STATE_COMMIT_REGISTRY.verifier();
        CertificateFault fault;
        uint256 signedWeight;
        uint256 totalWeight;
        if (count == 0) {
            (fault, signedWeight, totalWeight) = judge.verify(digest, signed.certificate);
        } else {
            if (!_isAmong(digest, signed.digests)) return false;
            (fault, signedWeight, totalWeight) = judge.verifyBatch(signed.digests, signed.certificate);
        }
        if (fault != CertificateFault.None || totalWeight == 0) return false;
        return signedWeight * FULL_BPS >= totalWeight * STATE_COMMIT_REGISTRY.quorumBps();
    }

    function _isAmong(bytes32 digest, bytes32[] calldata digests) private pure returns (bool) {
        for (uint256 i = 0; i < digests.length; ++i) {
            if (digests[i] == digest) return true;
        }
        return false;
    }
}
