// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {EpochEntry, epochEntry} from "../types/EpochEntry.sol";
import {ProvenWeight} from "../types/ProvenWeight.sol";

/// @title EpochTable
/// @notice What a judge of certificates keeps of every epoch, and of subsets whose key was proven before.
library EpochTable {
    /// @param entries by epoch number: a slot each, without a hash to find it
    /// @param subsetWeights by `BlsWorkspace.subsetId`; nothing for a subset that is not cached
    struct Table {
        EpochEntry[1 << 32] entries;
        mapping(bytes32 subsetId => ProvenWeight weights) subsetWeights;
    }

    /// @dev Enters an epoch, or its new expiry.
    function record(
        Table storage table,
        uint32 epoch,
        uint64 expiresAt,
        uint16 operatorCount,
        bytes32 aggregateKeyHash
    ) internal {
        EpochEntry entry = epochEntry(expiresAt, operatorCount, aggregateKeyHash);
        table.entries[epoch] = entry.replacing(table.entries[epoch]);
    }

    /// @dev Enters a subset, whose key is proven and whose signers are somebody.
    function recordSubset(
        Table storage table,
        uint32 epoch,
        bytes32 subsetId,
        ProvenWeight weights
    ) internal {
        table.entries[epoch] = table.entries[epoch].withSubsets();
        table.subsetWeights[subsetId] = weights;
    }

    /// @dev The entry of `epoch`; zero if there is none. In Solidity: `table.entries[epoch]`.
    function entryOf(Table storage table, uint32 epoch) internal view returns (EpochEntry entry) {
        assembly ("memory-safe") {
            // The first member of the table, with a slot for every 32-bit number.
            entry := sload(add(table.slot, epoch))
        }
    }
}
