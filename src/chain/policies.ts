import type { ContractTransactionResponse, Signer } from "ethers";
import { bytes32, type TreeKey } from "../bytes/brand.ts";
import { isZero } from "../bytes/compare.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { LandedCommit } from "../commit/target.ts";
import {
  type PolicyDataRef,
  type PolicyDataTemplate,
  type PolicyInstance,
  type PolicyInstanceId,
  type PolicyTemplate,
  policyDataRefOf,
  policyTemplateRefOf,
} from "../policy/ids.ts";
import type { ArtifactProof } from "../state/artifactProof.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { landed } from "./landed.ts";

/** Registers a data template with a proof per artifact it names: wasm, args, output, secrets. */
export async function registerPolicyData(
  { policyData }: Contracts,
  owner: Signer,
  template: PolicyDataTemplate,
  proofs: readonly ArtifactProof[],
): Promise<LandedCommit> {
  const ref = toHex(policyDataRefOf(template));
  return await settled(
    policyData
      .connect(owner)
      .registerPolicyData(ref, dataTemplateStruct(template), proofs.map(proofStruct)),
  );
}

/** Registers a template with a proof for the Rego and one for the params schema, if it names one. */
export async function registerTemplate(
  { policies }: Contracts,
  owner: Signer,
  template: PolicyTemplate,
  proofs: readonly ArtifactProof[],
): Promise<LandedCommit> {
  const ref = toHex(policyTemplateRefOf(template));
  return await settled(
    policies
      .connect(owner)
      .registerTemplate(ref, templateStruct(template), proofs.map(proofStruct)),
  );
}

/** Binds a data template to `client`, 20 bytes; the caller must act for it. */
export async function instantiatePolicyData(
  { policyData }: Contracts,
  caller: Signer,
  client: Uint8Array,
  ref: PolicyDataRef,
): Promise<LandedCommit> {
  return await settled(policyData.connect(caller).instantiatePolicyData(toHex(client), toHex(ref)));
}

/**
 * Deploys an instance, whose data instances are deployed, and makes it its client's current one; the caller must act for the
 * client.
 */
export async function instantiate(
  { policies }: Contracts,
  caller: Signer,
  instance: PolicyInstance,
): Promise<LandedCommit> {
  return await settled(
    policies
      .connect(caller)
      .instantiate({ ...termsStruct(instance), params: toHex(instance.params) }),
  );
}

/** As {@link instantiate}, and deploys the data instances that the client has not got, in the same transaction. */
export async function instantiateBundle(
  { policies }: Contracts,
  caller: Signer,
  instance: PolicyInstance,
): Promise<LandedCommit> {
  return await settled(
    policies
      .connect(caller)
      .instantiateBundle({ ...termsStruct(instance), params: toHex(instance.params) }),
  );
}

/** As {@link instantiateBundle}, for params above `ON_CHAIN_PARAMS_MAX_BYTES`, with the proof that they are in the tree. */
export async function instantiateWithParamsLeaf(
  { policies }: Contracts,
  caller: Signer,
  instance: PolicyInstance,
  proof: ArtifactProof,
): Promise<LandedCommit> {
  const paramsHash = toHex(keccak256(instance.params));
  return await settled(
    policies
      .connect(caller)
      .instantiateWithParamsLeaf({ ...termsStruct(instance), paramsHash }, proofStruct(proof)),
  );
}

/**
 * Params of a deployed instance: from the chain, or what `contentAt` has under the key of their leaf.
 * @throws {ChainError} `UnknownInstance`, and `ParamsInLeaf` if `contentAt` has nothing there
 */
export async function paramsOf(
  { policies }: Contracts,
  id: PolicyInstanceId,
  contentAt: (key: TreeKey) => Uint8Array | undefined,
): Promise<Uint8Array> {
  return await reverts.run(async () => {
    const { leaf } = await policies.policyParamsPlace(toHex(id));
    const key = bytes32<TreeKey>(fromHex(leaf));
    const content = isZero(key) ? undefined : contentAt(key);
    return content ?? fromHex(await policies.policyParams(toHex(id)));
  });
}

async function settled(sending: Promise<ContractTransactionResponse>): Promise<LandedCommit> {
  return await reverts.run(async () => landed(await (await sending).wait()));
}

function termsStruct({ client, templateRef, dataInstances, expireAfterBlocks }: PolicyInstance) {
  return {
    client: toHex(client),
    templateRef: toHex(templateRef),
    dataInstances: dataInstances.map((id) => toHex(id)),
    expireAfterBlocks,
  };
}

function proofStruct({ sequenceNo, header, proof }: ArtifactProof) {
  return { sequenceNo, header: toHex(header), proof: toHex(proof) };
}

function dataTemplateStruct(template: PolicyDataTemplate) {
  return {
    wasmHash: toHex(template.wasmHash),
    argsSchemaHash: toHex(template.argsSchemaHash),
    outputSchemaHash: toHex(template.outputSchemaHash),
    secretsSchemaHash: toHex(template.secretsSchemaHash),
    teeRequired: template.teeRequired,
    cleartextHash: toHex(template.cleartextHash),
  };
}

function templateStruct(template: PolicyTemplate) {
  return {
    regoHash: toHex(template.regoHash),
    paramsSchemaHash: toHex(template.paramsSchemaHash),
    entrypoint: template.entrypoint,
    environment: template.environment,
    data: template.data.map(({ name, ref }) => ({ name, ref: toHex(ref) })),
  };
}
