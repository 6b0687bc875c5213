// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {OperatorSetFixture} from "./helpers/OperatorSetFixture.sol";
import {BlsQuorumVerifier} from "../../contracts/BlsQuorumVerifier.sol";
import {OperatorSetRegistry} from "../../contracts/OperatorSetRegistry.sol";
import {IEpochSink} from "../../contracts/interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {G2Point} from "../../contracts/types/Bn254Points.sol";
import {EpochEntry, epochEntry} from "../../contracts/types/EpochEntry.sol";

/// @dev Writes down what it hears, and refuses to hear on demand.
contract SinkProbe is IEpochSink {
    IOperatorSetRegistry public immutable operatorSets;
    mapping(uint32 epoch => uint64 expiresAt) public expiryOf;
    mapping(uint32 epoch => uint16 count) public countOf;
    mapping(uint32 epoch => bytes32 keyHash) public keyHashOf;
    bool private _isDeaf;

    constructor(IOperatorSetRegistry operatorSets_) {
        operatorSets = operatorSets_;
    }

    function refuse() external {
        _isDeaf = true;
    }

    function recordEpoch(uint32 epoch, uint64 expiresAt, uint16 count, bytes32 keyHash) external {
        if (_isDeaf) revert NotTheOperatorSets(msg.sender);
        (expiryOf[epoch], countOf[epoch], keyHashOf[epoch]) = (expiresAt, count, keyHash);
    }
}

/// @dev Tries to start another epoch whenever it hears of one.
contract SinkThatCallsBack is IEpochSink {
    IOperatorSetRegistry public immutable operatorSets;
    G2Point private _aggregateKey;
    uint256 public refusals;

    constructor(IOperatorSetRegistry operatorSets_, G2Point memory aggregateKey) {
        operatorSets = operatorSets_;
        _aggregateKey = aggregateKey;
    }

    function recordEpoch(uint32, uint64, uint16, bytes32) external {
        try operatorSets.startEpoch(_aggregateKey) {
            refusals = 0;
        } catch {
            ++refusals;
        }
    }
}

/// @dev Refuses to hear, from some time on, with 300,000 bytes.
contract LoudSink {
    IOperatorSetRegistry public immutable operatorSets;
    uint256 private _answerBytes;

    constructor(IOperatorSetRegistry operatorSets_) {
        operatorSets = operatorSets_;
    }

    function refuse() external {
        _answerBytes = 300_000;
    }

    function recordEpoch(uint32, uint64, uint16, bytes32) external view {
        uint256 length = _answerBytes;
        if (length == 0) return;
        assembly ("memory-safe") {
            revert(mload(0x40), length)
        }
    }
}

contract EpochSinksTest is OperatorSetFixture {
    SinkProbe private _sink;

    function setUp() public override {
        super.setUp();
        _sink = new SinkProbe(_registry);
    }

    function _assertHears(uint32 epoch) private view {
        IOperatorSetRegistry.Epoch memory summary = _registry.epochOf(epoch);
        assertEq(_sink.expiryOf(epoch), summary.expiresAt, "expiresAt");
        assertEq(_sink.countOf(epoch), summary.operatorCount, "count");
        assertEq(_sink.keyHashOf(epoch), summary.aggregateKeyHash, "key");
    }

    function test_addEpochSink_hearsOfEveryEpochFromThen() public {
        _join(2);
        vm.expectEmit();
        emit IOperatorSetRegistry.EpochSinkAdded(_sink);
        _registry.addEpochSink(_sink);
        assertEq(_sink.countOf(1), 0, "no epoch yet");
        _registry.startEpoch(_aggregates[1]);
        _assertHears(1);
        vm.warp(START + MIN_EPOCH_SECONDS);
        _registry.startEpoch(_aggregates[1]);
        _assertHears(1);
        _assertHears(2);
        assertEq(_sink.expiryOf(1), START + MIN_EPOCH_SECONDS + OVERLAP_SECONDS, "overlap");
    }

    function test_addEpochSink_late_hearsOfLivingEpochsOnly() public {
        _join(1);
        _registry.startEpoch(_aggregates[0]);
        for (uint64 i = 1; i < 4; ++i) {
            vm.warp(START + i * MIN_EPOCH_SECONDS);
            _registry.startEpoch(_aggregates[0]);
        }
        _registry.addEpochSink(_sink);
        assertTrue(_sink.countOf(1) == 0 && _sink.countOf(2) == 0, "not of those that ended");
        _assertHears(3);
        _assertHears(4);
    }

    function test_OPS11_startEmergencyEpoch_sinkHearsInTheSameTransaction() public {
        _join(2);
        _registry.addEpochSink(_sink);
        _registry.startEpoch(_aggregates[1]);
        vm.warp(START + MIN_EPOCH_SECONDS);
        _registry.startEpoch(_aggregates[1]);
        uint64 slashedAt = START + MIN_EPOCH_SECONDS + 5;
        vm.warp(slashedAt);
        _registry.setWeight(_operators[1], 0);
        _registry.startEmergencyEpoch(_aggregates[0]);
        assertEq(_sink.expiryOf(1), slashedAt - 1, "the one in its overlap");
        assertEq(_sink.expiryOf(2), slashedAt - 1, "the current one");
        for (uint32 epoch = 1; epoch < 4; ++epoch) _assertHears(epoch);
    }

    function test_startEpoch_sinkThatCallsBack_findsTheNewEpochTooYoung() public {
        _join(1);
        _registry.startEpoch(_aggregates[0]);
        SinkThatCallsBack sink = new SinkThatCallsBack(_registry, _aggregates[0]);
        vm.warp(START + MIN_EPOCH_SECONDS - 1);
        _registry.addEpochSink(sink);
        vm.warp(START + MIN_EPOCH_SECONDS);
        _registry.startEpoch(_aggregates[0]);
        assertEq(_registry.currentEpoch(), 2, "one epoch");
        // Heard of epoch 1 when it was listed, of epochs 1 and 2 when the second began.
        assertEq(sink.refusals(), 3, "refused each time");
        assertEq(_registry.epochOf(1).expiresAt, START + MIN_EPOCH_SECONDS + OVERLAP_SECONDS, "overlap");
    }

    function test_removeEpochSink_endsWhatItKnows() public {
        _join(1);
        _registry.addEpochSink(_sink);
        _registry.startEpoch(_aggregates[0]);
        vm.warp(START + MIN_EPOCH_SECONDS);
        _registry.startEpoch(_aggregates[0]);
        vm.expectEmit();
        emit IOperatorSetRegistry.EpochSinkRemoved(_sink, true);
        _registry.removeEpochSink(_sink);
        uint64 before = START + MIN_EPOCH_SECONDS - 1;
        assertTrue(_sink.expiryOf(1) == before && _sink.expiryOf(2) == before, "ended");
        assertEq(_registry.epochSinks().length, 0, "not listed");
        assertEq(_registry.epochOf(2).expiresAt, type(uint64).max, "for the others it goes on");
        vm.warp(START + 2 * MIN_EPOCH_SECONDS);
        _registry.startEpoch(_aggregates[0]);
        assertEq(_sink.countOf(3), 0, "hears nothing more");
    }

    function test_removeEpochSink_thatRefusesToHear_isRemoved() public {
        _join(1);
        _registry.addEpochSink(_sink);
        _registry.startEpoch(_aggregates[0]);
        _sink.refuse();
        vm.warp(START + MIN_EPOCH_SECONDS);
        vm.expectRevert(abi.encodeWithSelector(IEpochSink.NotTheOperatorSets.selector, address(_registry)));
        _registry.startEpoch(_aggregates[0]);
        assertEq(_registry.currentEpoch(), 1, "no epoch that a sink did not hear of");
        vm.expectEmit();
        emit IOperatorSetRegistry.EpochSinkRemoved(_sink, false);
        _registry.removeEpochSink(_sink);
        _registry.startEpoch(_aggregates[0]);
        assertEq(_registry.currentEpoch(), 2, "the others go on");
    }

    function test_GAS04_removeEpochSink_thatRefusesWithManyBytes_copiesNone() public {
        _join(1);
        LoudSink loud = new LoudSink(_registry);
        _registry.addEpochSink(IEpochSink(address(loud)));
        _registry.startEpoch(_aggregates[0]);
        loud.refuse();
        uint256 before = gasleft();
        _registry.removeEpochSink(IEpochSink(address(loud)));
        uint256 spent = before - gasleft();
        assertEq(_registry.epochSinks().length, 0, "removed");
        // The sink pays some 200,000 gas for its memory; whoever copied it would pay as much again.
        assertTrue(spent > 200_000 && spent < 350_000, "nothing copied");
    }

    function test_addEpochSink_thatListensElsewhere_reverts() public {
        OperatorSetRegistry other = new OperatorSetRegistry(
            address(this),
            MIN_EPOCH_SECONDS,
            OVERLAP_SECONDS,
            CHANGE_DELAY_SECONDS
        );
        IEpochSink foreign = new SinkProbe(other);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.NotAnEpochSink.selector, foreign));
        _registry.addEpochSink(foreign);
        IEpochSink nobody = IEpochSink(address(0xdead));
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.NotAnEpochSink.selector, nobody));
        _registry.addEpochSink(nobody);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.NotAnEpochSink.selector, _sink));
        _registry.removeEpochSink(_sink);
        assertEq(_registry.epochSinks().length, 0, "none");
    }

    function test_addEpochSink_twiceOrTooMany_reverts() public {
        _registry.addEpochSink(_sink);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.EpochSinkListed.selector, _sink));
        _registry.addEpochSink(_sink);
        for (uint256 i = 0; i < 3; ++i) _registry.addEpochSink(new SinkProbe(_registry));
        IEpochSink fifth = new SinkProbe(_registry);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSetRegistry.TooManyEpochSinks.selector, 4));
        _registry.addEpochSink(fifth);
        assertEq(_registry.epochSinks().length, 4, "four");
        _registry.removeEpochSink(_sink);
        _registry.addEpochSink(fifth);
        assertEq(_registry.epochSinks().length, 4, "room again");
    }

    function test_sinks_areOnlyForTheOwner() public {
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(9));
        vm.startPrank(address(9));
        vm.expectRevert(reason);
        _registry.addEpochSink(_sink);
        vm.expectRevert(reason);
        _registry.removeEpochSink(_sink);
        vm.stopPrank();
        assertEq(_registry.epochSinks().length, 0, "none");
    }

    function test_recordEpoch_bySomebodyElse_reverts() public {
        BlsQuorumVerifier verifier = new BlsQuorumVerifier(_registry);
        vm.expectRevert(abi.encodeWithSelector(IEpochSink.NotTheOperatorSets.selector, address(this)));
        verifier.recordEpoch(1, type(uint64).max, 1, keccak256("key"));
        vm.expectEmit();
        emit IEpochSink.EpochRecorded(1, 77);
        vm.prank(address(_registry));
        verifier.recordEpoch(1, 77, 1, keccak256("key"));
    }

    function testFuzz_epochEntry_readsWhatWasWritten(
        uint64 expiresAt,
        uint8 countLess1,
        bytes32 keyHash,
        uint8 bit,
        uint32 time
    ) public {
        EpochEntry entry = epochEntry(expiresAt, uint16(countLess1) + 1, keyHash);
        vm.warp(time);
        assertEq(entry.operatorCount(), uint256(countLess1) + 1, "count");
        assertTrue(entry.isExpired() == (time > expiresAt), "expiry");
        assertTrue(entry.isOfKey(keyHash) && !entry.hasSubsets(), "key");
        bytes32 flipped = keyHash ^ bytes32(uint256(1) << (56 + (bit % 200)));
        assertTrue(!entry.isOfKey(flipped), "another key");
        assertTrue((entry.misfit(keyHash) == 0) == !entry.isExpired(), "fits while it is valid");
        assertTrue(entry.misfit(flipped) != 0, "never fits another key");
        EpochEntry later = epochEntry(1, 3, keyHash).replacing(entry.withSubsets());
        assertTrue(later.hasSubsets() && later.operatorCount() == 3, "subsets stay");
        assertTrue(EpochEntry.wrap(0).misfit(keyHash) != 0 || time == 0, "an unknown epoch fits nothing");
    }
}
