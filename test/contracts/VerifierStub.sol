// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";

/// @dev Says of every certificate what it was told to say, and accepts only the digest it was told to expect, if any.
contract VerifierStub is IQuorumVerifier {
    CertificateFault private _fault;
    uint256 private _signedWeight = 3;
    uint256 private _totalWeight = 3;
    bytes32 private _expectedDigest;

    function answer(CertificateFault fault, uint256 signedWeight, uint256 totalWeight) external {
        (_fault, _signedWeight, _totalWeight) = (fault, signedWeight, totalWeight);
    }

    function expect(bytes32 digest) external {
        _expectedDigest = digest;
    }

    function verify(
        bytes32 digest,
        bytes calldata
    ) external view returns (CertificateFault, uint256, uint256) {
        if (_expectedDigest != bytes32(0) && digest != _expectedDigest) {
            return (CertificateFault.MessageMismatch, 0, 0);
        }
        return (_fault, _signedWeight, _totalWeight);
    }

    /// @dev The batch's first digest stands for all.
    function verifyBatch(
        bytes32[] calldata digests,
        bytes calldata
    ) external view returns (CertificateFault, uint256, uint256) {
        if (_expectedDigest != bytes32(0) && digests[0] != _expectedDigest) {
            return (CertificateFault.MessageMismatch, 0, 0);
        }
        return (_fault, _signedWeight, _totalWeight);
    }
}
