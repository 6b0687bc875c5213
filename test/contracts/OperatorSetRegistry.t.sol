// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {OperatorSetFixture} from "./helpers/OperatorSetFixture.sol";
import {OperatorSetRegistry} from "../../contracts/OperatorSetRegistry.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {G1Point, G2Point} from "../../contracts/types/Bn254Points.sol";
contract OperatorSetRegistryTest is OperatorSetFixture {
    // -- Constructor --

    function test_constructor_argumentOutOfBounds_reverts() public {
        _expectInvalid("minEpochSeconds", 59);
        new OperatorSetRegistry(address(this), 59, 0, CHANGE_DELAY_SECONDS);
        _expectInvalid("minEpochSeconds", 30 days + 1);
        new OperatorSetRegistry(address(this), 30 days + 1, 0, CHANGE_DELAY_SECONDS);
        _expectInvalid("overlapSeconds", 1 hours);
        new OperatorSetRegistry(address(this), 1 hours, 1 hours, CHANGE_DELAY_SECONDS);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new OperatorSetRegistry(address(0), 1 hours, 60, CHANGE_DELAY_SECONDS);
        OperatorSetRegistry least = new OperatorSetRegistry(address(this), 60, 59, CHANGE_DELAY_SECONDS);
        assertEq(least.minEpochSeconds(), 60, "least");
        assertEq(least.overlapSeconds(), 59, "most of it");
        assertEq(
            new OperatorSetRegistry(address(this), 30 days, 0, CHANGE_DELAY_SECONDS).minEpochSeconds(),
            30 days,
            "greatest"
        );
    }

    function _expectInvalid(bytes32 name, uint256 got) private {
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.InvalidParameter.selector, name, got));
    }

    // -- Keys --

    function test_register_vectors_areProven() public {
        bytes32[] memory messages = vm.parseJsonBytes32Array(_json, ".possession.messages");
        for (uint256 i = 0; i < _operators.length; ++i) {
            assertEq(
                _registry.possessionMessage(_operators[i], _keysG1[i], _keysG2[i]),
                messages[i],
                "message"
            );
            vm.expectEmit();
            emit IOperatorSetRegistry.OperatorRegistered(_operators[i], _keysG1[i], _keysG2[i]);
            _register(i);
        }
        assertEq(_operators.length, 10, "vectors");
    }

    function test_BLS06_register_proofOfSomebodyElse_reverts() public {
        vm.prank(address(0xbad));
        vm.expectRevert(_notProven(address(0xbad)));
        _registry.register(_keysG1[0], _keysG2[0], _proofs[0]);
        _register(0);
        assertEq(_registry.queuedOperators().length, 0, "the victim can still register");
    }

    function test_BLS06_register_proofForOtherChainOrRegistry_reverts() public {
        vm.chainId(2);
        _assertNotProven(_registry, 0);
        vm.chainId(1);
        _assertNotProven(
            new OperatorSetRegistry(address(this), MIN_EPOCH_SECONDS, OVERLAP_SECONDS, CHANGE_DELAY_SECONDS),
            0
        );
        _register(0);
    }

    function testFuzz_register_anyBitOfTheProofFlipped_reverts(uint8 field, uint8 bit) public {
        G1Point memory keyG1 = _keysG1[0];
        G2Point memory keyG2 = _keysG2[0];
        IOperatorSetRegistry.Possession memory proof = _proofs[0];
        uint256 mask = uint256(1) << bit;
        field = field % 10;
        if (field == 0) keyG1.x ^= mask;
        else if (field == 1) keyG1.y ^= mask;
        else if (field == 2) keyG2.xImaginary ^= mask;
        else if (field == 3) keyG2.xReal ^= mask;
        else if (field == 4) keyG2.yImaginary ^= mask;
        else if (field == 5) keyG2.yReal ^= mask;
        else if (field == 6) proof.signature.x ^= mask;
        else if (field == 7) proof.signature.y ^= mask;
        else if (field == 8) proof.hintY ^= mask;
        else proof.counter ^= uint8(1 << (bit % 8));
        vm.prank(_operators[0]);
        vm.expectRevert(_notProven(_operators[0]));
        _registry.register(keyG1, keyG2, proof);
        // Nothing was claimed: the true proof still serves.
        _register(0);
    }

    function test_BLS09_register_keyPlusP_reverts() public {
        G1Point memory keyG1 = _keysG1[0];
        keyG1.x += Bn254.P;
        vm.prank(_operators[0]);
        vm.expectRevert(_notProven(_operators[0]));
        _registry.register(keyG1, _keysG2[0], _proofs[0]);
        _register(0);
    }

    function test_register_zeroPoints_revert() public {
        IOperatorSetRegistry.Possession memory proof = _proofs[0];
        vm.startPrank(_operators[0]);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.ZeroKey.selector));
        _registry.register(G1Point(0, 0), _keysG2[0], proof);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.ZeroKey.selector));
        _registry.register(_keysG1[0], G2Point(0, 0, 0, 0), proof);
        proof.signature = G1Point(0, 0);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.ZeroKey.selector));
        _registry.register(_keysG1[0], _keysG2[0], proof);
        vm.stopPrank();
        _register(0);
    }

    function test_register_twice_reverts() public {
        _register(0);
        vm.prank(_operators[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorSetRegistry.AlreadyRegistered.selector, _operators[0])
        );
        _registry.register(_keysG1[1], _keysG2[1], _proofs[1]);
        _register(1);
    }

    function test_register_keyOnceUsed_reverts() public {
        _register(0);
        bytes32 keyHash = keccak256(abi.encode(_keysG1[0]));
        vm.prank(_operators[1]);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.KeyInUse.selector, keyHash));
        _registry.register(_keysG1[0], _keysG2[0], _proofs[0]);
        vm.prank(_operators[0]);
        _registry.deregister();
        vm.prank(_operators[0]);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.KeyInUse.selector, keyHash));
        _registry.register(_keysG1[0], _keysG2[0], _proofs[0]);
    }

    function test_unregisteredAccount_isRefusedEverywhere() public {
        bytes memory reason = abi.encodeWithSelector(IOperatorSetRegistry.NotRegistered.selector, address(9));
        vm.expectRevert(reason);
        _registry.setWeight(address(9), 1);
        vm.startPrank(address(9));
        vm.expectRevert(reason);
        _registry.deregister();
        vm.expectRevert(reason);
        _registry.rotateKey(_keysG1[0], _keysG2[0], _proofs[0]);
        vm.stopPrank();
        _assertNothingRegistered();
    }

    function _notProven(address operator) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOperatorSetRegistry.InvalidProofOfPossession.selector, operator);
    }

    function _assertNotProven(OperatorSetRegistry registry, uint256 i) private {
        vm.prank(_operators[i]);
        vm.expectRevert(_notProven(_operators[i]));
        registry.register(_keysG1[i], _keysG2[i], _proofs[i]);
    }

    // -- Weights --

    function test_setWeight_isOnlyForTheOwner() public {
        _register(0);
        vm.prank(_operators[0]);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, _operators[0]));
        _registry.setWeight(_operators[0], 1);
        assertEq(_registry.queuedOperators().length, 0, "nobody queued");
    }

    function test_setWeight_beyondTheBound_reverts() public {
        _register(0);
        _expectInvalid("weight", uint256(1) << 120);
        _registry.setWeight(_operators[0], uint128(1) << 120);
        assertEq(_registry.queuedOperators().length, 0, "nobody queued");
        _registry.setWeight(_operators[0], (uint128(1) << 120) - 1);
        assertEq(_registry.queuedOperators()[0].weight, (uint128(1) << 120) - 1, "greatest");
    }

    function test_setWeight_zeroForWhoHasNone_queuesNobody() public {
        _register(0);
        _registry.setWeight(_operators[0], 0);
        assertEq(_registry.queuedOperators().length, 0, "nobody queued");
    }

    function test_setWeight_operator257_reverts() public {
        _register(0);
        vm.store(address(_registry), bytes32(QUEUE_SLOT), bytes32(uint256(256)));
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.TooManyOperators.selector, 256));
        _registry.setWeight(_operators[0], 1);
        assertEq(_registry.queuedOperators().length, 256, "unchanged");
    }

    function test_setWeight_operatorsLeave_othersKeepTheirOrder() public {
        _join(6);
        _registry.setWeight(_operators[2], 0);
        vm.prank(_operators[0]);
        _registry.deregister();
        _registry.setWeight(_operators[2], 7);
        _registry.setWeight(_operators[4], 8);
        uint256[5] memory order = [uint256(1), 3, 4, 5, 2];
        IOperatorSetRegistry.OperatorRecord[] memory queued = _registry.queuedOperators();
        assertEq(queued.length, order.length, "count");
        for (uint256 i = 0; i < order.length; ++i) {
            assertTrue(queued[i].operator == _operators[order[i]], "operator");
            assertEq(queued[i].keyG1.x, _keysG1[order[i]].x, "key");
        }
        assertEq(queued[2].weight, 8, "new weight");
    }
}
