// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {StateCommit} from "../types/StateCommit.sol";

/// @title CommitMessage
/// @notice What operators sign for a commit (docs/CommitMessage.md). The EIP-712 domain belongs to the registry.
library CommitMessage {
    /// @dev EIP-712 type hash of `StateCommit`.
    bytes32 internal constant STATE_COMMIT_TYPEHASH = keccak256(
        "StateCommit(uint8 version,uint64 sequenceNo,bytes32 prevStateRoot,bytes32 newStateRoot,uint64 timestamp,bytes32 daCertHash,bytes32 pcr0Commitment)"
    );

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

    /// @dev The message that the operators of `epoch` hash to G1 and sign for `digest`.
    function quorumMessage(uint32 epoch, bytes32 digest) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("OPS::QuorumMessage", epoch, digest));
    }
}
