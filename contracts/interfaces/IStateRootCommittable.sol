// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {DaCertHash} from "../types/DaCertHash.sol";
import {StateCommit} from "../types/StateCommit.sol";
import {StateRoot} from "../types/StateRoot.sol";

/// @title IStateRootCommittable
/// @notice The surface of a state-commit registry that indexers and operators already know: function
///         selectors, struct and event topic are those of the registry deployed before this one.
interface IStateRootCommittable {
    /// @notice Commit `sequenceNo` was accepted and `newStateRoot` is the state of this chain.
    event StateRootCommitted(
        uint64 indexed sequenceNo,
        StateRoot prevStateRoot,
        StateRoot indexed newStateRoot,
        uint64 timestamp,
        DaCertHash daCertHash,
        bytes32 indexed pcr0Commitment
    );

    /// @notice The struct's version is not the one this registry accepts.
    error UnsupportedStateCommitVersion(uint8 expected, uint8 got);
    /// @notice The enclave measurement is not active, or not zero where no enclave registry is configured.
    error InvalidPcr0Commitment();
    /// @notice The new root is zero.
    error InvalidNewStateRoot();
    /// @notice The commit is not the next one.
    error SequenceGap(uint64 expected, uint64 got);
    /// @notice The commit does not extend the current root.
    error StateRootMismatch(StateRoot expected, StateRoot got);
    /// @notice The timestamp is not later than that of the commit before.
    error TimestampRegression(uint64 last, uint64 got);

    /// @notice Accepts the next commit of this chain if a quorum signed it. Anyone may call.
    /// @param commit the commit, field by field what the quorum signed
    /// @param certificate the quorum's certificate, in the format of the configured verifier
    function commitStateRoot(StateCommit calldata commit, bytes calldata certificate) external;

    /// @notice Root after the newest commit; zero before the first.
    function getStateRoot() external view returns (StateRoot);

    /// @notice Number of the newest commit; zero before the first.
    function getSequenceNo() external view returns (uint64);
}
