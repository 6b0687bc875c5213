// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IEigenLayerCertificateVerifier} from "./IEigenLayerCertificateVerifier.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";

/// @title IEigenLayerQuorumVerifier
/// @notice Quorum certificates that EigenLayer's certificate verifier judges, for one operator set and one kind of
///         weight. The epoch is the reference timestamp of an operator table.
/// @dev Certificate, 132 + 64 n + 4 k bytes for n digests: reference timestamp u32 ‖ aggregate G2 key of the signers,
///      128, as EIP-197 ‖ per digest a signature in G1, 64 ‖ k indices of non-signers, u32 each, strictly ascending.
///      Each signature is over EigenLayer's certificate digest of `messageOf(timestamp, digest)`. EigenLayer hashes to
///      G1 by counting up from the digest, and binds neither chain nor contract: both are in our digest.
///      A non-signer's record must be kept by EigenLayer before: anyone calls its `verifyCertificate` once with the full
///      witness. Until then `verify` reverts with `NonSignerNotCached`, because a certificate that nobody can judge yet
///      must not look refused.
interface IEigenLayerQuorumVerifier is IQuorumVerifier {
    /// @notice The certificate verifier given has no code.
    error NotAContract(address certificateVerifier);
    /// @notice A constructor argument is out of its bounds.
    error InvalidParameter(bytes32 name, uint256 got);
    /// @notice EigenLayer does not keep this operator's record yet, so the certificate cannot be judged.
    error NonSignerNotCached(uint32 operatorIndex);
    /// @notice EigenLayer's answer has no such kind of weight, or more signed than there is.
    error InconsistentWeights();
    /// @notice EigenLayer failed for a reason that says nothing about the certificate.
    error CertificateVerifierFailed(bytes4 reason);
    /// @notice EigenLayer failed, but with less gas than it was to have.
    error CertificateVerifierOutOfGas(uint256 stipendGas);

    /// @notice EigenLayer's verifier on this chain.
    function certificateVerifier() external view returns (IEigenLayerCertificateVerifier);

    /// @notice The operator set that signs.
    function operatorSet() external view returns (IEigenLayerCertificateVerifier.OperatorSet memory);

    /// @notice Which kind of weight counts, as an index of the set's weights.
    function weightIndex() external view returns (uint256);

    /// @notice How old an operator table may be, in seconds, whatever EigenLayer allows.
    function maxAgeSeconds() external view returns (uint32);

    /// @notice What EigenLayer is given as message hash for `digest`.
    function messageOf(uint32 referenceTimestamp, bytes32 digest) external view returns (bytes32);
}
