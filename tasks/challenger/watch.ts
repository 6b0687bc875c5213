import { setTimeout as pause } from "node:timers/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { WatchPass } from "../../src/chain/watch.ts";
import { EXIT_CODES } from "../support/errors.ts";
import { type Progress, report, type TaskOutput, table } from "../support/output.ts";
import { openSession, type Session, type WatchOptions } from "./session.ts";

/** From the start of one pass's rest to the next pass: as often as operators commit. */
const PASS_MS = 120_000;

/** Passes of a challenger over the network of `--network`; refuses (exit code) if a fault was proven. */
export default async function watch(
  options: WatchOptions,
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
    session?.watch.store.close();
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

async function pass({ watch, handedIn }: Session, progress: Progress): Promise<TaskOutput> {
  const { watchOnce } = await import("../../src/chain/watch.ts");
  progress(`from commit ${watch.store.head.sequenceNo + 1n} on`);
  const { pieces, warnings: unread } = handedIn();
  const passed = await watchOnce({ ...watch, handedIn: pieces });
  const { followedTo, findings, requests, collected } = passed;
  const warnings = [...unread, ...passed.warnings];
  const found = findings.map(({ evidence, ...rest }) => ({ kind: evidence.kind, ...rest }));
  const isConcluded = requests.some(({ state, transactionHash }) => {
    return state === "Recorded" && transactionHash !== undefined;
  });
  if (isConcluded || found.some(({ verdict }) => verdict === "Proven")) {
    process.exitCode = EXIT_CODES.refused;
  }
  const lines = [
    `followed to commit ${followedTo}`,
    table(findingRows(findings)),
    table(requestRows(requests)),
    table(collectedRows(collected)),
    ...warnings.map(({ source, code, message }) => `warning: ${code}: ${source}: ${message}`),
  ];
  const text = lines.filter((line) => line !== "").join("\n");
  return { document: { followedTo, findings: found, requests, collected, warnings }, text };
}

function findingRows(findings: WatchPass["findings"]): string[][] {
  return findings.map(({ evidence, verdict, faultId, estimatedGas, transactionHash }) => [
    evidence.kind,
    verdict,
    faultId,
    estimatedGas === undefined ? "" : `${estimatedGas} gas`,
    transactionHash ?? "not submitted",
  ]);
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

function collectedRows(collected: WatchPass["collected"]): string[][] {
  return collected.map((one) => [
    one.what,
    one.ledger,
    one.what === "credit" ? "" : one.faultId,
    one.what === "claim" ? "" : `${one.amountWei} wei`,
    one.transactionHash ?? "not collected",
  ]);
}
