// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ArtifactProof} from "../types/ArtifactProof.sol";
import {ContentHash} from "../types/ContentHash.sol";
import {LeafFault} from "../types/LeafFault.sol";
import {PolicyDataTemplate} from "../types/Policy.sol";
import {PolicyDataInstanceId} from "../types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../types/PolicyDataRef.sol";
import {ProofFault} from "../types/ProofFault.sol";
import {IStateCommitRegistry} from "./IStateCommitRegistry.sol";

/// @title IPolicyDataRegistry
/// @notice Policy data templates (WASM plugins with their schemas) and their instances per client. A template
///         is registered only with proofs that every artifact it names is in the state tree.
/// @dev Refs and ids are content addresses (docs/Policies.md). Registering is idempotent: the first owner is
///      kept, and being first gives no right beyond deprecating the template.
interface IPolicyDataRegistry {
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

    /// @notice A data template was registered.
    event PolicyDataRegistered(PolicyDataRef indexed ref, address indexed owner, PolicyDataTemplate template);
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
    /// @notice The number of proofs is not the number of artifacts named.
    error ProofCountMismatch(uint256 expected, uint256 got);
    /// @notice Artifact number `index` of the template is not in the tree as claimed.
    error DanglingArtifact(
        uint256 index,
        ContentHash contentHash,
        ProofFault proofFault,
        LeafFault leafFault
    );
    /// @notice The leaf's encrypted and TEE flags are not those of the template.
    error FlagsMismatch(uint16 expected, uint16 got);
    /// @notice No such data template.
    error UnknownPolicyData(PolicyDataRef ref);
    /// @notice The data template is deprecated.
    error PolicyDataIsDeprecated(PolicyDataRef ref);
    /// @notice Only the owner may do this.
    error NotOwner(address owner, address caller);
    /// @notice The caller does not act for the client.
    error NotClient(address client, address caller);
    /// @notice The reason is longer than the limit, in bytes.
    error ReasonTooLong(uint256 limit, uint256 got);

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
    /// @dev The caller is the client, or the client is a contract whose `getOwner()` is the caller.
    function instantiatePolicyData(address client, PolicyDataRef ref) external returns (PolicyDataInstanceId);

    /// @notice Ref of a data template.
    function policyDataRefOf(PolicyDataTemplate calldata template) external pure returns (PolicyDataRef);

    /// @notice Id of a data instance on this chain.
    function policyDataInstanceIdOf(
        address client,
        PolicyDataRef ref
    ) external view returns (PolicyDataInstanceId);

    /// @notice Facts about a data template; all zero if it is not registered.
    function policyData(PolicyDataRef ref) external view returns (DataTemplateRecord memory);

    /// @notice Ref and client of a data instance; zeros if it does not exist.
    function policyDataInstance(
        PolicyDataInstanceId id
    ) external view returns (PolicyDataRef ref, address client);

    /// @notice The registry against whose roots proofs are checked.
    function stateCommitRegistry() external view returns (IStateCommitRegistry);
}
