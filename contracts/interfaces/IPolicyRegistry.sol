// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ArtifactProof} from "../types/ArtifactProof.sol";
import {ContentHash} from "../types/ContentHash.sol";
import {HashedPolicyInstance, PolicyInstance, PolicyTemplate} from "../types/Policy.sol";
import {PolicyDataInstanceId} from "../types/PolicyDataInstanceId.sol";
import {PolicyInstanceId} from "../types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../types/PolicyTemplateRef.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {IArtifactRegistry} from "./IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "./IPolicyDataRegistry.sol";

/// @title IPolicyRegistry
/// @notice Policy templates (Rego, params schema, entrypoint, environment, data), their instances per client,
///         and which instance decides for a client now. Templates are registered only with inclusion proofs.
/// @dev Refs and ids are content addresses (docs/Policies.md). Registering is idempotent: the first owner is
///      kept, and being first gives no right beyond deprecating the template.
interface IPolicyRegistry is IArtifactRegistry {
    /// @notice Facts about a registered template.
    /// @param owner account that registered it first
    /// @param registeredAt block time, in seconds since 1970; zero if it is not registered
    /// @param sequenceNo the newest commit when it was registered
    /// @param isDeprecated whether new instances are refused
    /// @param dataCount number of data templates it reads
    struct TemplateRecord {
        address owner;
        uint40 registeredAt;
        uint40 sequenceNo;
        bool isDeprecated;
        uint8 dataCount;
    }

    /// @notice Facts about an instance.
    /// @param client account it decides for; zero if it does not exist
    /// @param deployedAt block time, in seconds since 1970
    /// @param expireAfterBlocks how many blocks a decision stays valid
    /// @param templateRef its template
    /// @param paramsHash `keccak256` of its params
    /// @param sequenceNo the newest commit when it was deployed, if its params are a leaf; zero otherwise
    struct InstanceRecord {
        address client;
        uint64 deployedAt;
        uint32 expireAfterBlocks;
        PolicyTemplateRef templateRef;
        bytes32 paramsHash;
        uint64 sequenceNo;
    }

    /// @notice A template was registered, when `sequenceNo` was the newest commit.
    event PolicyTemplateRegistered(
        PolicyTemplateRef indexed ref,
        address indexed owner,
        PolicyTemplate template,
        uint64 sequenceNo
    );
    /// @notice A template takes no new instances from now on.
    event PolicyTemplateDeprecated(PolicyTemplateRef indexed ref, string reason);
    /// @notice An instance was deployed.
    event PolicyInstantiated(
        PolicyInstanceId indexed id,
        PolicyTemplateRef indexed templateRef,
        address indexed client,
        bytes params,
        PolicyDataInstanceId[] dataInstances,
        uint32 expireAfterBlocks
    );
    /// @notice An instance was deployed whose params are a leaf of the tree, when `sequenceNo` was the newest commit.
    event PolicyInstantiatedWithParamsLeaf(
        PolicyInstanceId indexed id,
        PolicyTemplateRef indexed templateRef,
        address indexed client,
        ContentHash paramsHash,
        PolicyDataInstanceId[] dataInstances,
        uint32 expireAfterBlocks,
        uint64 sequenceNo
    );
    /// @notice From this block on `newId` decides for the client.
    event CurrentPolicyInstanceMoved(
        address indexed client,
        PolicyInstanceId indexed oldId,
        PolicyInstanceId indexed newId
    );

    /// @notice The registry of data templates works with another policy registry.
    error PolicyDataRegistryOfAnother(address expected, address got);
    /// @notice The ref does not re-derive from the template's parts.
    error PolicyTemplateRefMismatch(PolicyTemplateRef derived, PolicyTemplateRef given);
    /// @notice The template names no Rego module.
    error EmptyTemplate();
    /// @notice The entrypoint is empty or longer than the limit, in bytes.
    error InvalidEntrypoint(uint256 limit, uint256 got);
    /// @notice A template reads at most this many data templates.
    error TooManyBindings(uint256 limit, uint256 got);
    /// @notice Bindings are not in ascending order of `keccak256(name)`, or a name repeats or is empty.
    error BindingsNotSorted(uint256 index);
    /// @notice The name of binding number `index` is longer than the limit, in bytes.
    error BindingNameTooLong(uint256 index, uint256 limit, uint256 got);
    /// @notice Binding number `index` names a data template that is not registered.
    error UnknownBinding(uint256 index);
    /// @notice No such template.
    error UnknownTemplate(PolicyTemplateRef ref);
    /// @notice The template is deprecated.
    error TemplateDeprecated(PolicyTemplateRef ref);
    /// @notice No such instance.
    error UnknownInstance(PolicyInstanceId id);
    /// @notice The instance does not name one data instance per binding.
    error DataInstanceCountMismatch(uint256 expected, uint256 got);
    /// @notice Data instance number `index` is not the client's instance of the template's binding.
    error DataInstanceMismatch(uint256 index, PolicyDataInstanceId expected, PolicyDataInstanceId got);
    /// @notice Data instance number `index` is the right one, but the client has not deployed it.
    error UnknownDataInstance(uint256 index, PolicyDataInstanceId id);
    /// @notice Params above the on-chain limit, in bytes.
    error ParamsTooLarge(uint256 limit, uint256 got);
    /// @notice Params of a leaf that would fit on chain, in bytes.
    error ParamsFitOnChain(uint256 limit, uint256 got);
    /// @notice The params are a leaf of the tree, under this key, and not on chain.
    error ParamsInLeaf(PolicyInstanceId id, TreeKey key);
    /// @notice The block is not in the past.
    error BlockNotPast(uint256 blockNumber);

    /// @notice Registers a template, or does nothing if it is registered.
    /// @param ref the ref the caller expects
    /// @param template its parts
    /// @param proofs for the Rego module, then for the params schema unless its hash is zero
    function registerTemplate(
        PolicyTemplateRef ref,
        PolicyTemplate calldata template,
        ArtifactProof[] calldata proofs
    ) external;

    /// @notice Refuses new instances from now on. Owner of the template only.
    function deprecateTemplate(PolicyTemplateRef ref, string calldata reason) external;

    /// @notice Deploys an instance and makes it the client's current one, in one step.
    /// @dev The caller is the client, or the client is a contract whose `getOwner()` is the caller.
    ///      An instance that exists is not deployed again; the pointer moves all the same.
    function instantiate(PolicyInstance calldata instance) external returns (PolicyInstanceId);

    /// @notice As `instantiate`, and deploys those data instances in the same step that the client has not got.
    function instantiateBundle(PolicyInstance calldata instance) external returns (PolicyInstanceId);

    /// @notice As `instantiateBundle`, for params above what is kept on chain.
    /// @param instance the instance, with the hash of its params for the params
    /// @param proof that the params are in the tree, in clear; not looked at if the instance exists
    function instantiateWithParamsLeaf(
        HashedPolicyInstance calldata instance,
        ArtifactProof calldata proof
    ) external returns (PolicyInstanceId);

    /// @notice Makes an existing instance of the client its current one; zero leaves it without any.
    function moveCurrentPolicyInstance(address client, PolicyInstanceId id) external;

    /// @notice The instance that decides for `client` now; zero if there is none.
    function currentPolicyInstance(address client) external view returns (PolicyInstanceId);

    /// @notice The instance that decided for `client` at the end of a past block. Reverts with `BlockNotPast`.
    function policyInstanceAt(address client, uint256 blockNumber) external view returns (PolicyInstanceId);

    /// @notice Ref of a template.
    function policyTemplateRefOf(PolicyTemplate calldata template) external pure returns (PolicyTemplateRef);

    /// @notice Id of an instance on this chain.
    function policyInstanceIdOf(PolicyInstance calldata instance) external view returns (PolicyInstanceId);

    /// @notice Id of an instance on this chain, by the hash of its params.
    function hashedPolicyInstanceIdOf(
        HashedPolicyInstance calldata instance
    ) external view returns (PolicyInstanceId);

    /// @notice How many templates are registered.
    function policyTemplateCount() external view returns (uint256);

    /// @notice Refs of templates, in the order of their registration: those at `offset` and behind it, at most `limit`
    ///         and 256 (`PageTooLarge`). Empty behind the last.
    function policyTemplateRefs(
        uint256 offset,
        uint256 limit
    ) external view returns (PolicyTemplateRef[] memory);

    /// @notice How many instances `client` has.
    function policyInstanceCount(address client) external view returns (uint256);

    /// @notice Ids of the instances of `client`, in the order of their deployment; paged as `policyTemplateRefs`.
    function policyInstanceIds(
        address client,
        uint256 offset,
        uint256 limit
    ) external view returns (PolicyInstanceId[] memory);

    /// @notice Facts about a template; all zero if it is not registered.
    function policyTemplate(PolicyTemplateRef ref) external view returns (TemplateRecord memory);

    /// @notice Facts about an instance; all zero if it does not exist.
    function policyInstance(PolicyInstanceId id) external view returns (InstanceRecord memory);

    /// @notice Params of an instance, verbatim. Reverts with `UnknownInstance`, or `ParamsInLeaf` if they are not on chain.
    function policyParams(PolicyInstanceId id) external view returns (bytes memory);

    /// @notice Where the params of an instance are. Reverts with `UnknownInstance`.
    /// @return code contract whose code holds them behind the 45 bytes of a clone; zero if there are none, or in a leaf
    /// @return leaf key of the leaf; zero unless they are in one
    function policyParamsPlace(PolicyInstanceId id) external view returns (address code, TreeKey leaf);

    /// @notice The registry of data templates.
    function policyDataRegistry() external view returns (IPolicyDataRegistry);
}
