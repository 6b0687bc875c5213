// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Affine point of G1 on BN254, coordinates < p (EIP-196); (0, 0) is the point at infinity.
struct G1Point {
    uint256 x;
    uint256 y;
}

/// @dev Affine point of G2 on BN254 in the order of EIP-197: the imaginary part of each coordinate first.
struct G2Point {
    uint256 xImaginary;
    uint256 xReal;
    uint256 yImaginary;
    uint256 yReal;
}
