// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {Bls12381QuorumVerifier} from "../../contracts/Bls12381QuorumVerifier.sol";
import {Bls12381} from "../../contracts/libraries/Bls12381.sol";
import {Bls12381EpochKeys} from "../../contracts/libraries/Bls12381EpochKeys.sol";
import {HashToBls12381G1} from "../../contracts/libraries/HashToBls12381G1.sol";
import {Bls12381G1, Bls12381G2} from "../../contracts/types/Bls12381Points.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";

contract Bls12381RefusalsHarness {
    function hash(bytes32 message, bytes memory tag) external view returns (Bls12381G1 memory) {
        return HashToBls12381G1.hash(message, tag);
    }

    function pairing() external view returns (bool, bool) {
        Bls12381G1 memory point;
        return Bls12381.pairing(point, point, Bls12381.negatedGeneratorG2());
    }

    function create(uint256 count) external returns (address) {
        Bls12381G2 memory aggregate;
        return Bls12381EpochKeys.write(aggregate, new Bls12381G2[](count), new uint128[](count));
    }

    function addG2(Bls12381G2 memory a, Bls12381G2 memory b) external view returns (bool, Bls12381G2 memory) {
        return Bls12381.add(a, b);
    }
}

/// @dev What no input brings about: a precompile that refuses where the points were proven before. A certificate is
///      then refused by name, and hashing, which nothing can do without, reverts by name.
contract Bls12381RefusalsTest is Test {
    uint256 private constant COUNT = 10;
    bytes private constant QUORUM_TAG = "OPS-V01-QUORUM_BLS12381G1_XMD:SHA-256_SSWU_RO_";
    address private constant MODEXP = address(0x05);
    address private constant G1_ADD = address(0x0b);
    address private constant G2_ADD = address(0x0d);
    address private constant MAP_TO_G1 = address(0x10);

    /// @dev Block time, which the optimizer would take for a constant.
    uint64 private _clock = 1_800_000_000;
    Bls12381QuorumVerifier private _verifier;
    Bls12381RefusalsHarness private _harness;
    Bls12381G2[] private _keys;
    address[] private _operators;
    uint128[] private _weights;
    bytes32 private _digest;
    bytes private _certificate;

    /// @dev The verifier stands at the address and on the chain that the vectors' proofs of possession name.
    function setUp() public {
        string memory json = vm.readFile("./test/vectors/bls12381.json");
        vm.chainId(vm.parseJsonUint(json, ".chainId"));
        vm.warp(_clock);
        address fixedAddress = address(bytes20(vm.parseJsonBytes(json, ".verifier")));
        vm.etch(fixedAddress, address(new Bls12381QuorumVerifier(address(this), 2 days)).code);
        vm.store(fixedAddress, bytes32(0), bytes32(uint256(uint160(address(this)))));
        _verifier = Bls12381QuorumVerifier(fixedAddress);
        _harness = new Bls12381RefusalsHarness();
        _digest = vm.parseJsonBytes32(json, ".digest");
        // Epoch 3 without [4].
        _certificate = vm.parseJsonBytesArray(json, ".certificates.certificates")[1];
        bytes[] memory keys = vm.parseJsonBytesArray(json, ".possession.keys");
        bytes[] memory proofs = vm.parseJsonBytesArray(json, ".possession.proofs");
        bytes[] memory operators = vm.parseJsonBytesArray(json, ".possession.operators");
        uint256[] memory weights = vm.parseJsonUintArray(json, ".possession.weights");
        for (uint256 i = 0; i < COUNT; ++i) {
            _keys.push(abi.decode(keys[i], (Bls12381G2)));
            _operators.push(address(bytes20(operators[i])));
            _weights.push(uint128(weights[i]));
            vm.prank(_operators[i]);
            _verifier.register(_keys[i], abi.decode(proofs[i], (Bls12381G1)));
        }
        uint256[] memory counts = vm.parseJsonUintArray(json, ".epochs.operatorCounts");
        for (uint256 i = 0; i < counts.length; ++i) _start(counts[i]);
    }

    function _start(uint256 count) private {
        address[] memory operators = new address[](count);
        uint128[] memory weights = new uint128[](count);
        for (uint256 i = 0; i < count; ++i) (operators[i], weights[i]) = (_operators[i], _weights[i]);
        _verifier.proposeEpoch(operators, weights);
        _clock += 2 days;
        vm.warp(_clock);
        _verifier.startEpoch(operators, weights, 600);
    }

    /// @dev The sum of the keys of epoch 3, in which everybody is.
    function _aggregateKey() private view returns (Bls12381G2 memory sum) {
        for (uint256 i = 0; i < COUNT; ++i) (, sum) = _harness.addG2(sum, _keys[i]);
    }

    function _assertFault(bytes32[] memory digests, CertificateFault expected) private view {
        (CertificateFault fault, uint256 signed, uint256 total) = _verifier.verifyBatch(
            digests,
            _certificate
        );
        assertEq(uint256(fault), uint256(expected), "fault");
        assertTrue((signed != 0 && total != 0) == (expected == CertificateFault.None), "weights");
    }

    function _digestsOf(uint256 count) private view returns (bytes32[] memory digests) {
        digests = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) digests[i] = _digest;
    }

    function test_verify_sumOfMissingKeysIsRefused_isInvalidPoint() public {
        _assertFault(_digestsOf(1), CertificateFault.None);
        vm.mockCallRevert(G2_ADD, "", "");
        _assertFault(_digestsOf(1), CertificateFault.InvalidPoint);
    }

    function test_verify_leavingOutIsRefused_isInvalidPoint() public {
        Bls12381G2 memory aggregateKey = _aggregateKey();
        vm.mockCallRevert(G2_ADD, abi.encode(aggregateKey), "");
        _assertFault(_digestsOf(1), CertificateFault.InvalidPoint);
    }

    function test_verifyBatch_sumOfHashesIsRefused_isInvalidPoint() public {
        Bls12381G1 memory hashed = _harness.hash(_verifier.messageOf(3, _digest), QUORUM_TAG);
        vm.mockCallRevert(G1_ADD, abi.encode(hashed), "");
        _assertFault(_digestsOf(2), CertificateFault.InvalidPoint);
    }

    function _assertHashReverts(address precompile) private {
        vm.mockCallRevert(precompile, "", "");
        vm.expectRevert(
            abi.encodeWithSelector(HashToBls12381G1.PrecompileFailed.selector, uint256(uint160(precompile)))
        );
        _harness.hash(_digest, QUORUM_TAG);
    }

    function test_hash_modexpFails_reverts() public {
        _assertHashReverts(MODEXP);
    }

    function test_hash_mappingFails_reverts() public {
        _assertHashReverts(MAP_TO_G1);
    }

    function test_hash_additionFails_reverts() public {
        _assertHashReverts(G1_ADD);
    }

    function test_pairing_isRefusedWhileShortOfGas_reverts() public {
        // The mock leaves the gas to say why, of which the precompile leaves 1/64.
        vm.mockCallRevert(address(0x0f), "", "");
        vm.expectRevert(
            abi.encodeWithSelector(Bls12381.PrecompileOutOfGas.selector, uint256(0x0f), Bls12381.PAIRING_GAS)
        );
        _harness.pairing{gas: 300_000}();
        (bool accepted, bool isOne) = _harness.pairing{gas: 900_000}();
        assertTrue(!accepted && !isOne, "refused");
    }

    function test_create_outOfGas_reverts() public {
        bytes memory call = abi.encodeCall(_harness.create, (64));
        bool ok;
        bool hasNamedItsReason;
        // 18,689 bytes of code cost 200 gas each; 1/64 of what is there is left for saying that it was not deployed.
        for (uint256 gasLimit = 2_000_000; !ok; gasLimit += 250_000) {
            bytes memory answer;
            (ok, answer) = address(_harness).call{gas: gasLimit}(call);
            if (!ok && bytes4(answer) == Bls12381EpochKeys.EpochKeysNotCreated.selector)
                hasNamedItsReason = true;
        }
        assertTrue(hasNamedItsReason, "says why");
    }
}
