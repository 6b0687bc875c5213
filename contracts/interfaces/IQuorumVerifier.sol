// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {CertificateFault} from "../types/CertificateFault.sol";

/// @title IQuorumVerifier
/// @notice Judges whether operators signed a digest, and with how much weight. Curve, key storage and
///         certificate format belong to the implementation; the threshold belongs to the caller.
interface IQuorumVerifier {
    /// @notice Weight that signed `digest` according to `certificate`. Does not revert on a bad certificate,
    ///         whatever its bytes; it may for want of gas, so that a valid one never looks refused.
    /// @dev Weights are zero unless `fault` is `None`. `totalWeight` is that of the epoch the certificate
    ///      names; an implementation binds that epoch into what is signed.
    /// @param digest what the operators were asked to sign, before the epoch is bound to it
    /// @param certificate implementation-defined bytes; exactly one encoding per certificate is valid
    function verify(
        bytes32 digest,
        bytes calldata certificate
    ) external view returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight);

    /// @notice Weight that signed every one of `digests` according to `certificate`; all or nothing.
    /// @dev As `verify`. No digests, or more than the implementation takes at once, are `InvalidEncoding`.
    function verifyBatch(
        bytes32[] calldata digests,
        bytes calldata certificate
    ) external view returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight);
}
