// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyWorld} from "./PolicyWorld.sol";
import {IArtifactRegistry} from "../../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "../../../contracts/interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "../../../contracts/interfaces/IPolicyRegistry.sol";
import {ArtifactProof} from "../../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {DataBinding, PolicyDataTemplate, PolicyTemplate} from "../../../contracts/types/Policy.sol";
import {PolicyDataRef} from "../../../contracts/types/PolicyDataRef.sol";
import {PolicyTemplateRef} from "../../../contracts/types/PolicyTemplateRef.sol";

/// @dev Drives the templates of a policy registry, well and badly, beside a model. Numbers of claims are those of the
///      invariants POL1, POL2, … of docs/Invariants.md.
abstract contract PolicyTemplateHandler is PolicyWorld {
    uint256 private constant DATA_COUNT = 8;

    struct Offer {
        PolicyTemplate template;
        ArtifactProof[] proofs;
        PolicyTemplateRef ref;
        bytes4 fault;
    }

    PolicyDataRef[] internal _data;
    mapping(PolicyDataRef ref => bool) internal _isDataDeprecated;
    PolicyTemplateRef[] internal _refs;
    mapping(PolicyTemplateRef ref => IPolicyRegistry.TemplateRecord) internal _recordOf;
    mapping(PolicyTemplateRef ref => PolicyDataRef[]) internal _dataOf;
    /// @dev In ascending order of their hashes.
    string[4] private _names = ["c", "a", "b", "d"];

    constructor() {
        for (uint256 i = 0; i < DATA_COUNT; ++i) {
            // No twist. Both plugins in clear, without a schema and with each of the three.
            Drawn memory plugin = _draw(WASM, (5 << 24) | ((i % 2) << 8));
            Drawn memory schema = _draw(OUTPUT_SCHEMA, (5 << 24) | ((i / 2) << 8));
            bool hasSchema = i / 2 < 3;
            PolicyDataTemplate memory template;
            template.wasmHash = plugin.contentHash;
            if (hasSchema) template.outputSchemaHash = schema.contentHash;
            ArtifactProof[] memory proofs = new ArtifactProof[](hasSchema ? 2 : 1);
            proofs[0] = plugin.proof;
            if (hasSchema) proofs[1] = schema.proof;
            PolicyDataRef ref = DATA.policyDataRefOf(template);
            DATA.registerPolicyData(ref, template, proofs);
            _data.push(ref);
        }
    }

    // -- Actions --

    /// @dev A template of drawn parts, new or known, with proofs that hold or not.
    function registerTemplate(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        Offer memory offer = _offer(seed);
        address author = _account((seed >> 8) % 4);
        bool isKnown = _recordOf[offer.ref].registeredAt != 0;
        PolicyTemplateRef given = offer.ref;
        bytes4 expected = isKnown ? bytes4(0) : offer.fault;
        if ((seed >> 16) % 12 == 0) {
            given = PolicyTemplateRef.wrap(PolicyTemplateRef.unwrap(given) ^ bytes32(uint256(1)));
            expected = IPolicyRegistry.PolicyTemplateRefMismatch.selector;
        }
        if (offer.template.data.length > 16) expected = IPolicyRegistry.TooManyBindings.selector;
        bytes32 before = _templateHash(given);
        vm.prank(author);
        try REGISTRY.registerTemplate(given, offer.template, offer.proofs) {
            _claimPermitted(expected);
            if (expected == 0 && !isKnown) _keep(offer, author);
            _claim(13, _eventCount() == (isKnown ? 0 : 1));
            _count(isKnown ? bytes32("register again") : bytes32("register"));
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before == _templateHash(given));
        }
        _claimRecord(given);
        _claimRecord(offer.ref);
        _claimList(seed);
    }

    /// @dev By the owner or not, of a known or unknown template, with a reason that fits or not.
    function deprecate(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        if (seed % 4 == 0) _deprecateData(seed >> 8);
        if (seed % 4 != 1) return;
        PolicyTemplateRef ref = _someRef(seed >> 2);
        IPolicyRegistry.TemplateRecord storage record = _recordOf[ref];
        address caller = (seed >> 8) % 4 == 0 ? _account((seed >> 16) % 4) : record.owner;
        bool isLong = (seed >> 10) % 8 == 0;
        bytes4 expected = isLong ? IArtifactRegistry.ReasonTooLong.selector : bytes4(0);
        if (record.isDeprecated) expected = IPolicyRegistry.TemplateDeprecated.selector;
        if (caller != record.owner) expected = IArtifactRegistry.NotOwner.selector;
        if (record.registeredAt == 0) expected = IPolicyRegistry.UnknownTemplate.selector;
        bytes32 before = _templateHash(ref);
        vm.prank(caller);
        try REGISTRY.deprecateTemplate(ref, string(new bytes(isLong ? 257 : (seed >> 20) % 257))) {
            _claim(14, caller == record.owner && !record.isDeprecated);
            _claimPermitted(expected);
            record.isDeprecated = true;
            _claim(13, _eventCount() == 1);
            _count("deprecate");
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before == _templateHash(ref));
        }
        _claimRecord(ref);
    }

    /// @dev Rarely, or nothing can be deployed any more.
    function _deprecateData(uint256 seed) private {
        PolicyDataRef ref = _data[seed % DATA_COUNT];
        if ((seed >> 8) % 6 != 0 || _isDataDeprecated[ref]) return;
        _isDataDeprecated[ref] = true;
        DATA.deprecatePolicyData(ref, "");
    }

    // -- What is offered --

    function _offer(uint256 seed) private view returns (Offer memory offer) {
        PolicyTemplate memory template = offer.template;
        Drawn memory rego = _draw(REGO, _mix(seed));
        Drawn memory schema = _draw(INPUT_SCHEMA, _mix(seed + 1));
        bool hasSchema = (seed >> 32) % 3 != 0;
        if ((seed >> 40) % 32 != 0) template.regoHash = rego.contentHash;
        if (hasSchema) template.paramsSchemaHash = schema.contentHash;
        uint256 entrypointBytes = 1 + ((seed >> 48) % 8);
        if ((seed >> 56) % 24 == 0) entrypointBytes = 0;
        if ((seed >> 56) % 24 == 1) entrypointBytes = 129;
        template.entrypoint = string(new bytes(entrypointBytes));
        template.environment = uint16((seed >> 64) % 4);
        bytes4 bindingFault;
        (template.data, bindingFault) = _bindings(seed >> 72);

        uint256 proofCount = (hasSchema ? 2 : 1) + ((seed >> 200) % 24 == 0 ? 1 : 0);
        offer.proofs = new ArtifactProof[](proofCount);
        offer.proofs[0] = rego.proof;
        if (hasSchema) offer.proofs[1] = schema.proof;
        if (hasSchema) offer.fault = _faultOf(schema, 0);
        if (_faultOf(rego, 0) != 0) offer.fault = _faultOf(rego, 0);
        if (proofCount != (hasSchema ? 2 : 1)) offer.fault = IArtifactRegistry.ProofCountMismatch.selector;
        if (bindingFault != 0) offer.fault = bindingFault;
        if (entrypointBytes == 0 || entrypointBytes > 128) {
            offer.fault = IPolicyRegistry.InvalidEntrypoint.selector;
        }
        if (template.regoHash.isZero()) offer.fault = IPolicyRegistry.EmptyTemplate.selector;
        offer.ref = _refOfParts(template);
    }

    /// @dev Up to four of the names, in their order unless something is wrong with them.
    function _bindings(uint256 seed) private view returns (DataBinding[] memory data, bytes4 fault) {
        if (seed % 48 == 0) return (new DataBinding[](17), IPolicyRegistry.TooManyBindings.selector);
        uint256 count = 0;
        data = new DataBinding[](4);
        for (uint256 i = 0; i < 4; ++i) {
            if ((seed >> (8 + i)) & 1 == 0) continue;
            data[count++] = DataBinding(_names[i], _data[(seed >> (16 + 8 * i)) % DATA_COUNT]);
        }
        assembly ("memory-safe") {
            mstore(data, count)
        }
        uint256 twist = (seed >> 48) % 32;
        if (count == 0 || twist > 3) return (data, fault);
        uint256 last = count - 1;
        if (twist == 0) {
            data[last].ref = PolicyDataRef.wrap(keccak256(abi.encode(seed)));
            fault = IPolicyRegistry.UnknownBinding.selector;
        } else if (twist == 1) {
            data[0].name = string(new bytes(65));
            fault = IPolicyRegistry.BindingNameTooLong.selector;
        } else if (count > 1) {
            if (twist == 2) (data[0], data[last]) = (data[last], data[0]);
            else data[last] = data[last - 1];
            fault = IPolicyRegistry.BindingsNotSorted.selector;
        }
    }

    /// @dev Own formula for a ref.
    function _refOfParts(PolicyTemplate memory template) private pure returns (PolicyTemplateRef) {
        bytes memory bindings;
        for (uint256 i = 0; i < template.data.length; ++i) {
            DataBinding memory binding = template.data[i];
            bindings = bytes.concat(
                bindings,
                keccak256(bytes(binding.name)),
                PolicyDataRef.unwrap(binding.ref)
            );
        }
        bytes memory preimage = abi.encodePacked(
            uint8(3),
            template.regoHash,
            template.paramsSchemaHash,
            keccak256(bytes(template.entrypoint)),
            template.environment,
            keccak256(bindings)
        );
        return PolicyTemplateRef.wrap(keccak256(preimage));
    }

    /// @dev Mostly one that is registered.
    function _someRef(uint256 seed) internal view returns (PolicyTemplateRef) {
        if (_refs.length == 0 || seed % 24 == 0) return PolicyTemplateRef.wrap(keccak256(abi.encode(seed)));
        return _refs[(seed >> 8) % _refs.length];
    }

    // -- The model, and claims --

    function _keep(Offer memory offer, address author) private {
        DataBinding[] memory data = offer.template.data;
        _recordOf[offer.ref] = IPolicyRegistry.TemplateRecord(
            author,
            uint40(_clock),
            uint40(_newest),
            false,
            uint8(data.length)
        );
        for (uint256 i = 0; i < data.length; ++i) _dataOf[offer.ref].push(data[i].ref);
        _refs.push(offer.ref);
    }

    /// @dev Something was done for which the model has a refusal.
    function _claimPermitted(bytes4 expected) internal {
        if (expected == 0) return;
        uint256 number = 12;
        if (expected == DANGLING || expected == FLAGS) number = 1;
        if (expected == IPolicyRegistry.PolicyTemplateRefMismatch.selector) number = 2;
        if (expected == IPolicyRegistry.TemplateDeprecated.selector) number = 7;
        if (expected == IPolicyRegistry.UnknownDataInstance.selector) number = 8;
        if (expected == IPolicyRegistry.DataInstanceMismatch.selector) number = 8;
        if (expected == IPolicyRegistry.BindingsNotSorted.selector) number = 9;
        if (expected == IPolicyRegistry.UnknownBinding.selector) number = 9;
        if (expected == IPolicyRegistry.ParamsFitOnChain.selector) number = 10;
        if (expected == IPolicyDataRegistry.PolicyDataIsDeprecated.selector) number = 16;
        _claim(number, false);
    }

    function _claimRefused(bytes memory reason, bytes4 expected, bool isUnchanged) internal {
        _claim(12, expected != 0 && _selectorOf(reason) == expected);
        _claim(12, isUnchanged);
        _count(_selectorOf(reason));
        _count("refused");
    }

    function _templateHash(PolicyTemplateRef ref) private view returns (bytes32) {
        return keccak256(abi.encode(REGISTRY.policyTemplate(ref), REGISTRY.policyTemplateCount()));
    }

    function _claimRecord(PolicyTemplateRef ref) private {
        IPolicyRegistry.TemplateRecord memory got = REGISTRY.policyTemplate(ref);
        IPolicyRegistry.TemplateRecord storage wanted = _recordOf[ref];
        _claim(3, got.owner == wanted.owner && got.registeredAt == wanted.registeredAt);
        _claim(15, got.sequenceNo == wanted.sequenceNo);
        _claim(14, got.isDeprecated == wanted.isDeprecated);
        _claim(9, got.dataCount == wanted.dataCount);
    }

    function _claimList(uint256 seed) private {
        _claim(11, REGISTRY.policyTemplateCount() == _refs.length);
        uint256 offset = _refs.length == 0 ? 0 : seed % _refs.length;
        PolicyTemplateRef[] memory page = REGISTRY.policyTemplateRefs(offset, 3);
        _claim(11, page.length == (_refs.length - offset < 3 ? _refs.length - offset : 3));
        for (uint256 i = 0; i < page.length && offset + i < _refs.length; ++i) {
            _claim(11, page[i] == _refs[offset + i]);
            _claimRecord(_refs[offset + i]);
        }
    }
}
