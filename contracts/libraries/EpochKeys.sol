// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point} from "../types/Bn254Points.sol";
import {Bn254} from "./Bn254.sol";

/// @title EpochKeys
/// @notice Keys and weights of an epoch as the code of a contract that nobody can run
///         (docs/CommitMessage.md, "Epoch keys").
/// @dev 256 operators take 1 + 80 + 256 * 80 = 20,561 bytes, within the 24,576 of EIP-170. Keys are negated
///      when stored, so that leaving a non-signer out is one addition. Weights are below 2¹²⁸.
library EpochKeys {
    /// @notice The epoch's keys could not be deployed.
    error EpochKeysNotCreated();

    /// @dev A point and a weight of 16 bytes. The first record is the sum of all others.
    uint256 private constant RECORD_BYTES = 80;

    /// @dev The STOP byte in front of the data.
    uint256 private constant STOP_BYTES = 1;

    /// @dev Copies everything behind itself into memory and returns it; 10 bytes with the 2-byte length inside:
    ///      PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN.
    uint256 private constant LOADER_BYTES = 10;

    /// @dev A weight is written as a whole word, so the last one reaches this far beyond its record.
    uint256 private constant OVERHANG_BYTES = 16;

    /// @dev Deploys the sums, and per index the operator's negated key and weight. In Solidity, at a cost that
    ///      grows with the square of the count: `abi.encodePacked(hex"00", aggregate.x, aggregate.y, total)`, to
    ///      which `abi.encodePacked(key.x, P - key.y, weight)` is appended for each operator.
    function write(
        G1Point memory aggregate,
        uint128 totalWeight,
        G1Point[] memory keysG1,
        uint128[] memory weights
    ) internal returns (address keys) {
        // No overflow: the caller admits at most 256 operators, so the length fits the loader's two bytes.
        uint256 codeBytes = STOP_BYTES + (1 + keysG1.length) * RECORD_BYTES;
        bytes memory initCode = new bytes(LOADER_BYTES + codeBytes + OVERHANG_BYTES);
        uint256 loader = 0x61000080600a3d393df3 | (codeBytes << 56);
        uint256 cursor;
        assembly ("memory-safe") {
            mstore(add(initCode, 0x20), shl(176, loader))
            cursor := add(initCode, 0x2b)
        }
        storeRecord(cursor, aggregate, totalWeight);
        for (uint256 i = 0; i < keysG1.length; ++i) {
            cursor += RECORD_BYTES;
            storeRecord(cursor, Bn254.negate(keysG1[i]), weights[i]);
        }
        assembly ("memory-safe") {
            keys := create(0, add(initCode, 0x20), add(codeBytes, 10))
        }
        if (keys == address(0)) revert EpochKeysNotCreated();
    }

    /// @dev Where `creator` deploys the keys of `epoch`, if it deploys nothing else: contracts count what they
    ///      create from 1 (EIP-161), and the address is `keccak256(rlp([creator, nonce]))`.
    ///      In Solidity: `bytes20` of that hash's end, with the nonce as the shortest big-endian bytes, behind their
    ///      length plus 0x80 unless it is one byte below 0x80.
    function addressOf(address creator, uint32 epoch) internal pure returns (address keys) {
        assembly ("memory-safe") {
            // A list of 22 bytes, behind its length: 0x94 and the address, and a small nonce as it is.
            let rlp := or(shl(240, 0xd694), or(shl(80, creator), shl(72, epoch)))
            let length := 23
            if gt(epoch, 0x7f) {
                let nonceBytes := add(add(1, gt(epoch, 0xff)), add(gt(epoch, 0xffff), gt(epoch, 0xffffff)))
                let nonce := or(shl(72, add(0x80, nonceBytes)), shl(sub(72, shl(3, nonceBytes)), epoch))
                rlp := or(shl(248, add(0xd6, nonceBytes)), or(shl(240, 0x94), or(shl(80, creator), nonce)))
                length := add(23, nonceBytes)
            }
            mstore(0x00, rlp)
            keys := and(keccak256(0x00, length), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    /// @dev Sum of the weights of all operators. In Solidity: bytes 65 to 81 of `keys.code`, decoded.
    function totalWeightOf(address keys) internal view returns (uint256 totalWeight) {
        assembly ("memory-safe") {
            extcodecopy(keys, 0x00, 65, 0x20)
            totalWeight := shr(128, mload(0x00))
        }
    }

    /// @dev Sum of the G1 keys of all operators. In Solidity: bytes 1 to 65 of `keys.code`, decoded.
    function aggregateKeyOf(address keys) internal view returns (G1Point memory aggregate) {
        assembly ("memory-safe") {
            extcodecopy(keys, aggregate, 1, 0x40)
        }
    }

    /// @dev Negated G1 key and weight of operator `index`; zeros beyond the last. In Solidity: 80 bytes of
    ///      `keys.code` from 81 + 80 * index, decoded.
    function recordAt(
        address keys,
        uint256 index
    ) internal view returns (G1Point memory negatedKey, uint256 weight) {
        uint256 offset = STOP_BYTES + RECORD_BYTES + index * RECORD_BYTES;
        assembly ("memory-safe") {
            extcodecopy(keys, negatedKey, offset, 0x40)
            extcodecopy(keys, 0x00, add(offset, 0x40), 0x20)
            weight := shr(128, mload(0x00))
        }
    }

    /// @dev Leaves the key of all operators but those at `indices` in the two words at `position`, of five that
    ///      it uses; returns their weight and that of all. Of operators that do not exist, key and weight are zero.
    ///      `proceeds` is false if an index is not above the one before, or the precompile refused a key. In Solidity:
    ///      `Bn254.add` of `aggregateKeyOf` and `recordAt` for every index.
    function leaveOut(
        address keys,
        bytes calldata indices,
        uint256 position
    ) internal view returns (bool proceeds, uint256 remainingWeight, uint256 totalWeight) {
        uint256 leftOut = 0;
        uint256 addGas = Bn254.ADD_GAS;
        assembly ("memory-safe") {
            extcodecopy(keys, position, 1, 80)
            totalWeight := shr(128, mload(add(position, 0x40)))
            let record := add(position, 0x40)
            let weight := add(position, 0x80)
            // The half behind a record's weight.
            mstore(weight, 0)
            let wrong := 0
            let next := 0
            let end := add(indices.offset, indices.length)
            for {
                let cursor := indices.offset
            } lt(cursor, end) {
                cursor := add(cursor, 1)
            } {
                let index := byte(0, calldataload(cursor))
                wrong := or(wrong, lt(index, next))
                next := add(index, 1)
                extcodecopy(keys, record, add(81, mul(80, index)), 80)
                // In the upper half: 256 weights sum to less than 2¹²⁸.
                leftOut := add(leftOut, mload(weight))
                // As `Bn254.addAt`. Its answer has one length; and whoever asks why nothing was proven asks that.
                wrong := or(wrong, iszero(staticcall(addGas, 0x06, position, 0x80, position, 0x40)))
            }
            proceeds := iszero(wrong)
        }
        // Checked: more than everything cannot be left out.
        if (proceeds) remainingWeight = totalWeight - (leftOut >> 128);
    }

    /// @dev A record at `cursor`, inside memory that `write` has allocated.
    function storeRecord(uint256 cursor, G1Point memory point, uint128 weight) private pure {
        assembly ("memory-safe") {
            mcopy(cursor, point, 0x40)
            mstore(add(cursor, 0x40), shl(128, weight))
        }
    }
}
