// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyTemplateHandler} from "./PolicyTemplateHandler.sol";
import {IArtifactRegistry} from "../../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "../../../contracts/interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "../../../contracts/interfaces/IPolicyRegistry.sol";
import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {HashedPolicyInstance, PolicyInstance} from "../../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../../contracts/types/PolicyTemplateRef.sol";
import {TreeKey} from "../../../contracts/types/TreeKey.sol";

/// @dev Drives the instances and pointers of a policy registry beside a model.
contract PolicyHandler is PolicyTemplateHandler {
    uint256 private constant MODE_PLAIN = 0;
    uint256 private constant MODE_LEAF = 3;

    /// @dev A deployment as it is offered.
    struct Wish {
        PolicyInstance instance;
        Drawn leaf;
        bytes32 paramsHash;
        /// @dev `MODE_PLAIN`, a bundle, another bundle, or `MODE_LEAF`.
        uint256 mode;
        address caller;
        bytes32 id;
        bytes4 fault;
    }

    struct Instance {
        IPolicyRegistry.InstanceRecord record;
        bool isLeaf;
        bytes params;
        bytes32 dataHash;
    }

    struct Move {
        uint256 height;
        bytes32 id;
    }

    mapping(bytes32 id => Instance) private _instanceOf;
    mapping(address client => bytes32[]) private _idsOf;
    mapping(address client => Move[]) private _moves;
    mapping(bytes32 id => bool) private _isDataDeployed;
    PolicyInstance private _last;

    // -- Actions --

    /// @dev Data instances of a template that plain deployments find.
    function instantiateData(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        address client = _client(seed);
        PolicyDataRef[] storage data = _dataOf[_someRef(seed >> 8)];
        for (uint256 i = 0; i < data.length; ++i) {
            if (_isDataDeprecated[data[i]]) continue;
            vm.prank(client);
            DATA.instantiatePolicyData(client, data[i]);
            _isDataDeployed[_dataInstanceId(client, PolicyDataRef.unwrap(data[i]))] = true;
        }
    }

    /// @dev An instance, new or known, in any of the three ways, by whoever may or may not.
    function deploy(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        Wish memory wish = _wish(seed);
        address client = wish.instance.client;
        bool isThere = _instanceOf[wish.id].record.client != address(0);
        bytes32 before = _clientHash(client, wish);
        bytes32 pointer = _current(client);
        (bool isDone, bytes memory answer) = _send(wish);
        if (isDone) {
            _claim(6, wish.fault != IArtifactRegistry.NotClient.selector);
            _claimPermitted(wish.fault);
            if (!isThere && wish.fault == 0) _keep(wish);
            _point(client, wish.id);
            _claim(4, abi.decode(answer, (bytes32)) == wish.id && _current(client) == wish.id);
            _claim(13, _instanceEventCount(wish, isThere, pointer != wish.id));
            _count(isThere ? bytes32("deploy again") : bytes32("deploy"));
            _count(bytes32(wish.mode));
        } else {
            _claimRefused(answer, wish.fault, before == _clientHash(client, wish));
        }
        _claimInstance(wish.id);
        _claimClient(client, seed);
    }

    /// @dev The pointer, to one of the client's own, to another's, to none.
    function move(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        address client = _client(seed);
        (address caller, bool mayAct) = _callerFor(client, seed >> 40);
        address whose = (seed >> 8) % 8 == 0 ? _client(seed + 1) : client;
        bytes32 id = (seed >> 16) % 12 == 0 ? bytes32(0) : keccak256(abi.encode(seed));
        if (id != 0 && _idsOf[whose].length != 0) id = _idsOf[whose][(seed >> 24) % _idsOf[whose].length];
        bytes4 expected = bytes4(0);
        if (id != 0 && _instanceOf[id].record.client != client)
            expected = IPolicyRegistry.UnknownInstance.selector;
        if (!mayAct) expected = IArtifactRegistry.NotClient.selector;
        bytes32 pointer = _current(client);
        vm.prank(caller);
        try REGISTRY.moveCurrentPolicyInstance(client, PolicyInstanceId.wrap(id)) {
            _claim(6, mayAct);
            _claim(4, id == 0 || _instanceOf[id].record.client == client);
            _point(client, id);
            _claim(13, _eventCount() == (pointer == id ? 0 : 1));
            _count("move");
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, _current(client) == pointer);
        }
        _claimClient(client, seed);
    }

    // -- What is offered --

    function _wish(uint256 seed) private view returns (Wish memory wish) {
        PolicyInstance memory instance = wish.instance;
        instance.client = _client(seed >> 8);
        instance.templateRef = _someRef(seed >> 16);
        instance.expireAfterBlocks = uint32((seed >> 48) % 2);
        wish.mode = (seed >> 56) % 4;
        instance.params = _params((seed >> 64) % 32);
        wish.paramsHash = keccak256(instance.params);
        if (wish.mode == MODE_LEAF) {
            wish.leaf = _draw(PARAMS, _mix(seed));
            wish.paramsHash = ContentHash.unwrap(wish.leaf.contentHash);
        }
        bool mayAct;
        (wish.caller, mayAct) = _callerFor(instance.client, seed >> 72);
        bytes4 dataFault;
        (instance.dataInstances, dataFault) = _dataInstances(instance, wish.mode, seed >> 80);
        if (_last.client != address(0) && (seed >> 120) % 6 == 0) {
            // The newest of all once more, with its params, by whoever was drawn.
            (wish.mode, wish.instance) = (wish.mode % 3, _last);
            instance = wish.instance;
            wish.paramsHash = keccak256(instance.params);
            (wish.caller, mayAct) = _callerFor(instance.client, seed >> 72);
        }
        wish.id = _idOfParts(instance, wish.paramsHash);

        if (_instanceOf[wish.id].record.client == address(0)) {
            if (wish.mode == MODE_LEAF) {
                if ((uint160(wish.leaf.proof.header) >> 64) & type(uint64).max <= 8_192)
                    wish.fault = IPolicyRegistry.ParamsFitOnChain.selector;
                bytes4 leafFault = _faultOf(wish.leaf, 0);
                if (leafFault != 0) wish.fault = leafFault;
            }
            if (dataFault != 0) wish.fault = dataFault;
        }
        if (wish.mode != MODE_LEAF && instance.params.length > 8_192)
            wish.fault = IPolicyRegistry.ParamsTooLarge.selector;
        if (!mayAct) wish.fault = IArtifactRegistry.NotClient.selector;
    }

    function _params(uint256 which) private pure returns (bytes memory) {
        if (which == 0) return "";
        if (which == 1) return new bytes(8_193);
        return abi.encodePacked("params", uint8(which % 8));
    }

    /// @dev What the template's bindings ask for unless twisted, and the first thing that is wrong.
    function _dataInstances(
        PolicyInstance memory instance,
        uint256 mode,
        uint256 seed
    ) private view returns (PolicyDataInstanceId[] memory ids, bytes4 fault) {
        PolicyDataRef[] storage data = _dataOf[instance.templateRef];
        bool isOneMore = seed % 24 == 0;
        uint256 twisted = (seed >> 8) % 12;
        ids = new PolicyDataInstanceId[](data.length + (isOneMore ? 1 : 0));
        for (uint256 i = 0; i < data.length; ++i) {
            bytes32 id = _dataInstanceId(instance.client, PolicyDataRef.unwrap(data[i]));
            bytes4 here = bytes4(0);
            if (!_isDataDeployed[id]) {
                if (mode == MODE_PLAIN) here = IPolicyRegistry.UnknownDataInstance.selector;
                else if (_isDataDeprecated[data[i]]) {
                    here = IPolicyDataRegistry.PolicyDataIsDeprecated.selector;
                }
            }
            if (i == twisted) {
                id = _dataInstanceId(address(1), PolicyDataRef.unwrap(data[i]));
                here = IPolicyRegistry.DataInstanceMismatch.selector;
            }
            ids[i] = PolicyDataInstanceId.wrap(id);
            if (fault == 0) fault = here;
        }
        if (isOneMore) fault = IPolicyRegistry.DataInstanceCountMismatch.selector;
        IPolicyRegistry.TemplateRecord storage template = _recordOf[instance.templateRef];
        if (template.isDeprecated) fault = IPolicyRegistry.TemplateDeprecated.selector;
        if (template.registeredAt == 0) fault = IPolicyRegistry.UnknownTemplate.selector;
    }

    function _send(Wish memory wish) private returns (bool, bytes memory) {
        PolicyInstance memory instance = wish.instance;
        bytes memory call = abi.encodeCall(REGISTRY.instantiateBundle, (instance));
        if (wish.mode == MODE_PLAIN) call = abi.encodeCall(REGISTRY.instantiate, (instance));
        if (wish.mode == MODE_LEAF) {
            HashedPolicyInstance memory hashed = HashedPolicyInstance(
                instance.client,
                instance.templateRef,
                wish.leaf.contentHash,
                instance.dataInstances,
                instance.expireAfterBlocks
            );
            call = abi.encodeCall(REGISTRY.instantiateWithParamsLeaf, (hashed, wish.leaf.proof));
        }
        vm.prank(wish.caller);
        return address(REGISTRY).call(call);
    }

    /// @dev Own formula for an id.
    function _idOfParts(PolicyInstance memory instance, bytes32 paramsHash) private view returns (bytes32) {
        bytes memory preimage = abi.encodePacked(
            uint8(2),
            block.chainid,
            instance.client,
            instance.templateRef,
            paramsHash,
            keccak256(abi.encodePacked(instance.dataInstances)),
            instance.expireAfterBlocks
        );
        return keccak256(preimage);
    }

    // -- The model --

    function _keep(Wish memory wish) private {
        PolicyInstance memory instance = wish.instance;
        Instance storage kept = _instanceOf[wish.id];
        kept.record = IPolicyRegistry.InstanceRecord(
            instance.client,
            _clock,
            instance.expireAfterBlocks,
            instance.templateRef,
            wish.paramsHash,
            wish.mode == MODE_LEAF ? _newest : 0
        );
        kept.isLeaf = wish.mode == MODE_LEAF;
        if (!kept.isLeaf) _last = instance;
        kept.params = instance.params;
        kept.dataHash = keccak256(abi.encode(instance.dataInstances));
        _idsOf[instance.client].push(wish.id);
        for (uint256 i = 0; i < instance.dataInstances.length; ++i) {
            bytes32 id = PolicyDataInstanceId.unwrap(instance.dataInstances[i]);
            _isDataDeployed[id] = true;
            (PolicyDataRef ref, address client) = DATA.policyDataInstance(instance.dataInstances[i]);
            _claim(8, client == instance.client && ref == _dataOf[instance.templateRef][i]);
            _claim(16, client != address(0));
        }
    }

    function _point(address client, bytes32 id) private {
        Move[] storage moves = _moves[client];
        if (moves.length != 0 && moves[moves.length - 1].height == _height) moves[moves.length - 1].id = id;
        else moves.push(Move(_height, id));
    }

    // -- Claims --

    /// @dev What a refused deployment must leave as it was.
    function _clientHash(address client, Wish memory wish) private view returns (bytes32 hash) {
        PolicyInstanceId id = PolicyInstanceId.wrap(wish.id);
        hash = keccak256(
            abi.encode(_current(client), REGISTRY.policyInstanceCount(client), REGISTRY.policyInstance(id))
        );
        for (uint256 i = 0; i < wish.instance.dataInstances.length; ++i) {
            (, address holder) = DATA.policyDataInstance(wish.instance.dataInstances[i]);
            hash = keccak256(abi.encode(hash, holder));
        }
    }

    function _current(address client) private view returns (bytes32) {
        return PolicyInstanceId.unwrap(REGISTRY.currentPolicyInstance(client));
    }

    /// @dev One event if the instance is new and one if the pointer moved; a bundle may announce data before.
    function _instanceEventCount(Wish memory wish, bool isThere, bool hasMoved) private returns (bool) {
        uint256 least = (isThere ? 0 : 1) + (hasMoved ? 1 : 0);
        uint256 most = least;
        if (!isThere && wish.mode != MODE_PLAIN) most += wish.instance.dataInstances.length;
        uint256 count = _eventCount();
        return count >= least && count <= most;
    }

    function _claimInstance(bytes32 id) private {
        Instance storage kept = _instanceOf[id];
        PolicyInstanceId wrapped = PolicyInstanceId.wrap(id);
        IPolicyRegistry.InstanceRecord memory got = REGISTRY.policyInstance(wrapped);
        _claim(17, keccak256(abi.encode(got)) == keccak256(abi.encode(kept.record)));
        if (kept.record.client == address(0)) return;
        if (kept.isLeaf) {
            (address code, TreeKey leaf) = REGISTRY.policyParamsPlace(wrapped);
            _claim(10, code == address(0));
            _claim(10, TreeKey.unwrap(leaf) == _keyOf(PARAMS, kept.record.paramsHash));
            return;
        }
        try REGISTRY.policyParams(wrapped) returns (bytes memory params) {
            _claim(5, keccak256(params) == keccak256(kept.params));
        } catch {
            _claim(5, false);
        }
    }

    /// @dev One of the client's instances, its list, and its pointer now and in a past block.
    function _claimClient(address client, uint256 seed) private {
        bytes32[] storage ids = _idsOf[client];
        _claim(11, REGISTRY.policyInstanceCount(client) == ids.length);
        if (ids.length != 0) {
            uint256 offset = seed % ids.length;
            PolicyInstanceId[] memory page = REGISTRY.policyInstanceIds(client, offset, 1);
            _claim(11, page.length == 1 && PolicyInstanceId.unwrap(page[0]) == ids[offset]);
            _claimInstance(ids[offset]);
        }
        Move[] storage moves = _moves[client];
        uint256 count = moves.length;
        _claim(4, _current(client) == (count == 0 ? bytes32(0) : moves[count - 1].id));
        if (count == 0) return;
        // The last block before the move after one of them, or before this block.
        uint256 which = (seed >> 8) % count;
        uint256 past = (which + 1 == count ? _height : moves[which + 1].height) - 1;
        if (past < moves[which].height) return;
        _claim(4, _pointerAt(client, past) == moves[which].id);
        _claim(4, _pointerAt(client, moves[0].height - 1) == 0);
    }

    function _pointerAt(address client, uint256 height) private view returns (bytes32) {
        return PolicyInstanceId.unwrap(REGISTRY.policyInstanceAt(client, height));
    }
}
