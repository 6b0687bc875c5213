// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEigenLayerCertificateVerifier as EL} from "../interfaces/IEigenLayerCertificateVerifier.sol";

/// @dev Answers as it was told to, to show what the adapter makes of a verifier that misbehaves.
contract EigenLayerAdversaryMock {
    EL.OperatorSetInfo private _table;
    bytes private _answer;
    bool private _reverts;
    bool private _writes;
    uint256 private _writeCount;

    function setTable(EL.OperatorSetInfo calldata table) external {
        _table = table;
    }

    /// @dev Raw return or revert data of `verifyCertificate`.
    function setAnswer(bytes calldata answer, bool reverts) external {
        (_answer, _reverts, _writes) = (answer, reverts, false);
    }

    /// @dev Makes `verifyCertificate` write, which a static call must not.
    function setWriting() external {
        _writes = true;
    }

    function getOperatorSetInfo(
        EL.OperatorSet calldata,
        uint32
    ) external view returns (EL.OperatorSetInfo memory) {
        return _table;
    }

    function isNonsignerCached(EL.OperatorSet calldata, uint32, uint256) external pure returns (bool) {
        return true;
    }

    function verifyCertificate(EL.OperatorSet calldata, EL.Certificate calldata) external {
        if (_writes) ++_writeCount;
        bytes memory answer = _answer;
        bool reverts = _reverts;
        assembly ("memory-safe") {
            if reverts {
                revert(add(answer, 0x20), mload(answer))
            }
            return(add(answer, 0x20), mload(answer))
        }
    }
}
