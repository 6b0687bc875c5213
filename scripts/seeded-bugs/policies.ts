import type { SeededBug } from "./bug.ts";

const TEMPLATES = "contracts/PolicyTemplateLedger.sol";
const POLICIES = "contracts/PolicyRegistry.sol";
const POLICY_DATA = "contracts/PolicyDataRegistry.sol";
const ARTIFACTS = "contracts/ArtifactRegistry.sol";

/** Bugs in the registries of policies and of their data; each costs a compilation. */
export const POLICY_BUGS: readonly SeededBug[] = [
  {
    id: "POL1",
    file: ARTIFACTS,
    find: "if (proofFault != ProofFault.None || leafFault != LeafFault.None) {",
    replace: "if (leafFault != LeafFault.None) {",
  },
  {
    id: "POL2",
    file: TEMPLATES,
    find: "if (derived != ref) revert PolicyTemplateRefMismatch(derived, ref);",
    replace: "",
  },
  {
    id: "POL3",
    file: TEMPLATES,
    find: "if (_templates[ref].registeredAt != 0) return;",
    replace: "",
  },
  {
    // The present instead of the past.
    id: "POL4",
    file: POLICIES,
    find: ".upperLookupRecent(blockNumber)",
    replace: ".latest()",
  },
  {
    // Length and padding come back with the params.
    id: "POL5",
    file: POLICIES,
    find: "WithImmutableArgs(address(0), params, 0);\n        if (code.code.length == 0) Clones.cloneDeterministicWithImmutableArgs(address(0), params, 0);",
    replace:
      "WithImmutableArgs(address(0), abi.encode(params), 0);\n        if (code.code.length == 0) Clones.cloneDeterministicWithImmutableArgs(address(0), abi.encode(params), 0);",
  },
  {
    id: "POL6",
    file: POLICIES,
    find: "if (!ClientAuthority.actsFor(msg.sender, client)) revert NotClient(client, msg.sender);",
    replace: "",
  },
  {
    id: "POL7",
    file: TEMPLATES,
    find: "if (record.isDeprecated) revert TemplateDeprecated(ref);\n        return record.dataCount;",
    replace: "return record.dataCount;",
  },
  {
    id: "POL8",
    file: POLICIES,
    find: "if (deployedFor == address(0)) revert UnknownDataInstance(i, expected);",
    replace: "",
  },
  {
    id: "POL9",
    file: TEMPLATES,
    find: "if (nameBytes == 0 || nameHash <= lastNameHash) revert",
    replace: "if (nameBytes == 0) revert",
  },
  {
    // Params that just fit on chain are taken as a leaf.
    id: "POL10",
    file: POLICIES,
    find: "if (paramsBytes <= MAX_PARAMS_BYTES) revert ParamsFitOnChain",
    replace: "if (paramsBytes < MAX_PARAMS_BYTES) revert ParamsFitOnChain",
  },
  {
    id: "POL11",
    file: POLICIES,
    find: "_idsOf[client].push(id);",
    replace: "",
  },
  {
    id: "POL12",
    file: TEMPLATES,
    find: "if (template.regoHash.isZero()) revert EmptyTemplate();",
    replace: "if (template.regoHash.isZero()) revert UnknownTemplate(ref);",
  },
  {
    // A pointer that stays where it is says that it moved.
    id: "POL13",
    file: POLICIES,
    find: "if (oldId == newId) return;",
    replace: "",
  },
  {
    id: "POL14",
    file: TEMPLATES,
    find: "_requireOwner(record.owner);",
    replace: "",
  },
  {
    // The one before the newest.
    id: "POL15",
    file: TEMPLATES,
    find: "uint40(STATE_COMMIT_REGISTRY.getSequenceNo())",
    replace: "uint40(STATE_COMMIT_REGISTRY.getSequenceNo() - 1)",
  },
  {
    // What cannot be deployed is left out.
    id: "POL16",
    file: POLICIES,
    find: "data.instantiatePolicyData(client, ref);",
    replace: "try data.instantiatePolicyData(client, ref) {} catch {}",
  },
  {
    // Deployed again, at another time.
    id: "POL17",
    file: POLICIES,
    find: "if (_instances[id].client == address(0)) {\n            _settleData(instance.client, instance.templateRef, instance.dataInstances, deploysData);",
    replace:
      "{\n            _settleData(instance.client, instance.templateRef, instance.dataInstances, deploysData);",
  },
  {
    id: "PDR1",
    file: ARTIFACTS,
    find: "if (proofFault != ProofFault.None || leafFault != LeafFault.None) {",
    replace: "if (leafFault != LeafFault.None) {",
  },
  {
    id: "PDR2",
    file: POLICY_DATA,
    find: "if (derived != ref) revert PolicyDataRefMismatch(derived, ref);",
    replace: "",
  },
  {
    id: "PDR3",
    file: POLICY_DATA,
    find: "if (_templates[ref].registeredAt != 0) return;",
    replace: "",
  },
  {
    // Only the plugin's flags are looked at.
    id: "PDR4",
    file: ARTIFACTS,
    find: "if (got != flags) revert",
    replace: "if (index == 0 && got != flags) revert",
  },
  {
    id: "PDR5",
    file: POLICY_DATA,
    find: "if (!isTrusted && !ClientAuthority.actsFor(msg.sender, client)) revert NotClient(client, msg.sender);",
    replace: "",
  },
  {
    id: "PDR6",
    file: POLICY_DATA,
    find: "_requireOwner(record.owner);",
    replace: "",
  },
  {
    id: "PDR7",
    file: POLICY_DATA,
    find: "if (record.isDeprecated) revert PolicyDataIsDeprecated(ref);\n        _instances[id]",
    replace: "_instances[id]",
  },
  {
    // Of whoever called.
    id: "PDR8",
    file: POLICY_DATA,
    find: "_instances[id] = DataInstanceRecord(ref, client);",
    replace: "_instances[id] = DataInstanceRecord(ref, msg.sender);",
  },
  {
    id: "PDR9",
    file: POLICY_DATA,
    find: "_refs.push(ref);",
    replace: "",
  },
  {
    // The commit that the proof is against.
    id: "PDR10",
    file: POLICY_DATA,
    find: "sequenceNo: uint40(sequenceNo),",
    replace: "sequenceNo: uint40(proofs[0].sequenceNo),",
  },
  {
    id: "PDR11",
    file: ARTIFACTS,
    find: "if (reasonBytes > MAX_REASON_BYTES) revert ReasonTooLong(MAX_REASON_BYTES, reasonBytes);",
    replace:
      "if (reasonBytes > MAX_REASON_BYTES) revert PageTooLarge(MAX_REASON_BYTES, reasonBytes);",
  },
  {
    // Announced as often as it is asked for.
    id: "PDR12",
    file: POLICY_DATA,
    find: "if (_instances[id].client != address(0)) return id;",
    replace: "",
  },
];
