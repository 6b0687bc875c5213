// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../../Cheats.sol";
import {OperatorSetRegistry} from "../../../contracts/OperatorSetRegistry.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {G1Point, G2Point} from "../../../contracts/types/Bn254Points.sol";
/// @dev A registry at the address that the proofs of test/vectors/bls.json name.
abstract contract OperatorSetFixture is Test {
    uint64 internal constant START = 1_800_000_000;
    uint32 internal constant MIN_EPOCH_SECONDS = 1 hours;
    uint32 internal constant OVERLAP_SECONDS = 10 minutes;
    uint32 internal constant CHANGE_DELAY_SECONDS = 3 days;
    /// @dev Storage slots: owner and pending owner, with the epoch number; epochs, sinks, raises, and two words of
    ///      EIP712 come before.
    uint256 internal constant MEMBERS_SLOT = 7;
    uint256 internal constant QUEUE_SLOT = 9;

    string internal _json;
    OperatorSetRegistry internal _registry;
    address[] internal _operators;
    G1Point[] internal _keysG1;
    G2Point[] internal _keysG2;
    IOperatorSetRegistry.Possession[] internal _proofs;
    G2Point[] internal _aggregates;

    function setUp() public virtual {
        vm.warp(START);
        _json = vm.readFile("./test/vectors/bls.json");
        vm.chainId(vm.parseJsonUint(_json, ".possession.chainId"));
        OperatorSetRegistry made = new OperatorSetRegistry(
            address(this),
            MIN_EPOCH_SECONDS,
            OVERLAP_SECONDS,
            CHANGE_DELAY_SECONDS
        );
        // The proofs name a registry address, so the code is moved there; the owner is in slot 0.
        _registry = OperatorSetRegistry(_address(vm.parseJsonBytes(_json, ".possession.registry")));
        vm.etch(address(_registry), address(made).code);
        vm.store(address(_registry), 0, bytes32(uint256(uint160(address(this)))));
        _loadProofs();
    }

    function _loadProofs() internal {
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

    function _address(bytes memory encoded) internal pure returns (address) {
        return address(bytes20(encoded));
    }

    function _register(uint256 i) internal {
        vm.prank(_operators[i]);
        _registry.register(_keysG1[i], _keysG2[i], _proofs[i]);
    }

    function _join(uint256 count) internal {
        for (uint256 i = 0; i < count; ++i) {
            _register(i);
            _registry.setWeight(_operators[i], uint128(100 + i));
        }
    }

    function _assertNothingRegistered() internal view {
        assertEq(_registry.queuedOperators().length, 0, "nobody queued");
        assertEq(_registry.currentEpoch(), 0, "no epoch");
    }
}
