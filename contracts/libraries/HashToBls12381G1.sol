// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Bls12381G1} from "../types/Bls12381Points.sol";
import {Bls12381} from "./Bls12381.sol";

/// @title HashToBls12381G1
/// @notice Hash of 32 bytes to G1 by RFC 9380, suite `BLS12381G1_XMD:SHA-256_SSWU_RO_`.
/// @dev The precompile maps and clears the cofactor of each element, the suite that of the sum: the same point, as
///      clearing is a homomorphism.
library HashToBls12381G1 {
    /// @notice A precompile that every EVM with EIP-2537 has did not answer.
    error PrecompileFailed(uint256 precompile);

    /// @dev EIP-7883 charges 500 gas for a 64-byte base and the exponent 1.
    uint256 private constant MODEXP_GAS = 2_500;

    /// @dev Point of `message` under the domain separation tag `tag`, at most 255 bytes.
    function hash(bytes32 message, bytes memory tag) internal view returns (Bls12381G1 memory) {
        bytes32[4] memory uniform = expand(message, tag);
        Bls12381G1 memory first = mapped(uniform[0], uniform[1]);
        Bls12381G1 memory second = mapped(uniform[2], uniform[3]);
        (bool accepted, Bls12381G1 memory sum) = Bls12381.add(first, second);
        if (!accepted) revert PrecompileFailed(0x0b);
        return sum;
    }

    /// @dev `expand_message_xmd` with SHA-256 to 128 bytes.
    function expand(bytes32 message, bytes memory tag) internal pure returns (bytes32[4] memory uniform) {
        bytes memory suffix = abi.encodePacked(tag, uint8(tag.length));
        bytes32 seed = sha256(abi.encodePacked(new bytes(64), message, uint16(128), uint8(0), suffix));
        uniform[0] = sha256(abi.encodePacked(seed, uint8(1), suffix));
        for (uint8 i = 1; i < 4; ++i) {
            uniform[i] = sha256(abi.encodePacked(seed ^ uniform[i - 1], i + 1, suffix));
        }
    }

    function mapped(bytes32 high, bytes32 low) private view returns (Bls12381G1 memory) {
        (uint256 reducedHigh, uint256 reducedLow) = reduce(high, low);
        (bool accepted, Bls12381G1 memory point) = Bls12381.mapToG1(reducedHigh, reducedLow);
        if (!accepted) revert PrecompileFailed(0x10);
        return point;
    }

    /// @dev 512 bits modulo P, by precompile 0x05 with the exponent 1.
    function reduce(
        bytes32 high,
        bytes32 low
    ) internal view returns (uint256 reducedHigh, uint256 reducedLow) {
        bytes memory input = abi.encodePacked(
            uint256(64),
            uint256(1),
            uint256(64),
            high,
            low,
            uint8(1),
            Bls12381.P_HIGH,
            Bls12381.P_LOW
        );
        bool accepted;
        assembly ("memory-safe") {
            accepted := staticcall(MODEXP_GAS, 0x05, add(input, 0x20), mload(input), 0x00, 0x40)
            accepted := and(accepted, eq(returndatasize(), 0x40))
            reducedHigh := mload(0x00)
            reducedLow := mload(0x20)
        }
        if (!accepted) revert PrecompileFailed(0x05);
    }
}
