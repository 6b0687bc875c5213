// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {HashToG1} from "../../contracts/libraries/HashToG1.sol";
import {G1Point} from "../../contracts/types/Bn254Points.sol";

contract HashToG1Test is Test {
    string private _json;

    function setUp() public {
        _json = vm.readFile("./test/vectors/bls.json");
    }

    /// @dev The search that signers do: the first candidate on the curve, and its even root.
    function _search(bytes32 message) private view returns (uint8 counter, uint256 y) {
        for (; ; ++counter) {
            uint256 x = uint256(keccak256(abi.encodePacked(message, counter))) % Bn254.P;
            uint256 square = addmod(mulmod(mulmod(x, x, Bn254.P), x, Bn254.P), 3, Bn254.P);
            // p = 3 mod 4: a root, if there is one, is the power (p + 1) / 4.
            (bool ok, bytes memory out) = address(5).staticcall(
                abi.encode(32, 32, 32, square, (Bn254.P + 1) / 4, Bn254.P)
            );
            assertTrue(ok, "modexp");
            y = abi.decode(out, (uint256));
            if (mulmod(y, y, Bn254.P) != square) continue;
            return (counter, y & 1 == 0 ? y : Bn254.P - y);
        }
    }

    function test_fromHint_vectors_match() public view {
        bytes32[] memory messages = vm.parseJsonBytes32Array(_json, ".hashToG1.messages");
        uint256[] memory counters = vm.parseJsonUintArray(_json, ".hashToG1.counters");
        bytes32[] memory hintYs = vm.parseJsonBytes32Array(_json, ".hashToG1.hintYs");
        bytes[] memory points = vm.parseJsonBytesArray(_json, ".hashToG1.points");
        assertTrue(messages.length > 30, "vectors");
        for (uint256 i = 0; i < messages.length; ++i) {
            (bool matches, G1Point memory point) = HashToG1.fromHint(
                messages[i],
                uint8(counters[i]),
                uint256(hintYs[i])
            );
            assertTrue(matches, "matches");
            assertEq(keccak256(abi.encode(point)), keccak256(points[i]), "point");
        }
    }

    function test_BLS18_fromHint_tenThousandMessages_equalToTypeScript() public view {
        uint256 count = vm.parseJsonUint(_json, ".hashToG1.foldCount");
        assertEq(count, 10_000, "count");
        bytes32 fold;
        for (uint32 i = 0; i < count; ++i) {
            bytes32 message = keccak256(abi.encodePacked(i));
            (uint8 counter, uint256 y) = _search(message);
            (bool matches, ) = HashToG1.fromHint(message, counter, y);
            assertTrue(matches, "matches");
            fold = keccak256(abi.encodePacked(fold, counter, y));
        }
        assertEq(fold, vm.parseJsonBytes32(_json, ".hashToG1.fold"), "fold");
    }

    function testFuzz_fromHint_otherRoots_doNotMatch(bytes32 message, uint256 other) public view {
        (uint8 counter, uint256 y) = _search(message);
        (bool matches, ) = HashToG1.fromHint(message, counter, y);
        assertTrue(matches, "the even root below p");
        vm.assume(other != y);
        (matches, ) = HashToG1.fromHint(message, counter, other);
        assertTrue(!matches, "no other y");
        (matches, ) = HashToG1.fromHint(message, counter, Bn254.P - y);
        assertTrue(!matches, "the odd root");
        (matches, ) = HashToG1.fromHint(message, counter, y + Bn254.P);
        assertTrue(!matches, "y + p");
        (matches, ) = HashToG1.fromHint(message, counter, 2 * Bn254.P - y);
        assertTrue(!matches, "2p - y, even too");
    }

    function testFuzz_fromHint_match_isOnTheCurve(bytes32 message, uint8 counter, uint256 y) public view {
        (bool matches, G1Point memory point) = HashToG1.fromHint(message, counter, y);
        if (!matches) return;
        (bool accepted, ) = Bn254.add(point, G1Point(0, 0));
        assertTrue(accepted, "on the curve");
    }
}
