// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStateCommitRegistry} from "../interfaces/IStateCommitRegistry.sol";
import {StateRoot} from "../types/StateRoot.sol";

/// @title RetainedRootsMock
/// @notice Stands in for a state commit registry where only retained roots are asked for.
contract RetainedRootsMock {
    uint64 private _newest;
    mapping(uint64 sequenceNo => StateRoot root) private _roots;

    /// @notice Sets the root after a commit; zero forgets it.
    function setRoot(uint64 sequenceNo, StateRoot root) external {
        _roots[sequenceNo] = root;
        if (sequenceNo > _newest) _newest = sequenceNo;
    }

    /// @notice As `IStateRootCommittable.getSequenceNo`: the greatest number that a root was set for.
    function getSequenceNo() external view returns (uint64) {
        return _newest;
    }

    /// @notice As `IStateCommitRegistry.stateRootAt`.
    function stateRootAt(uint64 sequenceNo) external view returns (StateRoot root) {
        root = _roots[sequenceNo];
        if (root.isZero()) revert IStateCommitRegistry.RootNotRetained(sequenceNo, 0, 0);
    }
}
