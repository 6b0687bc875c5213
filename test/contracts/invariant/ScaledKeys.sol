// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "../../Cheats.sol";
import {Bn254} from "../../../contracts/libraries/Bn254.sol";
import {G1Point, G2Point} from "../../../contracts/types/Bn254Points.sol";

/// @dev Keys and signatures of secrets from 1 to 255, whose sums stay in that range: the precompiles scale in G1, and
///      keys in G2 are looked up in test/vectors/scaledG2.json.
contract ScaledKeys {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant P = Bn254.P;

    bytes[] private _keysG2;

    /// @dev A message's hash to G1.
    struct Hashed {
        uint8 counter;
        G1Point point;
    }

    constructor() {
        _keysG2 = vm.parseJsonBytesArray(vm.readFile("./test/vectors/scaledG2.json"), ".points");
    }

    /// @dev `secret` times the generator of G2; zero for zero.
    function keyG2(uint256 secret) external view returns (G2Point memory key) {
        if (secret != 0) key = abi.decode(_keysG2[secret - 1], (G2Point));
    }

    /// @dev `secret` times the generator of G1.
    function keyG1(uint256 secret) external view returns (G1Point memory) {
        return _scale(G1Point(1, 2), secret);
    }

    /// @dev The hash of `message`, by the first candidate on the curve.
    function hashToG1(bytes32 message) external view returns (Hashed memory) {
        return _hash(message);
    }

    /// @dev The signature of `secret` over `message`, and the hint.
    function sign(
        bytes32 message,
        uint256 secret
    ) external view returns (Hashed memory hashed, G1Point memory signature) {
        hashed = _hash(message);
        signature = _scale(hashed.point, secret);
    }

    function scale(G1Point calldata point, uint256 scalar) external view returns (G1Point memory) {
        return _scale(point, scalar);
    }

    function add(G1Point calldata a, G1Point calldata b) external view returns (G1Point memory) {
        return _add(a, b);
    }

    function _hash(bytes32 message) private view returns (Hashed memory) {
        for (uint256 counter = 0; ; ++counter) {
            uint256 x = uint256(keccak256(abi.encodePacked(message, uint8(counter)))) % P;
            uint256 square = addmod(mulmod(mulmod(x, x, P), x, P), 3, P);
            uint256 y = _root(square);
            if (mulmod(y, y, P) != square) continue;
            if (y % 2 == 1) y = P - y;
            return Hashed(uint8(counter), G1Point(x, y));
        }
        revert("unreachable");
    }

    /// @dev A square root, if there is one: P is 3 modulo 4.
    function _root(uint256 square) private view returns (uint256) {
        bytes memory input = abi.encode(32, 32, 32, square, (P + 1) / 4, P);
        (, bytes memory output) = address(5).staticcall(input);
        return abi.decode(output, (uint256));
    }

    function _scale(G1Point memory point, uint256 scalar) private view returns (G1Point memory) {
        (, bytes memory output) = address(7).staticcall(abi.encode(point, scalar));
        return abi.decode(output, (G1Point));
    }

    function _add(G1Point memory a, G1Point memory b) private view returns (G1Point memory) {
        (, bytes memory output) = address(6).staticcall(abi.encode(a, b));
        return abi.decode(output, (G1Point));
    }
}
