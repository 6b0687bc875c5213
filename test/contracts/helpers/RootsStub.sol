// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Stands in for a registry of which only roots are asked.
contract RootsStub {
    uint64 private _recovery;
    mapping(uint64 sequenceNo => StateRoot root) private _roots;

    function setRoot(uint64 sequenceNo, StateRoot root) external {
        _roots[sequenceNo] = root;
    }

    function tryStateRootAt(uint64 sequenceNo) external view returns (StateRoot) {
        return _roots[sequenceNo];
    }

    function stateRootAt(uint64 sequenceNo) external view returns (StateRoot root) {
        root = _roots[sequenceNo];
        if (root.isZero()) revert IStateCommitRegistry.RootNotRetained(sequenceNo, 0, 0);
    }

    function setRecovery(uint64 sequenceNo) external {
        _recovery = sequenceNo;
    }

    /// @dev The only recovery, if it is not later than `sequenceNo`.
    function lastRecoveryUpTo(uint64 sequenceNo) external view returns (uint64) {
        return _recovery <= sequenceNo ? _recovery : 0;
    }
}
