// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {OperatorSetFixture} from "./helpers/OperatorSetFixture.sol";
import {OperatorSetRegistry} from "../../contracts/OperatorSetRegistry.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {G1Point, G2Point} from "../../contracts/types/Bn254Points.sol";
contract OperatorSetEpochsTest is OperatorSetFixture {
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
        assertEq(epoch.keys.code.length, 1 + 80 + 256 * 80, "blob");
        assertEq(epoch.totalWeight, 256 * uint256((uint128(1) << 120) - 1), "no overflow");
    }
}
