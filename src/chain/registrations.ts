import { bytes32, type ContentHash } from "../bytes/brand.ts";
import { fromHex } from "../bytes/hex.ts";
import type { Registered } from "../challenge/dangling.ts";
import type { PolicyDataRef, PolicyInstanceId } from "../policy/ids.ts";
import type { Contracts } from "./contracts.ts";
import { type BlockRange, blocksOf, logsIn } from "./logs.ts";

/** What names artifacts on a chain, by the events of both registries. What a node makes up, no challenge proves. */

/**
 * Every registered data template and template, and every instance whose params are a leaf, from `fromBlock` on.
 * @throws {ChainError}
 */
export async function registrationsOn(
  contracts: Contracts,
  fromBlock = 0,
): Promise<readonly Registered[]> {
  const range = await blocksOf(contracts.policies, fromBlock);
  return [
    ...(await dataTemplatesOn(contracts, range)),
    ...(await templatesOn(contracts, range)),
    ...(await instancesOn(contracts, range)),
  ];
}

async function dataTemplatesOn(
  { policyData }: Contracts,
  range: BlockRange,
): Promise<Registered[]> {
  const filter = policyData.filters.PolicyDataRegistered();
  const events = await logsIn((a, b) => policyData.queryFilter(filter, a, b), range);
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

async function templatesOn({ policies }: Contracts, range: BlockRange): Promise<Registered[]> {
  const filter = policies.filters.PolicyTemplateRegistered();
  const events = await logsIn((a, b) => policies.queryFilter(filter, a, b), range);
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

async function instancesOn({ policies }: Contracts, range: BlockRange): Promise<Registered[]> {
  const filter = policies.filters.PolicyInstantiatedWithParamsLeaf();
  const events = await logsIn((a, b) => policies.queryFilter(filter, a, b), range);
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
