// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {CertificateFault} from "./types/CertificateFault.sol";

/// @title QuorumVerifierBase
/// @notice Both entries of a quorum verifier, for one that judges a single digest as a batch of one.
abstract contract QuorumVerifierBase is IQuorumVerifier {
    /// @inheritdoc IQuorumVerifier
    function verify(
        bytes32 digest,
        bytes calldata certificate
    ) external view returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = digest;
        return _verify(digests, certificate);
    }

    /// @inheritdoc IQuorumVerifier
    function verifyBatch(
        bytes32[] calldata digests,
        bytes calldata certificate
    ) external view returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        return _verify(digests, certificate);
    }

    /// @dev Judges one certificate over all of `digests`, of which there may be none or too many.
    function _verify(
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view virtual returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight);
}
