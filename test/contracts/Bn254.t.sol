// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {BoundSignature} from "../../contracts/libraries/BoundSignature.sol";
import {G1Point, G2Point} from "../../contracts/types/Bn254Points.sol";

contract Bn254Harness {
    /// @dev Leaves garbage behind the free memory pointer, so that nothing may rely on clean memory.
    modifier dirtyMemory() {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x400) {
                i := add(i, 0x20)
            } {
                mstore(add(free, i), not(0))
            }
            mstore(0x00, not(0))
            mstore(0x20, not(0))
        }
        _;
    }

    function add(
        G1Point memory a,
        G1Point memory b
    ) external view dirtyMemory returns (bool, G1Point memory) {
        return Bn254.add(a, b);
    }

    function mul(
        G1Point memory point,
        uint256 scalar
    ) external view dirtyMemory returns (bool, G1Point memory) {
        return Bn254.mul(point, scalar);
    }

    function pairing(
        G1Point memory a,
        G1Point memory b,
        G2Point memory key
    ) external view dirtyMemory returns (bool, bool) {
        return Bn254.pairing(a, b, key);
    }
}

contract Bn254Test is Test {
    Bn254Harness private _harness;
    G1Point private _off = G1Point(1, 3);

    function setUp() public {
        _harness = new Bn254Harness();
    }

    function _generatorG2() private pure returns (G2Point memory g2) {
        g2 = Bn254.negatedGeneratorG2();
        g2.yImaginary = Bn254.P - g2.yImaginary;
        g2.yReal = Bn254.P - g2.yReal;
    }

    function test_constants_areThoseOfEip197() public view {
        G1Point memory g1 = Bn254.generatorG1();
        (bool accepted, G1Point memory product) = _harness.mul(g1, Bn254.R);
        assertTrue(accepted && Bn254.isZero(product), "r times G1 is infinity");
        (, product) = _harness.mul(g1, Bn254.R - 1);
        assertEq(product.y, Bn254.P - 2, "(r - 1) times G1 is its negation");
        bool isOne;
        (accepted, isOne) = _harness.pairing(g1, g1, _generatorG2());
        assertTrue(accepted && isOne, "e(G1, -G2) e(G1, G2) is one");
    }

    function test_negate_infinity_isInfinity() public pure {
        assertTrue(Bn254.isZero(Bn254.negate(G1Point(0, 0))), "infinity");
        assertEq(Bn254.negate(G1Point(1, 2)).y, Bn254.P - 2, "y");
    }

    function testFuzz_add_agreesWithMul(uint256 a, uint256 b) public view {
        a %= Bn254.R;
        b %= Bn254.R;
        G1Point memory g1 = Bn254.generatorG1();
        (, G1Point memory left) = _harness.mul(g1, a);
        (, G1Point memory right) = _harness.mul(g1, b);
        (bool accepted, G1Point memory sum) = _harness.add(left, right);
        (, G1Point memory expected) = _harness.mul(g1, addmod(a, b, Bn254.R));
        assertTrue(accepted, "accepted");
        assertEq(sum.x, expected.x, "x");
        assertEq(sum.y, expected.y, "y");
    }

    function testFuzz_pairing_isOne_iffSameSecret(uint256 a, uint256 b) public view {
        a = (a % (Bn254.R - 1)) + 1;
        b = (b % (Bn254.R - 1)) + 1;
        G1Point memory g1 = Bn254.generatorG1();
        (, G1Point memory left) = _harness.mul(g1, a);
        (, G1Point memory right) = _harness.mul(g1, b);
        (bool accepted, bool isOne) = _harness.pairing(left, right, _generatorG2());
        assertTrue(accepted, "accepted");
        assertTrue(isOne == (a == b), "one iff equal");
    }

    function test_BLS09_add_coordinateNotBelowP_isRefused() public view {
        (bool accepted, G1Point memory sum) = _harness.add(G1Point(1 + Bn254.P, 2), Bn254.generatorG1());
        assertTrue(!accepted && Bn254.isZero(sum), "refused");
    }

    function test_BLS10_mul_offCurve_isRefused() public view {
        (bool accepted, G1Point memory product) = _harness.mul(_off, 5);
        assertTrue(!accepted && Bn254.isZero(product), "refused");
    }

    function test_BLS19_pairing_infinityWithInvalidPartner_isRefused() public view {
        G2Point memory bad = _generatorG2();
        bad.xReal = addmod(bad.xReal, 1, Bn254.P);
        (bool accepted, bool isOne) = _harness.pairing(G1Point(0, 0), G1Point(0, 0), bad);
        assertTrue(!accepted && !isOne, "refused although both partners are infinity");
    }

    function test_BLS17_pairing_allInfinity_isOne() public view {
        (bool accepted, bool isOne) = _harness.pairing(G1Point(0, 0), G1Point(0, 0), G2Point(0, 0, 0, 0));
        assertTrue(accepted && isOne, "why zero points are refused before any pairing");
    }

    function test_pairing_refusedPoint_isNotNotOne() public view {
        (bool accepted, ) = _harness.pairing(_off, Bn254.generatorG1(), _generatorG2());
        assertTrue(!accepted, "refused");
        bool isOne;
        (accepted, isOne) = _harness.pairing(G1Point(1, 2), Bn254.negate(G1Point(1, 2)), _generatorG2());
        assertTrue(accepted && !isOne, "accepted, not one");
    }

    function test_BLS09_refusal_burnsAtMostTheStipend() public view {
        uint256 before = gasleft();
        (bool accepted, ) = _harness.pairing(_off, Bn254.generatorG1(), _generatorG2());
        assertTrue(!accepted, "refused");
        assertTrue(before - gasleft() < Bn254.PAIRING_GAS + 20_000, "bounded");
    }

    function test_calls_shortOfGas_revertInsteadOfRefusing() public {
        (bool ok, bytes memory data) = address(_harness).call{gas: 5_000}(
            abi.encodeCall(Bn254Harness.mul, (G1Point(1, 2), 5))
        );
        // Too little is left to say why.
        assertTrue(!ok && data.length == 0, "mul reverts");
        (ok, data) = address(_harness).call{gas: 100_000}(
            abi.encodeCall(Bn254Harness.pairing, (G1Point(1, 2), G1Point(1, 2), _generatorG2()))
        );
        assertTrue(!ok, "pairing reverts");
        assertEq(keccak256(data), keccak256(_outOfGas(0x08, Bn254.PAIRING_GAS)), "pairing says why");
    }

    function _outOfGas(uint256 precompile, uint256 stipendGas) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Bn254.PrecompileOutOfGas.selector, precompile, stipendGas);
    }
}
