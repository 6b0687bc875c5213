// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {Bn254} from "../../contracts/libraries/Bn254.sol";
import {EpochKeys} from "../../contracts/libraries/EpochKeys.sol";
import {G1Point} from "../../contracts/types/Bn254Points.sol";

contract EpochKeysHarness {
    function write(uint256 count) external returns (address) {
        G1Point[] memory keysG1 = new G1Point[](count);
        for (uint256 i = 0; i < count; ++i) keysG1[i] = G1Point(1, 2);
        return EpochKeys.write(G1Point(1, 2), 0, keysG1, new uint128[](count));
    }

    function writeDirty(
        G1Point memory aggregate,
        uint128 total,
        G1Point[] memory keysG1,
        uint128[] memory weights
    ) external returns (address) {
        _dirtyMemory();
        return EpochKeys.write(aggregate, total, keysG1, weights);
    }

    function readDirty(
        address keys,
        uint256 index
    ) external view returns (G1Point memory negatedKey, uint256 weight) {
        _dirtyMemory();
        return EpochKeys.recordAt(keys, index);
    }

    function leaveOut(
        address keys,
        bytes calldata indices
    )
        external
        view
        returns (bool proceeds, G1Point memory key, uint256 remainingWeight, uint256 totalWeight)
    {
        _dirtyMemory();
        uint256 position;
        assembly ("memory-safe") {
            position := mload(0x40)
            mstore(0x40, add(position, 0xa0))
        }
        (proceeds, remainingWeight, totalWeight) = EpochKeys.leaveOut(keys, indices, position);
        assembly ("memory-safe") {
            mcopy(key, position, 0x40)
        }
    }

    /// @dev Leaves garbage behind the free memory pointer.
    function _dirtyMemory() private pure {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x8000) {
                i := add(i, 0x20)
            } {
                mstore(add(free, i), not(0))
            }
        }
    }
}

contract EpochKeysTest is Test {
    function testFuzz_epochKeys_readsWhatWasWritten(uint256 seed, uint8 countLess1) public {
        uint256 count = uint256(countLess1) + 1;
        G1Point[] memory keysG1 = new G1Point[](count);
        uint128[] memory weights = new uint128[](count);
        for (uint256 i = 0; i < count; ++i) {
            // Any coordinates do: storage does not know the curve, only y < p.
            keysG1[i] = G1Point(uint256(keccak256(abi.encode(seed, i))), (seed ^ i) >> 3);
            weights[i] = uint128(uint256(keccak256(abi.encode(i, seed))));
        }
        G1Point memory aggregate = G1Point(seed, ~seed);
        EpochKeysHarness harness = new EpochKeysHarness();
        address keys = harness.writeDirty(aggregate, uint128(seed), keysG1, weights);
        assertEq(keys.code.length, 81 + 80 * count, "length");
        assertEq(
            keccak256(abi.encode(EpochKeys.aggregateKeyOf(keys))),
            keccak256(abi.encode(aggregate)),
            "sum"
        );
        bytes memory twin = abi.encodePacked(hex"00", seed, ~seed, uint128(seed));
        for (uint256 i = 0; i < count; ++i) {
            (G1Point memory negated, uint256 weight) = harness.readDirty(keys, i);
            uint256 negatedY = keysG1[i].y == 0 ? 0 : Bn254.P - keysG1[i].y;
            assertEq(negated.x, keysG1[i].x, "x");
            assertEq(negated.y, negatedY, "y");
            assertEq(weight, weights[i], "weight");
            twin = abi.encodePacked(twin, keysG1[i].x, negatedY, weights[i]);
        }
        assertEq(keccak256(keys.code), keccak256(twin), "twin");
    }

    /// @dev `keccak256(rlp([creator, nonce]))`, written down again.
    function _createdAt(address creator, uint32 nonce) private pure returns (address) {
        bytes memory number = abi.encodePacked(nonce);
        uint256 zeros = 0;
        while (zeros < 3 && number[zeros] == 0) ++zeros;
        bytes memory shortest = new bytes(4 - zeros);
        for (uint256 i = 0; i < shortest.length; ++i) shortest[i] = number[zeros + i];
        bool isItself = shortest.length == 1 && uint8(shortest[0]) < 0x80;
        bytes memory item = isItself ? shortest : abi.encodePacked(uint8(0x80 + shortest.length), shortest);
        bytes memory body = abi.encodePacked(hex"94", creator, item);
        bytes32 hash = keccak256(abi.encodePacked(uint8(0xc0 + body.length), body));
        return address(uint160(uint256(hash)));
    }

    function testFuzz_addressOf_agreesWithTwin(address creator, uint32 epoch, uint8 shift) public pure {
        epoch = epoch >> (shift % 32);
        vm.assume(epoch != 0);
        assertTrue(EpochKeys.addressOf(creator, epoch) == _createdAt(creator, epoch), "address");
    }

    function test_addressOf_edges_agreeWithTwin() public pure {
        uint32[9] memory edges = [
            uint32(1),
            0x7f,
            0x80,
            0xff,
            0x100,
            0xffff,
            0x10000,
            0xffffff,
            type(uint32).max
        ];
        for (uint256 i = 0; i < edges.length; ++i) {
            address twin = _createdAt(address(0xa11ce), edges[i]);
            assertTrue(EpochKeys.addressOf(address(0xa11ce), edges[i]) == twin, "address");
        }
    }

    function test_addressOf_isWhereTheKeysLie() public {
        EpochKeysHarness harness = new EpochKeysHarness();
        // One nonce further than a byte below 0x80 spells.
        for (uint32 epoch = 1; epoch < 0x82; ++epoch) {
            assertTrue(harness.write(1) == EpochKeys.addressOf(address(harness), epoch), "address");
        }
    }

    function testFuzz_leaveOut_agreesWithTwin(uint256 seed, uint256 mask) public {
        uint256 count = 1 + (seed % 12);
        (address keys, G1Point memory sum, uint128 total) = _keysOf(count);
        bytes memory indices;
        uint256 signed = total;
        for (uint256 i = 0; i < count; ++i) {
            if (mask & (1 << i) == 0) continue;
            indices = bytes.concat(indices, bytes1(uint8(i)));
            (G1Point memory negated, uint256 weight) = EpochKeys.recordAt(keys, i);
            (, sum) = Bn254.add(sum, negated);
            signed -= weight;
        }
        (bool proceeds, G1Point memory key, uint256 remaining, uint256 all) = new EpochKeysHarness().leaveOut(
            keys,
            indices
        );
        assertTrue(proceeds, "proceeds");
        assertEq(keccak256(abi.encode(key)), keccak256(abi.encode(sum)), "key");
        assertEq(remaining, signed, "weight");
        assertEq(all, total, "total");
    }

    function test_leaveOut_descendingOrTwice_doesNotProceed() public {
        (address keys, , ) = _keysOf(5);
        EpochKeysHarness harness = new EpochKeysHarness();
        bytes[4] memory bad = [bytes(hex"0100"), hex"0303", hex"000201", hex"04ff03"];
        for (uint256 i = 0; i < bad.length; ++i) {
            (bool proceeds, , uint256 remaining, ) = harness.leaveOut(keys, bad[i]);
            assertTrue(!proceeds && remaining == 0, "stops");
        }
    }

    function test_leaveOut_beyondTheLast_leavesNobodyOut() public {
        (address keys, G1Point memory sum, uint128 total) = _keysOf(3);
        (bool proceeds, G1Point memory key, uint256 remaining, ) = new EpochKeysHarness().leaveOut(
            keys,
            hex"03ff"
        );
        assertTrue(proceeds, "proceeds");
        assertEq(key.x, sum.x, "key");
        assertEq(remaining, total, "weight");
    }

    /// @dev `count` operators whose secrets are 1, 2, 3, …
    function _keysOf(uint256 count) private returns (address keys, G1Point memory sum, uint128 total) {
        G1Point[] memory keysG1 = new G1Point[](count);
        uint128[] memory weights = new uint128[](count);
        for (uint256 i = 0; i < count; ++i) {
            (, keysG1[i]) = Bn254.mul(Bn254.generatorG1(), i + 1);
            weights[i] = uint128(7 + i * i);
            (, sum) = Bn254.add(sum, keysG1[i]);
            total += weights[i];
        }
        keys = new EpochKeysHarness().writeDirty(sum, total, keysG1, weights);
    }

    function test_epochKeys_notDeployed_revert() public {
        EpochKeysHarness harness = new EpochKeysHarness();
        // 20,561 bytes of code cost 200 gas each: more than is given here.
        vm.expectRevert(abi.encodeWithSelector(EpochKeys.EpochKeysNotCreated.selector));
        harness.write{gas: 3_000_000}(256);
        assertEq(harness.write(256).code.length, 20_561, "within EIP-170's 24,576");
    }
}
