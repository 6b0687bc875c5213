// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {LeafRecord} from "../../contracts/libraries/LeafRecord.sol";
import {TreeHarness} from "../../contracts/mocks/TreeHarness.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {LeafFault} from "../../contracts/types/LeafFault.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";
import {ValueHash} from "../../contracts/types/ValueHash.sol";
import {Test} from "../Cheats.sol";

contract LeafRecordTest is Test {
    TreeHarness private _harness;

    string[] private _names;
    bytes32[] private _keys;
    bytes[] private _records;
    uint256[] private _provedUnder;
    bytes32[] private _valueHashes;
    uint256[] private _faults;

    function setUp() public {
        _harness = new TreeHarness();
        string memory json = vm.readFile("test/vectors/leafRecords.json");
        _names = vm.parseJsonStringArray(json, ".names");
        _keys = vm.parseJsonBytes32Array(json, ".keys");
        _records = vm.parseJsonBytesArray(json, ".records");
        _provedUnder = vm.parseJsonUintArray(json, ".provedUnder");
        _valueHashes = vm.parseJsonBytes32Array(json, ".valueHashes");
        _faults = vm.parseJsonUintArray(json, ".faults");
    }

    function test_check_vectors_nameTheExpectedFault() public view {
        uint256 seen = 0;
        for (uint256 i = 0; i < _names.length; ++i) {
            LeafFault got = _harness.checkLeaf(TreeKey.wrap(_keys[i]), _records[i], uint64(_provedUnder[i]));
            assertEq(uint256(got), _faults[i], _names[i]);
            seen |= 1 << _faults[i];
        }
        assertEq(seen, (2 << uint256(type(LeafFault).max)) - 1, "every fault has a vector");
    }

    function test_check_headerAndHash_sameAsTheRecord() public view {
        for (uint256 i = 0; i < _names.length; ++i) {
            if (_records[i].length != 52) continue;
            (bytes20 header, ContentHash contentHash) = this.split(_records[i]);
            LeafFault got = _harness.checkLeaf(
                TreeKey.wrap(_keys[i]),
                header,
                contentHash,
                uint64(_provedUnder[i])
            );
            assertEq(uint256(got), _faults[i], _names[i]);
        }
    }

    function test_valueHashOf_vectors_areThoseOfTheRecords() public view {
        for (uint256 i = 0; i < _names.length; ++i) {
            bytes32 got = ValueHash.unwrap(_harness.valueHashOf(_records[i]));
            assertEq(got, _valueHashes[i], _names[i]);
        }
    }

    function testFuzz_valueHashOf_headerAndHash_agreesWithThePlainTwin(
        bytes20 header,
        bytes32 contentHash
    ) public view {
        bytes memory record = abi.encodePacked(header, contentHash);
        bytes32 got = ValueHash.unwrap(_harness.valueHashOf(header, ContentHash.wrap(contentHash)));
        assertEq(got, keccak256(record), "twin");
        assertEq(got, ValueHash.unwrap(_harness.valueHashOf(record)), "record");
    }

    /// @dev Bits beside the 20 bytes of the header, left by whoever made it, do not reach the hash.
    function test_valueHashOf_dirtyHeader_sameHash() public pure {
        bytes20 header;
        assembly ("memory-safe") {
            header := not(0)
        }
        ContentHash contentHash = ContentHash.wrap(keccak256("content"));
        assertEq(
            ValueHash.unwrap(LeafRecord.valueHashOf(header, contentHash)),
            keccak256(abi.encodePacked(bytes20(type(uint160).max), contentHash)),
            "only the header's bytes count"
        );
    }

    function testFuzz_contentKey_anyNamespace_isNamespaceAndThirtyOneBytes(
        uint8 namespace,
        bytes32 contentHash
    ) public view {
        TreeKey key = _harness.contentKey(namespace, ContentHash.wrap(contentHash));
        assertEq(
            TreeKey.unwrap(key),
            bytes32(abi.encodePacked(namespace, bytes31(contentHash))),
            "namespace, then the first 31 bytes"
        );
        (uint8 got, bool isAppendOnly) = _harness.namespaceOf(key);
        assertEq(got, namespace, "namespace");
        assertTrue(isAppendOnly == (namespace >= 4 && namespace <= 9), "0x04 to 0x09");
    }

    function testFuzz_headerFields_anyHeader_areItsBytes(
        uint8 version,
        uint8 namespace,
        uint16 flags,
        uint64 contentLength,
        uint64 sequenceNo
    ) public view {
        bytes20 header = bytes20(abi.encodePacked(version, namespace, flags, contentLength, sequenceNo));
        (uint16 gotFlags, uint64 gotLength, uint64 gotSequenceNo) = _harness.headerFields(header);
        assertEq(gotFlags, flags, "flags");
        assertEq(gotLength, contentLength, "contentLength");
        assertEq(gotSequenceNo, sequenceNo, "sequenceNo");
    }

    function split(bytes calldata record) external pure returns (bytes20, ContentHash) {
        return (bytes20(record[:20]), ContentHash.wrap(bytes32(record[20:])));
    }
}
