import type { Signer } from "ethers";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../artifact/kinds.ts";
import type { ContentHash } from "../bytes/brand.ts";
import { isZero } from "../bytes/compare.ts";
import { fromHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { PolicyBundle } from "../policy/folder.ts";
import {
  ON_CHAIN_PARAMS_MAX_BYTES,
  type PolicyDataRef,
  type PolicyDataTemplate,
  type PolicyInstance,
  type PolicyInstanceId,
  type PolicyTemplate,
  type PolicyTemplateRef,
  policyDataInstanceIdOf,
  policyInstanceIdOf,
} from "../policy/ids.ts";
import { type ArtifactProof, artifactProofOf } from "../state/artifactProof.ts";
import type { StateStore } from "../state/store.ts";
import type { Contracts } from "./contracts.ts";
import {
  instantiateBundle,
  instantiateWithParamsLeaf,
  registerPolicyData,
  registerTemplate,
} from "./policies.ts";

/** A policy's way onto a chain: its templates with proofs, then an instance for a client. */

/** A data template with its proofs. */
export interface DataRegistration {
  readonly ref: PolicyDataRef;
  readonly template: PolicyDataTemplate;
  readonly proofs: readonly ArtifactProof[];
}

/** Everything `register` sends. */
export interface Registration {
  readonly ref: PolicyTemplateRef;
  readonly template: PolicyTemplate;
  readonly proofs: readonly ArtifactProof[];
  readonly data: readonly DataRegistration[];
}

/** A transaction of a policy's registration or deployment. */
export interface PolicyReceipt {
  readonly what: "register data template" | "register template" | "instantiate and move pointer";
  readonly gasUsed: bigint;
}

/** Templates and proofs against `store`'s newest commit; nothing if an artifact is not in it. */
export function registrationOf(store: StateStore, policy: PolicyBundle): Registration | undefined {
  const { template, templateRef } = policy;
  const proofs = proofsOf(store, [
    ["rego", template.regoHash],
    ["input-schema", template.paramsSchemaHash],
  ]);
  const data: DataRegistration[] = [];
  for (const { binding, template: dataTemplate } of policy.data) {
    const dataProofs = proofsOf(store, [
      ["wasm-plugin", dataTemplate.wasmHash],
      ["input-schema", dataTemplate.argsSchemaHash],
      ["output-schema", dataTemplate.outputSchemaHash],
      ["secrets-schema", dataTemplate.secretsSchemaHash],
    ]);
    if (dataProofs === undefined) return undefined;
    data.push({ ref: binding.ref, template: dataTemplate, proofs: dataProofs });
  }
  if (proofs === undefined) return undefined;
  return { ref: templateRef, template, proofs, data };
}

/** Registers data templates, then the template, as `owner`. @throws {ChainError} by the registries' errors */
export async function register(
  contracts: Contracts,
  owner: Signer,
  { template, proofs, data }: Registration,
): Promise<PolicyReceipt[]> {
  const receipts: PolicyReceipt[] = [];
  for (const entry of data) {
    const { gasUsed } = await registerPolicyData(contracts, owner, entry.template, entry.proofs);
    receipts.push({ what: "register data template", gasUsed });
  }
  const { gasUsed } = await registerTemplate(contracts, owner, template, proofs);
  return [...receipts, { what: "register template", gasUsed }];
}

/** What a client decides about a policy: JSON params, and how many blocks a decision stays valid. */
export interface InstanceTerms {
  readonly params: Uint8Array;
  readonly expireAfterBlocks: number;
}

/** The instance of `policy` for the account of `client` on these terms, and its id on chain `chainId`. */
export async function instanceFor(
  chainId: bigint,
  client: Signer,
  policy: PolicyBundle,
  terms: InstanceTerms,
): Promise<{ readonly id: PolicyInstanceId; readonly instance: PolicyInstance }> {
  const address = fromHex(await client.getAddress(), "client");
  const instance: PolicyInstance = {
    client: address,
    templateRef: policy.templateRef,
    dataInstances: policy.template.data.map(({ ref }) =>
      policyDataInstanceIdOf(chainId, address, ref),
    ),
    ...terms,
  };
  return { id: policyInstanceIdOf(chainId, instance), instance };
}

/** Whether params are too large for the chain, and must be a leaf of the tree before an instance names them. */
export function isParamsLeaf(params: Uint8Array): boolean {
  return params.length > ON_CHAIN_PARAMS_MAX_BYTES;
}

/** Proof that params are in `store`'s newest commit; nothing if they are not. */
export function paramsProofOf(store: StateStore, params: Uint8Array): ArtifactProof | undefined {
  const { namespace } = ARTIFACT_KINDS.params;
  return artifactProofOf(store, namespace, keccak256<ContentHash>(params));
}

/**
 * Deploys the data instances that are missing and the instance, and makes it the client's current one, in one transaction.
 * `paramsProof` is needed where {@link isParamsLeaf}.
 * @throws {ChainError} by the registries' errors; `ParamsTooLarge` where the proof is missing
 */
export async function deployInstance(
  contracts: Contracts,
  client: Signer,
  instance: PolicyInstance,
  paramsProof?: ArtifactProof,
): Promise<PolicyReceipt[]> {
  const { gasUsed } =
    paramsProof !== undefined && isParamsLeaf(instance.params)
      ? await instantiateWithParamsLeaf(contracts, client, instance, paramsProof)
      : await instantiateBundle(contracts, client, instance);
  return [{ what: "instantiate and move pointer", gasUsed }];
}

/** Proofs of those artifacts that are named (not zero), in order; nothing if one is missing. */
function proofsOf(
  store: StateStore,
  artifacts: readonly (readonly [ArtifactKindName, ContentHash])[],
): ArtifactProof[] | undefined {
  const proofs: ArtifactProof[] = [];
  for (const [kind, contentHash] of artifacts) {
    if (isZero(contentHash)) continue;
    const proof = artifactProofOf(store, ARTIFACT_KINDS[kind].namespace, contentHash);
    if (proof === undefined) return undefined;
    proofs.push(proof);
  }
  return proofs;
}
