// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {OperatorSetStub} from "./OperatorSetStub.sol";
import {BlsQuorumVerifier} from "../../contracts/BlsQuorumVerifier.sol";
import {IBlsQuorumVerifier} from "../../contracts/interfaces/IBlsQuorumVerifier.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {BlsCertificate} from "../../contracts/libraries/BlsCertificate.sol";
import {CommitMessage} from "../../contracts/libraries/CommitMessage.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";

contract WordHarness {
    function word(bytes calldata certificate, uint256 offset) external pure returns (uint256) {
        return BlsCertificate.wordAt(certificate, offset);
    }

    function twin(bytes calldata certificate, uint256 offset) external pure returns (uint256) {
        return uint256(bytes32(certificate[offset:offset + 32]));
    }
}

contract BlsCertificateTest is Test {
    uint256 private constant SET_COUNT = 6;
    /// @dev Vectors 3 and 7: three operators without one of them, ten without three.
    uint256 private constant SUBSET_OF_TEN = 7;

    string private _json;
    OperatorSetStub private _sets;
    BlsQuorumVerifier private _verifier;
    string[] private _names;
    string[] private _faults;
    bytes32[] private _digests;
    bytes[] private _certificates;

    function setUp() public {
        _json = vm.readFile("./test/vectors/bls.json");
        vm.warp(vm.parseJsonUint(_json, ".nowSeconds"));
        _sets = new OperatorSetStub();
        for (uint256 i = 0; i < SET_COUNT; ++i) _sets.load(_json, i);
        _verifier = new BlsQuorumVerifier(IOperatorSetRegistry(address(_sets)));
        _sets.tell(_verifier, uint32(SET_COUNT));
        _names = vm.parseJsonStringArray(_json, ".certificates.names");
        _faults = vm.parseJsonStringArray(_json, ".certificates.faults");
        _digests = vm.parseJsonBytes32Array(_json, ".certificates.digests");
        _certificates = vm.parseJsonBytesArray(_json, ".certificates.certificates");
    }

    /// @dev Names in the order of the enum.
    function _faultNames() private pure returns (string[13] memory) {
        return
            [
                "None",
                "InvalidEncoding",
                "UnknownEpoch",
                "EpochExpired",
                "NonSignersNotAscending",
                "NonSignerOutOfRange",
                "EmptySignerSet",
                "ZeroSignature",
                "ZeroAggregateKey",
                "MessageMismatch",
                "InvalidPoint",
                "AggregateKeyMismatch",
                "InvalidSignature"
            ];
    }

    function test_QRM1_verify_vectors_nameTheirFault() public view {
        string[13] memory names = _faultNames();
        uint256[] memory signedWeights = vm.parseJsonUintArray(_json, ".certificates.signedWeights");
        uint256[] memory totalWeights = vm.parseJsonUintArray(_json, ".certificates.totalWeights");
        bool[13] memory seen;
        for (uint256 i = 0; i < _certificates.length; ++i) {
            (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verify(
                _digests[i],
                _certificates[i]
            );
            assertEq(keccak256(bytes(names[uint8(fault)])), keccak256(bytes(_faults[i])), _names[i]);
            assertEq(signed, signedWeights[i], _names[i]);
            assertEq(total, totalWeights[i], _names[i]);
            seen[uint8(fault)] = true;
        }
        for (uint256 i = 0; i < seen.length; ++i) assertTrue(seen[i], names[i]);
        assertEq(uint256(uint8(type(CertificateFault).max)), 12, "every fault has a vector");
    }

    function test_BLS01_verify_nobodySigned_isEmptySignerSet() public view {
        _assertVectors("BLS-01", CertificateFault.EmptySignerSet, 3);
    }

    function test_BLS02_verify_zeroSignature_isZeroSignature() public view {
        _assertVectors("BLS-02", CertificateFault.ZeroSignature, 3);
    }

    function test_BLS03_verify_zeroKey_isZeroAggregateKey() public view {
        _assertVectors("BLS-03", CertificateFault.ZeroAggregateKey, 2);
    }

    function test_BLS04_verify_keyOfOthers_isAggregateKeyMismatch() public view {
        _assertVectors("BLS-04", CertificateFault.AggregateKeyMismatch, 5);
    }

    /// @dev The vectors whose names begin with `id`, `count` of them, are refused for `expected` and nothing else.
    function _assertVectors(string memory id, CertificateFault expected, uint256 count) private view {
        uint256 found = 0;
        for (uint256 i = 0; i < _certificates.length; ++i) {
            if (bytes6(bytes(_names[i])) != bytes6(bytes(id))) continue;
            ++found;
            (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verify(
                _digests[i],
                _certificates[i]
            );
            assertTrue(fault == expected && signed == 0 && total == 0, _names[i]);
        }
        assertEq(found, count, id);
    }

    function test_QRM2_ABI04_verify_everyByteFlipped_isRefused() public view {
        bytes memory certificate = _certificates[SUBSET_OF_TEN];
        for (uint256 i = 0; i < certificate.length; ++i) {
            bytes memory flipped = bytes.concat(certificate);
            flipped[i] = bytes1(uint8(flipped[i]) ^ uint8(1 << (i % 8)));
            _assertRefused(flipped, "flipped");
        }
    }

    function test_ABI04_verify_everyByteFlippedOfFullSet_isRefused() public view {
        bytes memory certificate = _certificates[1];
        for (uint256 i = 0; i < certificate.length; ++i) {
            bytes memory flipped = bytes.concat(certificate);
            flipped[i] = bytes1(uint8(flipped[i]) ^ uint8(0x80 >> (i % 8)));
            _assertRefused(flipped, "flipped");
        }
    }

    function test_ABI04_verify_surplusOrMissingByte_isRefused() public view {
        bytes memory certificate = _certificates[1];
        for (uint256 b = 0; b < 256; ++b) {
            _assertRefused(bytes.concat(certificate, bytes1(uint8(b))), "surplus");
        }
        for (uint256 length = 0; length < certificate.length; length += 19) {
            _assertRefused(_cut(certificate, length), "cut");
        }
    }

    function testFuzz_verify_anyBytes_neverReverts(bytes32 digest, bytes calldata garbage) public view {
        (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verify(digest, garbage);
        assertTrue(fault != CertificateFault.None && signed == 0 && total == 0, "refused");
    }

    function testFuzz_verify_garbageBehindAKnownEpoch_neverReverts(uint256 seed, uint8 surplus) public view {
        bytes memory certificate = new bytes(229 + uint256(surplus));
        for (uint256 i = 4; i < certificate.length; ++i) {
            certificate[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i)))));
        }
        certificate[3] = 0x03;
        (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verify(_digests[0], certificate);
        assertTrue(fault != CertificateFault.None && signed == 0 && total == 0, "refused");
    }

    function testFuzz_BLS11_verify_otherDigest_isMessageMismatch(bytes32 digest, uint8 which) public view {
        uint256 i = which % 12;
        vm.assume(digest != _digests[i]);
        (CertificateFault fault, , ) = _verifier.verify(digest, _certificates[i]);
        assertTrue(fault == CertificateFault.MessageMismatch, "mismatch");
    }

    function test_OPS02_OPS04_verify_secondAfterTheOverlap_isExpired() public {
        uint256 last = 11;
        (CertificateFault fault, , ) = _verifier.verify(_digests[last], _certificates[last]);
        assertTrue(fault == CertificateFault.None, "last second");
        vm.warp(block.timestamp + 1);
        (fault, , ) = _verifier.verify(_digests[last], _certificates[last]);
        assertTrue(fault == CertificateFault.EpochExpired, "a second later");
    }

    function test_verify_shortOfGas_revertsInsteadOfRefusing() public {
        (bool ok, ) = address(_verifier).call{gas: 200_000}(
            abi.encodeCall(_verifier.verify, (_digests[5], _certificates[5]))
        );
        assertTrue(ok, "a valid full set needs less than its stipend");
        (ok, ) = address(_verifier).call{gas: 90_000}(
            abi.encodeCall(_verifier.verify, (_digests[5], _certificates[5]))
        );
        assertTrue(!ok, "never a fault for want of gas");
    }

    function testFuzz_messageOf_isTheLibrarys(uint32 epoch, bytes32 digest) public view {
        assertEq(_verifier.messageOf(epoch, digest), CommitMessage.quorumMessage(epoch, digest), "message");
    }

    function test_constructor_accountWithoutCode_reverts() public {
        assertTrue(address(_verifier.operatorSets()) == address(_sets), "registry");
        vm.expectRevert(abi.encodeWithSelector(IBlsQuorumVerifier.NotAContract.selector, address(0xdead)));
        new BlsQuorumVerifier(IOperatorSetRegistry(address(0xdead)));
    }

    function testFuzz_wordAt_agreesWithTwin(bytes calldata data, uint256 offset) public {
        vm.assume(data.length >= 32);
        offset = offset % (data.length - 31);
        WordHarness harness = new WordHarness();
        assertEq(harness.word(data, offset), harness.twin(data, offset), "word");
    }

    function test_epochKeys_vectors_haveTheirBytes() public view {
        for (uint256 i = 0; i < SET_COUNT; ++i) {
            bytes memory expected = vm.parseJsonBytes(
                _json,
                string.concat(".sets[", vm.toString(i), "].epochKeys")
            );
            address keys = _sets.tryEpochOf(uint32(i + 1)).keys;
            assertEq(keccak256(keys.code), keccak256(bytes.concat(hex"00", expected)), "code");
        }
    }

    function _assertRefused(bytes memory certificate, string memory what) private view {
        (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verify(_digests[0], certificate);
        assertTrue(fault != CertificateFault.None && signed == 0 && total == 0, what);
    }

    function _cut(bytes memory data, uint256 length) private pure returns (bytes memory out) {
        out = new bytes(length);
        for (uint256 i = 0; i < length; ++i) out[i] = data[i];
    }
}
