// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Test} from "../Cheats.sol";
import {OperatorSetRegistry} from "../../contracts/OperatorSetRegistry.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {G1Point, G2Point} from "../../contracts/types/Bn254Points.sol";

contract OperatorSetRegistryTest is Test {
    uint64 private constant START = 1_800_000_000;
    uint32 private constant MIN_EPOCH_SECONDS = 1 hours;
    uint32 private constant OVERLAP_SECONDS = 10 minutes;
    /// @dev Storage slots: owner and pending owner, two words of EIP712, epoch number and epochs come before.
    uint256 private constant MEMBERS_SLOT = 6;
    uint256 private constant QUEUE_SLOT = 8;

    string private _json;
    OperatorSetRegistry private _registry;
    address[] private _operators;
    G1Point[] private _keysG1;
    G2Point[] private _keysG2;
    IOperatorSetRegistry.Possession[] private _proofs;
    G2Point[] private _aggregates;

    function setUp() public {
        vm.warp(START);
        _json = vm.readFile("./test/vectors/bls.json");
        vm.chainId(vm.parseJsonUint(_json, ".possession.chainId"));
        OperatorSetRegistry made = new OperatorSetRegistry(address(this), MIN_EPOCH_SECONDS, OVERLAP_SECONDS);
        // The proofs name a registry address, so the code is moved there; the owner is in slot 0.
        _registry = OperatorSetRegistry(_address(vm.parseJsonBytes(_json, ".possession.registry")));
        vm.etch(address(_registry), address(made).code);
        vm.store(address(_registry), 0, bytes32(uint256(uint160(address(this)))));
        _loadProofs();
    }

    function _loadProofs() private {
        bytes[] memory operators = vm.parseJsonBytesArray(_json, ".possession.operators");
        bytes[] memory keysG1 = vm.parseJsonBytesArray(_json, ".possession.keysG1");
        bytes[] memory keysG2 = vm.parseJsonBytesArray(_json, ".possession.keysG2");
        bytes[] memory signatures = vm.parseJsonBytesArray(_json, ".possession.signatures");
        bytes[] memory aggregates = vm.parseJsonBytesArray(_json, ".possession.aggregateKeysG2");
        uint256[] memory counters = vm.parseJsonUintArray(_json, ".possession.counters");
        bytes32[] memory hintYs = vm.parseJsonBytes32Array(_json, ".possession.hintYs");
        for (uint256 i = 0; i < operators.length; ++i) {
            _operators.push(_address(operators[i]));
            _keysG1.push(abi.decode(keysG1[i], (G1Point)));
            _keysG2.push(abi.decode(keysG2[i], (G2Point)));
            _aggregates.push(abi.decode(aggregates[i], (G2Point)));
            _proofs.push(
                IOperatorSetRegistry.Possession({
                    signature: abi.decode(signatures[i], (G1Point)),
                    counter: uint8(counters[i]),
                    hintY: uint256(hintYs[i])
                })
            );
        }
    }

    function _address(bytes memory encoded) private pure returns (address) {
        return address(bytes20(encoded));
    }

    function _register(uint256 i) private {
        vm.prank(_operators[i]);
        _registry.register(_keysG1[i], _keysG2[i], _proofs[i]);
    }

    function _join(uint256 count) private {
        for (uint256 i = 0; i < count; ++i) {
            _register(i);
            _registry.setWeight(_operators[i], uint128(100 + i));
        }
    }

    function _assertNothingRegistered() private view {
        assertEq(_registry.queuedOperators().length, 0, "nobody queued");
        assertEq(_registry.currentEpoch(), 0, "no epoch");
    }

    // -- Constructor --

    function test_constructor_argumentOutOfBounds_reverts() public {
        _expectInvalid("minEpochSeconds", 59);
        new OperatorSetRegistry(address(this), 59, 0);
        _expectInvalid("minEpochSeconds", 30 days + 1);
        new OperatorSetRegistry(address(this), 30 days + 1, 0);
        _expectInvalid("overlapSeconds", 1 hours);
        new OperatorSetRegistry(address(this), 1 hours, 1 hours);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new OperatorSetRegistry(address(0), 1 hours, 60);
        OperatorSetRegistry least = new OperatorSetRegistry(address(this), 60, 59);
        assertEq(least.minEpochSeconds(), 60, "least");
        assertEq(least.overlapSeconds(), 59, "most of it");
        assertEq(new OperatorSetRegistry(address(this), 30 days, 0).minEpochSeconds(), 30 days, "greatest");
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
        _assertNotProven(new OperatorSetRegistry(address(this), MIN_EPOCH_SECONDS, OVERLAP_SECONDS), 0);
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

    // -- Epochs --

    function test_startEpoch_first_holdsTheQueue() public {
        _join(10);
        vm.prank(address(0xfeed));
        _registry.startEpoch(_aggregates[9]);
        IOperatorSetRegistry.Epoch memory epoch = _registry.epochOf(1);
        assertEq(_registry.currentEpoch(), 1, "number");
        assertEq(epoch.operatorCount, 10, "count");
        assertEq(epoch.totalWeight, 1_045, "weight");
        assertEq(epoch.startedAt, START, "startedAt");
        assertEq(epoch.expiresAt, type(uint64).max, "expiresAt");
        assertEq(epoch.aggregateKeyHash, keccak256(abi.encode(_aggregates[9])), "key");
        IOperatorSetRegistry.OperatorRecord[] memory records = _registry.operatorsOf(1);
        assertEq(keccak256(abi.encode(records)), keccak256(abi.encode(_registry.queuedOperators())), "list");
        for (uint256 i = 0; i < 10; ++i) {
            assertTrue(records[i].operator == _operators[i], "operator");
            assertEq(records[i].weight, 100 + i, "weight");
            assertEq(keccak256(abi.encode(records[i].keyG1)), keccak256(abi.encode(_keysG1[i])), "G1");
            assertEq(keccak256(abi.encode(records[i].keyG2)), keccak256(abi.encode(_keysG2[i])), "G2");
        }
    }

    function test_events_carryOldAndNewValues() public {
        _register(0);
        vm.expectEmit();
        emit IOperatorSetRegistry.WeightQueued(_operators[0], 0, 5);
        _registry.setWeight(_operators[0], 5);
        address keys = _nextCreated();
        vm.expectEmit();
        emit IOperatorSetRegistry.EpochStarted(1, keys, 1, 5, 0, false);
        _registry.startEpoch(_aggregates[0]);
        vm.warp(START + 1);
        vm.expectEmit();
        emit IOperatorSetRegistry.EpochStarted(2, _nextCreated(), 1, 5, START, true);
        _registry.startEmergencyEpoch(_aggregates[0]);
        vm.expectEmit();
        emit IOperatorSetRegistry.WeightQueued(_operators[0], 5, 0);
        vm.expectEmit();
        emit IOperatorSetRegistry.OperatorDeregistered(_operators[0]);
        vm.prank(_operators[0]);
        _registry.deregister();
        assertEq(_registry.queuedOperators().length, 0, "out of the queue");
    }

    /// @dev Where the registry's next contract will lie: found by making one and taking it back.
    function _nextCreated() private returns (address keys) {
        try this.startEmergencyAndRevert() {} catch (bytes memory data) {
            assembly ("memory-safe") {
                keys := mload(add(data, 0x20))
            }
        }
    }

    function startEmergencyAndRevert() external {
        vm.prank(_registry.owner());
        _registry.startEmergencyEpoch(_aggregates[0]);
        address keys = _registry.epochOf(_registry.currentEpoch()).keys;
        assembly ("memory-safe") {
            mstore(0x00, keys)
            revert(0x00, 0x20)
        }
    }

    function test_ownership_movesInTwoSteps() public {
        _registry.transferOwnership(address(9));
        assertTrue(_registry.owner() == address(this), "not yet");
        vm.prank(address(9));
        _registry.acceptOwnership();
        assertTrue(_registry.owner() == address(9), "accepted");
    }

    function test_startEpoch_nobodyQueued_reverts() public {
        _register(0);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.EmptyOperatorSet.selector));
        _registry.startEpoch(_aggregates[0]);
        _assertNothingRegistered();
    }

    function test_startEpoch_otherAggregate_reverts() public {
        _join(3);
        bytes memory reason = abi.encodeWithSelector(IOperatorSetRegistry.AggregateKeyMismatch.selector);
        vm.expectRevert(reason);
        _registry.startEpoch(_aggregates[1]);
        G2Point memory bad = _aggregates[2];
        bad.xReal ^= 1;
        vm.expectRevert(reason);
        _registry.startEpoch(bad);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.ZeroKey.selector));
        _registry.startEpoch(G2Point(0, 0, 0, 0));
        assertEq(_registry.currentEpoch(), 0, "no epoch");
        _registry.startEpoch(_aggregates[2]);
        assertEq(_registry.currentEpoch(), 1, "the right one");
    }

    function test_OPS05_startEpoch_tooEarly_reverts() public {
        _join(1);
        _registry.startEpoch(_aggregates[0]);
        uint64 earliestAt = START + MIN_EPOCH_SECONDS;
        vm.warp(earliestAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorSetRegistry.EpochTooShort.selector, earliestAt, earliestAt - 1)
        );
        _registry.startEpoch(_aggregates[0]);
        assertEq(_registry.currentEpoch(), 1, "unchanged");
        assertEq(_registry.epochOf(1).expiresAt, type(uint64).max, "still valid");
        vm.warp(earliestAt);
        _registry.startEpoch(_aggregates[0]);
        assertEq(_registry.currentEpoch(), 2, "the next number");
        assertEq(_registry.epochOf(1).expiresAt, earliestAt + OVERLAP_SECONDS, "overlap");
    }

    function test_OPS11_startEmergencyEpoch_endsEveryEarlierEpoch() public {
        _join(2);
        _registry.startEpoch(_aggregates[1]);
        vm.warp(START + MIN_EPOCH_SECONDS);
        _registry.startEpoch(_aggregates[1]);
        uint64 slashedAt = START + MIN_EPOCH_SECONDS + 5;
        vm.warp(slashedAt);
        _registry.setWeight(_operators[1], 0);
        _registry.startEmergencyEpoch(_aggregates[0]);
        assertEq(_registry.epochOf(1).expiresAt, slashedAt - 1, "the one in its overlap");
        assertEq(_registry.epochOf(2).expiresAt, slashedAt - 1, "the current one");
        assertEq(_registry.epochOf(3).expiresAt, type(uint64).max, "the new one");
        assertEq(_registry.epochOf(3).operatorCount, 1, "without the slashed operator");
        assertEq(_registry.epochOf(2).operatorCount, 2, "history stays");
    }

    function test_startEmergencyEpoch_isOnlyForTheOwner() public {
        _join(1);
        vm.prank(address(9));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(9)));
        _registry.startEmergencyEpoch(_aggregates[0]);
        assertEq(_registry.currentEpoch(), 0, "no epoch");
    }

    function test_epochOf_unknown_reverts() public {
        bytes memory reason = abi.encodeWithSelector(IOperatorSetRegistry.UnknownEpoch.selector, 1);
        vm.expectRevert(reason);
        _registry.epochOf(1);
        vm.expectRevert(reason);
        _registry.operatorsOf(1);
        assertEq(_registry.tryEpochOf(1).operatorCount, 0, "zero");
    }

    function testFuzz_validEpochs_areAtMostTwo(uint256 seed) public {
        _join(1);
        uint64 clock = START;
        for (uint256 i = 0; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            clock += uint64(seed % (2 * MIN_EPOCH_SECONDS));
            vm.warp(clock);
            if (seed & (1 << 200) == 0) try _registry.startEpoch(_aggregates[0]) {} catch {}
            else _registry.startEmergencyEpoch(_aggregates[0]);
            uint32 current = _registry.currentEpoch();
            uint256 validCount = 0;
            for (uint32 e = 1; e <= current; ++e) {
                if (clock <= _registry.epochOf(e).expiresAt) ++validCount;
            }
            assertTrue(current == 0 || (validCount >= 1 && validCount <= 2), "one or two");
        }
    }

    function test_startEpoch_with256Operators_fitsBlockAndBlob() public {
        // Secrets 1 to 256, written straight into storage: a proof for each would take minutes.
        vm.store(address(_registry), bytes32(QUEUE_SLOT), bytes32(uint256(256)));
        for (uint256 i = 0; i < 256; ++i) {
            address operator = address(uint160(0x1000 + i));
            (, G1Point memory key) = Bn254.mul(Bn254.generatorG1(), i + 1);
            uint256 slot = uint256(keccak256(abi.encode(operator, MEMBERS_SLOT)));
            vm.store(address(_registry), bytes32(slot), bytes32(key.x));
            vm.store(address(_registry), bytes32(slot + 1), bytes32(key.y));
            vm.store(address(_registry), bytes32(slot + 2), bytes32(uint256((uint128(1) << 120) - 1)));
            vm.store(
                address(_registry),
                bytes32(uint256(keccak256(abi.encode(QUEUE_SLOT))) + i),
                bytes32(uint256(uint160(operator)))
            );
        }
        G2Point memory aggregate = abi.decode(
            vm.parseJsonBytes(_json, ".possession.aggregateOfFirst256G2"),
            (G2Point)
        );
        uint256 before = gasleft();
        _registry.startEpoch(aggregate);
        // 2²⁴ gas is what a transaction may use since Osaka (EIP-7825).
        assertTrue(before - gasleft() < 2 ** 24, "fits a transaction");
        IOperatorSetRegistry.Epoch memory epoch = _registry.epochOf(1);
        assertEq(epoch.keys.code.length, 1 + 64 + 256 * 80, "blob");
        assertEq(epoch.totalWeight, 256 * uint256((uint128(1) << 120) - 1), "no overflow");
    }
}
