// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {ScaledKeys} from "./invariant/ScaledKeys.sol";
import {OperatorSetRegistry} from "../../contracts/OperatorSetRegistry.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {G1Point} from "../../contracts/types/Bn254Points.sol";

/// @dev Epochs of any part of eight operators, and changes that others make in between. Operator i has the secret 2^i.
contract OperatorSetGapsTest is Test {
    uint64 private constant START = 1_800_000_000;

    uint32 private constant CHANGE_DELAY_SECONDS = 3 days;

    ScaledKeys private _keys;
    /// @dev Block time, kept here because the optimizer takes `block.timestamp` for constant within a call.
    uint64 private _clock;
    OperatorSetRegistry private _registry;

    function setUp() public {
        _warp(START);
        _keys = new ScaledKeys();
        _registry = new OperatorSetRegistry(address(this), 1 hours, 10 minutes, CHANGE_DELAY_SECONDS);
        for (uint256 i = 0; i < 8; ++i) _register(i);
    }

    function _warp(uint64 to) private {
        _clock = to;
        vm.warp(to);
    }

    function _account(uint256 i) private pure returns (address) {
        return address(uint160(0x1000 + i));
    }

    function _register(uint256 i) private {
        uint256 secret = 1 << i;
        bytes32 message = _registry.possessionMessage(_account(i), _keys.keyG1(secret), _keys.keyG2(secret));
        (ScaledKeys.Hashed memory hashed, G1Point memory signature) = _keys.sign(message, secret);
        IOperatorSetRegistry.Possession memory proof = IOperatorSetRegistry.Possession(
            signature,
            hashed.counter,
            hashed.point.y
        );
        bytes memory call = abi.encodeCall(
            _registry.register,
            (_keys.keyG1(secret), _keys.keyG2(secret), proof)
        );
        vm.prank(_account(i));
        (bool ok, ) = address(_registry).call(call);
        assertTrue(ok, "registered");
    }

    /// @dev Gives weight to the operators whose bits are set, in ascending order, and to no other. Once there is an
    ///      epoch, that takes the delay.
    function _weigh(uint256 members) private {
        for (uint256 i = 0; i < 8; ++i) _registry.setWeight(_account(i), 0);
        for (uint256 i = 0; i < 8; ++i) {
            if (members & (1 << i) != 0) _registry.setWeight(_account(i), uint128(100 + i));
        }
        if (_registry.currentEpoch() == 0) return;
        _warp(_clock + CHANGE_DELAY_SECONDS);
        for (uint256 i = 0; i < 8; ++i) {
            if (members & (1 << i) != 0) _registry.enactWeight(_account(i));
        }
    }

    function _epochKeysOf(uint256 members) private view returns (bytes memory packed) {
        uint128 total = 0;
        for (uint256 i = 0; i < 8; ++i) {
            if (members & (1 << i) == 0) continue;
            G1Point memory key = _keys.keyG1(1 << i);
            packed = abi.encodePacked(packed, key.x, Bn254.P - key.y, uint128(100 + i));
            total += uint128(100 + i);
        }
        G1Point memory sum = _keys.keyG1(members);
        return abi.encodePacked(hex"00", sum.x, sum.y, total, packed);
    }

    function test_OPS07_startEpoch_anyOperatorsLeftOut_packsTheOthers() public {
        for (uint256 members = 1; members < 256; ++members) {
            _weigh(members);
            _registry.startEmergencyEpoch(_keys.keyG2(members));
            IOperatorSetRegistry.Epoch memory epoch = _registry.epochOf(uint32(members));
            assertEq(keccak256(epoch.keys.code), keccak256(_epochKeysOf(members)), "packed reference");
        }
        _weigh(0);
        vm.expectRevert(IOperatorSetRegistry.EmptyOperatorSet.selector);
        this.startEmergency(1);
        assertEq(_registry.currentEpoch(), 255, "every pattern");
    }

    function startEmergency(uint256 secret) external {
        _registry.startEmergencyEpoch(_keys.keyG2(secret));
    }

    function test_OPS01_setWeight_inTheBlockOfACommit_changesNoEpoch() public {
        _weigh(0x0f);
        _registry.startEpoch(_keys.keyG2(0x0f));
        bytes32 before = keccak256(abi.encode(_registry.epochOf(1), _registry.operatorsOf(1)));
        _registry.setWeight(_account(0), 1_000_000);
        _registry.setWeight(_account(1), 0);
        _registry.setWeight(_account(7), 5);
        vm.prank(_account(2));
        _registry.deregister();
        assertEq(
            keccak256(abi.encode(_registry.epochOf(1), _registry.operatorsOf(1))),
            before,
            "what certificates are judged by"
        );
    }

    function test_OPS10_startEpoch_somebodyFirst_leavesTheSameSet() public {
        _weigh(0x0f);
        _registry.startEpoch(_keys.keyG2(0x0f));
        _weigh(0x3c);
        bytes memory call = abi.encodeCall(_registry.startEpoch, (_keys.keyG2(0x3c)));
        vm.prank(address(0xbad));
        (bool ok, ) = address(_registry).call(call);
        assertTrue(ok, "anybody may");
        bytes32 wanted = keccak256(_registry.epochOf(2).keys.code);
        assertEq(wanted, keccak256(_epochKeysOf(0x3c)), "what the owner wanted");
        bytes memory reason;
        (ok, reason) = address(_registry).call(call);
        assertTrue(!ok && bytes4(reason) == IOperatorSetRegistry.EpochTooShort.selector, "named");
        assertEq(_registry.currentEpoch(), 2, "no third epoch");
        assertEq(_registry.epochOf(1).expiresAt, _clock + 10 minutes, "the overlap is kept");
    }

    function test_OPS15_startEmergencyEpoch_overAndOver_leavesOneValidEpoch() public {
        _weigh(0xff);
        uint256 members = 0xff;
        for (uint256 i = 0; i < 20; ++i) {
            // One operator after the other leaves, down to the last; twice in every second.
            if (i < 7) members &= ~(uint256(1) << i);
            if (i < 7) _registry.setWeight(_account(i), 0);
            _registry.startEmergencyEpoch(_keys.keyG2(members));
            _warp(START + uint64(i) / 2);
        }
        assertEq(_registry.currentEpoch(), 20, "epochs");
        for (uint32 epoch = 1; epoch < 20; ++epoch) {
            assertTrue(_registry.epochOf(epoch).expiresAt < START + 9, "over");
            uint256 left = epoch < 7 ? 8 - epoch : 1;
            assertEq(_registry.operatorsOf(epoch).length, left, "and still to be read");
        }
        assertEq(_registry.epochOf(20).expiresAt, type(uint64).max, "the newest");
    }
}
