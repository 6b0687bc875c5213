// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point} from "../types/Bn254Points.sol";
import {Bn254} from "./Bn254.sol";

/// @title HashToG1
/// @notice Hash of a message to G1, found off chain and checked here (docs/CommitMessage.md, "Hash to G1, by hint").
/// @dev Every counter gives another random-oracle output, so accepting any of them is salted hashing: a signature
///      over one candidate is no signature over another. G1 has prime order: on the curve is in the group.
library HashToG1 {
    /// @dev Candidate `counter` of `message`, with `y` as the caller says; see `xFromHint`.
    function fromHint(
        bytes32 message,
        uint8 counter,
        uint256 y
    ) internal pure returns (bool matches, G1Point memory point) {
        uint256 mismatch;
        (mismatch, point.x) = xFromHint(message, counter, y);
        (matches, point.y) = (mismatch == 0, y);
    }

    /// @dev The x of candidate `counter` of `message`; `mismatch` is zero iff `y` is below P, even, and a square root
    ///      of x³ + 3. In Solidity: `x = uint256(keccak256(abi.encodePacked(message, counter))) % Bn254.P`.
    function xFromHint(
        bytes32 message,
        uint256 counter,
        uint256 y
    ) internal pure returns (uint256 mismatch, uint256 x) {
        uint256 p = Bn254.P;
        assembly ("memory-safe") {
            mstore(0x00, message)
            mstore8(0x20, counter)
            x := mod(keccak256(0x00, 0x21), p)
            let square := addmod(mulmod(mulmod(x, x, p), x, p), 3, p)
            mismatch := or(xor(mulmod(y, y, p), square), iszero(lt(and(y, 1), lt(y, p))))
        }
    }
}
