// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title IEigenLayerCertificateVerifier
/// @notice What the adapter needs of EigenLayer's `BN254CertificateVerifier`, one proxy per chain at
///         0x3F55654b2b2b86bB11bE2f72657f9C33bf88120A (Ethereum mainnet and Base): names, field order and selectors are
///         those of the deployed contract.
/// @dev `verifyCertificate` is declared `view` here and is not there: it keeps a non-signer's record when it first sees
///      one. With records that are kept already, and empty witnesses, it writes nothing.
interface IEigenLayerCertificateVerifier {
    /// @notice An operator set: the service that owns it, and its number there.
    struct OperatorSet {
        address avs;
        uint32 id;
    }

    /// @notice G1 point as EIP-196 orders it.
    struct G1 {
        uint256 x;
        uint256 y;
    }

    /// @notice G2 point as EIP-197 orders it: the imaginary part of each coordinate first.
    struct G2 {
        uint256[2] x;
        uint256[2] y;
    }

    /// @notice Key and weights of one operator.
    struct OperatorInfo {
        G1 pubkey;
        uint256[] weights;
    }

    /// @notice A non-signer; proof and record are empty if the record is kept already.
    struct OperatorInfoWitness {
        uint32 operatorIndex;
        bytes operatorInfoProof;
        OperatorInfo operatorInfo;
    }

    /// @notice A certificate over `messageHash`.
    struct Certificate {
        uint32 referenceTimestamp;
        bytes32 messageHash;
        G1 signature;
        G2 apk;
        OperatorInfoWitness[] nonSignerWitnesses;
    }

    /// @notice An operator table: what was transported from the source chain for one reference timestamp.
    struct OperatorSetInfo {
        bytes32 operatorInfoTreeRoot;
        uint256 numOperators;
        G1 aggregatePubkey;
        uint256[] totalWeights;
    }

    /// @notice The table is older than its operator set allows.
    error CertificateStale();
    /// @notice No table has this reference timestamp.
    error ReferenceTimestampDoesNotExist();
    /// @notice The root with which the table was transported was disabled.
    error RootDisabled();
    /// @notice Non-signer indices repeat or descend.
    error NonSignerIndicesNotSorted();
    /// @notice A non-signer index is not below the number of operators.
    error InvalidOperatorIndex();
    /// @notice The signature, the key, or a non-signer's proof is wrong.
    error VerificationFailed();

    /// @notice Weight that signed, per kind of weight. Reverts with one of the errors above.
    function verifyCertificate(
        OperatorSet calldata operatorSet,
        Certificate calldata certificate
    ) external view returns (uint256[] memory signedWeights);

    /// @notice The table of `referenceTimestamp`; all zero if there is none.
    function getOperatorSetInfo(
        OperatorSet calldata operatorSet,
        uint32 referenceTimestamp
    ) external view returns (OperatorSetInfo memory);

    /// @notice Whether the record of an operator is kept, so that its witness may be empty.
    function isNonsignerCached(
        OperatorSet calldata operatorSet,
        uint32 referenceTimestamp,
        uint256 operatorIndex
    ) external view returns (bool);
}
