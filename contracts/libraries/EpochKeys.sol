// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point} from "../types/Bn254Points.sol";
import {Bn254} from "./Bn254.sol";

/// @title EpochKeys
/// @notice Keys and weights of an epoch as the code of a contract that nobody can run
///         (docs/CommitMessage.md, "Epoch keys").
/// @dev 256 operators take 1 + 64 + 256 * 80 = 20,545 bytes, within the 24,576 of EIP-170. Keys are negated
///      when stored, so that leaving a non-signer out is one addition. Weights are below 2¹²⁸.
library EpochKeys {
    /// @notice The epoch's keys could not be deployed.
    error EpochKeysNotCreated();

    uint256 private constant AGGREGATE_BYTES = 64;
    uint256 private constant RECORD_BYTES = 80;

    /// @dev The STOP byte in front of the data.
    uint256 private constant STOP_BYTES = 1;

    /// @dev Copies everything behind itself into memory and returns it; 10 bytes with the 2-byte length inside:
    ///      PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN.
    uint256 private constant LOADER_BYTES = 10;

    /// @dev A weight is written as a whole word, so the last one reaches this far beyond its record.
    uint256 private constant OVERHANG_BYTES = 16;

    /// @dev Deploys the aggregate key, and per index the operator's negated key and weight. In Solidity, at a cost
    ///      that grows with the square of the count: `abi.encodePacked(hex"00", aggregate.x, aggregate.y)`, to which
    ///      `abi.encodePacked(key.x, P - key.y, weight)` is appended for each operator.
    function write(
        G1Point memory aggregate,
        G1Point[] memory keysG1,
        uint128[] memory weights
    ) internal returns (address keys) {
        // No overflow: the caller admits at most 256 operators, so the length fits the loader's two bytes.
        uint256 codeBytes = STOP_BYTES + AGGREGATE_BYTES + keysG1.length * RECORD_BYTES;
        bytes memory initCode = new bytes(LOADER_BYTES + codeBytes + OVERHANG_BYTES);
        uint256 loader = 0x61000080600a3d393df3 | (codeBytes << 56);
        uint256 cursor;
        assembly ("memory-safe") {
            mstore(add(initCode, 0x20), shl(176, loader))
            cursor := add(initCode, 0x2b)
        }
        storePoint(cursor, aggregate);
        cursor += AGGREGATE_BYTES;
        for (uint256 i = 0; i < keysG1.length; ++i) {
            storePoint(cursor, Bn254.negate(keysG1[i]));
            uint256 weight = weights[i];
            assembly ("memory-safe") {
                mstore(add(cursor, 0x40), shl(128, weight))
            }
            cursor += RECORD_BYTES;
        }
        assembly ("memory-safe") {
            keys := create(0, add(initCode, 0x20), add(codeBytes, 10))
        }
        if (keys == address(0)) revert EpochKeysNotCreated();
    }

    /// @dev Sum of the G1 keys of all operators. In Solidity: bytes 1 to 65 of `keys.code`, decoded.
    function aggregateKey(address keys) internal view returns (G1Point memory aggregate) {
        assembly ("memory-safe") {
            extcodecopy(keys, aggregate, 1, 0x40)
        }
    }

    /// @dev Negated G1 key and weight of operator `index`, which is below the epoch's operator count. In Solidity:
    ///      80 bytes of `keys.code` from 65 + 80 * index, decoded.
    function recordAt(
        address keys,
        uint256 index
    ) internal view returns (G1Point memory negatedKey, uint256 weight) {
        uint256 offset = STOP_BYTES + AGGREGATE_BYTES + index * RECORD_BYTES;
        assembly ("memory-safe") {
            // The record is 80 bytes: 64 for the point, which keeps them, and 16 of weight read from free memory.
            negatedKey := mload(0x40)
            mstore(0x40, add(negatedKey, 0x40))
            extcodecopy(keys, negatedKey, offset, 80)
            weight := shr(128, mload(add(negatedKey, 0x40)))
        }
    }

    /// @dev Both coordinates at `cursor`, inside memory that `write` has allocated.
    function storePoint(uint256 cursor, G1Point memory point) private pure {
        assembly ("memory-safe") {
            mcopy(cursor, point, 0x40)
        }
    }
}
