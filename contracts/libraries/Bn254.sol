// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point, G2Point} from "../types/Bn254Points.sol";

/// @title Bn254
/// @notice The curve of EIP-196 and EIP-197: one wrapper per precompile, and the constants both sides share.
/// @dev A precompile refuses coordinates that are not below P and points off the curve or out of the subgroup;
///      a refusal burns all gas handed over, so every call has a stipend. The stipends are five times what
///      EIP-1108 charges: room for chains that price the precompiles higher, and still a bound.
library Bn254 {
    /// @notice The precompile failed, but with less gas than its stipend, which says nothing about its input.
    error PrecompileOutOfGas(uint256 precompile, uint256 stipendGas);

    /// @dev Modulus of the coordinates.
    uint256 internal constant P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    /// @dev Order of the groups.
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// @dev EIP-1108: 150 gas.
    uint256 internal constant ADD_GAS = 750;
    /// @dev EIP-1108: 6,000 gas.
    uint256 internal constant MUL_GAS = 30_000;
    /// @dev EIP-1108: 45,000 + 2 * 34,000 gas for two pairs.
    uint256 internal constant PAIRING_GAS = 565_000;

    /// @dev Gas spent between reading `gasleft()` and the call, rounded up generously.
    uint256 private constant CALL_MARGIN_GAS = 1_000;

    uint256 internal constant NEGATED_G2_X_IMAGINARY =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 internal constant NEGATED_G2_X_REAL =
        10857046999023057135944570762232829481370756359578518086990519993285655852781;
    uint256 internal constant NEGATED_G2_Y_IMAGINARY =
        17805874995975841540914202342111839520379459829704422454583296818431106115052;
    uint256 internal constant NEGATED_G2_Y_REAL =
        13392588948715843804641432497768002650278120570034223513918757245338268106653;

    /// @dev Generator of G1.
    function generatorG1() internal pure returns (G1Point memory) {
        return G1Point({x: 1, y: 2});
    }

    /// @dev Negated generator of G2.
    function negatedGeneratorG2() internal pure returns (G2Point memory) {
        return
            G2Point({
                xImaginary: NEGATED_G2_X_IMAGINARY,
                xReal: NEGATED_G2_X_REAL,
                yImaginary: NEGATED_G2_Y_IMAGINARY,
                yReal: NEGATED_G2_Y_REAL
            });
    }

    /// @dev −`point`. Its coordinates are below P: every point in storage has been through a precompile.
    function negate(G1Point memory point) internal pure returns (G1Point memory) {
        return G1Point({x: point.x, y: point.y == 0 ? 0 : P - point.y});
    }

    /// @dev Whether `point` is the point at infinity.
    function isZero(G1Point memory point) internal pure returns (bool) {
        return (point.x | point.y) == 0;
    }

    /// @dev Whether `point` is the point at infinity.
    function isZero(G2Point memory point) internal pure returns (bool) {
        return (point.xImaginary | point.xReal | point.yImaginary | point.yReal) == 0;
    }

    /// @dev `a + b`; zero if a point was refused.
    function add(
        G1Point memory a,
        G1Point memory b
    ) internal view returns (bool accepted, G1Point memory sum) {
        uint256[4] memory points = [a.x, a.y, b.x, b.y];
        accepted = addAt(positionOf(points));
        if (accepted) (sum.x, sum.y) = (points[0], points[1]);
    }

    /// @dev `scalar · point`, the scalar modulo R; zero if the point was refused.
    function mul(
        G1Point memory point,
        uint256 scalar
    ) internal view returns (bool accepted, G1Point memory product) {
        uint256[4] memory factors = [point.x, point.y, scalar, 0];
        accepted = mulAt(positionOf(factors));
        if (accepted) (product.x, product.y) = (factors[0], factors[1]);
    }

    /// @dev Whether `e(a, −G2) · e(b, key) = 1`. `accepted` is false if a point was refused, and then nothing is known
    ///      of the product.
    function pairing(
        G1Point memory a,
        G1Point memory b,
        G2Point memory key
    ) internal view returns (bool accepted, bool isOne) {
        uint256[12] memory pairs = [
            a.x,
            a.y,
            NEGATED_G2_X_IMAGINARY,
            NEGATED_G2_X_REAL,
            NEGATED_G2_Y_IMAGINARY,
            NEGATED_G2_Y_REAL,
            b.x,
            b.y,
            key.xImaginary,
            key.xReal,
            key.yImaginary,
            key.yReal
        ];
        uint256 position;
        assembly ("memory-safe") {
            position := pairs
        }
        return pairingAt(position);
    }

    // -- Precompiles --

    /// @dev Replaces the first of the two points (4 words) at `position` by their sum, by precompile 0x06; leaves it
    ///      if one was refused.
    function addAt(uint256 position) internal view returns (bool accepted) {
        uint256 availableGas = gasleft();
        assembly ("memory-safe") {
            accepted := staticcall(ADD_GAS, 0x06, position, 0x80, position, 0x40)
            accepted := and(accepted, eq(returndatasize(), 0x40))
        }
        if (!accepted) assertRefused(0x06, ADD_GAS, availableGas);
    }

    /// @dev Multiplies the point at `position` by the word behind it, by precompile 0x07, which reduces that modulo
    ///      R; leaves it if it was refused.
    function mulAt(uint256 position) internal view returns (bool accepted) {
        uint256 availableGas = gasleft();
        assembly ("memory-safe") {
            accepted := staticcall(MUL_GAS, 0x07, position, 0x60, position, 0x40)
            accepted := and(accepted, eq(returndatasize(), 0x40))
        }
        if (!accepted) assertRefused(0x07, MUL_GAS, availableGas);
    }

    /// @dev Whether the product over the two pairs (12 words: G1 point, G2 point, twice) at `position` is one, by
    ///      precompile 0x08. `accepted` is false if a point was refused, and then nothing is known of the product.
    function pairingAt(uint256 position) internal view returns (bool accepted, bool isOne) {
        uint256 availableGas = gasleft();
        assembly ("memory-safe") {
            // The answer, one word, lands in scratch space.
            accepted := staticcall(PAIRING_GAS, 0x08, position, 0x180, 0x00, 0x20)
            accepted := and(accepted, eq(returndatasize(), 0x20))
            isOne := and(accepted, eq(mload(0x00), 1))
        }
        if (!accepted) assertRefused(0x08, PAIRING_GAS, availableGas);
    }

    function positionOf(uint256[4] memory words) private pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := words
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
