// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {Decision} from "../../../contracts/types/Decision.sol";
import {PolicyDataInstanceId} from "../../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../../contracts/types/PolicyTemplateRef.sol";

/// @dev Decisions with one part that is another.
abstract contract DecisionTwists {
    /// @dev A copy whose refs and ids are no longer those of its parts.
    function _wrong(Decision memory decision, uint256 seed) internal pure returns (Decision memory copy) {
        copy = abi.decode(abi.encode(decision), (Decision));
        uint256 way = seed % 15;
        bytes32 other = keccak256(abi.encode(seed));
        uint256 count = copy.policyDataRefs.length;
        uint256 place = count == 0 ? 0 : (seed >> 8) % count;
        if (way == 0) copy.client = address(uint160(uint256(other)));
        if (way == 1) copy.policyInstanceId = PolicyInstanceId.wrap(other);
        if (way == 2) copy.policyTemplateRef = PolicyTemplateRef.wrap(other);
        if (way == 3) copy.paramsHash = other;
        if (way == 4) copy.expireAfterBlocks ^= uint32(1 << ((seed >> 16) % 32));
        if (way == 5) copy.regoHash = ContentHash.wrap(other);
        if (way == 6) copy.paramsSchemaHash = ContentHash.wrap(other);
        if (way == 7) copy.entrypointHash = other;
        if (way == 8) copy.environment ^= uint16(1 << ((seed >> 16) % 16));
        if (way == 9 || (way > 10 && count == 0)) copy.bindingNameHashes = new bytes32[](count + 1);
        if (way == 10) copy.policyDataInstanceIds = new PolicyDataInstanceId[](count + 1);
        if (way < 11 || count == 0) return copy;
        if (way == 11) copy.bindingNameHashes[place] = other;
        if (way == 12) copy.policyDataRefs[place] = PolicyDataRef.wrap(other);
        if (way == 13) copy.policyDataInstanceIds[place] = PolicyDataInstanceId.wrap(other);
        if (way == 14) _exchange(copy, place, (place + 1) % count);
    }

    /// @dev Two bindings as they are, in the other order; a single one gets another name.
    function _exchange(Decision memory copy, uint256 i, uint256 j) private pure {
        bytes32[] memory names = copy.bindingNameHashes;
        PolicyDataRef[] memory refs = copy.policyDataRefs;
        PolicyDataInstanceId[] memory ids = copy.policyDataInstanceIds;
        (names[i], names[j]) = (names[j], names[i]);
        (refs[i], refs[j]) = (refs[j], refs[i]);
        (ids[i], ids[j]) = (ids[j], ids[i]);
        if (i == j) names[i] = ~names[i];
    }

    /// @dev A copy that is no less right, about another task, block or answer.
    function _otherwise(Decision memory decision, uint256 seed) internal pure returns (Decision memory copy) {
        copy = abi.decode(abi.encode(decision), (Decision));
        if (seed % 3 == 0) copy.taskId = keccak256(abi.encode(seed));
        if (seed % 3 == 1) copy.isAllowed = !copy.isAllowed;
        if (seed % 3 == 2) copy.referenceBlock ^= uint64(1 << ((seed >> 8) % 64));
    }
}
