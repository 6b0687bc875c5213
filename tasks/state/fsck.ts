import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { CodedError } from "../../src/bytes/errors.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { type FsckReport, fsckStore, type StoreFault } from "../../src/state/fsck.ts";
import { repairStore } from "../../src/state/repair.ts";
import { peerOfStore } from "../../src/state/snapshot.ts";
import { SnapshotFolder } from "../../src/state/snapshotFolder.ts";
import { StateStore } from "../../src/state/store.ts";
import { EXIT_CODES } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { certifiedRootsOf, type LocalStore, localStores } from "../support/stores.ts";
import { openWorkspace, type Workspace } from "../support/workspace.ts";

interface Options {
  readonly from: readonly string[];
  readonly repair: boolean;
  readonly rpc: string;
  readonly dataDir: string;
  readonly json: boolean;
}

/** What was found in one store, and done about it. */
interface StoreOutcome {
  readonly name: string;
  readonly found: FsckReport;
  /** How it was repaired, or the code of what kept it from being so; empty if nobody tried. */
  readonly repair: string;
}

/** Looks through the stores of the data directory, and repairs those with faults from the others and from snapshots. */
export default async function fsckState(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async (progress) => {
    const workspace = await openWorkspace(hre, options.dataDir);
    const { chainId } = workspace;
    const outcomes: StoreOutcome[] = [];
    const stores = localStores(workspace);
    for (const { name, path } of stores) {
      progress(`looking through the store of ${name}`);
      outcomes.push({ name, found: fsckStore({ path, chainId }), repair: "" });
    }
    if (options.repair) {
      const sound = stores.filter((_, i) => outcomes[i]?.found.faults.length === 0);
      for (const [i, store] of stores.entries()) {
        const outcome = outcomes[i];
        if (outcome === undefined || outcome.found.faults.length === 0) continue;
        const repair = await repairOne(workspace, store, { ...options, sound });
        outcomes[i] = { ...outcome, repair };
      }
    }
    const isWhole = outcomes.every(({ found, repair }) => {
      return found.faults.length === 0 || (repair !== "" && !repair.startsWith("E_"));
    });
    if (!isWhole) process.exitCode = EXIT_CODES.integrity;
    return { document: { isWhole, stores: outcomes.map(documentOf) }, text: textOf(outcomes) };
  });
}

async function repairOne(
  workspace: Workspace,
  { path }: LocalStore,
  { from, rpc, sound }: Pick<Options, "from" | "rpc"> & { readonly sound: readonly LocalStore[] },
): Promise<string> {
  const { chainId } = workspace;
  const certified = await certifiedRootsOf(workspace, rpc);
  const open = sound.map((store) => StateStore.open({ path: store.path, chainId }));
  try {
    const folders = from.map((folder) => new SnapshotFolder(folder));
    const peers = [...open.map((store) => peerOfStore(store)), ...folders];
    return (await repairStore({ path, chainId, peers, certifiedRoot: certified.root })).repair;
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  } finally {
    certified.close();
    for (const store of open) store.close();
  }
}

function documentOf({ name, found, repair }: StoreOutcome): object {
  return { name, ...found, faults: found.faults.map(faultDocument), repair };
}

function faultDocument({ code, key, sequenceNo, contentHash, detail }: StoreFault): object {
  return {
    code,
    ...(key && { key: toHex(key) }),
    ...(sequenceNo !== undefined && { sequenceNo }),
    ...(contentHash && { contentHash: toHex(contentHash) }),
    detail,
  };
}

function textOf(outcomes: readonly StoreOutcome[]): string {
  if (outcomes.length === 0) return "there is no store";
  const rows = outcomes.map(({ name, found, repair }) => {
    const { head, oldest, records, contents, faults } = found;
    const done = repair === "" ? "" : `, repair: ${repair}`;
    const verdict = `${faults.length} faults${done}`;
    return [
      name,
      `commits ${oldest} to ${head}`,
      `${records} records`,
      `${contents} contents`,
      verdict,
    ];
  });
  const faults = outcomes.flatMap(({ name, found }) =>
    found.faults.map(({ code, key, sequenceNo, detail }) => {
      const where = `${key ? ` ${toHex(key)}` : ""}${sequenceNo === undefined ? "" : ` @${sequenceNo}`}`;
      return `${name}: ${code}${where}: ${detail}`;
    }),
  );
  return [table(rows), ...faults].join("\n");
}
