// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {OperatorSetStub} from "./OperatorSetStub.sol";
import {BlsQuorumVerifier} from "../../contracts/BlsQuorumVerifier.sol";
import {IBlsQuorumVerifier} from "../../contracts/interfaces/IBlsQuorumVerifier.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {G2Point} from "../../contracts/types/Bn254Points.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";

contract SubsetCacheTest is Test {
    uint32 private constant SET_COUNT = 6;
    /// @dev Valid vectors with somebody missing: epoch 2 without [0], [2], [0, 2]; epoch 3 without [9], [0, 4, 9] and all
    ///      but the first; epoch 4 without [1].
    uint256[7] private _subsets = [uint256(2), 3, 4, 6, 7, 8, 10];

    string private _json;
    /// @dev One with every subset cached, one with none.
    BlsQuorumVerifier private _cached;
    BlsQuorumVerifier private _fresh;
    bytes32[] private _digests;
    bytes[] private _certificates;

    function setUp() public {
        _json = vm.readFile("./test/vectors/bls.json");
        vm.warp(vm.parseJsonUint(_json, ".nowSeconds"));
        OperatorSetStub sets = new OperatorSetStub();
        for (uint256 i = 0; i < SET_COUNT; ++i) sets.load(_json, i);
        _cached = new BlsQuorumVerifier(IOperatorSetRegistry(address(sets)));
        _fresh = new BlsQuorumVerifier(IOperatorSetRegistry(address(sets)));
        sets.tell(_cached, SET_COUNT);
        sets.tell(_fresh, SET_COUNT);
        _digests = vm.parseJsonBytes32Array(_json, ".certificates.digests");
        _certificates = vm.parseJsonBytesArray(_json, ".certificates.certificates");
    }

    function epochOf(bytes calldata certificate) external pure returns (uint32) {
        return uint32(bytes4(certificate));
    }

    function keyOf(bytes calldata certificate) external pure returns (G2Point memory) {
        return abi.decode(certificate[101:229], (G2Point));
    }

    function nonSignersOf(bytes calldata certificate) external pure returns (bytes memory) {
        return certificate[229:];
    }

    function _cache(BlsQuorumVerifier verifier, bytes memory certificate) private {
        verifier.cacheSubset(
            this.epochOf(certificate),
            this.nonSignersOf(certificate),
            this.keyOf(certificate)
        );
    }

    function _cacheAll() private {
        for (uint256 i = 0; i < _subsets.length; ++i) _cache(_cached, _certificates[_subsets[i]]);
    }

    /// @dev Both verifiers say the same.
    function _assertSame(bytes32 digest, bytes memory certificate, string memory what) private view {
        (CertificateFault fault, uint256 signed, uint256 total) = _cached.verify(digest, certificate);
        (CertificateFault freshFault, uint256 freshSigned, uint256 freshTotal) = _fresh.verify(
            digest,
            certificate
        );
        assertEq(uint256(fault), uint256(freshFault), what);
        assertEq(signed, freshSigned, what);
        assertEq(total, freshTotal, what);
    }

    function test_cacheSubset_vectors_haveTheirVerdicts() public {
        _cacheAll();
        for (uint256 i = 0; i < _certificates.length; ++i)
            _assertSame(_digests[i], _certificates[i], "vector");
    }

    function test_cacheSubset_everyByteFlipped_hasTheSameFault() public {
        _cacheAll();
        for (uint256 at = 0; at < _certificates[7].length; ++at) {
            bytes memory flipped = bytes.concat(_certificates[7]);
            flipped[at] ^= bytes1(uint8(1 << (at % 8)));
            _assertSame(_digests[7], flipped, "flipped");
        }
    }

    function testFuzz_cacheSubset_otherNonSigners_haveTheSameVerdict(
        uint8 which,
        bytes calldata list
    ) public {
        vm.assume(list.length < 12);
        _cacheAll();
        bytes memory head = new bytes(229);
        bytes memory certificate = _certificates[_subsets[which % 7]];
        for (uint256 i = 0; i < 229; ++i) head[i] = certificate[i];
        _assertSame(_digests[0], bytes.concat(head, list), "list");
    }

    function test_cacheSubset_cachedSubset_costsNoBinding() public {
        _cache(_cached, _certificates[7]);
        uint256 cachedGas = _gasOf(_cached);
        uint256 freshGas = _gasOf(_fresh);
        assertTrue(cachedGas + 12_000 < freshGas, "two multiplications less");
    }

    function _gasOf(BlsQuorumVerifier verifier) private view returns (uint256) {
        uint256 before = gasleft();
        (CertificateFault fault, , ) = verifier.verify(_digests[7], _certificates[7]);
        assertTrue(fault == CertificateFault.None, "valid");
        return before - gasleft();
    }

    function test_cacheSubset_saysWhatItCached_andAgainIsTheSame() public {
        for (uint256 i = 0; i < 2; ++i) {
            (, uint256 signed, uint256 total) = _fresh.verify(_digests[7], _certificates[7]);
            vm.expectEmit();
            emit IBlsQuorumVerifier.SubsetCached(3, hex"000409", signed, total);
            vm.prank(address(uint160(7 + i)));
            _cached.cacheSubset(3, hex"000409", this.keyOf(_certificates[7]));
        }
        _assertSame(_digests[7], _certificates[7], "still valid");
    }

    function test_QRM8_cacheSubset_otherKey_isRefusedByName() public {
        G2Point memory key = this.keyOf(_certificates[7]);
        // The key of the full set, of another subset, and none at all.
        _assertRefused(3, hex"000409", this.keyOf(_certificates[5]), CertificateFault.AggregateKeyMismatch);
        _assertRefused(3, hex"0004", key, CertificateFault.AggregateKeyMismatch);
        _assertRefused(3, hex"000409", G2Point(0, 0, 0, 0), CertificateFault.ZeroAggregateKey);
        key.xReal += Bn254.P;
        _assertRefused(3, hex"000409", key, CertificateFault.InvalidPoint);
        (CertificateFault fault, , ) = _cached.verify(_digests[7], _certificates[7]);
        assertTrue(fault == CertificateFault.None, "the right key serves all the same");
    }

    function test_cacheSubset_otherFaults_areRefusedByName() public {
        G2Point memory key = this.keyOf(_certificates[7]);
        _assertRefused(3, "", key, CertificateFault.InvalidEncoding);
        _assertRefused(3, new bytes(257), key, CertificateFault.InvalidEncoding);
        _assertRefused(0, hex"00", key, CertificateFault.UnknownEpoch);
        _assertRefused(7, hex"00", key, CertificateFault.UnknownEpoch);
        _assertRefused(5, hex"00", key, CertificateFault.EpochExpired);
        _assertRefused(3, hex"0400", key, CertificateFault.NonSignersNotAscending);
        _assertRefused(3, hex"0404", key, CertificateFault.NonSignersNotAscending);
        _assertRefused(3, hex"000a", key, CertificateFault.NonSignerOutOfRange);
        _assertRefused(3, hex"00010203040506070809", key, CertificateFault.EmptySignerSet);
        // The first two keys of epoch 4 cancel: without the third, nothing is left.
        _assertRefused(4, hex"02", key, CertificateFault.ZeroAggregateKey);
    }

    function _assertRefused(
        uint32 epoch,
        bytes memory nonSigners,
        G2Point memory key,
        CertificateFault fault
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IBlsQuorumVerifier.SubsetRefused.selector, fault));
        _cached.cacheSubset(epoch, nonSigners, key);
    }

    function test_GAS02_verify_refusedPoints_costAtMostTwoStipends() public view {
        for (uint256 i = 0; i < _certificates.length; ++i) {
            uint256 before = gasleft();
            _fresh.verify(_digests[i], _certificates[i]);
            // The short way and its twin, a pairing each that is refused or two that are not.
            assertTrue(before - gasleft() < 2 * Bn254.PAIRING_GAS + 200_000, "bounded");
        }
    }
}
