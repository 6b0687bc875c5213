// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Bn254} from "./Bn254.sol";

/// @title BlsWorkspace
/// @notice Memory in which a certificate is proven, laid out as the precompiles take it, so that no point is copied
///         without need.
/// @dev Words 0 to 11 are the pairs of e(σ, −G2) · e(H, key), words 12 to 16 the signers' G1 key and an operand,
///      words 17 to 27 what γ hashes. Positions are places in memory. The Solidity twin, with structs, is
///      `BoundSignature`.
library BlsWorkspace {
    /// @dev A workspace behind allocated memory, and not allocated, with the points that a certificate holds from `offset` on, and the hash (`x`, `y`). In
    ///      Solidity: `abi.decode` of 192 bytes into both points, and the constants of −G2 between them.
    function open(
        bytes calldata certificate,
        uint256 offset,
        uint256 x,
        uint256 y
    ) internal pure returns (uint256 work) {
        (uint256 g0, uint256 g1) = (Bn254.NEGATED_G2_X_IMAGINARY, Bn254.NEGATED_G2_X_REAL);
        (uint256 g2, uint256 g3) = (Bn254.NEGATED_G2_Y_IMAGINARY, Bn254.NEGATED_G2_Y_REAL);
        assembly ("memory-safe") {
            work := mload(0x40)
            let points := add(certificate.offset, offset)
            calldatacopy(work, points, 0x40)
            mstore(add(work, 0x40), g0)
            mstore(add(work, 0x60), g1)
            mstore(add(work, 0x80), g2)
            mstore(add(work, 0xa0), g3)
            mstore(add(work, 0xc0), x)
            mstore(add(work, 0xe0), y)
            calldatacopy(add(work, 0x100), add(points, 0x40), 0x80)
        }
    }

    /// @dev Hash of the G2 key. In Solidity: `keccak256(abi.encode(keyG2))`.
    function keyHash(uint256 work) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(work, 0x100), 0x80)
        }
    }

    /// @dev Allocates a workspace that `open` has just made, so that other memory may be used beside it.
    function keep(uint256 work) internal pure {
        assembly ("memory-safe") {
            // 28 words.
            mstore(0x40, add(work, 0x380))
        }
    }

    /// @dev Where the five words begin that `EpochKeys.leaveOut` uses.
    function signersKey(uint256 work) internal pure returns (uint256) {
        // A place in memory, far below 2^256.
        unchecked {
            return work + 0x180;
        }
    }

    /// @dev Under which a subset's weights are cached: hash of the epoch and of the certificate from `keyOffset` on,
    ///      which is its G2 key and its non-signers. In Solidity:
    ///      `keccak256(abi.encodePacked(epoch, certificate[keyOffset:]))`.
    function subsetId(
        uint32 epoch,
        bytes calldata certificate,
        uint256 keyOffset
    ) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let packed := mload(0x40)
            let length := sub(certificate.length, keyOffset)
            mstore(packed, shl(224, epoch))
            calldatacopy(add(packed, 4), add(certificate.offset, keyOffset), length)
            id := keccak256(packed, add(length, 4))
        }
    }

    /// @dev Replaces σ by σ + γ · signers' key, and H by H + γ · G1, so that the pairing proves both halves of the key
    ///      with the signature. `isBound` is false if a point was refused or a half of the key is zero. In Solidity:
    ///      `BoundSignature.verify`, up to its pairing.
    function bindKey(uint256 work, bytes32 message) internal view returns (bool isBound) {
        uint256 gamma;
        (isBound, gamma) = gammaOf(work, message);
        uint256 factor = signersKey(work);
        assembly ("memory-safe") {
            mstore(add(factor, 0x40), gamma)
        }
        if (!isBound || !Bn254.mulAt(factor)) return false;
        assembly ("memory-safe") {
            mcopy(add(factor, 0x40), work, 0x40)
        }
        if (!Bn254.addAt(factor)) return false;
        assembly ("memory-safe") {
            mcopy(work, factor, 0x40)
            mstore(factor, 1)
            mstore(add(factor, 0x20), 2)
            mstore(add(factor, 0x40), gamma)
        }
        if (!Bn254.mulAt(factor)) return false;
        assembly ("memory-safe") {
            mcopy(add(factor, 0x40), add(work, 0xc0), 0x40)
        }
        if (!Bn254.addAt(factor)) return false;
        assembly ("memory-safe") {
            mcopy(add(work, 0xc0), factor, 0x40)
        }
    }

    /// @dev γ, which the precompile reduces modulo R; and whether neither half of the key is zero.
    function gammaOf(uint256 work, bytes32 message) private pure returns (bool isKey, uint256 gamma) {
        assembly ("memory-safe") {
            let transcript := add(work, 0x220)
            mstore(transcript, message)
            mcopy(add(transcript, 0x20), add(work, 0xc0), 0x40)
            mcopy(add(transcript, 0x60), work, 0x40)
            mcopy(add(transcript, 0xa0), add(work, 0x180), 0x40)
            mcopy(add(transcript, 0xe0), add(work, 0x100), 0x80)
            gamma := keccak256(transcript, 0x160)
            let keyG1 := or(mload(add(work, 0x180)), mload(add(work, 0x1a0)))
            let x := or(mload(add(work, 0x100)), mload(add(work, 0x120)))
            let keyG2 := or(x, or(mload(add(work, 0x140)), mload(add(work, 0x160))))
            isKey := iszero(or(iszero(keyG1), iszero(keyG2)))
        }
    }

    // -- Sums of hashes --

    /// @dev Room for a sum, an operand, and `messageCount` messages. The sum is zero.
    function openSum(uint256 messageCount) internal pure returns (uint256 sum) {
        assembly ("memory-safe") {
            sum := mload(0x40)
            mstore(sum, 0)
            mstore(add(sum, 0x20), 0)
            mstore(0x40, add(add(sum, 0x80), shl(5, messageCount)))
        }
    }

    /// @dev Enters message number `place` and adds its hash (`x`, `y`).
    function addHashed(
        uint256 sum,
        uint256 place,
        bytes32 message,
        uint256 x,
        uint256 y
    ) internal view returns (bool accepted) {
        assembly ("memory-safe") {
            mstore(add(sum, 0x40), x)
            mstore(add(sum, 0x60), y)
            mstore(add(add(sum, 0x80), shl(5, place)), message)
        }
        return Bn254.addAt(sum);
    }

    /// @dev The sum, and the word that stands for all messages: one itself, or the hash of several. In Solidity:
    ///      `keccak256(abi.encodePacked(messages))`.
    function closeSum(
        uint256 sum,
        uint256 messageCount
    ) internal pure returns (bytes32 message, uint256 x, uint256 y) {
        assembly ("memory-safe") {
            x := mload(sum)
            y := mload(add(sum, 0x20))
            message := mload(add(sum, 0x80))
            if gt(messageCount, 1) {
                message := keccak256(add(sum, 0x80), shl(5, messageCount))
            }
        }
    }
}
