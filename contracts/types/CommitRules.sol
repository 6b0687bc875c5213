// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";

/// @dev What a commit is measured by, in one slot.
/// @param verifier judges certificates
/// @param quorumBps share of the total weight that must sign, 6,667 to 10,000 basis points
/// @param maxSkewSeconds how far a commit's timestamp may lie ahead of block time, at most 15 minutes
/// @param heartbeatSeconds after so long without a commit, one with an unchanged root is accepted; 10 minutes to 7 days
struct CommitRules {
    IQuorumVerifier verifier;
    uint16 quorumBps;
    uint32 maxSkewSeconds;
    uint32 heartbeatSeconds;
}
