// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuidedHandler} from "./GuidedHandler.sol";
import {ScaledKeys} from "./ScaledKeys.sol";
import {Bn254} from "../../../contracts/libraries/Bn254.sol";
import {CommitMessage} from "../../../contracts/libraries/CommitMessage.sol";
import {G1Point, G2Point} from "../../../contracts/types/Bn254Points.sol";

/// @dev Makes certificates as operators do, and as forgers do.
abstract contract CertificateForge is GuidedHandler {
    uint256 internal constant FORGERY_COUNT = 14;

    ScaledKeys internal immutable KEYS;

    constructor() {
        KEYS = new ScaledKeys();
    }

    /// @dev A certificate before it is packed. Operators are bits, and non-signers places among the members.
    struct Draft {
        uint32 epoch;
        uint256 members;
        uint256 signers;
        bytes hints;
        G1Point hashSum;
        G1Point signature;
        G2Point keyG2;
        bytes nonSigners;
    }

    /// @dev The valid certificate of `signers`, a part of `members`, over `digests`.
    function _draft(
        uint32 epoch,
        uint256 members,
        uint256 signers,
        bytes32[] memory digests
    ) internal view returns (Draft memory draft) {
        (draft.epoch, draft.members, draft.signers) = (epoch, members, signers);
        for (uint256 i = 0; i < digests.length; ++i) {
            ScaledKeys.Hashed memory hashed = KEYS.hashToG1(CommitMessage.quorumMessage(epoch, digests[i]));
            draft.hints = abi.encodePacked(draft.hints, hashed.counter, hashed.point.y);
            draft.hashSum = i == 0 ? hashed.point : KEYS.add(draft.hashSum, hashed.point);
        }
        draft.signature = KEYS.scale(draft.hashSum, signers);
        draft.keyG2 = KEYS.keyG2(signers);
        draft.nonSigners = _without(members, signers);
    }

    /// @dev Places, among `members`, of those who are not `signers`.
    function _without(uint256 members, uint256 signers) internal pure returns (bytes memory places) {
        uint8 place = 0;
        for (uint256 i = 0; i < 8; ++i) {
            if (members & (1 << i) == 0) continue;
            if (signers & (1 << i) == 0) places = abi.encodePacked(places, place);
            ++place;
        }
    }

    function _pack(Draft memory draft) internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                draft.epoch,
                draft.hints,
                abi.encode(draft.signature),
                abi.encode(draft.keyG2),
                draft.nonSigners
            );
    }

    /// @dev A certificate that must be refused, made from a valid one in one of 14 ways, and the number of the
    ///      invariant that says so; number 0 if that way leads to nothing new.
    function _forge(
        Draft memory draft,
        uint256 way,
        uint256 seed
    ) internal view returns (bytes memory certificate, uint256 invariant) {
        if (way < 5) return _edit(_pack(draft), way, seed);
        if (way < 9) return _hollow(draft, way);
        return _impersonate(draft, way, seed);
    }

    /// @dev Other bytes.
    function _edit(
        bytes memory certificate,
        uint256 way,
        uint256 seed
    ) private pure returns (bytes memory, uint256) {
        // The first bytes more often: behind them, one byte is as good as another.
        uint256 place = seed % 2 == 0 ? (seed >> 32) % 8 : (seed >> 32) % certificate.length;
        if (way == 0) certificate[place % certificate.length] ^= bytes1(uint8(1 << ((seed >> 16) % 8)));
        if (way == 1) certificate = _cut(certificate, seed % certificate.length);
        if (way == 2) certificate = bytes.concat(certificate, bytes1(uint8(seed)));
        // The other encoding of a coordinate.
        if (way == 3) _addP(certificate, 5);
        if (way == 4) _addP(certificate, certificate.length < 229 ? 5 : 37 + 32 * (seed % 6));
        return (certificate, 2);
    }

    /// @dev Nobody's signature.
    function _hollow(Draft memory draft, uint256 way) private pure returns (bytes memory, uint256) {
        if (way == 5) draft.signature = G1Point(0, 0);
        if (way == 6) draft.keyG2 = G2Point(0, 0, 0, 0);
        if (way == 8) draft.nonSigners = _without(draft.members, 0);
        if (way == 7) draft.nonSigners = "";
        if (way >= 7) (draft.signature, draft.keyG2) = (G1Point(0, 0), G2Point(0, 0, 0, 0));
        return (_pack(draft), 12);
    }

    /// @dev Somebody else's signature, key, or list.
    function _impersonate(
        Draft memory draft,
        uint256 way,
        uint256 seed
    ) private view returns (bytes memory, uint256) {
        uint256 others = 1 + (seed % 255);
        if (others == draft.signers) return ("", 0);
        if (way == 9) draft.signature = KEYS.scale(draft.hashSum, others);
        if (way == 10) draft.keyG2 = KEYS.keyG2(others);
        if (way == 11) {
            draft.signature = KEYS.scale(draft.hashSum, others);
            draft.keyG2 = KEYS.keyG2(others);
        }
        if (way == 12) draft.signature.y = Bn254.P - draft.signature.y;
        if (way == 13) {
            if (draft.nonSigners.length == 0) return ("", 0);
            // Fewer are missing than did not sign.
            draft.nonSigners = _cut(draft.nonSigners, draft.nonSigners.length - 1);
        }
        return (_pack(draft), 14);
    }

    function _cut(bytes memory data, uint256 length) internal pure returns (bytes memory out) {
        out = new bytes(length);
        for (uint256 i = 0; i < length; ++i) out[i] = data[i];
    }

    function _addP(bytes memory data, uint256 offset) private pure {
        assembly ("memory-safe") {
            let place := add(add(data, 0x20), offset)
            mstore(
                place,
                add(mload(place), 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47)
            )
        }
    }
}
