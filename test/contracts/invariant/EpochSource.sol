// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ScaledKeys} from "./ScaledKeys.sol";
import {IEpochSink} from "../../../contracts/interfaces/IEpochSink.sol";
import {EpochKeys} from "../../../contracts/libraries/EpochKeys.sol";
import {G1Point} from "../../../contracts/types/Bn254Points.sol";

/// @dev Stands for an operator set registry: epochs of operators that any caller names. It deploys nothing but keys, so
///      that they lie where they are looked for. Operator i of eight has the secret 2^i: every subset has its own sum.
contract EpochSource {
    struct SourceEpoch {
        uint256 members;
        uint64 expiresAt;
    }

    ScaledKeys private immutable KEYS;
    IEpochSink[] private _sinks;
    SourceEpoch[] private _epochs;

    constructor(ScaledKeys keys) {
        KEYS = keys;
        _epochs.push();
    }

    function addSink(IEpochSink sink) external {
        _sinks.push(sink);
    }

    function weightOf(uint256 operator) public pure returns (uint128) {
        return uint128(100 + operator * operator * 17);
    }

    /// @dev Weight of the operators whose bits are set.
    function weightOfAll(uint256 operators) public pure returns (uint128 weight) {
        for (uint256 i = 0; i < 8; ++i) if (operators & (1 << i) != 0) weight += weightOf(i);
    }

    function epochOf(uint32 epoch) external view returns (SourceEpoch memory) {
        return _epochs[epoch];
    }

    /// @dev Number of the newest epoch; zero before the first.
    function newest() public view returns (uint32) {
        return uint32(_epochs.length - 1);
    }

    /// @dev A new epoch of `members`; the one before it is valid up to `previousExpiresAt`.
    function open(uint256 members, uint64 previousExpiresAt) external {
        if (newest() != 0) {
            _epochs[newest()].expiresAt = previousExpiresAt;
            _tell(newest());
        }
        _write(members);
        _epochs.push(SourceEpoch(members, type(uint64).max));
        _tell(newest());
    }

    function _write(uint256 members) private {
        uint256 count = _countOf(members);
        G1Point[] memory keysG1 = new G1Point[](count);
        uint128[] memory weights = new uint128[](count);
        uint256 place = 0;
        for (uint256 i = 0; i < 8; ++i) {
            if (members & (1 << i) == 0) continue;
            (keysG1[place], weights[place]) = (KEYS.keyG1(1 << i), weightOf(i));
            ++place;
        }
        EpochKeys.write(KEYS.keyG1(members), weightOfAll(members), keysG1, weights);
    }

    function _tell(uint32 epoch) private {
        SourceEpoch memory summary = _epochs[epoch];
        uint16 count = uint16(_countOf(summary.members));
        bytes32 keyHash = keccak256(abi.encode(KEYS.keyG2(summary.members)));
        for (uint256 i = 0; i < _sinks.length; ++i) {
            _sinks[i].recordEpoch(epoch, summary.expiresAt, count, keyHash);
        }
    }

    function _countOf(uint256 members) private pure returns (uint256 count) {
        for (uint256 i = 0; i < 8; ++i) count += (members >> i) & 1;
    }
}
