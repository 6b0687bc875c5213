import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import {
  type Change,
  type DanglingCopy,
  type ProviderPlan,
  type ProviderState,
  planChanges,
} from "../../src/chain/providerPlan.ts";
import { EXIT_CODES } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { openNetwork } from "../support/workspace.ts";
import { parseChange, readChanges } from "./changes.ts";

interface Options {
  readonly changes: readonly string[];
  readonly file: string;
  readonly json: boolean;
}

/** The order of steps for changes of the directory, or why there is none. Reads, and sends nothing. */
export default async function planProvider(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const file = options.file === "" ? { changes: [], consumers: [] } : readChanges(options.file);
    const changes = [...file.changes, ...options.changes.map(parseChange)];
    const { networkName, chainId, provider, addressesProvider } = await openNetwork(hre);
    const { directoryId, readProvider } = await import("../../src/chain/providerReader.ts");
    const state = await readProvider(provider, addressesProvider, changes, file.consumers);
    if (changes.length === 0) {
      const { dangling } = lookAt(state);
      if (dangling.length > 0) process.exitCode = EXIT_CODES.refused;
      const document = { networkName, chainId, addressesProvider, ...documentOf(state), dangling };
      return { document, text: [textOf(state), ...dangling.map(sentenceOf)].join("\n") };
    }
    const plan = planChanges(state, changes);
    const steps = plan.steps.map(({ change, isAdded, dangling }) => ({
      ...change,
      directoryId: directoryId(change.id),
      isAdded,
      dangling,
    }));
    const { redeploy, dangling } = plan;
    return {
      document: {
        networkName,
        chainId,
        addressesProvider,
        ...documentOf(state),
        dangling,
        redeploy,
        steps,
      },
      text: stepsText(plan, state),
    };
  });
}

/** What dangles as it is: an order of no steps, without asking whether it may stay so. */
function lookAt(state: ProviderState): { readonly dangling: readonly DanglingCopy[] } {
  return { dangling: planChanges(state, []).dangling };
}

function documentOf({ entries, consumers }: ProviderState) {
  return {
    entries: Object.fromEntries(entries),
    consumers: consumers.map(({ id, contract, copies }) => ({
      id,
      contract,
      copies: Object.fromEntries(copies),
    })),
  };
}

function textOf({ entries, consumers }: ProviderState): string {
  const rows = consumers.map(({ id, contract, copies }) => {
    const copied = copies.size === 0 ? "copied nothing" : `copied ${[...copies.keys()].join(", ")}`;
    return [id, entries.get(id) ?? "", contract, copied];
  });
  return table(rows);
}

function stepsText({ steps, redeploy }: ProviderPlan, { rows }: ProviderState): string {
  const lines = steps.map(({ change, isAdded, dangling }, i) => {
    const waiting = dangling.map(({ consumer }) => consumer);
    const wait = waiting.length === 0 ? "" : `until rebuilt: ${[...new Set(waiting)].join(", ")}`;
    return [`${i + 1}`, sayChange(change, rows), isAdded ? "(added)" : "", wait];
  });
  const last =
    redeploy.length === 0 ? "nothing is redeployed" : `redeployed: ${redeploy.join(", ")}`;
  return `${table(lines)}\n${last}`;
}

function sayChange(change: Change, rows: ProviderState["rows"]): string {
  if (change.kind === "set") return `set ${change.id} to ${change.address}`;
  if (change.kind === "remove") return `remove ${change.id}`;
  const contract = rows.find(({ id }) => id === change.id)?.contract ?? "";
  return `deploy ${contract} and enter it as ${change.id}`;
}

function sentenceOf({ consumer, id, copy, current }: DanglingCopy): string {
  return `${consumer} copied ${id} = ${copy}; the directory has ${current ?? "nothing"}`;
}
