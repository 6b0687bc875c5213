import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Watch, WatchPass } from "../../src/chain/watch.ts";
import type { HandedInEvidence } from "../../src/challenge/evidenceFile.ts";
import type { StateStore } from "../../src/state/store.ts";
import { EXIT_CODES, TaskError } from "../support/errors.ts";
import { type Progress, report, type TaskOutput, table } from "../support/output.ts";
import { accountOf, openWorkspace } from "../support/workspace.ts";

interface Options {
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly evidence: string;
  readonly json: boolean;
  readonly loop: boolean;
  readonly maxBondWei: bigint;
}

type Session = Omit<Watch, "store"> & { readonly store: StateStore };

/** From the start of one pass's rest to the next pass: as often as operators commit. */
const PASS_MS = 120_000;

/** Passes of a challenger over the network of `--network`; refuses (exit code) if a fault was proven. */
export default async function watch(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  if (options.loop) process.once("SIGINT", interrupt);
  let session: Session | undefined;
  try {
    do {
      await report(options.json, async (progress) => {
        session ??= await openSession(options, hre);
        return await pass(session, progress);
      });
    } while (options.loop && (await rested(interrupted.signal)));
  } finally {
    process.removeListener("SIGINT", interrupt);
    session?.store.close();
  }
}

/** Waits for the next pass; false if it is interrupted, now or while the last pass ran. */
async function rested(signal: AbortSignal): Promise<boolean> {
  try {
    return await pause(PASS_MS, true, { signal });
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

async function openSession(
  { dataDir, dryRun, evidence, maxBondWei }: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<Session> {
  if (maxBondWei < 0n) throw new TaskError("E_OPTION", "--max-bond-wei: expected no less than 0");
  const handedIn = await readEvidence(evidence);
  const workspace = await openWorkspace(hre, dataDir);
  const { EvmCommitTarget } = await import("../../src/chain/evmTarget.ts");
  const { connectContracts } = await import("../../src/chain/contracts.ts");
  const { FsDataAvailability } = await import("../../src/state/daFs.ts");
  const { StateStore } = await import("../../src/state/store.ts");
  const { chainId, addresses, provider } = workspace;
  const account = accountOf(workspace, "challenger");
  const contracts = connectContracts(addresses, account);
  return {
    contracts,
    provider,
    target: await EvmCommitTarget.connect(contracts, provider),
    deltas: await FsDataAvailability.open(join(workspace.dataDir, "da")),
    challenger: await account.getAddress(),
    isDryRun: dryRun,
    maxBondWei,
    handedIn,
    store: StateStore.open({ path: join(workspace.dataDir, "challenger.db"), chainId }),
  };
}

async function readEvidence(path: string): Promise<readonly HandedInEvidence[]> {
  if (path === "") return [];
  const { decodeEvidenceFile, MAX_EVIDENCE_FILE_BYTES } = await import(
    "../../src/challenge/evidenceFile.ts"
  );
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file?.isFile()) throw new TaskError("E_FILE_NOT_FOUND", `${path} is no file`);
  if (file.size > MAX_EVIDENCE_FILE_BYTES) {
    throw new TaskError("E_FILE_INVALID", `${path}: more than ${MAX_EVIDENCE_FILE_BYTES} bytes`);
  }
  return decodeEvidenceFile(readFileSync(path), path);
}

async function pass(session: Session, progress: Progress): Promise<TaskOutput> {
  const { watchOnce } = await import("../../src/chain/watch.ts");
  progress(`from commit ${session.store.head.sequenceNo + 1n} on`);
  const { followedTo, findings, requests } = await watchOnce(session);
  const found = findings.map(({ evidence, ...rest }) => ({ kind: evidence.kind, ...rest }));
  const isConcluded = requests.some(({ state, transactionHash }) => {
    return state === "Recorded" && transactionHash !== undefined;
  });
  if (isConcluded || found.some(({ verdict }) => verdict === "Proven")) {
    process.exitCode = EXIT_CODES.refused;
  }
  const rows = found.map(({ kind, verdict, faultId, estimatedGas, transactionHash }) => [
    kind,
    verdict,
    faultId,
    estimatedGas === undefined ? "" : `${estimatedGas} gas`,
    transactionHash ?? "not submitted",
  ]);
  const lines = [`followed to commit ${followedTo}`, table(rows), table(requestRows(requests))];
  const text = lines.filter((line) => line !== "").join("\n");
  return { document: { followedTo, findings: found, requests }, text };
}

function requestRows(requests: WatchPass["requests"]): string[][] {
  return requests.map(({ requestId, sequenceNo, chunkIndex, state, bondWei, transactionHash }) => [
    `commit ${sequenceNo}, chunk ${chunkIndex}`,
    state,
    requestId,
    bondWei === undefined ? "" : `bond ${bondWei} wei`,
    transactionHash ?? "",
  ]);
}
