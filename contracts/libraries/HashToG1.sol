// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point} from "../types/Bn254Points.sol";
import {Bn254} from "./Bn254.sol";

/// @title HashToG1
/// @notice Hash of a message to G1, found off chain and checked here (docs/CommitMessage.md, "Hash to G1, by hint").
/// @dev Every counter gives another random-oracle output, so accepting any of them is salted hashing: a signature
///      over one candidate is no signature over another. G1 has prime order: on the curve is in the group.
library HashToG1 {
    /// @dev Candidate `counter` of `message`, with `y` as the caller says; `matches` iff `y` is below P, even,
    ///      and a square root of x³ + 3.
    function fromHint(
        bytes32 message,
        uint8 counter,
        uint256 y
    ) internal pure returns (bool matches, G1Point memory point) {
        uint256 x = uint256(keccak256(abi.encodePacked(message, counter))) % Bn254.P;
        uint256 cube = mulmod(mulmod(x, x, Bn254.P), x, Bn254.P);
        matches = y < Bn254.P && y & 1 == 0 && mulmod(y, y, Bn254.P) == addmod(cube, 3, Bn254.P);
        point = G1Point({x: x, y: y});
    }
}
