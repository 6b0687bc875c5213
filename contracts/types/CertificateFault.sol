// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Why a quorum certificate proves nothing. `None` comes first, so a zero value means valid.
enum CertificateFault {
    None,
    // The certificate has another length than its layout demands.
    InvalidEncoding,
    // No operator set has this epoch.
    UnknownEpoch,
    // The epoch has been followed by another and its overlap has ended.
    EpochExpired,
    // Non-signer indices repeat or descend.
    NonSignersNotAscending,
    // A non-signer index is not below the number of operators.
    NonSignerOutOfRange,
    // Everybody is a non-signer.
    EmptySignerSet,
    // The signature is the point at infinity.
    ZeroSignature,
    // The aggregate key, in G1 or G2, is the point at infinity.
    ZeroAggregateKey,
    // The hint's y is not the even root below p for this digest: the certificate was made for another
    // message, that is another chain, registry, epoch or commit.
    MessageMismatch,
    // A coordinate is not below p, or a point is off its curve or out of its subgroup.
    InvalidPoint,
    // The G2 key is not that of the signers.
    AggregateKeyMismatch,
    // The signature is not that of the signers over this message.
    InvalidSignature
}
