// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {DaCertHash} from "./DaCertHash.sol";
import {StateRoot} from "./StateRoot.sol";

/// @dev A step forward to a state that the operators still have, from a root behind which they lost it, as the quorum
///      signs it (docs/CommitMessage.md).
/// @param sequenceNo number of the step: that of the lost commit, and one
/// @param lostStateRoot the current root
/// @param newStateRoot root after the step, neither zero nor that of the empty tree
/// @param timestamp seconds since 1970 at which the quorum was asked
/// @param daCertHash hash of the manifest of what leads from the last state that was not lost to the new one; not zero
/// @param reasonHash `keccak256` of the public account of what was lost and why; not zero
struct StateRecovery {
    uint64 sequenceNo;
    StateRoot lostStateRoot;
    StateRoot newStateRoot;
    uint64 timestamp;
    DaCertHash daCertHash;
    bytes32 reasonHash;
}
