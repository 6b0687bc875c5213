import { bytes32, type ContentHash } from "../bytes/brand.ts";
import { fromHex } from "../bytes/hex.ts";
import type { Registered } from "../challenge/dangling.ts";
import type { PolicyDataRef, PolicyInstanceId } from "../policy/ids.ts";
import { type Contracts, reverts } from "./contracts.ts";

/** What names artifacts on a chain, by the events of both registries. What a node makes up, no challenge proves. */

/** Every registered data template and template, and every instance whose params are a leaf. @throws {ChainError} */
export async function registrationsOn(contracts: Contracts): Promise<readonly Registered[]> {
  return await reverts.run(async () => [
    ...(await dataTemplatesOn(contracts)),
    ...(await templatesOn(contracts)),
    ...(await instancesOn(contracts)),
  ]);
}

async function dataTemplatesOn({ policyData }: Contracts): Promise<Registered[]> {
  const events = await policyData.queryFilter(policyData.filters.PolicyDataRegistered());
  return events.map(({ args: { template, sequenceNo } }) => {
    const parts = {
      wasmHash: hash(template.wasmHash),
      argsSchemaHash: hash(template.argsSchemaHash),
      outputSchemaHash: hash(template.outputSchemaHash),
      secretsSchemaHash: hash(template.secretsSchemaHash),
      teeRequired: template.teeRequired,
      cleartextHash: hash(template.cleartextHash),
    };
    return { of: "data", template: parts, sequenceNo };
  });
}

async function templatesOn({ policies }: Contracts): Promise<Registered[]> {
  const events = await policies.queryFilter(policies.filters.PolicyTemplateRegistered());
  return events.map(({ args: { template, sequenceNo } }) => {
    const parts = {
      regoHash: hash(template.regoHash),
      paramsSchemaHash: hash(template.paramsSchemaHash),
      entrypoint: template.entrypoint,
      environment: Number(template.environment),
      data: template.data.map(({ name, ref }) => ({
        name,
        ref: bytes32<PolicyDataRef>(fromHex(ref)),
      })),
    };
    return { of: "template", template: parts, sequenceNo };
  });
}

async function instancesOn({ policies }: Contracts): Promise<Registered[]> {
  const { PolicyInstantiatedWithParamsLeaf } = policies.filters;
  const events = await policies.queryFilter(PolicyInstantiatedWithParamsLeaf());
  return events.map(({ args: { id, paramsHash, sequenceNo } }) => ({
    of: "instance",
    policyInstanceId: bytes32<PolicyInstanceId>(fromHex(id)),
    paramsHash: hash(paramsHash),
    sequenceNo,
  }));
}

function hash(text: string): ContentHash {
  return bytes32<ContentHash>(fromHex(text));
}
