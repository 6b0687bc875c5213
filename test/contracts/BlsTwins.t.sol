// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {OperatorSetStub} from "./OperatorSetStub.sol";
import {PlainQuorum} from "./helpers/PlainQuorum.sol";
import {BlsQuorumVerifier} from "../../contracts/BlsQuorumVerifier.sol";
import {IEpochSink} from "../../contracts/interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {ProvenWeight} from "../../contracts/types/ProvenWeight.sol";

contract BlsTwinsTest is Test {
    uint32 private constant SET_COUNT = 6;

    string private _json;
    PlainQuorum private _quorum;
    BlsQuorumVerifier private _verifier;
    bytes32[] private _digests;
    bytes[] private _certificates;

    function setUp() public {
        _json = vm.readFile("./test/vectors/bls.json");
        vm.warp(vm.parseJsonUint(_json, ".nowSeconds"));
        OperatorSetStub sets = new OperatorSetStub();
        for (uint256 i = 0; i < SET_COUNT; ++i) sets.load(_json, i);
        _quorum = new PlainQuorum(address(sets));
        sets.tell(IEpochSink(address(_quorum)), SET_COUNT);
        _verifier = new BlsQuorumVerifier(IOperatorSetRegistry(address(sets)));
        sets.tell(_verifier, SET_COUNT);
        _digests = vm.parseJsonBytes32Array(_json, ".certificates.digests");
        _certificates = vm.parseJsonBytesArray(_json, ".certificates.certificates");
    }

    /// @dev Both ways say the same; returns whether that is yes.
    function _agree(bytes32[] memory digests, bytes memory certificate) private view returns (bool isProven) {
        CertificateFault fault = _quorum.judge(digests, certificate);
        ProvenWeight proven = _quorum.proveBatch(digests, certificate);
        isProven = !proven.isNothing();
        assertTrue(isProven == (fault == CertificateFault.None), "the twins agree");
        if (digests.length != 1) return isProven;
        ProvenWeight single = _quorum.prove(digests[0], certificate);
        assertEq(ProvenWeight.unwrap(single), ProvenWeight.unwrap(proven), "one is a batch of one");
    }

    function _one(bytes32 digest) private pure returns (bytes32[] memory digests) {
        digests = new bytes32[](1);
        digests[0] = digest;
    }

    function test_QRM6_prove_vectors_agreeWithTwin() public view {
        uint256 provenCount = 0;
        for (uint256 i = 0; i < _certificates.length; ++i) {
            if (_agree(_one(_digests[i]), _certificates[i])) ++provenCount;
        }
        assertEq(provenCount, 13, "valid vectors");
    }

    function testFuzz_prove_flippedBits_agreeWithTwin(uint8 which, uint16 place, uint8 bit) public view {
        uint256 i = which % 13;
        bytes memory flipped = bytes.concat(_certificates[i]);
        flipped[place % flipped.length] ^= bytes1(uint8(1 << (bit % 8)));
        _agree(_one(_digests[i]), flipped);
    }

    function testFuzz_prove_otherNonSigners_agreeWithTwin(uint8 which, bytes calldata list) public view {
        vm.assume(list.length < 300);
        uint256 i = which % 13;
        bytes memory head = new bytes(229);
        for (uint256 j = 0; j < 229; ++j) head[j] = _certificates[i][j];
        _agree(_one(_digests[i]), bytes.concat(head, list));
    }

    function test_QRM7_verifyBatch_vectors_nameTheirFault() public view {
        uint256 count = vm.parseJsonUint(_json, ".batchCount");
        assertTrue(count > 20, "vectors");
        for (uint256 i = 0; i < count; ++i) {
            string memory path = string.concat(".batches[", vm.toString(i), "]");
            bytes32[] memory digests = vm.parseJsonBytes32Array(_json, string.concat(path, ".digests"));
            bytes memory certificate = vm.parseJsonBytes(_json, string.concat(path, ".certificate"));
            (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verifyBatch(
                digests,
                certificate
            );
            string memory name = vm.parseJsonString(_json, string.concat(path, ".name"));
            bytes memory expected = bytes(vm.parseJsonString(_json, string.concat(path, ".fault")));
            assertEq(keccak256(bytes(_nameOf(fault))), keccak256(expected), name);
            assertEq(signed, vm.parseJsonUint(_json, string.concat(path, ".signedWeight")), name);
            assertEq(total, vm.parseJsonUint(_json, string.concat(path, ".totalWeight")), name);
            if (digests.length != 0 && digests.length < 33) _agree(digests, certificate);
        }
    }

    function test_explain_certificateProves_isNeverNone() public view {
        bytes32[] memory digests = _one(_digests[5]);
        assertTrue(_quorum.judge(digests, _certificates[5]) == CertificateFault.None, "it proves");
        assertTrue(
            _quorum.explain(digests, _certificates[5]) == CertificateFault.InvalidSignature,
            "what was refused stays refused"
        );
    }

    function testFuzz_verifyBatch_garbage_neverReverts(
        bytes32[] calldata digests,
        bytes calldata garbage
    ) public view {
        (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verifyBatch(digests, garbage);
        assertTrue(fault != CertificateFault.None && signed == 0 && total == 0, "refused");
    }

    function _nameOf(CertificateFault fault) private pure returns (string memory) {
        if (fault == CertificateFault.None) return "None";
        if (fault == CertificateFault.InvalidEncoding) return "InvalidEncoding";
        if (fault == CertificateFault.UnknownEpoch) return "UnknownEpoch";
        if (fault == CertificateFault.EpochExpired) return "EpochExpired";
        if (fault == CertificateFault.NonSignersNotAscending) return "NonSignersNotAscending";
        if (fault == CertificateFault.NonSignerOutOfRange) return "NonSignerOutOfRange";
        if (fault == CertificateFault.EmptySignerSet) return "EmptySignerSet";
        if (fault == CertificateFault.ZeroSignature) return "ZeroSignature";
        if (fault == CertificateFault.ZeroAggregateKey) return "ZeroAggregateKey";
        if (fault == CertificateFault.MessageMismatch) return "MessageMismatch";
        if (fault == CertificateFault.InvalidPoint) return "InvalidPoint";
        if (fault == CertificateFault.AggregateKeyMismatch) return "AggregateKeyMismatch";
        return "InvalidSignature";
    }
}
