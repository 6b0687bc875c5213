// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {EpochKeys} from "./EpochKeys.sol";

/// @title BlsSigners
/// @notice Who signed, as a certificate that proved to be valid says (docs/CommitMessage.md, "Certificate").
/// @dev At most 256 operators, so a set of them is one word: bit i for index i.
library BlsSigners {
    uint256 private constant EPOCH_BYTES = 4;
    uint256 private constant HINT_BYTES = 33;
    /// @dev Signature and key.
    uint256 private constant POINTS_BYTES = 192;

    /// @dev The epoch of a valid certificate over `messageCount` messages.
    function epochOf(bytes calldata certificate) internal pure returns (uint32) {
        return uint32(bytes4(certificate[:EPOCH_BYTES]));
    }

    /// @dev Who of `operatorCount` operators signed, according to a valid certificate over `messageCount` messages.
    function signersOf(
        bytes calldata certificate,
        uint256 messageCount,
        uint256 operatorCount
    ) internal pure returns (uint256 signers) {
        // A shift by 256 gives zero, and zero less one is everybody.
        unchecked {
            signers = (1 << operatorCount) - 1;
        }
        uint256 offset = EPOCH_BYTES + messageCount * HINT_BYTES + POINTS_BYTES;
        for (uint256 i = offset; i < certificate.length; ++i) signers &= ~(1 << uint8(certificate[i]));
    }

    /// @dev Weight of the operators in `operators`, of an epoch with these keys.
    function weightOf(address keys, uint256 operators) internal view returns (uint256 weight) {
        for (uint256 i = 0; operators != 0; (++i, operators >>= 1)) {
            if (operators & 1 == 0) continue;
            (, uint256 one) = EpochKeys.recordAt(keys, i);
            weight += one;
        }
    }
}
