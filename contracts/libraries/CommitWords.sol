// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {CommitHead} from "../types/CommitHead.sol";
import {StateCommit} from "../types/StateCommit.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {JellyfishMerkleProof} from "./JellyfishMerkleProof.sol";

/// @title CommitWords
/// @notice The usual commit, read as seven words of calldata.
library CommitWords {
    bytes32 private constant COMMITTED_TOPIC = keccak256(
        "StateRootCommitted(uint64,bytes32,bytes32,uint64,bytes32,bytes32)"
    );

    /// @dev Whether `commit` may follow `head` where commits are not paused, the rules are those of the deployment and
    ///      the root changes. Only ever says yes: the rules of the registry are the twin, accept whatever this
    ///      accepts, and name what is wrong with the rest. No field of an accepted commit has dirty upper bits.
    /// @param latest the latest timestamp allowed
    /// @param oddities zero where everything else is usual, too
    function isUsual(
        StateCommit calldata commit,
        CommitHead head,
        uint256 latest,
        uint256 oddities
    ) internal pure returns (bool accepted) {
        bytes32 emptyRoot = JellyfishMerkleProof.EMPTY_ROOT;
        assembly ("memory-safe") {
            let prevRoot := calldataload(add(commit, 0x40))
            let newRoot := calldataload(add(commit, 0x60))
            let time := calldataload(add(commit, 0x80))
            mstore(0x00, prevRoot)
            // Bits that must all be zero: version, sequence number, mark of the root, measurement, …
            let wrong := or(oddities, xor(calldataload(commit), 2))
            wrong := or(wrong, xor(calldataload(add(commit, 0x20)), add(and(head, 0xffffffffff), 1)))
            wrong := or(wrong, shr(128, xor(head, keccak256(0x00, 0x20))))
            wrong := or(wrong, calldataload(add(commit, 0xc0)))
            // … and conditions that must not hold. A paused or amended head has a time that is
            // later than any.
            wrong := or(wrong, iszero(newRoot))
            wrong := or(wrong, eq(newRoot, emptyRoot))
            wrong := or(wrong, eq(newRoot, prevRoot))
            wrong := or(wrong, iszero(calldataload(add(commit, 0xa0))))
            wrong := or(wrong, iszero(gt(time, and(shr(40, head), 0xffffffffffff))))
            wrong := or(wrong, gt(time, latest))
            accepted := iszero(wrong)
        }
    }

    /// @dev Emits `StateRootCommitted` of a commit without dirty upper bits. In Solidity: `emit StateRootCommitted(…)`.
    function announce(StateCommit calldata commit) internal {
        bytes32 topic = COMMITTED_TOPIC;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, calldataload(add(commit, 0x40)))
            // timestamp, daCertHash
            calldatacopy(add(data, 0x20), add(commit, 0x80), 0x40)
            log4(
                data,
                0x60,
                topic,
                calldataload(add(commit, 0x20)),
                calldataload(add(commit, 0x60)),
                calldataload(add(commit, 0xc0))
            )
        }
    }

    /// @dev Puts the new root into its place, and makes the head after a commit without dirty upper bits, accepted
    ///      now, neither paused nor amended. In Solidity: `roots[commit.sequenceNo % 720] = commit.newStateRoot`, and
    ///      `CommitHead.followedBy`.
    function retain(
        StateRoot[720] storage roots,
        StateCommit calldata commit
    ) internal returns (CommitHead head) {
        assembly ("memory-safe") {
            let newRoot := calldataload(add(commit, 0x60))
            let sequenceNo := calldataload(add(commit, 0x20))
            sstore(add(roots.slot, mod(sequenceNo, 720)), newRoot)
            mstore(0x00, newRoot)
            let mark := shl(128, shr(128, keccak256(0x00, 0x20)))
            let times := or(shl(88, timestamp()), shl(40, calldataload(add(commit, 0x80))))
            head := or(or(mark, times), sequenceNo)
        }
    }
}
