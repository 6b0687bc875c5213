// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Bls12381G1, Bls12381G2} from "../types/Bls12381Points.sol";

/// @title Bls12381
/// @notice The curve of EIP-2537: one wrapper per precompile, and the constants both sides share.
/// @dev All precompiles refuse coordinates that are not below P and points off the curve. Only the pairing checks
///      subgroups: `add` takes points outside them, so a point from outside must have been through a pairing before
///      it is added to another. A refusal burns all gas handed over, so every call has a stipend: five times what
///      EIP-2537 charges.
library Bls12381 {
    /// @notice The precompile failed, but with less gas than its stipend, which says nothing about its input.
    error PrecompileOutOfGas(uint256 precompile, uint256 stipendGas);

    /// @dev Modulus of the coordinates, 381 bits.
    uint256 internal constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 internal constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;

    /// @dev EIP-2537: 375 gas.
    uint256 internal constant G1_ADD_GAS = 1_875;
    /// @dev EIP-2537: 600 gas.
    uint256 internal constant G2_ADD_GAS = 3_000;
    /// @dev EIP-2537: 37,700 + 2 * 32,600 gas for two pairs.
    uint256 internal constant PAIRING_GAS = 514_500;
    /// @dev EIP-2537: 5,500 gas.
    uint256 internal constant MAP_GAS = 27_500;

    /// @dev Gas spent between reading `gasleft()` and the call, rounded up generously.
    uint256 private constant CALL_MARGIN_GAS = 1_000;

    uint256 private constant G2_X_REAL_HIGH = 0x024aa2b2f08f0a91260805272dc51051;
    uint256 private constant G2_X_REAL_LOW =
        0xc6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8;
    uint256 private constant G2_X_IMAGINARY_HIGH = 0x13e02b6052719f607dacd3a088274f65;
    uint256 private constant G2_X_IMAGINARY_LOW =
        0x596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e;
    uint256 private constant NEGATED_G2_Y_REAL_HIGH = 0x0d1b3cc2c7027888be51d9ef691d77bc;
    uint256 private constant NEGATED_G2_Y_REAL_LOW =
        0xb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa;
    uint256 private constant NEGATED_G2_Y_IMAGINARY_HIGH = 0x13fa4d4a0ad8b1ce186ed5061789213d;
    uint256 private constant NEGATED_G2_Y_IMAGINARY_LOW =
        0x993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed;

    /// @dev Whether `point` is the point at infinity.
    function isZero(Bls12381G1 memory point) internal pure returns (bool) {
        return (point.xHigh | point.xLow | point.yHigh | point.yLow) == 0;
    }

    /// @dev Whether `point` is the point at infinity.
    function isZero(Bls12381G2 memory point) internal pure returns (bool) {
        return
            (point.xRealHigh |
                point.xRealLow |
                point.xImaginaryHigh |
                point.xImaginaryLow |
                point.yRealHigh |
                point.yRealLow |
                point.yImaginaryHigh |
                point.yImaginaryLow) == 0;
    }

    /// @dev −`point`. Its coordinates are below P: it is a precompile's answer.
    function negate(Bls12381G2 memory point) internal pure returns (Bls12381G2 memory negated) {
        (negated.xRealHigh, negated.xRealLow) = (point.xRealHigh, point.xRealLow);
        (negated.xImaginaryHigh, negated.xImaginaryLow) = (point.xImaginaryHigh, point.xImaginaryLow);
        (negated.yRealHigh, negated.yRealLow) = negateCoordinate(point.yRealHigh, point.yRealLow);
        (negated.yImaginaryHigh, negated.yImaginaryLow) = negateCoordinate(
            point.yImaginaryHigh,
            point.yImaginaryLow
        );
    }

    /// @dev `a + b` in G1, by precompile 0x0b. No subgroup check: see above.
    function add(
        Bls12381G1 memory a,
        Bls12381G1 memory b
    ) internal view returns (bool accepted, Bls12381G1 memory sum) {
        bytes memory input = abi.encode(a, b);
        uint256 availableGas = gasleft();
        assembly ("memory-safe") {
            accepted := staticcall(G1_ADD_GAS, 0x0b, add(input, 0x20), 0x100, sum, 0x80)
            accepted := and(accepted, eq(returndatasize(), 0x80))
        }
        if (!accepted) assertRefused(0x0b, G1_ADD_GAS, availableGas);
    }

    /// @dev `a + b` in G2, by precompile 0x0d. No subgroup check: see above.
    function add(
        Bls12381G2 memory a,
        Bls12381G2 memory b
    ) internal view returns (bool accepted, Bls12381G2 memory sum) {
        bytes memory input = abi.encode(a, b);
        uint256 availableGas = gasleft();
        assembly ("memory-safe") {
            accepted := staticcall(G2_ADD_GAS, 0x0d, add(input, 0x20), 0x200, sum, 0x100)
            accepted := and(accepted, eq(returndatasize(), 0x100))
        }
        if (!accepted) assertRefused(0x0d, G2_ADD_GAS, availableGas);
    }

    /// @dev A field element's point in the subgroup of G1, by precompile 0x10.
    function mapToG1(
        uint256 high,
        uint256 low
    ) internal view returns (bool accepted, Bls12381G1 memory point) {
        uint256 availableGas = gasleft();
        assembly ("memory-safe") {
            mstore(0x00, high)
            mstore(0x20, low)
            accepted := staticcall(MAP_GAS, 0x10, 0x00, 0x40, point, 0x80)
            accepted := and(accepted, eq(returndatasize(), 0x80))
        }
        if (!accepted) assertRefused(0x10, MAP_GAS, availableGas);
    }

    /// @dev Whether `e(signature, −G2) · e(hashed, key) = 1`, by precompile 0x0f, which checks that all points are in
    ///      their subgroups. `accepted` is false if one was refused, and then nothing is known of the product.
    function pairing(
        Bls12381G1 memory signature,
        Bls12381G1 memory hashed,
        Bls12381G2 memory key
    ) internal view returns (bool accepted, bool isOne) {
        bytes memory input = abi.encode(signature, negatedGeneratorG2(), hashed, key);
        uint256 availableGas = gasleft();
        assembly ("memory-safe") {
            // The answer, one word, lands in scratch space.
            accepted := staticcall(PAIRING_GAS, 0x0f, add(input, 0x20), 0x300, 0x00, 0x20)
            accepted := and(accepted, eq(returndatasize(), 0x20))
            isOne := and(accepted, eq(mload(0x00), 1))
        }
        if (!accepted) assertRefused(0x0f, PAIRING_GAS, availableGas);
    }

    /// @dev Negated generator of G2.
    function negatedGeneratorG2() internal pure returns (Bls12381G2 memory) {
        return
            Bls12381G2({
                xRealHigh: G2_X_REAL_HIGH,
                xRealLow: G2_X_REAL_LOW,
                xImaginaryHigh: G2_X_IMAGINARY_HIGH,
                xImaginaryLow: G2_X_IMAGINARY_LOW,
                yRealHigh: NEGATED_G2_Y_REAL_HIGH,
                yRealLow: NEGATED_G2_Y_REAL_LOW,
                yImaginaryHigh: NEGATED_G2_Y_IMAGINARY_HIGH,
                yImaginaryLow: NEGATED_G2_Y_IMAGINARY_LOW
            });
    }

    /// @dev `P − c`, and zero for zero.
    function negateCoordinate(
        uint256 high,
        uint256 low
    ) private pure returns (uint256 negatedHigh, uint256 negatedLow) {
        if (high | low == 0) return (0, 0);
        unchecked {
            // c < P, so the borrow that the low word leaves behind is covered by the high word.
            negatedLow = P_LOW - low;
            negatedHigh = P_HIGH - high - (low > P_LOW ? 1 : 0);
        }
    }

    /// @dev Reverts if the call could not have received its stipend: at most 63/64 of what is left is passed on
    ///      (EIP-150), and a caller short of gas must not make a valid point look refused.
    function assertRefused(uint256 precompile, uint256 stipendGas, uint256 availableGas) private pure {
        if (availableGas - availableGas / 64 < stipendGas + CALL_MARGIN_GAS) {
            revert PrecompileOutOfGas(precompile, stipendGas);
        }
    }
}
