import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Watch } from "../../src/chain/watch.ts";
import type { HandedInPieces } from "../../src/challenge/observationFolder.ts";
import type { StateStore } from "../../src/state/store.ts";
import { TaskError } from "../support/errors.ts";
import { accountOf, openWorkspace } from "../support/workspace.ts";

/** What a challenger is told. */
export interface WatchOptions {
  readonly announce: boolean;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly evidence: string;
  readonly json: boolean;
  readonly loop: boolean;
  readonly maxBondWei: bigint;
  readonly peers: string;
}

/** A challenger between its passes. */
export interface Session {
  readonly watch: Watch & { readonly store: StateStore };
  /** Reads what is handed in now. */
  readonly handedIn: () => HandedInPieces;
}

/** @throws {TaskError} `E_OPTION`, `E_FILE_NOT_FOUND` @throws {ChallengeError} `E_EVIDENCE_FILE` if `--evidence` is a file that is none */
export async function openSession(
  options: WatchOptions,
  hre: HardhatRuntimeEnvironment,
): Promise<Session> {
  const { dryRun, maxBondWei } = options;
  if (maxBondWei < 0n) throw new TaskError("E_OPTION", "--max-bond-wei: expected no less than 0");
  const peers = await peersOf(options);
  await requireEvidence(options.evidence);
  const workspace = await openWorkspace(hre, options.dataDir);
  const { EvmCommitTarget } = await import("../../src/chain/evmTarget.ts");
  const { connectContracts } = await import("../../src/chain/contracts.ts");
  const { WatchMemory } = await import("../../src/chain/watchMemory.ts");
  const { AnnouncementFolder } = await import("../../src/challenge/announcementFolder.ts");
  const { StateStore } = await import("../../src/state/store.ts");
  const { chainId, addresses, provider, dataDir, fromBlock } = workspace;
  const account = accountOf(workspace, "challenger");
  const contracts = connectContracts(addresses, account);
  const salts = join(dataDir, "challenger", "announced");
  const announcements = new AnnouncementFolder(salts, (length) => randomBytes(length));
  return {
    watch: {
      contracts,
      provider,
      target: await EvmCommitTarget.connect(contracts, provider, fromBlock),
      deltas: await deltasOf(dataDir, peers),
      challenger: await account.getAddress(),
      isDryRun: dryRun,
      maxBondWei,
      fromBlock,
      memory: new WatchMemory(),
      announcements,
      isClaimingOnly: !options.announce,
      store: StateStore.open({ path: join(dataDir, "challenger.db"), chainId }),
    },
    handedIn: await readerOf(options.evidence, [dataDir, ...peers]),
  };
}

async function peersOf({ peers }: WatchOptions): Promise<readonly string[]> {
  const { MAX_DELTA_PEERS } = await import("../../src/state/peerDeltas.ts");
  const folders = peers.split(",").filter((folder) => folder !== "");
  if (folders.length > MAX_DELTA_PEERS) {
    throw new TaskError("E_OPTION", `--peers: expected at most ${MAX_DELTA_PEERS} folders`);
  }
  return folders;
}

async function deltasOf(dataDir: string, peers: readonly string[]) {
  const { FsDataAvailability } = await import("../../src/state/daFs.ts");
  const { PeerDeltas } = await import("../../src/state/peerDeltas.ts");
  const own = await FsDataAvailability.open(join(dataDir, "da"));
  return new PeerDeltas(
    own,
    peers.map((folder) => FsDataAvailability.reader(join(folder, "da"))),
  );
}

/** What is named and wrong from the start is a mistake of who named it; later it becomes a warning. */
async function requireEvidence(path: string): Promise<void> {
  if (path === "") return;
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new TaskError("E_FILE_NOT_FOUND", `there is no ${path}`);
  if (status.isDirectory()) return;
  const { readEvidenceFile } = await import("../../src/challenge/observationFolder.ts");
  readEvidenceFile(path);
}

async function readerOf(
  evidence: string,
  dataDirs: readonly string[],
): Promise<() => HandedInPieces> {
  const { OBSERVATIONS_FOLDER, readHandedIn } = await import(
    "../../src/challenge/observationFolder.ts"
  );
  const folders = dataDirs.map((folder) => join(folder, OBSERVATIONS_FOLDER));
  const paths = evidence === "" ? folders : [evidence, ...folders];
  return () => {
    const read = paths.map(readHandedIn);
    return {
      pieces: read.flatMap(({ pieces }) => pieces),
      warnings: read.flatMap(({ warnings }) => warnings),
    };
  };
}
