// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "../Cheats.sol";
import {IEpochSink} from "../../contracts/interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {EpochKeys} from "../../contracts/libraries/EpochKeys.sol";
import {G1Point} from "../../contracts/types/Bn254Points.sol";

/// @dev What a verifier needs of an operator set registry, fed from test/vectors/bls.json. Sets are loaded in the order
///      of their epochs, as keys lie where the registry's count of contracts says.
contract OperatorSetStub {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    mapping(uint32 epoch => IOperatorSetRegistry.Epoch summary) private _epochs;

    function tryEpochOf(uint32 epoch) external view returns (IOperatorSetRegistry.Epoch memory) {
        return _epochs[epoch];
    }

    /// @dev Makes `.sets[index]` an epoch.
    function load(string calldata json, uint256 index) external {
        string memory set = string.concat(".sets[", vm.toString(index), "]");
        bytes[] memory encoded = vm.parseJsonBytesArray(json, string.concat(set, ".keysG1"));
        uint256[] memory parsed = vm.parseJsonUintArray(json, string.concat(set, ".weights"));
        G1Point[] memory keysG1 = new G1Point[](encoded.length);
        uint128[] memory weights = new uint128[](encoded.length);
        uint128 total = 0;
        for (uint256 i = 0; i < encoded.length; ++i) {
            keysG1[i] = abi.decode(encoded[i], (G1Point));
            weights[i] = uint128(parsed[i]);
            total += weights[i];
        }
        G1Point memory sum = abi.decode(
            vm.parseJsonBytes(json, string.concat(set, ".aggregateKeyG1")),
            (G1Point)
        );
        _epochs[uint32(vm.parseJsonUint(json, string.concat(set, ".epoch")))] = IOperatorSetRegistry.Epoch({
            keys: EpochKeys.write(sum, total, keysG1, weights),
            startedAt: 1,
            expiresAt: uint64(vm.parseJsonUint(json, string.concat(set, ".expiresAt"))),
            operatorCount: uint16(encoded.length),
            totalWeight: total,
            aggregateKeyHash: keccak256(vm.parseJsonBytes(json, string.concat(set, ".aggregateKeyG2")))
        });
    }

    /// @dev Tells `sink` of every epoch up to `count`.
    function tell(IEpochSink sink, uint32 count) external {
        for (uint32 epoch = 1; epoch <= count; ++epoch) {
            IOperatorSetRegistry.Epoch memory summary = _epochs[epoch];
            sink.recordEpoch(epoch, summary.expiresAt, summary.operatorCount, summary.aggregateKeyHash);
        }
    }
}
