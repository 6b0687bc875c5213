// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CommitModel} from "./CommitModel.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Commits that follow the model's head, and the ways to spoil one.
abstract contract CommitTwists is CommitModel {
    uint256 private constant TWIST_COUNT = 22;

    /// @dev A commit that may follow `head`, if `root` is another one.
    function _next(Head memory head, bytes32 root) internal view returns (StateCommit memory) {
        uint64 time = uint64(block.timestamp);
        return
            StateCommit({
                version: 2,
                sequenceNo: head.sequenceNo + 1,
                prevStateRoot: StateRoot.wrap(head.root),
                newStateRoot: StateRoot.wrap(root),
                timestamp: time > head.timestamp ? time : head.timestamp + 1,
                daCertHash: DaCertHash.wrap(keccak256("manifest")),
                pcr0Commitment: 0
            });
    }

    /// @dev `next` as it is, in half of the cases, or with one or two fields changed.
    function _twisted(StateCommit memory next, uint256 seed) internal view returns (StateCommit memory) {
        if (seed % 2 == 0) return next;
        seed /= 2;
        _twist(next, seed % TWIST_COUNT);
        seed /= TWIST_COUNT;
        if (seed % 5 == 0) _twist(next, (seed / 5) % TWIST_COUNT);
        return next;
    }

    function _twist(StateCommit memory next, uint256 which) private view {
        if (which < 11) _twistOrder(next, which);
        else _twistContent(next, which);
    }

    /// @dev Number, predecessor, time.
    function _twistOrder(StateCommit memory next, uint256 which) private view {
        uint64 latest = uint64(block.timestamp) + SKEW_SECONDS;
        unchecked {
            // Twice the same field may wrap around.
            if (which == 0) next.sequenceNo += 1;
            if (which == 1) next.sequenceNo -= 1;
        }
        if (which == 2) next.sequenceNo = 0;
        if (which == 3) next.sequenceNo = type(uint64).max;
        if (which == 4) next.prevStateRoot = StateRoot.wrap(_rootOf[_model.sequenceNo / 2]);
        if (which == 5) next.prevStateRoot = next.newStateRoot;
        if (which == 6) next.timestamp = _model.timestamp;
        if (which == 7) next.timestamp = _model.timestamp == 0 ? 0 : _model.timestamp - 1;
        if (which == 8) next.timestamp = latest;
        if (which == 9) next.timestamp = latest + 1;
        if (which == 10) next.timestamp = type(uint64).max;
    }

    /// @dev Root, manifest, version, measurement.
    function _twistContent(StateCommit memory next, uint256 which) private pure {
        if (which == 11) next.newStateRoot = StateRoot.wrap(0);
        if (which == 12) next.newStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        if (which == 13) next.newStateRoot = next.prevStateRoot;
        if (which == 14) (next.newStateRoot, next.daCertHash) = (next.prevStateRoot, _noManifest());
        if (which == 15) next.daCertHash = _noManifest();
        if (which == 16) next.version = 0;
        if (which == 17) next.version = 1;
        if (which == 18) next.version = 3;
        if (which == 19) next.version = type(uint8).max;
        if (which == 20) next.pcr0Commitment = bytes32(uint256(1));
        if (which == 21) next.prevStateRoot = StateRoot.wrap(0);
    }

    function _noManifest() internal pure returns (DaCertHash) {
        return DaCertHash.wrap(0);
    }

    function _none() internal pure returns (CertificateFault) {
        return CertificateFault.None;
    }

    /// @dev No fault in half of the cases.
    function _faultOf(uint8 seed) internal pure returns (CertificateFault) {
        uint256 count = uint256(type(CertificateFault).max) + 1;
        return seed < 128 ? CertificateFault.None : CertificateFault(uint8(uint256(seed) % count));
    }

    function _one(StateCommit memory next) internal pure returns (StateCommit[] memory commits) {
        commits = new StateCommit[](1);
        commits[0] = next;
    }
}
