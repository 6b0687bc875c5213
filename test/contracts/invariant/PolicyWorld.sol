// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "../../Cheats.sol";
import {NaiveTree} from "../helpers/NaiveTree.sol";
import {GuidedHandler} from "./GuidedHandler.sol";
import {AddressesProvider} from "../../../contracts/AddressesProvider.sol";
import {PolicyDataRegistry} from "../../../contracts/PolicyDataRegistry.sol";
import {PolicyRegistry} from "../../../contracts/PolicyRegistry.sol";
import {IArtifactRegistry} from "../../../contracts/interfaces/IArtifactRegistry.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {PolicyClientMock} from "../../../contracts/mocks/PolicyClientMock.sol";
import {RetainedRootsMock} from "../../../contracts/mocks/RetainedRootsMock.sol";
import {ArtifactProof} from "../../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev What the campaigns of both policy registries act in: a tree of a few artifacts of each kind, some of them encrypted,
///      the three newest roots, clients with and without a contract, and both registries.
abstract contract PolicyWorld is GuidedHandler {
    uint8 internal constant REGO = 0x04;
    uint8 internal constant INPUT_SCHEMA = 0x05;
    uint8 internal constant WASM = 0x06;
    uint8 internal constant OUTPUT_SCHEMA = 0x07;
    uint8 internal constant SECRETS_SCHEMA = 0x08;
    uint8 internal constant PARAMS = 0x09;
    uint256 private constant RETAINED_COUNT = 3;
    uint256 internal constant CLIENT_COUNT = 3;

    bytes4 internal constant DANGLING = IArtifactRegistry.DanglingArtifact.selector;
    bytes4 internal constant FLAGS = IArtifactRegistry.FlagsMismatch.selector;

    /// @dev A leaf of the tree.
    struct Artifact {
        bytes32 contentHash;
        bytes20 header;
    }

    /// @dev An artifact that is named, in the tree or not, and what is offered as its proof.
    struct Drawn {
        ContentHash contentHash;
        ArtifactProof proof;
        /// @dev Name of what is wrong with the proof, whatever the flags; zero if nothing is.
        bytes4 fault;
    }

    RetainedRootsMock private immutable ROOTS;
    PolicyDataRegistry public immutable DATA;
    PolicyRegistry public immutable REGISTRY;
    PolicyClientMock private immutable CONTRACT_CLIENT;

    mapping(uint8 namespace => Artifact[]) private _artifacts;
    mapping(bytes32 key => bytes) private _proofs;
    NaiveTree.Leaf[] private _leaves;
    bytes32 private immutable ROOT;
    uint64 internal _newest = 2;
    uint256 internal _height = 1_000;

    constructor() {
        vm.warp(_clock);
        for (uint8 i = 0; i < 3; ++i) {
            // The last Rego and the last input schema are encrypted, which no template may name.
            _addLeaf(REGO, i / 2, 100);
            _addLeaf(INPUT_SCHEMA, i / 2, 100);
            _addLeaf(OUTPUT_SCHEMA, 0, 100);
            _addLeaf(SECRETS_SCHEMA, 0, 100);
            _addLeaf(PARAMS, 0, 8_192 + i);
        }
        uint16[4] memory flags = [uint16(0), 0, 1, 3];
        for (uint256 i = 0; i < 4; ++i) _addLeaf(WASM, flags[i], 100);
        _addLeaf(PARAMS, 1, 9_000);
        ROOT = NaiveTree.subtree(_leaves, 0);
        for (uint256 i = 0; i < _leaves.length; ++i) {
            _proofs[_leaves[i].key] = NaiveTree.prove(_leaves, _leaves[i].key);
        }

        ROOTS = new RetainedRootsMock();
        for (uint64 i = 1; i <= _newest; ++i) ROOTS.setRoot(i, StateRoot.wrap(ROOT));
        AddressesProvider provider = new AddressesProvider(address(this));
        provider.setAddress(keccak256("STATE_COMMIT_REGISTRY"), address(ROOTS));
        uint256 nonce = vm.getNonce(address(this));
        DATA = new PolicyDataRegistry(provider, vm.computeCreateAddress(address(this), nonce + 1));
        provider.setAddress(keccak256("POLICY_DATA_REGISTRY"), address(DATA));
        REGISTRY = new PolicyRegistry(provider);
        CONTRACT_CLIENT = new PolicyClientMock();
        CONTRACT_CLIENT.set(PolicyClientMock.Answer.Word, bytes32(uint256(uint160(_account(9)))));
    }

    /// @dev Every action begins here: some seconds and blocks after the last, and now and then behind another commit.
    modifier turn(uint256 seed) {
        seed = _mix(~seed);
        _clock += uint64(seed % 100);
        vm.warp(_clock);
        _height += (seed >> 8) % 3;
        vm.roll(_height);
        if ((seed >> 16) % 4 == 0) {
            ROOTS.setRoot(++_newest, StateRoot.wrap(ROOT));
            if (_newest > RETAINED_COUNT) {
                ROOTS.setRoot(_newest - uint64(RETAINED_COUNT), StateRoot.wrap(0));
            }
        }
        vm.recordLogs();
        _;
    }

    // -- Accounts --

    /// @dev One of four authors, or of some strangers.
    function _account(uint256 seed) internal pure returns (address) {
        return address(uint160(0x2000 + (seed % 16)));
    }

    /// @dev Two clients are accounts, one is a contract.
    function _client(uint256 seed) internal view returns (address) {
        uint256 which = seed % CLIENT_COUNT;
        return which == 0 ? address(CONTRACT_CLIENT) : address(uint160(0x3000 + which));
    }

    /// @dev Somebody who calls for `client`, and whether they may.
    function _callerFor(address client, uint256 seed) internal view returns (address caller, bool mayAct) {
        if (seed % 8 == 0) return (_account(seed >> 3), client.code.length != 0 && (seed >> 3) % 16 == 9);
        mayAct = true;
        caller = client;
        if (client.code.length != 0 && seed % 2 == 0) caller = _account(9);
    }

    // -- Artifacts --

    /// @dev An artifact of a kind with a proof: mostly one that holds.
    function _draw(uint8 namespace, uint256 seed) internal view returns (Drawn memory drawn) {
        Artifact[] storage known = _artifacts[namespace];
        Artifact memory artifact = known[(seed >> 8) % known.length];
        bytes memory proof = _proofs[_keyOf(namespace, artifact.contentHash)];
        drawn.proof = ArtifactProof(_newest - uint64((seed >> 16) % 2), artifact.header, proof);
        drawn.contentHash = ContentHash.wrap(artifact.contentHash);
        uint256 twist = (seed >> 24) % 48;
        if (twist == 0) drawn.contentHash = ContentHash.wrap(keccak256(abi.encode("absent", seed)));
        if (twist == 1) drawn.proof.proof = "";
        if (twist == 2) drawn.proof.header ^= bytes20(uint160(1 << 64));
        if (twist < 3) drawn.fault = DANGLING;
        if (twist == 3) drawn.proof.sequenceNo = _newest + 1;
        if (twist == 4) drawn.proof.sequenceNo = 0;
        if (twist == 3 || twist == 4) drawn.fault = IStateCommitRegistry.RootNotRetained.selector;
    }

    /// @dev Name of what is wrong with an artifact that must have these flags.
    function _faultOf(Drawn memory drawn, uint16 flags) internal pure returns (bytes4) {
        if (drawn.fault != 0) return drawn.fault;
        return _flagsOf(drawn) == flags ? bytes4(0) : FLAGS;
    }

    function _flagsOf(Drawn memory drawn) internal pure returns (uint16) {
        return uint16(uint160(drawn.proof.header) >> 128);
    }

    function _addLeaf(uint8 namespace, uint16 flags, uint64 contentLength) private {
        Artifact[] storage known = _artifacts[namespace];
        bytes32 contentHash = keccak256(abi.encode(namespace, known.length));
        bytes20 header = bytes20(abi.encodePacked(uint8(1), namespace, flags, contentLength, uint64(1)));
        known.push(Artifact(contentHash, header));
        bytes32 valueHash = keccak256(abi.encodePacked(header, contentHash));
        _leaves.push(NaiveTree.Leaf(_keyOf(namespace, contentHash), valueHash));
    }

    function _keyOf(uint8 namespace, bytes32 contentHash) internal pure returns (bytes32) {
        return bytes32(abi.encodePacked(namespace, bytes31(contentHash)));
    }

    // -- Outcomes --

    /// @dev Events of both registries since the action began.
    function _eventCount() internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(DATA) || logs[i].emitter == address(REGISTRY)) ++count;
        }
    }

    /// @dev Own formula for the id of a data instance.
    function _dataInstanceId(address client, bytes32 ref) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(1), block.chainid, client, ref));
    }
}
