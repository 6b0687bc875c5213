// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Stands in for a registry of which only roots are asked.
contract RootsStub {
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
}
