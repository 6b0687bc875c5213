// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DaCertHash} from "../../../contracts/types/DaCertHash.sol";
import {CertifiedCommit, EquivocationEvidence} from "../../../contracts/types/Equivocation.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Evidence of an equivocation, edited in one place.
abstract contract VoteTwists {
    /// @dev A copy with other bytes, another field, other digests, or parts of one side on the other.
    function _twisted(
        EquivocationEvidence memory evidence,
        uint256 seed
    ) internal pure returns (EquivocationEvidence memory copy) {
        copy = abi.decode(abi.encode(evidence), (EquivocationEvidence));
        (CertifiedCommit memory side, CertifiedCommit memory rest) = (copy.one, copy.other);
        if (seed & 1 == 0) (side, rest) = (rest, side);
        uint256 way = (seed >> 8) % 8;
        seed >>= 16;
        if (way == 0) side.certificate = _editedBytes(side.certificate, seed);
        if (way == 1) _editField(side.commit, seed);
        if (way == 2) side.before = _editedList(side.before, seed);
        if (way == 3) side.behind = _editedList(side.behind, seed);
        if (way == 4) (side.certificate, rest.certificate) = (rest.certificate, side.certificate);
        if (way == 5) (side.before, side.behind) = (side.behind, side.before);
        // The same number, or another root, for what was signed for another, or for the same.
        if (way == 6) side.commit.sequenceNo = rest.commit.sequenceNo;
        if (way == 7) side.commit.newStateRoot = StateRoot.wrap(bytes32(seed));
        if (way == 6 && side.commit.newStateRoot == rest.commit.newStateRoot) side.commit = rest.commit;
    }

    /// @dev With one byte added, taken away or changed.
    function _editedBytes(bytes memory text, uint256 seed) internal pure returns (bytes memory edited) {
        uint256 way = seed % 3;
        if (text.length == 0 || way == 0) return bytes.concat(text, bytes1(uint8(seed >> 8)));
        edited = bytes.concat(text);
        if (way == 1) {
            assembly ("memory-safe") {
                mstore(edited, sub(mload(edited), 1))
            }
            return edited;
        }
        uint256 index = (seed >> 8) % edited.length;
        edited[index] = bytes1(uint8(edited[index]) ^ uint8(1 + ((seed >> 40) % 255)));
    }

    function _editField(StateCommit memory commit, uint256 seed) private pure {
        uint256 field = seed % 6;
        if (field == 0) commit.version += 1;
        if (field == 1) commit.sequenceNo ^= uint64(1 << ((seed >> 8) % 64));
        if (field == 2) commit.prevStateRoot = commit.newStateRoot;
        if (field == 3) commit.timestamp ^= uint64(1 << ((seed >> 8) % 64));
        if (field == 4) commit.daCertHash = DaCertHash.wrap(bytes32(seed));
        if (field == 5) commit.pcr0Commitment = bytes32(seed);
    }

    /// @dev With a digest more, one less, or another one.
    function _editedList(bytes32[] memory list, uint256 seed) private pure returns (bytes32[] memory edited) {
        if (list.length == 0 || seed % 3 == 0) {
            edited = new bytes32[](list.length + 1);
            for (uint256 i = 0; i < list.length; ++i) edited[i] = list[i];
            edited[list.length] = list.length == 0 ? bytes32(seed) : list[0];
            return edited;
        }
        if (seed % 3 == 1) return _slice(list, 1, list.length);
        edited = _slice(list, 0, list.length);
        edited[(seed >> 8) % list.length] ^= bytes32(uint256(1) << ((seed >> 16) % 256));
    }

    /// @dev Entries from `start` up to `end`, that one not included.
    function _slice(
        bytes32[] memory list,
        uint256 start,
        uint256 end
    ) internal pure returns (bytes32[] memory part) {
        part = new bytes32[](end - start);
        for (uint256 i = start; i < end; ++i) part[i - start] = list[i];
    }
}
