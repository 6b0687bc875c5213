// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point, G2Point} from "../types/Bn254Points.sol";
import {Bn254} from "./Bn254.sol";

/// @title BoundSignature
/// @notice A BLS signature, and the agreement of both halves of its key, proved by one pairing.
/// @dev γ hashes everything the equation holds, so its two halves cannot be chosen to cancel each other:
///      e(σ + γ·keyG1, −G2) · e(H + γ·G1, keyG2) = 1 holds, but for a chance of about 2⁻²⁵⁴, only if
///      e(σ, −G2) · e(H, keyG2) = 1 and e(keyG1, −G2) · e(G1, keyG2) = 1.
library BoundSignature {
    /// @dev Whether `signature` is that of `keyG1` over `hashed`, the hash of `message` to G1, and `keyG2` has the
    ///      same secret. `accepted` is false if a precompile refused a point. No point may be at infinity.
    function verify(
        bytes32 message,
        G1Point memory hashed,
        G1Point memory signature,
        G1Point memory keyG1,
        G2Point memory keyG2
    ) internal view returns (bool accepted, bool isValid) {
        uint256 gamma = uint256(keccak256(abi.encode(message, hashed, signature, keyG1, keyG2))) % Bn254.R;
        G1Point memory left;
        G1Point memory right;
        (accepted, left) = addScaled(signature, keyG1, gamma);
        if (!accepted) return (false, false);
        (accepted, right) = addScaled(hashed, Bn254.generatorG1(), gamma);
        if (!accepted) return (false, false);
        return Bn254.pairing(left, right, keyG2);
    }

    /// @dev Whether `keyG1` and `keyG2` have the same secret: e(keyG1, −G2) · e(G1, keyG2) = 1.
    function agree(
        G1Point memory keyG1,
        G2Point memory keyG2
    ) internal view returns (bool accepted, bool sameSecret) {
        return Bn254.pairing(keyG1, Bn254.generatorG1(), keyG2);
    }

    /// @dev `base + scalar · point`.
    function addScaled(
        G1Point memory base,
        G1Point memory point,
        uint256 scalar
    ) private view returns (bool accepted, G1Point memory sum) {
        G1Point memory scaled;
        (accepted, scaled) = Bn254.mul(point, scalar);
        if (!accepted) return (false, sum);
        return Bn254.add(base, scaled);
    }
}
