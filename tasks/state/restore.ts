import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { FsDataAvailability } from "../../src/state/daFs.ts";
import { HashThread } from "../../src/state/hashThread.ts";
import { CertifiedReader, rebuild } from "../../src/state/replica.ts";
import { type RestoreReport, restoreSnapshot } from "../../src/state/restore.ts";
import { SnapshotFolder } from "../../src/state/snapshotFolder.ts";
import { type Head, StateStore } from "../../src/state/store.ts";
import { TaskError } from "../support/errors.ts";
import { report } from "../support/output.ts";
import {
  certifiedRootsOf,
  type LocalStore,
  makeStoreFolder,
  storeNamed,
} from "../support/stores.ts";
import { openWorkspace, type Workspace } from "../support/workspace.ts";

interface Options {
  readonly from: string;
  readonly more: readonly string[];
  readonly store: string;
  readonly rpc: string;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Makes a store from snapshots, each chunk proven against the chain's root, and brings it up to the chain's head. */
export default async function restoreState(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    if (options.from === "") throw new TaskError("E_OPTION", "--from: expected a folder");
    const workspace = await openWorkspace(hre, options.dataDir);
    const store = storeNamed(workspace, options.store);
    if (!options.dryRun) makeStoreFolder(store);
    const thread = new HashThread();
    const certified = await certifiedRootsOf(workspace, options.rpc);
    const restored = await restoreSnapshot({
      path: store.path,
      chainId: workspace.chainId,
      peers: [options.from, ...options.more].map((folder) => new SnapshotFolder(folder)),
      certifiedRoot: certified.root,
      hash: thread.hash,
      dryRun: options.dryRun,
    }).finally(async () => {
      certified.close();
      await thread.close();
    });
    const head = options.dryRun ? restored.head : await catchUp(workspace, store);
    return { document: documentOf(options, restored, head), text: textOf(store, restored, head) };
  });
}

/** Applies the deltas of the commits since the snapshot. @throws {StateError} `E_NOT_CERTIFIED` */
async function catchUp(workspace: Workspace, { path }: LocalStore): Promise<Head> {
  const { EvmCommitTarget } = await import("../../src/chain/evmTarget.ts");
  const target = await EvmCommitTarget.connect(
    workspace.contracts,
    workspace.provider,
    workspace.fromBlock,
  );
  const deltas = await FsDataAvailability.open(join(workspace.dataDir, "da"));
  const store = StateStore.open({ path, chainId: workspace.chainId });
  try {
    const commits = await target.commitsFrom(store.head.sequenceNo + 1n);
    await rebuild(store, deltas, commits);
    const reader = new CertifiedReader(store);
    reader.certify(await target.head());
    return reader.head;
  } finally {
    store.close();
  }
}

function documentOf({ dryRun, store }: Options, restored: RestoreReport, head: Head): object {
  const { head: snapshot, ...counts } = restored;
  const { sequenceNo } = head;
  return {
    store,
    snapshotSequenceNo: snapshot.sequenceNo,
    sequenceNo,
    stateRoot: toHex(head.stateRoot),
    ...counts,
    dryRun,
  };
}

function textOf({ name }: LocalStore, restored: RestoreReport, head: Head): string {
  const { leafCount, contents, contentBytes, banned } = restored;
  const bans = banned.map(({ id, code }) => `; ${id} is not to be trusted: ${code}`).join("");
  const counts = `${leafCount} leaves, ${contents} contents of ${contentBytes} bytes fetched`;
  return `${name}: commit ${restored.head.sequenceNo} restored (${counts}), now at commit ${head.sequenceNo}${bans}`;
}
