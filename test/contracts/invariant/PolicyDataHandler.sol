// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyWorld} from "./PolicyWorld.sol";
import {IArtifactRegistry} from "../../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "../../../contracts/interfaces/IPolicyDataRegistry.sol";
import {ArtifactProof} from "../../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {PolicyDataTemplate} from "../../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../../contracts/types/PolicyDataRef.sol";

/// @dev Drives a registry of policy data, well and badly, beside a model. Numbers of claims are those of the invariants PDR1,
///      PDR2, … of docs/Invariants.md.
contract PolicyDataHandler is PolicyWorld {
    /// @dev A registration as it is offered.
    struct Offer {
        PolicyDataTemplate template;
        ArtifactProof[] proofs;
        PolicyDataRef ref;
        bytes4 fault;
    }

    PolicyDataRef[] private _refs;
    mapping(PolicyDataRef ref => IPolicyDataRegistry.DataTemplateRecord) private _recordOf;
    mapping(bytes32 id => address) private _clientOf;
    mapping(bytes32 id => PolicyDataRef) private _refOf;
    bytes32[] private _ids;

    // -- Templates --

    /// @dev A data template of drawn parts, new or known, with proofs that hold or not.
    function registerData(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        Offer memory offer = _offer(seed);
        address author = _account((seed >> 8) % 4);
        bool isKnown = _recordOf[offer.ref].registeredAt != 0;
        PolicyDataRef given = offer.ref;
        bytes4 expected = isKnown ? bytes4(0) : offer.fault;
        if ((seed >> 16) % 12 == 0) {
            given = PolicyDataRef.wrap(PolicyDataRef.unwrap(given) ^ bytes32(uint256(1)));
            expected = IPolicyDataRegistry.PolicyDataRefMismatch.selector;
        }
        bytes32 before = _stateHash(given);
        vm.prank(author);
        try DATA.registerPolicyData(given, offer.template, offer.proofs) {
            _claimPermitted(expected);
            if (expected == 0 && !isKnown) {
                _recordOf[given] = IPolicyDataRegistry.DataTemplateRecord(
                    author,
                    uint40(_clock),
                    uint40(_newest),
                    false
                );
                _refs.push(given);
            }
            _claim(12, _eventCount() == (isKnown ? 0 : 1));
            _count(isKnown ? bytes32("register again") : bytes32("register"));
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before, given);
        }
        _claimRecord(given);
        _claimRecord(offer.ref);
        _claimList(seed);
    }

    /// @dev By the owner or not, of a known or unknown template, with a reason that fits or not.
    function deprecate(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        if (seed % 3 != 0) return;
        PolicyDataRef ref = _someRef(seed >> 2);
        IPolicyDataRegistry.DataTemplateRecord storage record = _recordOf[ref];
        address caller = (seed >> 8) % 4 == 0 ? _account((seed >> 16) % 4) : record.owner;
        bool isLong = (seed >> 10) % 8 == 0;
        bytes4 expected = isLong ? IArtifactRegistry.ReasonTooLong.selector : bytes4(0);
        if (record.isDeprecated) expected = IPolicyDataRegistry.PolicyDataIsDeprecated.selector;
        if (caller != record.owner) expected = IArtifactRegistry.NotOwner.selector;
        if (record.registeredAt == 0) expected = IPolicyDataRegistry.UnknownPolicyData.selector;
        bytes32 before = _stateHash(ref);
        vm.prank(caller);
        try DATA.deprecatePolicyData(ref, string(new bytes(isLong ? 257 : (seed >> 20) % 257))) {
            _claim(6, caller == record.owner && !record.isDeprecated);
            _claimPermitted(expected);
            record.isDeprecated = true;
            _claim(12, _eventCount() == 1);
            _count("deprecate");
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before, ref);
        }
        _claimRecord(ref);
    }

    // -- Instances --

    /// @dev For a client, by itself, its owner, the policy registry or a stranger.
    function instantiate(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        address client = _client(seed);
        PolicyDataRef ref = _someRef(seed >> 8);
        (address caller, bool mayAct) = _callerFor(client, seed >> 40);
        if ((seed >> 16) % 4 == 0) (caller, mayAct) = (address(REGISTRY), true);
        bytes32 id = _dataInstanceId(client, PolicyDataRef.unwrap(ref));
        bool isThere = _clientOf[id] != address(0);
        bytes4 expected = bytes4(0);
        if (_recordOf[ref].isDeprecated) expected = IPolicyDataRegistry.PolicyDataIsDeprecated.selector;
        if (_recordOf[ref].registeredAt == 0) expected = IPolicyDataRegistry.UnknownPolicyData.selector;
        if (isThere) expected = bytes4(0);
        if (!mayAct) expected = IArtifactRegistry.NotClient.selector;
        bytes32 before = _stateHash(ref);
        vm.prank(caller);
        try DATA.instantiatePolicyData(client, ref) returns (PolicyDataInstanceId got) {
            _claim(5, mayAct);
            _claim(7, isThere || !_recordOf[ref].isDeprecated);
            _claimPermitted(expected);
            _claim(8, PolicyDataInstanceId.unwrap(got) == id);
            if (!isThere && expected == 0) {
                (_clientOf[id], _refOf[id]) = (client, ref);
                _ids.push(id);
            }
            _claim(12, _eventCount() == (isThere ? 0 : 1));
            _count(isThere ? bytes32("instantiate again") : bytes32("instantiate"));
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before, ref);
        }
        _claimInstance(id);
        if (_ids.length != 0) _claimInstance(_ids[(seed >> 24) % _ids.length]);
    }

    // -- What is offered --

    function _offer(uint256 seed) private view returns (Offer memory offer) {
        Drawn[4] memory drawn;
        uint8[4] memory namespaces = [WASM, INPUT_SCHEMA, OUTPUT_SCHEMA, SECRETS_SCHEMA];
        bool[4] memory isNamed;
        uint256 named = 0;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 part = _mix(seed + i);
            drawn[i] = _draw(namespaces[i], part);
            isNamed[i] = i == 0 ? part % 32 != 0 : part % 3 != 0;
            if (isNamed[i]) ++named;
        }
        PolicyDataTemplate memory template = offer.template;
        if (isNamed[0]) template.wasmHash = drawn[0].contentHash;
        if (isNamed[1]) template.argsSchemaHash = drawn[1].contentHash;
        if (isNamed[2]) template.outputSchemaHash = drawn[2].contentHash;
        if (isNamed[3]) template.secretsSchemaHash = drawn[3].contentHash;
        // Mostly what the plugin's leaf says.
        uint16 flags = (seed >> 24) % 8 == 0 ? uint16((seed >> 32) % 4) : _flagsOf(drawn[0]);
        template.teeRequired = flags & 2 != 0;
        if (flags & 1 != 0) template.cleartextHash = ContentHash.wrap(keccak256(abi.encode(seed >> 250)));

        bool lacksOne = named != 0 && (seed >> 40) % 24 == 0;
        offer.proofs = new ArtifactProof[](lacksOne ? named - 1 : named);
        uint256 next = 0;
        for (uint256 i = 0; i < 4; ++i) {
            if (!isNamed[i] || next == offer.proofs.length) continue;
            offer.proofs[next++] = drawn[i].proof;
            if (offer.fault == 0) offer.fault = _faultOf(drawn[i], i == 0 ? flags : 0);
        }
        if (lacksOne) offer.fault = IArtifactRegistry.ProofCountMismatch.selector;
        if (flags == 2) offer.fault = IPolicyDataRegistry.TeeWithoutEncryption.selector;
        if (!isNamed[0]) offer.fault = IPolicyDataRegistry.MissingWasm.selector;
        offer.ref = _refOfParts(template, uint8(flags));
    }

    /// @dev Own formula for a ref.
    function _refOfParts(
        PolicyDataTemplate memory template,
        uint8 flags
    ) private pure returns (PolicyDataRef) {
        bytes32 hash = keccak256(
            abi.encodePacked(
                uint8(4),
                template.wasmHash,
                template.argsSchemaHash,
                template.outputSchemaHash,
                template.secretsSchemaHash,
                flags,
                template.cleartextHash
            )
        );
        return PolicyDataRef.wrap(hash);
    }

    /// @dev Mostly one that is registered.
    function _someRef(uint256 seed) private view returns (PolicyDataRef) {
        if (_refs.length == 0 || seed % 24 == 0) return PolicyDataRef.wrap(keccak256(abi.encode(seed)));
        return _refs[(seed >> 8) % _refs.length];
    }

    // -- Claims --

    /// @dev Something was done for which the model has a refusal.
    function _claimPermitted(bytes4 expected) private {
        if (expected == 0) return;
        uint256 number = 11;
        if (expected == IPolicyDataRegistry.PolicyDataRefMismatch.selector) number = 2;
        if (expected == FLAGS) number = 4;
        if (expected == DANGLING) number = 1;
        _claim(number, false);
    }

    function _claimRefused(bytes memory reason, bytes4 expected, bytes32 before, PolicyDataRef ref) private {
        _claim(11, expected != 0 && _selectorOf(reason) == expected);
        _claim(11, _stateHash(ref) == before);
        _count(_selectorOf(reason));
        _count("refused");
    }

    /// @dev What the registry shows of a template and of how many there are.
    function _stateHash(PolicyDataRef ref) private view returns (bytes32) {
        bytes32 instances;
        for (uint256 i = 0; i < CLIENT_COUNT; ++i) {
            bytes32 id = _dataInstanceId(_client(i), PolicyDataRef.unwrap(ref));
            (PolicyDataRef template, address client) = DATA.policyDataInstance(PolicyDataInstanceId.wrap(id));
            instances = keccak256(abi.encode(instances, template, client));
        }
        return keccak256(abi.encode(DATA.policyData(ref), DATA.policyDataCount(), instances));
    }

    function _claimRecord(PolicyDataRef ref) private {
        IPolicyDataRegistry.DataTemplateRecord memory got = DATA.policyData(ref);
        IPolicyDataRegistry.DataTemplateRecord storage wanted = _recordOf[ref];
        _claim(3, got.owner == wanted.owner && got.registeredAt == wanted.registeredAt);
        _claim(10, got.sequenceNo == wanted.sequenceNo);
        _claim(6, got.isDeprecated == wanted.isDeprecated);
    }

    function _claimList(uint256 seed) private {
        _claim(9, DATA.policyDataCount() == _refs.length);
        uint256 offset = _refs.length == 0 ? 0 : seed % _refs.length;
        PolicyDataRef[] memory page = DATA.policyDataRefs(offset, 3);
        _claim(9, page.length == (_refs.length - offset < 3 ? _refs.length - offset : 3));
        for (uint256 i = 0; i < page.length && offset + i < _refs.length; ++i) {
            _claim(9, page[i] == _refs[offset + i]);
            _claimRecord(_refs[offset + i]);
        }
    }

    function _claimInstance(bytes32 id) private {
        (PolicyDataRef ref, address client) = DATA.policyDataInstance(PolicyDataInstanceId.wrap(id));
        _claim(8, ref == _refOf[id] && client == _clientOf[id]);
    }
}
