// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ContentHash} from "../types/ContentHash.sol";
import {LeafChange} from "../types/LeafClaim.sol";
import {LeafFault} from "../types/LeafFault.sol";
import {StateCommit} from "../types/StateCommit.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {TransitionFault} from "../types/Transition.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {LeafRecord} from "./LeafRecord.sol";

/// @title DeltaFormat
/// @notice Reads encoded deltas (docs/StateTree.md, "Deltas").
/// @dev Layout: version 8 · chainId 64 · sequenceNo 64 · prevStateRoot 256 · newStateRoot 256 · leafCount 32; then, per leaf,
///      key 256 · operation 8, and for a written one header 160 · content.
library DeltaFormat {
    uint256 private constant HEADER_BYTES = 85;
    uint256 private constant MIN_LEAF_BYTES = 33;
    uint256 private constant LEAF_HEADER_BYTES = 20;
    uint256 private constant VERSION = 1;
    uint8 private constant OPERATION_REMOVE = 0;
    uint8 private constant OPERATION_WRITE = 1;
    uint8 private constant LAST_NAMESPACE = 0x08;

    /// @dev A leaf as the delta has it.
    struct DeltaLeaf {
        TreeKey key;
        uint8 operation;
        bytes20 header;
        ContentHash contentHash;
    }

    /// @notice The changes that `delta` makes for `commit` of this chain, their old values still missing, or the first rule
    ///         that it breaks.
    function read(
        bytes calldata delta,
        StateCommit calldata commit
    ) internal view returns (TransitionFault fault, LeafChange[] memory changes) {
        fault = checkHeader(delta, commit);
        if (fault != TransitionFault.None) return (fault, changes);
        uint256 leafCount = uint32(bytes4(delta[81:HEADER_BYTES]));
        if (leafCount * MIN_LEAF_BYTES > delta.length - HEADER_BYTES) {
            return (TransitionFault.DeltaLength, changes);
        }
        changes = new LeafChange[](leafCount);
        uint256 offset = HEADER_BYTES;
        for (uint256 i = 0; i < leafCount; ++i) {
            DeltaLeaf memory leaf;
            (fault, leaf, offset) = readLeaf(delta, offset);
            if (fault != TransitionFault.None) return (fault, changes);
            if (i != 0 && TreeKey.unwrap(changes[i - 1].key) >= TreeKey.unwrap(leaf.key)) {
                return (TransitionFault.KeysNotAscending, changes);
            }
            fault = checkLeaf(leaf, commit.sequenceNo);
            if (fault != TransitionFault.None) return (fault, changes);
            changes[i].key = leaf.key;
            if (leaf.operation == OPERATION_WRITE) {
                changes[i].newValueHash = LeafRecord.valueHashOf(leaf.header, leaf.contentHash);
            }
        }
        if (offset != delta.length) fault = TransitionFault.DeltaLength;
    }

    function checkHeader(
        bytes calldata delta,
        StateCommit calldata commit
    ) private view returns (TransitionFault) {
        if (delta.length < HEADER_BYTES) return TransitionFault.DeltaLength;
        if (uint8(delta[0]) != VERSION) return TransitionFault.DeltaVersion;
        if (uint64(bytes8(delta[1:9])) != block.chainid) return TransitionFault.DeltaChain;
        if (uint64(bytes8(delta[9:17])) != commit.sequenceNo) return TransitionFault.DeltaSequence;
        bool hasRoots =
            bytes32(delta[17:49]) == StateRoot.unwrap(commit.prevStateRoot) &&
                bytes32(delta[49:81]) == StateRoot.unwrap(commit.newStateRoot);
        return hasRoots ? TransitionFault.None : TransitionFault.DeltaRoots;
    }

    /// @dev The leaf at `offset`, and where the next one is.
    function readLeaf(
        bytes calldata delta,
        uint256 offset
    ) private pure returns (TransitionFault fault, DeltaLeaf memory leaf, uint256 end) {
        end = offset + MIN_LEAF_BYTES;
        if (end > delta.length) return (TransitionFault.DeltaLength, leaf, end);
        leaf.key = TreeKey.wrap(bytes32(delta[offset:offset + 32]));
        leaf.operation = uint8(delta[offset + 32]);
        if (leaf.operation > OPERATION_WRITE) return (TransitionFault.UnknownOperation, leaf, end);
        if (leaf.operation == OPERATION_REMOVE) return (TransitionFault.None, leaf, end);
        offset = end;
        end += LEAF_HEADER_BYTES;
        if (end > delta.length) return (TransitionFault.DeltaLength, leaf, end);
        leaf.header = bytes20(delta[offset:end]);
        offset = end;
        end += LeafRecord.contentLengthOf(leaf.header);
        if (end > delta.length) return (TransitionFault.DeltaLength, leaf, end);
        leaf.contentHash = ContentHash.wrap(keccak256(delta[offset:end]));
    }

    function checkLeaf(DeltaLeaf memory leaf, uint64 sequenceNo) private pure returns (TransitionFault) {
        uint8 namespace = LeafRecord.namespaceOf(leaf.key);
        if (namespace == 0 || namespace > LAST_NAMESPACE) return TransitionFault.UnknownNamespace;
        if (leaf.operation == OPERATION_REMOVE) {
            bool isKept = LeafRecord.isAppendOnly(namespace);
            return isKept ? TransitionFault.AppendOnlyRemoved : TransitionFault.None;
        }
        LeafFault fault = LeafRecord.check(leaf.key, leaf.header, leaf.contentHash, sequenceNo);
        if (fault != LeafFault.None) return TransitionFault.MalformedLeaf;
        bool isOfCommit = LeafRecord.sequenceNoOf(leaf.header) == sequenceNo;
        return isOfCommit ? TransitionFault.None : TransitionFault.LeafSequence;
    }
}
