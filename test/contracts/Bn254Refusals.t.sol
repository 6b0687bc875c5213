// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {OperatorSetStub} from "./OperatorSetStub.sol";
import {PlainQuorum} from "./helpers/PlainQuorum.sol";
import {BlsQuorumVerifier} from "../../contracts/BlsQuorumVerifier.sol";
import {IBlsQuorumVerifier} from "../../contracts/interfaces/IBlsQuorumVerifier.sol";
import {IEpochSink} from "../../contracts/interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {BoundSignature} from "../../contracts/libraries/BoundSignature.sol";
import {G1Point, G2Point} from "../../contracts/types/Bn254Points.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {ProvenWeight} from "../../contracts/types/ProvenWeight.sol";

/// @dev What no input brings about: a precompile that refuses, or answers wrong, where the points were proven before.
///      Whatever it does, a certificate proves nothing, both ways to judge it say so, and nothing reverts.
contract Bn254RefusalsTest is Test {
    uint32 private constant SET_COUNT = 6;
    address private constant ADD = address(0x06);
    address private constant MUL = address(0x07);

    PlainQuorum private _quorum;
    BlsQuorumVerifier private _verifier;
    bytes32[] private _digests;
    bytes[] private _certificates;
    bytes32[] private _batch;
    bytes private _batchCertificate;

    function setUp() public {
        string memory json = vm.readFile("./test/vectors/bls.json");
        vm.warp(vm.parseJsonUint(json, ".nowSeconds"));
        OperatorSetStub sets = new OperatorSetStub();
        for (uint256 i = 0; i < SET_COUNT; ++i) sets.load(json, i);
        _quorum = new PlainQuorum(address(sets));
        sets.tell(IEpochSink(address(_quorum)), SET_COUNT);
        _verifier = new BlsQuorumVerifier(IOperatorSetRegistry(address(sets)));
        sets.tell(_verifier, SET_COUNT);
        _digests = vm.parseJsonBytes32Array(json, ".certificates.digests");
        _certificates = vm.parseJsonBytesArray(json, ".certificates.certificates");
        // 2 digests, by everybody of epoch 2.
        _batch = vm.parseJsonBytes32Array(json, ".batches[2].digests");
        _batchCertificate = vm.parseJsonBytes(json, ".batches[2].certificate");
    }

    function keyOf(bytes calldata certificate) external pure returns (G2Point memory) {
        return abi.decode(certificate[101:229], (G2Point));
    }

    function bound(G1Point memory signature, G1Point memory keyG1) external view returns (bool, bool) {
        G2Point memory keyG2 = Bn254.negatedGeneratorG2();
        return BoundSignature.verify(bytes32(0), Bn254.generatorG1(), signature, keyG1, keyG2);
    }

    /// @dev Certificate 7 is of epoch 3 without [0, 4, 9]: only of a subset is the key's other half bound.
    function pairing() external view returns (bool, bool) {
        return Bn254.pairing(G1Point(1, 2), G1Point(1, 2), Bn254.negatedGeneratorG2());
    }

    function _one(bytes32 digest) private pure returns (bytes32[] memory digests) {
        digests = new bytes32[](1);
        digests[0] = digest;
    }

    function _assertRefused(bytes32[] memory digests, bytes memory certificate) private view {
        ProvenWeight proven = _quorum.proveBatch(digests, certificate);
        assertTrue(proven.isNothing(), "proves nothing");
        CertificateFault fault = _quorum.judge(digests, certificate);
        assertTrue(fault == CertificateFault.InvalidPoint, "the twin: a point was refused");
        (fault, , ) = _verifier.verifyBatch(digests, certificate);
        assertTrue(fault == CertificateFault.InvalidPoint, "the verifier: a point was refused");
    }

    function _assertAccepted(bytes32[] memory digests, bytes memory certificate) private view {
        assertTrue(!_quorum.proveBatch(digests, certificate).isNothing(), "proves without the mock");
        assertTrue(_quorum.judge(digests, certificate) == CertificateFault.None, "the twin agrees");
    }

    function test_verify_keyTimesFactorIsRefused_isInvalidPoint() public {
        _assertAccepted(_one(_digests[7]), _certificates[7]);
        vm.mockCallRevert(MUL, "", "");
        _assertRefused(_one(_digests[7]), _certificates[7]);
    }

    function test_verify_generatorTimesFactorIsRefused_isInvalidPoint() public {
        vm.mockCallRevert(MUL, abi.encode(Bn254.generatorG1()), "");
        _assertRefused(_one(_digests[7]), _certificates[7]);
    }

    function test_verify_generatorTimesFactorIsOffCurve_isInvalidPoint() public {
        vm.mockCall(MUL, abi.encode(Bn254.generatorG1()), abi.encode(1, 3));
        _assertRefused(_one(_digests[7]), _certificates[7]);
    }

    function test_verify_leavingOutIsRefused_isInvalidPoint() public {
        _assertAccepted(_one(_digests[7]), _certificates[7]);
        vm.mockCallRevert(ADD, "", "");
        _assertRefused(_one(_digests[7]), _certificates[7]);
    }

    function test_verifyBatch_sumOfHashesIsRefused_provesNothing() public {
        _assertAccepted(_batch, _batchCertificate);
        vm.mockCallRevert(ADD, "", "");
        assertTrue(_quorum.proveBatch(_batch, _batchCertificate).isNothing(), "proves nothing");
        (CertificateFault fault, , ) = _verifier.verifyBatch(_batch, _batchCertificate);
        assertTrue(fault != CertificateFault.None, "refused");
    }

    function test_cacheSubset_leavingOutIsRefused_isInvalidPoint() public {
        G2Point memory key = this.keyOf(_certificates[7]);
        vm.mockCallRevert(ADD, "", "");
        vm.expectRevert(
            abi.encodeWithSelector(IBlsQuorumVerifier.SubsetRefused.selector, CertificateFault.InvalidPoint)
        );
        _verifier.cacheSubset(3, hex"000409", key);
        vm.clearMockedCalls();
        _verifier.cacheSubset(3, hex"000409", key);
    }

    function test_boundSignature_pointIsRefused_isNotValid() public {
        G1Point memory generator = Bn254.generatorG1();
        (bool accepted, bool isValid) = this.bound(generator, G1Point(1, 3));
        assertTrue(!accepted && !isValid, "key off the curve");
        (accepted, isValid) = this.bound(G1Point(1, 3), Bn254.negate(generator));
        assertTrue(!accepted && !isValid, "signature off the curve");
    }

    function test_pairing_isRefusedWhileShortOfGas_reverts() public {
        // The mock leaves the gas to say why, of which the precompile leaves 1/64.
        vm.mockCallRevert(address(0x08), "", "");
        vm.expectRevert(
            abi.encodeWithSelector(Bn254.PrecompileOutOfGas.selector, uint256(0x08), Bn254.PAIRING_GAS)
        );
        this.pairing{gas: 300_000}();
        (bool accepted, bool isOne) = this.pairing{gas: 900_000}();
        assertTrue(!accepted && !isOne, "refused");
    }
}
