import { type Contracts, reverts } from "./contracts.ts";
import type { PlannedPolicy, PlannedStage } from "./migration.ts";
import { MigrationError } from "./migrationError.ts";

/** What the chain must say after a stage. */

/** One thing to look at, as a sentence, and whether it is so. */
interface Expectation {
  readonly what: string;
  holds(contracts: Contracts): Promise<boolean>;
}

/** What is to be verified after a stage, as sentences, in order. */
export function sentencesAfter(stage: PlannedStage): string[] {
  return expectationsOf(stage).map(({ what }) => what);
}

/**
 * Asks the chain; gives how many expectations there were.
 * @throws {MigrationError} `E_STAGE_UNVERIFIED`, naming the first that does not hold
 */
export async function verifyStage(contracts: Contracts, stage: PlannedStage): Promise<number> {
  const expectations = expectationsOf(stage);
  for (const { what, holds } of expectations) {
    if (await reverts.run(() => holds(contracts))) continue;
    throw new MigrationError("E_STAGE_UNVERIFIED", `stage ${stage.stage}: not so: ${what}`);
  }
  return expectations.length;
}

function expectationsOf({ policies }: PlannedStage): Expectation[] {
  const current = new Map<string, string>();
  for (const { instances } of policies) {
    for (const { client, id } of instances) current.set(client, id);
  }
  return [
    ...policies.flatMap(expectationsOfPolicy),
    ...[...current].map(([client, id]) => ({
      what: `currentPolicyInstance(${client}) is ${id}`,
      holds: async ({ policies: registry }: Contracts) =>
        (await registry.currentPolicyInstance(client)) === id,
    })),
  ];
}

function expectationsOfPolicy(policy: PlannedPolicy): Expectation[] {
  const { name, data, templateRef, instances, paramsHash } = policy;
  return [
    ...data.map((plugin) => ({
      what: `${name}: policyData(${plugin.ref}) is registered and not deprecated`,
      holds: async ({ policyData }: Contracts) => isLive(await policyData.policyData(plugin.ref)),
    })),
    {
      what: `${name}: policyTemplate(${templateRef}) is registered and not deprecated`,
      holds: async ({ policies }) => isLive(await policies.policyTemplate(templateRef)),
    },
    ...instances.map(({ client, id }) => ({
      what: `${name}: policyInstance(${id}) decides for ${client} by that template and params ${paramsHash}`,
      holds: async ({ policies }: Contracts) => {
        const record = await policies.policyInstance(id);
        const isSameClient = record.client.toLowerCase() === client.toLowerCase();
        return (
          isSameClient && record.templateRef === templateRef && record.paramsHash === paramsHash
        );
      },
    })),
  ];
}

function isLive(record: {
  readonly registeredAt: bigint;
  readonly isDeprecated: boolean;
}): boolean {
  return record.registeredAt !== 0n && !record.isDeprecated;
}
