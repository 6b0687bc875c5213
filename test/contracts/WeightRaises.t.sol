// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OperatorSetFixture} from "./helpers/OperatorSetFixture.sol";
import {OperatorSetRegistry} from "../../contracts/OperatorSetRegistry.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {ITimelocked} from "../../contracts/interfaces/ITimelocked.sol";

/// @dev Weights once there is an epoch: what takes from an operator counts at once, what gives waits.
contract WeightRaisesTest is OperatorSetFixture {
    uint64 private constant READY_AT = START + CHANGE_DELAY_SECONDS;

    function setUp() public override {
        super.setUp();
        _join(2);
        _register(2);
        _registry.startEpoch(_aggregates[1]);
    }

    function _weightOf(uint256 i) private view returns (uint128) {
        IOperatorSetRegistry.OperatorRecord[] memory queued = _registry.queuedOperators();
        for (uint256 place = 0; place < queued.length; ++place) {
            if (queued[place].operator == _operators[i]) return queued[place].weight;
        }
        return 0;
    }

    function _assertProposed(uint256 i, uint128 weight, uint64 executableAt) private view {
        (uint128 proposed, uint64 dueAt) = _registry.proposedWeight(_operators[i]);
        assertEq(proposed, weight, "proposed");
        assertEq(dueAt, executableAt, "time");
    }

    function _assertEnactRefused(uint256 i, bytes memory reason) private {
        bytes32 before = keccak256(abi.encode(_registry.queuedOperators()));
        (uint128 proposed, uint64 dueAt) = _registry.proposedWeight(_operators[i]);
        vm.expectRevert(reason);
        _registry.enactWeight(_operators[i]);
        assertEq(keccak256(abi.encode(_registry.queuedOperators())), before, "queue unchanged");
        _assertProposed(i, proposed, dueAt);
    }

    function _active(uint64 executableAt, uint64 now_) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITimelocked.TimelockActive.selector, executableAt, now_);
    }

    function _nothing() private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITimelocked.NothingProposed.selector);
    }

    function test_constructor_changeDelayOutOfBounds_reverts() public {
        uint32[2] memory bad = [uint32(2 days - 1), 30 days + 1];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ITimelocked.InvalidChangeDelay.selector, 2 days, 30 days, bad[i])
            );
            new OperatorSetRegistry(address(this), 1 hours, 60, bad[i]);
        }
        assertEq(_registry.changeDelaySeconds(), CHANGE_DELAY_SECONDS, "delay");
    }

    function test_OPS12_setWeight_raise_waitsForTheDelay() public {
        vm.expectEmit();
        emit IOperatorSetRegistry.WeightRaiseProposed(_operators[0], 100, 1_000, READY_AT);
        _registry.setWeight(_operators[0], 1_000);
        assertEq(_weightOf(0), 100, "not yet");
        _assertProposed(0, 1_000, READY_AT);
        _assertEnactRefused(0, _active(READY_AT, START));
        vm.warp(READY_AT - 1);
        _assertEnactRefused(0, _active(READY_AT, READY_AT - 1));
        vm.warp(READY_AT);
        vm.expectEmit();
        emit IOperatorSetRegistry.WeightQueued(_operators[0], 100, 1_000);
        vm.prank(address(0xfeed));
        _registry.enactWeight(_operators[0]);
        assertEq(_weightOf(0), 1_000, "by anybody");
        _assertProposed(0, 0, 0);
        _assertEnactRefused(0, _nothing());
    }

    function test_OPS12_setWeight_newOperator_waitsForTheDelay() public {
        _registry.setWeight(_operators[2], 1);
        assertEq(_registry.queuedOperators().length, 2, "not yet");
        vm.warp(START + MIN_EPOCH_SECONDS);
        _registry.startEmergencyEpoch(_aggregates[1]);
        assertEq(_registry.epochOf(2).operatorCount, 2, "not by an emergency either");
        vm.warp(READY_AT);
        _registry.enactWeight(_operators[2]);
        _registry.startEpoch(_aggregates[2]);
        assertEq(_registry.epochOf(3).operatorCount, 3, "in the epoch after");
    }

    function test_setWeight_lower_countsAtOnceAndCancelsTheRaise() public {
        _registry.setWeight(_operators[0], 1_000);
        vm.expectEmit();
        emit IOperatorSetRegistry.WeightRaiseCancelled(_operators[0]);
        vm.expectEmit();
        emit IOperatorSetRegistry.WeightQueued(_operators[0], 100, 50);
        _registry.setWeight(_operators[0], 50);
        assertEq(_weightOf(0), 50, "at once");
        _registry.setWeight(_operators[1], 300);
        _registry.setWeight(_operators[1], 0);
        assertEq(_registry.queuedOperators().length, 1, "ejected at once");
        vm.warp(READY_AT);
        _assertEnactRefused(0, _nothing());
        _assertEnactRefused(1, _nothing());
    }

    function test_setWeight_theSame_cancelsTheRaise() public {
        _registry.setWeight(_operators[0], 1_000);
        _registry.setWeight(_operators[0], 100);
        _assertProposed(0, 0, 0);
        assertEq(_weightOf(0), 100, "as it was");
    }

    function test_setWeight_raiseAgain_restartsTheClock() public {
        _registry.setWeight(_operators[0], 1_000);
        vm.warp(READY_AT);
        _registry.setWeight(_operators[0], 101);
        _assertProposed(0, 101, READY_AT + CHANGE_DELAY_SECONDS);
        _assertEnactRefused(0, _active(READY_AT + CHANGE_DELAY_SECONDS, READY_AT));
    }

    function test_enactWeight_forgotten_expires() public {
        _registry.setWeight(_operators[0], 1_000);
        uint64 expiredAt = READY_AT + 14 days;
        vm.warp(expiredAt + 1);
        _assertEnactRefused(
            0,
            abi.encodeWithSelector(ITimelocked.ProposalExpired.selector, expiredAt, expiredAt + 1)
        );
        vm.warp(expiredAt);
        _registry.enactWeight(_operators[0]);
        assertEq(_weightOf(0), 1_000, "the last second");
    }

    function test_deregister_cancelsTheRaise() public {
        _registry.setWeight(_operators[0], 1_000);
        vm.expectEmit();
        emit IOperatorSetRegistry.WeightRaiseCancelled(_operators[0]);
        vm.prank(_operators[0]);
        _registry.deregister();
        vm.warp(READY_AT);
        _assertEnactRefused(0, _nothing());
    }

    function test_enactWeight_operator257_reverts() public {
        _registry.setWeight(_operators[2], 1);
        vm.store(address(_registry), bytes32(QUEUE_SLOT), bytes32(uint256(256)));
        vm.warp(READY_AT);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.TooManyOperators.selector, 256));
        _registry.enactWeight(_operators[2]);
        _assertProposed(2, 1, READY_AT);
    }

    /// @dev Whatever the owner sets, no weight is greater than it was a delay ago.
    function testFuzz_OPS12_setWeight_neverRaisesAtOnce(uint256 seed) public {
        for (uint256 i = 0; i < 16; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 operator = seed % 3;
            uint128 before = _weightOf(operator);
            _registry.setWeight(_operators[operator], uint128((seed >> 8) % 300));
            assertTrue(_weightOf(operator) <= before, "no greater");
        }
    }
}
