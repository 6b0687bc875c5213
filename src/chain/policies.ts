import type { ContractTransactionResponse, Signer } from "ethers";
import { toHex } from "../bytes/hex.ts";
import type { LandedCommit } from "../commit/target.ts";
import {
  type PolicyDataRef,
  type PolicyDataTemplate,
  type PolicyInstance,
  type PolicyTemplate,
  policyDataRefOf,
  policyTemplateRefOf,
} from "../policy/ids.ts";
import type { ArtifactProof } from "../state/artifactProof.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { landed } from "./landed.ts";
import { dataTemplateArgument, templateArgument } from "./policyArgument.ts";

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
      .registerPolicyData(ref, dataTemplateArgument(template), proofs.map(proofStruct)),
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
      .registerTemplate(ref, templateArgument(template), proofs.map(proofStruct)),
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

/** Deploys an instance and makes it its client's current one; the caller must act for the client. */
export async function instantiate(
  { policies }: Contracts,
  caller: Signer,
  instance: PolicyInstance,
): Promise<LandedCommit> {
  return await settled(
    policies.connect(caller).instantiate({
      client: toHex(instance.client),
      templateRef: toHex(instance.templateRef),
      params: toHex(instance.params),
      dataInstances: instance.dataInstances.map((id) => toHex(id)),
      expireAfterBlocks: instance.expireAfterBlocks,
    }),
  );
}

async function settled(sending: Promise<ContractTransactionResponse>): Promise<LandedCommit> {
  return await reverts.run(async () => landed(await (await sending).wait()));
}

function proofStruct({ sequenceNo, header, proof }: ArtifactProof) {
  return { sequenceNo, header: toHex(header), proof: toHex(proof) };
}
