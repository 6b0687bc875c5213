// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Affine point of G1 on BLS12-381 as EIP-2537 encodes it: a coordinate takes 64 bytes, of which the first 16
///      are zero. All zero is the point at infinity.
struct Bls12381G1 {
    uint256 xHigh;
    uint256 xLow;
    uint256 yHigh;
    uint256 yLow;
}

/// @dev Affine point of G2 on BLS12-381 as EIP-2537 encodes it: the real part of each coordinate first.
struct Bls12381G2 {
    uint256 xRealHigh;
    uint256 xRealLow;
    uint256 xImaginaryHigh;
    uint256 xImaginaryLow;
    uint256 yRealHigh;
    uint256 yRealLow;
    uint256 yImaginaryHigh;
    uint256 yImaginaryLow;
}
