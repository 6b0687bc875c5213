// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Bls12381G2} from "../types/Bls12381Points.sol";

/// @title Bls12381EpochKeys
/// @notice Keys and weights of an epoch as the code of a contract that nobody can run: a `STOP` byte, the sum of all
///         keys (256 bytes), and per operator key (256) and weight (32).
/// @dev 64 operators take 1 + 256 + 64 * 288 = 18,689 bytes, within the 24,576 of EIP-170.
library Bls12381EpochKeys {
    /// @notice The epoch's keys could not be deployed.
    error EpochKeysNotCreated();

    uint256 private constant KEY_BYTES = 256;
    uint256 private constant RECORD_BYTES = 288;

    /// @dev Deploys `aggregate`, keys and weights; at most 64, so that the length fits the loader's two bytes.
    function write(
        Bls12381G2 memory aggregate,
        Bls12381G2[] memory keys,
        uint128[] memory weights
    ) internal returns (address store) {
        uint256[] memory words = new uint256[](8 + 9 * keys.length);
        put(words, 0, aggregate);
        for (uint256 i = 0; i < keys.length; ++i) {
            put(words, 8 + 9 * i, keys[i]);
            words[16 + 9 * i] = weights[i];
        }
        // Loader: PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN; then STOP and data.
        bytes memory initCode = abi.encodePacked(
            hex"61",
            uint16(1 + 32 * words.length),
            hex"80600a3d393df3",
            hex"00",
            words
        );
        assembly ("memory-safe") {
            store := create(0, add(initCode, 0x20), mload(initCode))
        }
        if (store == address(0)) revert EpochKeysNotCreated();
    }

    /// @dev Sum of all keys. In Solidity: bytes 1 to 257 of `store.code`, decoded.
    function aggregateKey(address store) internal view returns (Bls12381G2 memory key) {
        assembly ("memory-safe") {
            extcodecopy(store, key, 1, 0x100)
        }
    }

    /// @dev Key and weight of operator `index`, which is below the epoch's count. In Solidity: 288 bytes of
    ///      `store.code` from 257 + 288 * index, decoded.
    function recordAt(
        address store,
        uint256 index
    ) internal view returns (Bls12381G2 memory key, uint256 weight) {
        uint256 offset = 1 + KEY_BYTES + index * RECORD_BYTES;
        assembly ("memory-safe") {
            extcodecopy(store, key, offset, 0x100)
            extcodecopy(store, 0x00, add(offset, 0x100), 0x20)
            weight := mload(0x00)
        }
    }

    function put(uint256[] memory words, uint256 offset, Bls12381G2 memory key) private pure {
        words[offset] = key.xRealHigh;
        words[offset + 1] = key.xRealLow;
        words[offset + 2] = key.xImaginaryHigh;
        words[offset + 3] = key.xImaginaryLow;
        words[offset + 4] = key.yRealHigh;
        words[offset + 5] = key.yRealLow;
        words[offset + 6] = key.yImaginaryHigh;
        words[offset + 7] = key.yImaginaryLow;
    }
}
