// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CertificateBook} from "./ChallengeStubs.sol";
import {PolicyTemplates} from "./PolicyTemplates.sol";
import {DecisionChallengeVerifier} from "../../../contracts/DecisionChallengeVerifier.sol";
import {FaultRules} from "../../../contracts/interfaces/IFaultLedger.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {ISlashingHook} from "../../../contracts/interfaces/ISlashingHook.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {RetainedRootsMock} from "../../../contracts/mocks/RetainedRootsMock.sol";
import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {Decision} from "../../../contracts/types/Decision.sol";
import {DataBinding, PolicyInstance, PolicyTemplate} from "../../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../../contracts/types/PolicyTemplateRef.sol";

/// @dev What policies ask of a registry, and what judges ask beside.
contract JudgedRoots is RetainedRootsMock {
    IQuorumVerifier public immutable verifier;
    uint16 public constant quorumBps = 6_667;

    constructor(IQuorumVerifier verifier_) {
        verifier = verifier_;
    }
}

/// @dev A template of every length in the real registries, three clients who move between instances of them, and beside
///      that all they ever did, as a plain list. Certificates are in a book, which takes exactly what was signed.
abstract contract DecisionFixture is PolicyTemplates {
    uint256 internal constant MAX_BINDINGS = 16;
    uint256 private constant CLIENTS = 3;

    /// @dev What an instance was made of; template n has n bindings.
    struct Parts {
        uint256 template;
        bytes32 paramsHash;
        uint32 expireAfterBlocks;
    }

    struct Move {
        uint64 blockNumber;
        PolicyInstanceId id;
    }

    CertificateBook internal _book;
    DecisionChallengeVerifier internal _verifier;
    /// @dev Block number, kept here because the optimizer takes `block.number` for constant within a call.
    uint64 internal _height = 1_000;
    mapping(address client => Move[]) internal _moves;

    string[] private _names;
    PolicyDataRef[] private _dataRefs;
    PolicyTemplateRef[] private _templateRefs;
    mapping(PolicyInstanceId id => Parts) private _parts;

    function setUp() public override {
        super.setUp();
        vm.roll(_height);
        _book = new CertificateBook();
        // Roots stay where they are.
        vm.etch(address(roots), address(new JudgedRoots(_book)).code);
        DataBinding[] memory data = new DataBinding[](MAX_BINDINGS);
        for (uint256 i = 0; i < MAX_BINDINGS; ++i) {
            data[i] = DataBinding(vm.toString(i), registerData(vm.toString(i)));
        }
        sort(data);
        for (uint256 i = 0; i < MAX_BINDINGS; ++i) {
            _names.push(data[i].name);
            _dataRefs.push(data[i].ref);
        }
        for (uint256 n = 0; n <= MAX_BINDINGS; ++n) {
            addLeaf(REGO, keccak256(abi.encode("rego", n)), 0);
            if (n % 2 == 0) addLeaf(INPUT_SCHEMA, keccak256(abi.encode("params", n)), 0);
            _templateRefs.push(register(_template(n)));
        }
        _verifier = new DecisionChallengeVerifier(
            OWNER,
            IStateCommitRegistry(address(roots)),
            registry,
            IOperatorSetRegistry(address(0)),
            FaultRules(ISlashingHook(address(0)), 0),
            3 days
        );
    }

    /// @dev Every other one has no params schema.
    function _template(uint256 n) private view returns (PolicyTemplate memory template) {
        template.regoHash = ContentHash.wrap(keccak256(abi.encode("rego", n)));
        if (n % 2 == 0) template.paramsSchemaHash = ContentHash.wrap(keccak256(abi.encode("params", n)));
        template.entrypoint = "policy.allow";
        template.environment = uint16(n + 1);
        template.data = new DataBinding[](n);
        for (uint256 i = 0; i < n; ++i) template.data[i] = DataBinding(_names[i], _dataRefs[i]);
    }

    // -- Moves --

    function _client(uint256 seed) internal pure returns (address) {
        return address(uint160(0x3000 + (seed % CLIENTS)));
    }

    /// @dev Some blocks, or none.
    function _wait(uint256 blocks) internal {
        _height += uint64(blocks);
        vm.roll(_height);
    }

    /// @dev To an instance, new or known, or back to one from before; or to none, if that is allowed.
    function _move(address client, uint256 seed, bool mayLeave) internal {
        Move[] storage moves = _moves[client];
        PolicyInstanceId id;
        if (seed % 3 == 0 && moves.length != 0) {
            id = moves[(seed >> 8) % moves.length].id;
            bool leaves = (seed >> 16) % 4 == 0;
            if (leaves) id = PolicyInstanceId.wrap(0);
            if (!id.isZero() || mayLeave) {
                vm.prank(client);
                registry.moveCurrentPolicyInstance(client, id);
                moves.push(Move(_height, id));
                return;
            }
        }
        moves.push(Move(_height, _instantiate(client, seed >> 24)));
    }

    /// @dev One of 17 templates, with one of three params, for one of two times.
    function _instantiate(address client, uint256 seed) private returns (PolicyInstanceId id) {
        uint256 n = seed % (MAX_BINDINGS + 1);
        bytes memory params = new bytes((seed >> 8) % 3);
        uint32 blocks = uint32(100 + ((seed >> 16) % 2));
        PolicyDataInstanceId[] memory data = new PolicyDataInstanceId[](n);
        for (uint256 i = 0; i < n; ++i) data[i] = _dataInstanceId(client, _dataRefs[i]);
        vm.prank(client);
        id = registry.instantiateBundle(PolicyInstance(client, _templateRefs[n], params, data, blocks));
        _parts[id] = Parts(n, keccak256(params), blocks);
    }

    /// @dev The client's instance at the end of a block: the last move up to it.
    function _idAt(address client, uint64 blockNumber) internal view returns (PolicyInstanceId id) {
        Move[] storage moves = _moves[client];
        for (uint256 i = moves.length; i > 0; --i) {
            if (moves[i - 1].blockNumber <= blockNumber) return moves[i - 1].id;
        }
    }

    /// @dev Own formula.
    function _dataInstanceId(address client, PolicyDataRef ref) private view returns (PolicyDataInstanceId) {
        return PolicyDataInstanceId.wrap(keccak256(abi.encodePacked(uint8(1), block.chainid, client, ref)));
    }

    // -- Decisions --

    /// @dev What an honest operator signs for `client` under instance `id`.
    function _decisionOf(
        address client,
        PolicyInstanceId id,
        uint64 referenceBlock,
        uint256 task
    ) internal view returns (Decision memory decision) {
        Parts memory parts = _parts[id];
        PolicyTemplate memory template = _template(parts.template);
        decision.taskId = bytes32(task);
        decision.client = client;
        decision.policyInstanceId = id;
        decision.policyTemplateRef = _templateRefs[parts.template];
        decision.paramsHash = parts.paramsHash;
        decision.expireAfterBlocks = parts.expireAfterBlocks;
        decision.regoHash = template.regoHash;
        decision.paramsSchemaHash = template.paramsSchemaHash;
        decision.entrypointHash = keccak256(bytes(template.entrypoint));
        decision.environment = template.environment;
        decision.referenceBlock = referenceBlock;
        decision.isAllowed = task % 2 == 0;
        uint256 count = template.data.length;
        decision.policyDataInstanceIds = new PolicyDataInstanceId[](count);
        decision.bindingNameHashes = new bytes32[](count);
        decision.policyDataRefs = new PolicyDataRef[](count);
        for (uint256 i = 0; i < count; ++i) {
            PolicyDataRef ref = template.data[i].ref;
            decision.policyDataInstanceIds[i] = _dataInstanceId(client, ref);
            decision.bindingNameHashes[i] = keccak256(bytes(template.data[i].name));
            decision.policyDataRefs[i] = ref;
        }
    }

    /// @dev A certificate over `decision` of so many of 10,000.
    function _certify(
        Decision memory decision,
        uint256 salt,
        uint256 signed
    ) internal returns (bytes memory) {
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = _verifier.digestOfDecision(decision);
        bytes memory certificate = abi.encode(salt);
        _book.write(digests, certificate, signed, 10_000);
        return certificate;
    }
}
