// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {StateCommit} from "../types/StateCommit.sol";
import {StateRecovery} from "../types/StateRecovery.sol";

/// @title CommitMessage
/// @notice What operators sign for a commit or a recovery (docs/CommitMessage.md). The EIP-712 domain belongs to the registry.
library CommitMessage {
    /// @dev EIP-712 type hash of `StateCommit`.
    bytes32 internal constant STATE_COMMIT_TYPEHASH = keccak256(
        "StateCommit(uint8 version,uint64 sequenceNo,bytes32 prevStateRoot,bytes32 newStateRoot,uint64 timestamp,bytes32 daCertHash,bytes32 pcr0Commitment)"
    );

    /// @dev EIP-712 type hash of `StateRecovery`.
    bytes32 internal constant STATE_RECOVERY_TYPEHASH = keccak256(
        "StateRecovery(uint64 sequenceNo,bytes32 lostStateRoot,bytes32 newStateRoot,uint64 timestamp,bytes32 daCertHash,bytes32 reasonHash)"
    );

    /// @dev What a quorum message starts with.
    bytes18 internal constant MESSAGE_TAG = "OPS::QuorumMessage";

    /// @dev EIP-712 struct hash, from the decoded fields: calldata with dirty upper bits does not get this far.
    function structHash(StateCommit calldata commit) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    STATE_COMMIT_TYPEHASH,
                    commit.version,
                    commit.sequenceNo,
                    commit.prevStateRoot,
                    commit.newStateRoot,
                    commit.timestamp,
                    commit.daCertHash,
                    commit.pcr0Commitment
                )
            );
    }

    /// @dev EIP-712 struct hash. The type hash keeps it apart from that of any commit.
    function recoveryHash(StateRecovery calldata recovery) internal pure returns (bytes32) {
        return keccak256(abi.encode(STATE_RECOVERY_TYPEHASH, recovery));
    }

    /// @dev EIP-712 digest of a commit without dirty upper bits. In Solidity:
    ///      `keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash(commit)))`.
    function digestOf(
        StateCommit calldata commit,
        bytes32 domainSeparator
    ) internal pure returns (bytes32 hash) {
        bytes32 typeHash = STATE_COMMIT_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typeHash)
            calldatacopy(add(words, 0x20), commit, 0xe0)
            hash := keccak256(words, 0x100)
            mstore(words, shl(240, 0x1901))
            mstore(add(words, 0x02), domainSeparator)
            mstore(add(words, 0x22), hash)
            hash := keccak256(words, 0x42)
        }
    }

    /// @dev The message that the operators of `epoch` hash to G1 and sign for `digest`. In Solidity:
    ///      `keccak256(abi.encodePacked("OPS::QuorumMessage", epoch, digest))`.
    function quorumMessage(uint32 epoch, bytes32 digest) internal pure returns (bytes32 message) {
        bytes32 head = MESSAGE_TAG;
        assembly ("memory-safe") {
            // 18 + 4 + 32 bytes, in scratch space.
            mstore(0x00, or(head, shl(80, epoch)))
            mstore(0x16, digest)
            message := keccak256(0x00, 0x36)
        }
    }
}
