// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Test} from "../Cheats.sol";
import {Bls12381QuorumVerifier} from "../../contracts/Bls12381QuorumVerifier.sol";
import {IBls12381QuorumVerifier} from "../../contracts/interfaces/IBls12381QuorumVerifier.sol";
import {ITimelocked} from "../../contracts/interfaces/ITimelocked.sol";
import {Bls12381} from "../../contracts/libraries/Bls12381.sol";
import {HashToBls12381G1} from "../../contracts/libraries/HashToBls12381G1.sol";
import {Bls12381G1, Bls12381G2} from "../../contracts/types/Bls12381Points.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";

contract Bls12381Harness {
    function hash(bytes32 message, bytes memory tag) external view returns (Bls12381G1 memory) {
        return HashToBls12381G1.hash(message, tag);
    }

    function addG1(Bls12381G1 memory a, Bls12381G1 memory b) external view returns (bool, Bls12381G1 memory) {
        return Bls12381.add(a, b);
    }

    function addG2(Bls12381G2 memory a, Bls12381G2 memory b) external view returns (bool, Bls12381G2 memory) {
        return Bls12381.add(a, b);
    }
}

contract Bls12381QuorumVerifierTest is Test {
    uint256 private constant COUNT = 10;
    uint64 private constant START = 1_800_000_000;
    uint32 private constant OVERLAP_SECONDS = 600;
    uint32 private constant DELAY_SECONDS = 2 days;
    bytes private constant QUORUM_TAG = "OPS-V01-QUORUM_BLS12381G1_XMD:SHA-256_SSWU_RO_";

    /// @dev Block time, which the optimizer would take for a constant.
    uint64 private _clock = START;
    string private _json;
    Bls12381QuorumVerifier private _verifier;
    Bls12381Harness private _harness;
    address[] private _operators;
    uint128[] private _weights;
    bytes[] private _keys;
    bytes[] private _proofs;
    bytes[] private _certificates;
    bytes32 private _digest;

    /// @dev The verifier stands at the address and on the chain that the vectors' proofs of possession name.
    function setUp() public {
        _json = vm.readFile("./test/vectors/bls12381.json");
        vm.chainId(vm.parseJsonUint(_json, ".chainId"));
        vm.warp(START);
        address fixedAddress = address(bytes20(vm.parseJsonBytes(_json, ".verifier")));
        vm.etch(fixedAddress, address(new Bls12381QuorumVerifier(address(this), DELAY_SECONDS)).code);
        vm.store(fixedAddress, bytes32(0), bytes32(uint256(uint160(address(this)))));
        _verifier = Bls12381QuorumVerifier(fixedAddress);
        _harness = new Bls12381Harness();
        _digest = vm.parseJsonBytes32(_json, ".digest");
        _certificates = vm.parseJsonBytesArray(_json, ".certificates.certificates");
        _keys = vm.parseJsonBytesArray(_json, ".possession.keys");
        _proofs = vm.parseJsonBytesArray(_json, ".possession.proofs");
        bytes[] memory operators = vm.parseJsonBytesArray(_json, ".possession.operators");
        uint256[] memory weights = vm.parseJsonUintArray(_json, ".possession.weights");
        for (uint256 i = 0; i < COUNT; ++i) {
            _operators.push(address(bytes20(operators[i])));
            _weights.push(uint128(weights[i]));
        }
    }

    function _key(uint256 i) private view returns (Bls12381G2 memory) {
        return abi.decode(_keys[i], (Bls12381G2));
    }

    function _proof(uint256 i) private view returns (Bls12381G1 memory) {
        return abi.decode(_proofs[i], (Bls12381G1));
    }

    function _registerAll() private {
        for (uint256 i = 0; i < COUNT; ++i) {
            vm.prank(_operators[i]);
            _verifier.register(_key(i), _proof(i));
        }
    }

    function _first(
        uint256 count
    ) private view returns (address[] memory operators, uint128[] memory weights) {
        operators = new address[](count);
        weights = new uint128[](count);
        for (uint256 i = 0; i < count; ++i) (operators[i], weights[i]) = (_operators[i], _weights[i]);
    }

    function _start(uint256 count, uint32 overlapSeconds) private {
        (address[] memory operators, uint128[] memory weights) = _first(count);
        if (_verifier.currentEpoch() != 0) {
            _verifier.proposeEpoch(operators, weights);
            _clock += DELAY_SECONDS;
            vm.warp(_clock);
        }
        _verifier.startEpoch(operators, weights, overlapSeconds);
    }

    /// @dev The three epochs of the vectors.
    function _startEpochs() private {
        _registerAll();
        uint256[] memory counts = vm.parseJsonUintArray(_json, ".epochs.operatorCounts");
        for (uint256 i = 0; i < counts.length; ++i) _start(counts[i], OVERLAP_SECONDS);
    }

    function _same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

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

    // -- Curve --

    function test_hash_vectors_areThoseOfSigners() public view {
        bytes32[] memory messages = vm.parseJsonBytes32Array(_json, ".hashToG1.messages");
        bytes[] memory points = vm.parseJsonBytesArray(_json, ".hashToG1.points");
        for (uint256 i = 0; i < messages.length; ++i) {
            bytes32 got = keccak256(abi.encode(_harness.hash(messages[i], QUORUM_TAG)));
            assertEq(got, keccak256(points[i]), "point");
        }
    }

    function test_negatedGenerator_isThatOfSigners() public view {
        bytes memory wanted = vm.parseJsonBytes(_json, ".negatedGeneratorG2");
        assertEq(keccak256(abi.encode(Bls12381.negatedGeneratorG2())), keccak256(wanted), "generator");
    }

    function test_negate_pointAndItsNegative_sumToInfinity() public view {
        for (uint256 i = 0; i < COUNT; ++i) {
            (bool accepted, Bls12381G2 memory sum) = _harness.addG2(_key(i), Bls12381.negate(_key(i)));
            assertTrue(accepted && Bls12381.isZero(sum), "zero");
        }
        Bls12381G2 memory infinity;
        assertTrue(Bls12381.isZero(Bls12381.negate(infinity)), "infinity");
    }

    function test_BLS10_add_offCurve_isRefused_outsideSubgroup_isNot() public view {
        Bls12381G1 memory off = Bls12381G1(0, 1, 0, 1);
        (bool accepted, ) = _harness.addG1(off, off);
        assertTrue(!accepted, "off curve");
        // It is on the curve, and the precompile takes it: keys must not come this way.
        bytes memory certificate = _named("BLS-10: outside the subgroup");
        Bls12381G1 memory outside = _signatureIn(certificate);
        (accepted, ) = _harness.addG1(outside, outside);
        assertTrue(accepted, "additions check no subgroup");
    }

    function _named(string memory name) private view returns (bytes memory) {
        string[] memory names = vm.parseJsonStringArray(_json, ".certificates.names");
        for (uint256 i = 0; i < names.length; ++i) if (_same(names[i], name)) return _certificates[i];
        revert AssertionFailed(name, 0, 1);
    }

    function _signatureIn(bytes memory certificate) private pure returns (Bls12381G1 memory point) {
        bytes memory padded = new bytes(128);
        for (uint256 i = 0; i < 48; ++i) {
            padded[16 + i] = certificate[4 + i];
            padded[80 + i] = certificate[52 + i];
        }
        return abi.decode(padded, (Bls12381G1));
    }

    // -- Certificates --

    function test_verify_vectors_nameTheirFault() public {
        _startEpochs();
        string[] memory names = vm.parseJsonStringArray(_json, ".certificates.names");
        string[] memory faults = vm.parseJsonStringArray(_json, ".certificates.faults");
        string[13] memory faultNames = _faultNames();
        vm.warp(_clock + OVERLAP_SECONDS);
        for (uint256 i = 0; i < names.length; ++i) {
            (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verify(
                _digest,
                _certificates[i]
            );
            assertTrue(_same(faultNames[uint8(fault)], faults[i]), names[i]);
            assertTrue((total == 0) == (fault != CertificateFault.None), names[i]);
            assertTrue(signed <= total, names[i]);
        }
    }

    function test_verify_subset_countsSignersOnly() public {
        _startEpochs();
        uint256[] memory totals = vm.parseJsonUintArray(_json, ".epochs.totalWeights");
        (, uint256 signed, uint256 total) = _verifier.verify(_digest, _named("epoch 3 without [0,5,9]"));
        assertEq(total, totals[2], "total");
        assertEq(signed, totals[2] - _weights[0] - _weights[5] - _weights[9], "signed");
    }

    function test_ABI04_verify_everyByteFlipped_isRefused() public {
        _startEpochs();
        bytes memory certificate = _named("epoch 3 without [4]");
        for (uint256 i = 0; i < certificate.length; ++i) {
            bytes memory flipped = bytes.concat(certificate);
            flipped[i] = bytes1(uint8(flipped[i]) ^ uint8(1 << (i % 8)));
            (CertificateFault fault, , ) = _verifier.verify(_digest, flipped);
            assertTrue(fault != CertificateFault.None, "flipped");
        }
    }

    function test_ABI05_verify_everyOtherLength_isRefused() public {
        _startEpochs();
        bytes memory certificate = _named("epoch 3 without [4]");
        for (uint256 length = 0; length < certificate.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) cut[i] = certificate[i];
            (CertificateFault fault, , ) = _verifier.verify(_digest, cut);
            assertTrue(fault != CertificateFault.None, "cut");
        }
    }

    function test_verify_previousEpoch_isValidUntilItsOverlapEnds() public {
        _startEpochs();
        bytes memory certificate = _named("epoch 2 without []");
        vm.warp(_clock + OVERLAP_SECONDS + 1);
        (CertificateFault fault, , ) = _verifier.verify(_digest, certificate);
        assertTrue(fault == CertificateFault.EpochExpired, "after the overlap");
        (fault, , ) = _verifier.verify(_digest, _named("epoch 3 without []"));
        assertTrue(fault == CertificateFault.None, "the newest has no end");
    }

    function test_verify_afterEmergencyEpoch_previousIsExpiredAtOnce() public {
        _startEpochs();
        _start(3, 0);
        (CertificateFault fault, , ) = _verifier.verify(_digest, _named("epoch 3 without []"));
        assertTrue(fault == CertificateFault.EpochExpired, "same second");
    }

    function test_GAS02_verify_validCertificate_neverLooksRefusedForWantOfGas() public {
        _startEpochs();
        bytes memory call = abi.encodeCall(_verifier.verify, (_digest, _named("epoch 3 without [4]")));
        bool hasSucceeded;
        bool hasNamedItsReason;
        for (uint256 gasLimit = 20_000; gasLimit < 160_000; gasLimit += 500) {
            (bool succeeded, bytes memory answer) = address(_verifier).staticcall{gas: gasLimit}(call);
            if (succeeded) {
                (CertificateFault fault, , ) = abi.decode(answer, (CertificateFault, uint256, uint256));
                assertTrue(fault == CertificateFault.None, "a valid certificate looks refused");
                hasSucceeded = true;
            } else if (bytes4(answer) == Bls12381.PrecompileOutOfGas.selector) {
                hasNamedItsReason = true;
            }
        }
        assertTrue(hasSucceeded, "succeeded");
        assertTrue(hasNamedItsReason, "named its reason");
    }

    function test_GAS01_verify_gas() public {
        _startEpochs();
        _verifier.verify(_digest, _named("epoch 3 without []"));
        vm.snapshotGasLastCall("Bls12381QuorumVerifier", "verify, 0 non-signers");
        _verifier.verify(_digest, _named("epoch 3 without [0,5,9]"));
        vm.snapshotGasLastCall("Bls12381QuorumVerifier", "verify, 3 non-signers");
    }

    // -- Keys --

    function test_possessionMessage_isThatOfSigners() public view {
        bytes32[] memory messages = vm.parseJsonBytes32Array(_json, ".possession.messages");
        for (uint256 i = 0; i < COUNT; ++i) {
            assertEq(_verifier.possessionMessage(_operators[i], _key(i)), messages[i], "message");
        }
    }

    function test_BLS06_register_anothersProof_isRefused() public {
        Bls12381G2 memory key = _key(0);
        Bls12381G1 memory proof = _proof(0);
        vm.expectRevert(
            abi.encodeWithSelector(IBls12381QuorumVerifier.InvalidProofOfPossession.selector, _operators[1])
        );
        vm.prank(_operators[1]);
        _verifier.register(key, proof);

        vm.chainId(2);
        vm.expectRevert(
            abi.encodeWithSelector(IBls12381QuorumVerifier.InvalidProofOfPossession.selector, _operators[0])
        );
        vm.prank(_operators[0]);
        _verifier.register(key, proof);

        vm.chainId(1);
        vm.prank(_operators[0]);
        _verifier.register(key, proof);
    }

    function test_BLS05_register_rogueKey_isRefused() public {
        _registerAll();
        // Own key minus those of all others, and a proof by the own key alone.
        Bls12381G2 memory rogue = _key(2);
        for (uint256 i = 3; i < COUNT; ++i) (, rogue) = _harness.addG2(rogue, Bls12381.negate(_key(i)));
        Bls12381G1 memory proof = _proof(2);
        vm.expectRevert(
            abi.encodeWithSelector(IBls12381QuorumVerifier.InvalidProofOfPossession.selector, address(this))
        );
        _verifier.register(rogue, proof);
    }

    function test_register_twiceOrZero_isRefused() public {
        vm.prank(_operators[0]);
        _verifier.register(_key(0), _proof(0));
        Bls12381G2 memory key = _key(0);
        Bls12381G2 memory other = _key(1);
        Bls12381G1 memory proof = _proof(0);
        Bls12381G2 memory noKey;
        Bls12381G1 memory noProof;

        vm.expectRevert(
            abi.encodeWithSelector(IBls12381QuorumVerifier.AlreadyRegistered.selector, _operators[0])
        );
        vm.prank(_operators[0]);
        _verifier.register(other, proof);
        vm.expectRevert(
            abi.encodeWithSelector(IBls12381QuorumVerifier.KeyInUse.selector, keccak256(abi.encode(key)))
        );
        _verifier.register(key, proof);
        vm.expectRevert(IBls12381QuorumVerifier.ZeroKey.selector);
        _verifier.register(noKey, proof);
        vm.expectRevert(IBls12381QuorumVerifier.ZeroKey.selector);
        _verifier.register(other, noProof);
    }

    // -- Epochs --

    function _assertNotStarted(
        address[] memory operators,
        uint128[] memory weights,
        uint32 overlapSeconds,
        bytes memory reason
    ) private {
        uint32 before = _verifier.currentEpoch();
        vm.expectRevert(reason);
        _verifier.startEpoch(operators, weights, overlapSeconds);
        assertEq(_verifier.currentEpoch(), before, "unchanged");
    }

    function test_startEpoch_badSets_areRefused() public {
        _registerAll();
        (address[] memory operators, uint128[] memory weights) = _first(3);
        (address[] memory none, uint128[] memory noWeights) = _first(0);
        bytes4 count = IBls12381QuorumVerifier.InvalidOperatorCount.selector;
        _assertNotStarted(none, noWeights, 0, abi.encodeWithSelector(count, 0, 0));
        _assertNotStarted(operators, noWeights, 0, abi.encodeWithSelector(count, 3, 0));
        _assertNotStarted(new address[](65), new uint128[](65), 0, abi.encodeWithSelector(count, 65, 65));
        _assertNotStarted(
            operators,
            weights,
            1 days + 1,
            abi.encodeWithSelector(IBls12381QuorumVerifier.OverlapTooLong.selector, 1 days, 1 days + 1)
        );
        bytes4 weight = IBls12381QuorumVerifier.InvalidWeight.selector;
        weights[1] = 0;
        _assertNotStarted(operators, weights, 0, abi.encodeWithSelector(weight, operators[1], 0));
        weights[1] = 1 << 120;
        _assertNotStarted(operators, weights, 0, abi.encodeWithSelector(weight, operators[1], 1 << 120));
        weights[1] = 1;
        operators[2] = operators[1];
        _assertNotStarted(
            operators,
            weights,
            0,
            abi.encodeWithSelector(IBls12381QuorumVerifier.OperatorsNotAscending.selector, operators[1])
        );
        operators[2] = address(type(uint160).max);
        _assertNotStarted(
            operators,
            weights,
            0,
            abi.encodeWithSelector(IBls12381QuorumVerifier.NotRegistered.selector, operators[2])
        );
    }

    function test_BLS08_startEpoch_keysThatCancel_isRefused() public {
        _registerAll();
        (address[] memory operators, uint128[] memory weights) = _first(2);
        _assertNotStarted(
            operators,
            weights,
            0,
            abi.encodeWithSelector(IBls12381QuorumVerifier.ZeroKey.selector)
        );
    }

    function test_ACL09_startEpoch_stranger_isRefused() public {
        (address[] memory operators, uint128[] memory weights) = _first(1);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, _operators[0]));
        vm.prank(_operators[0]);
        _verifier.startEpoch(operators, weights, 0);
    }

    function _assertStartReverts(
        address[] memory operators,
        uint128[] memory weights,
        bytes memory reason
    ) private {
        (bytes32 setHash, uint64 executableAt) = _verifier.proposedEpoch();
        _assertNotStarted(operators, weights, 0, reason);
        (bytes32 hashAfter, uint64 timeAfter) = _verifier.proposedEpoch();
        assertTrue(hashAfter == setHash && timeAfter == executableAt, "still proposed");
    }

    function test_ACL07_startEpoch_unproposedOrEarlyOrLate_isRefused() public {
        _registerAll();
        _start(3, 0);
        (address[] memory operators, uint128[] memory weights) = _first(4);
        _assertStartReverts(operators, weights, abi.encodeWithSelector(ITimelocked.NothingProposed.selector));
        vm.expectEmit();
        emit IBls12381QuorumVerifier.EpochProposed(operators, weights, START + DELAY_SECONDS);
        _verifier.proposeEpoch(operators, weights);

        vm.warp(START + DELAY_SECONDS - 1);
        bytes4 early = ITimelocked.TimelockActive.selector;
        uint64 dueAt = START + DELAY_SECONDS;
        _assertStartReverts(operators, weights, abi.encodeWithSelector(early, dueAt, dueAt - 1));
        uint64 expiredAt = dueAt + 14 days;
        vm.warp(expiredAt + 1);
        bytes4 late = ITimelocked.ProposalExpired.selector;
        _assertStartReverts(operators, weights, abi.encodeWithSelector(late, expiredAt, expiredAt + 1));

        vm.warp(expiredAt);
        _verifier.startEpoch(operators, weights, 0);
        assertEq(_verifier.currentEpoch(), 2, "started");
        _assertStartReverts(operators, weights, abi.encodeWithSelector(ITimelocked.NothingProposed.selector));
    }

    function test_ACL07_startEpoch_otherSetThanProposed_isRefused() public {
        _registerAll();
        _start(3, 0);
        (address[] memory operators, uint128[] memory weights) = _first(4);
        _verifier.proposeEpoch(operators, weights);
        vm.warp(START + DELAY_SECONDS);
        bytes32 proposed = keccak256(abi.encode(operators, weights));
        bytes4 other = IBls12381QuorumVerifier.NotTheProposedEpoch.selector;
        weights[3] += 1;
        bytes32 given = keccak256(abi.encode(operators, weights));
        _assertStartReverts(operators, weights, abi.encodeWithSelector(other, proposed, given));
        (operators, weights) = _first(5);
        given = keccak256(abi.encode(operators, weights));
        _assertStartReverts(operators, weights, abi.encodeWithSelector(other, proposed, given));
    }

    function test_cancelEpochProposal_nothingIsProposedAnyMore() public {
        _registerAll();
        _start(3, 0);
        (address[] memory operators, uint128[] memory weights) = _first(4);
        vm.expectRevert(ITimelocked.NothingProposed.selector);
        _verifier.cancelEpochProposal();
        _verifier.proposeEpoch(operators, weights);
        vm.expectEmit();
        emit IBls12381QuorumVerifier.EpochProposalCancelled();
        _verifier.cancelEpochProposal();
        vm.warp(START + DELAY_SECONDS);
        _assertStartReverts(operators, weights, abi.encodeWithSelector(ITimelocked.NothingProposed.selector));
    }

    function test_ACL09_proposeOrCancelEpoch_stranger_isRefused() public {
        (address[] memory operators, uint128[] memory weights) = _first(1);
        bytes memory reason = abi.encodeWithSelector(
            Ownable.OwnableUnauthorizedAccount.selector,
            _operators[0]
        );
        vm.expectRevert(reason);
        vm.prank(_operators[0]);
        _verifier.proposeEpoch(operators, weights);
        _verifier.proposeEpoch(operators, weights);
        vm.expectRevert(reason);
        vm.prank(_operators[0]);
        _verifier.cancelEpochProposal();
        (, uint64 executableAt) = _verifier.proposedEpoch();
        assertEq(executableAt, START + DELAY_SECONDS, "still proposed");
    }

    function test_operatorAt_readsWhatWasStarted() public {
        _startEpochs();
        for (uint256 i = 0; i < COUNT; ++i) {
            (Bls12381G2 memory key, uint128 weight) = _verifier.operatorAt(3, i);
            assertEq(keccak256(abi.encode(key)), keccak256(_keys[i]), "key");
            assertEq(weight, _weights[i], "weight");
        }
        assertEq(_verifier.tryEpochOf(3).operatorCount, COUNT, "count");
        assertEq(_verifier.tryEpochOf(3).keys.code.length, 257 + COUNT * 288, "code");
        vm.expectRevert(
            abi.encodeWithSelector(IBls12381QuorumVerifier.UnknownOperator.selector, uint32(3), COUNT)
        );
        _verifier.operatorAt(3, COUNT);
    }
}
