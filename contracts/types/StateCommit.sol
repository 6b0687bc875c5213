// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {DaCertHash} from "./DaCertHash.sol";
import {StateRoot} from "./StateRoot.sol";

/// @dev One step of a chain's state, as the quorum signs it (docs/CommitMessage.md). Field order is the ABI
///      of the registry deployed before this one.
/// @param version format of this struct: 2
/// @param sequenceNo number of this commit, 1 for the first; also the version of the tree
/// @param prevStateRoot root this commit extends; zero for the first
/// @param newStateRoot root after this commit
/// @param timestamp seconds since 1970 at which the commit was proposed
/// @param daCertHash hash of the delta manifest; zero iff the root is unchanged (heartbeat)
/// @param pcr0Commitment enclave measurement of the operators; zero where no enclave registry is configured
struct StateCommit {
    uint8 version;
    uint64 sequenceNo;
    StateRoot prevStateRoot;
    StateRoot newStateRoot;
    uint64 timestamp;
    DaCertHash daCertHash;
    bytes32 pcr0Commitment;
}
