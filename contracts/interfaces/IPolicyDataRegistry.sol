// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ArtifactProof} from "../types/ArtifactProof.sol";
import {PolicyDataTemplate} from "../types/Policy.sol";
import {PolicyDataInstanceId} from "../types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../types/PolicyDataRef.sol";
import {IArtifactRegistry} from "./IArtifactRegistry.sol";

/// @title IPolicyDataRegistry
/// @notice Policy data templates (WASM plugins with their schemas) and their instances per client. A template
///         is registered only with proofs that every artifact it names is in the state tree.
/// @dev Refs and ids are content addresses (docs/Policies.md). Registering is idempotent: the first owner is
///      kept, and being first gives no right beyond deprecating the template.
interface IPolicyDataRegistry is IArtifactRegistry {
    /// @notice Facts about a registered data template.
    /// @param owner account that registered it first
    /// @param registeredAt block time, in seconds since 1970; zero if it is not registered
    /// @param sequenceNo the newest commit when it was registered
    /// @param isDeprecated whether new instances are refused
    struct DataTemplateRecord {
        address owner;
        uint40 registeredAt;
        uint40 sequenceNo;
        bool isDeprecated;
    }

    /// @notice A data template was registered, when `sequenceNo` was the newest commit.
    event PolicyDataRegistered(
        PolicyDataRef indexed ref,
        address indexed owner,
        PolicyDataTemplate template,
        uint64 sequenceNo
    );
    /// @notice A data template takes no new instances from now on.
    event PolicyDataDeprecated(PolicyDataRef indexed ref, string reason);
    /// @notice A client deployed a data instance.
    event PolicyDataInstantiated(
        PolicyDataInstanceId indexed id,
        PolicyDataRef indexed ref,
        address indexed client
    );

    /// @notice The ref does not re-derive from the template's parts.
    error PolicyDataRefMismatch(PolicyDataRef derived, PolicyDataRef given);
    /// @notice The template names no plugin.
    error MissingWasm();
    /// @notice `teeRequired` without a cleartext hash: only encrypted plugins can demand an enclave.
    error TeeWithoutEncryption();
    /// @notice No such data template.
    error UnknownPolicyData(PolicyDataRef ref);
    /// @notice The data template is deprecated.
    error PolicyDataIsDeprecated(PolicyDataRef ref);

    /// @notice Registers a data template, or does nothing if it is registered.
    /// @param ref the ref the caller expects
    /// @param template its parts
    /// @param proofs one per hash that is not zero, in the order wasm, args, output, secrets
    function registerPolicyData(
        PolicyDataRef ref,
        PolicyDataTemplate calldata template,
        ArtifactProof[] calldata proofs
    ) external;

    /// @notice Refuses new instances from now on. Owner of the template only.
    function deprecatePolicyData(PolicyDataRef ref, string calldata reason) external;

    /// @notice Binds a data template to a client on this chain, or does nothing if it is bound.
    /// @dev The caller is the client, or the client is a contract whose `getOwner()` is the caller, or the caller is the
    ///      policy registry, which has made sure of that.
    function instantiatePolicyData(address client, PolicyDataRef ref) external returns (PolicyDataInstanceId);

    /// @notice Ref of a data template.
    function policyDataRefOf(PolicyDataTemplate calldata template) external pure returns (PolicyDataRef);

    /// @notice Id of a data instance on this chain.
    function policyDataInstanceIdOf(
        address client,
        PolicyDataRef ref
    ) external view returns (PolicyDataInstanceId);

    /// @notice How many data templates are registered.
    function policyDataCount() external view returns (uint256);

    /// @notice Refs of data templates, in the order of their registration: those at `offset` and behind it, at most
    ///         `limit` and 256 (`PageTooLarge`). Empty behind the last.
    /// @dev Data instances are on no list: whether a client has one of a template says `policyDataInstance` of its id.
    function policyDataRefs(uint256 offset, uint256 limit) external view returns (PolicyDataRef[] memory);

    /// @notice Facts about a data template; all zero if it is not registered.
    function policyData(PolicyDataRef ref) external view returns (DataTemplateRecord memory);

    /// @notice Ref and client of a data instance; zeros if it does not exist.
    function policyDataInstance(
        PolicyDataInstanceId id
    ) external view returns (PolicyDataRef ref, address client);

    /// @notice The registry of policies, which deploys data instances together with policy instances.
    function policyRegistry() external view returns (address);
}
