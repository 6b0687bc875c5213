import type { Provider } from "ethers";
import type { StateCommit } from "../commit/message.ts";
import { DaError } from "../state/errors.ts";
import { type DeltaSource, fetchChunk } from "../state/fetch.ts";
import { decodeManifest } from "../state/manifest.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { concludeRequest, drawSegments, lapseRequest, requestData } from "./dataRequests.ts";
import { ChainError } from "./errors.ts";
import { blocksFrom, logsIn, newestLogIn } from "./logs.ts";
import { signedCommitAt } from "./signedCommits.ts";
import { signedCommitStruct } from "./transitionArgument.ts";

/** A challenger's requests for committed data (docs/Withholding.md): opened, drawn and concluded over passes. */

/** Where a chunk stands after a pass. */
export type RequestState =
  /** It cannot be had, and is not asked for: no bond is allowed for it, or this is a dry run. */
  | "Wanted"
  /** The manifest cannot be had: no contract can be asked for chunks that nobody can name. */
  | "NoManifest"
  /** The drawing block is not past. */
  | "Asked"
  /** Somebody else asks for it. */
  | "AskedByOthers"
  /** A dry run would draw the segments, or conclude. */
  | "DrawDue"
  | "ConcludeDue"
  /** The segments are drawn, and may be served until the deadline. */
  | "Drawn"
  | "Served"
  /** Recorded as withheld. */
  | "Recorded"
  /** Nobody drew in time. */
  | "Lapsed";

/** One chunk of one commit. */
export interface WatchedRequest {
  /** `0x` and 64 digits; of a chunk, whether it is asked for or not. Empty without a manifest. */
  readonly requestId: string;
  readonly sequenceNo: bigint;
  readonly chunkIndex: number;
  readonly state: RequestState;
  /** What was put up, or would be; none for requests that are over. */
  readonly bondWei?: bigint;
  /** Last second of an answer, since 1970. */
  readonly deadline?: bigint;
  /** Of this pass's step. */
  readonly transactionHash?: string;
}

/** What asking needs. */
export interface Requester {
  readonly contracts: Contracts;
  readonly provider: Provider;
  readonly deltas: DeltaSource;
  readonly challenger: string;
  readonly isDryRun: boolean;
  readonly maxBondWei?: bigint;
  /** Where the contracts' events begin; 0 by default. */
  readonly fromBlock?: number;
}

/** Of a commit, the manifest and the chunks that cannot be had. */
export interface MissingChunks {
  readonly manifest: Uint8Array;
  readonly chunkIndexes: readonly number[];
}

/** Codes of what others withhold; the others are troubles of the challenger's own. */
const MISSING: ReadonlySet<string> = new Set([
  ...["E_DA_NOT_FOUND", "E_BLOB_TRUNCATED", "E_BLOB_HASH", "E_DA_POINTER", "E_DA_TOO_LARGE"],
]);

/** What `action` gives; nothing if that cannot be had. @throws {DaError} for other reasons */
async function orMissing<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof DaError && MISSING.has(error.code)) return undefined;
    throw error;
  }
}

/** The chunks of `commit` that cannot be had; nothing if its manifest cannot. @throws {DaError} {StateError} */
export async function missingChunks(
  deltas: DeltaSource,
  { daCertHash }: StateCommit,
): Promise<MissingChunks | undefined> {
  const manifest = await orMissing(() => deltas.manifest(daCertHash));
  if (manifest === undefined) return undefined;
  const chunkIndexes: number[] = [];
  for (const [index, chunk] of decodeManifest(manifest).chunks.entries()) {
    const had = await orMissing(() => fetchChunk(deltas, chunk, {}));
    if (had === undefined) chunkIndexes.push(index);
  }
  return { manifest, chunkIndexes };
}

/** Asks for what is missing of `commit`, as far as the bonds of this pass go. */
export async function requestMissing(
  requester: Requester,
  commit: StateCommit,
  missing: MissingChunks | undefined,
): Promise<readonly WatchedRequest[]> {
  const { sequenceNo } = commit;
  if (missing === undefined) {
    return [{ requestId: "", sequenceNo, chunkIndex: 0, state: "NoManifest" }];
  }
  const { contracts, provider, isDryRun, maxBondWei = 0n, fromBlock } = requester;
  const { dataRequests } = contracts;
  const signed = await signedCommitAt(contracts, provider, sequenceNo, fromBlock);
  const { bondWei } = await reverts.run(() => dataRequests.requestRules());
  const requests: WatchedRequest[] = [];
  let leftWei = maxBondWei;
  for (const chunkIndex of missing.chunkIndexes) {
    const requestId = await reverts.run(() =>
      dataRequests.requestIdOf(signedCommitStruct(signed), chunkIndex),
    );
    const place = { requestId, sequenceNo, chunkIndex };
    const taken = await takenState(contracts, requestId);
    if (taken !== undefined) {
      requests.push({ ...place, state: taken });
    } else if (isDryRun || bondWei > leftWei) {
      requests.push({ ...place, state: "Wanted", bondWei });
    } else {
      leftWei -= bondWei;
      const { manifest } = missing;
      const done = await requestData(contracts, signed, manifest, chunkIndex, bondWei);
      const { transactionHash } = done;
      requests.push({ ...place, state: "Asked", bondWei, transactionHash });
    }
  }
  return requests;
}

/** Why a chunk cannot be asked for now; nothing if it can. */
async function takenState(
  { dataRequests }: Contracts,
  requestId: string,
): Promise<RequestState | undefined> {
  return await reverts.run(async () => {
    const { recordedAt } = await dataRequests.faultRecord(requestId);
    if (recordedAt > 0n) return "Recorded";
    const { drawBlock } = await dataRequests.dataRequest(requestId);
    return drawBlock === 0n ? undefined : "AskedByOthers";
  });
}

/** Takes each request of the challenger's a step further: draws, and concludes after the deadline. */
export async function advanceRequests(requester: Requester): Promise<readonly WatchedRequest[]> {
  const { contracts, provider, challenger, fromBlock } = requester;
  const { dataRequests } = contracts;
  const own = dataRequests.filters.DataRequested(undefined, undefined, challenger);
  const asked = await logsIn(
    (from, to) => dataRequests.queryFilter(own, from, to),
    await blocksFrom(provider, fromBlock),
  );
  // A chunk that was served may be asked for again: one id, several events.
  const newest = new Map(asked.map((event) => [event.args.requestId, event]));
  const requests: WatchedRequest[] = [];
  for (const { args, blockNumber } of newest.values()) {
    const { requestId, sequenceNo, chunkIndex } = args;
    const place = { requestId, sequenceNo, chunkIndex: Number(chunkIndex) };
    requests.push({ ...place, ...(await advanced(requester, requestId, blockNumber)) });
  }
  return requests;
}

type Progress = Omit<WatchedRequest, "requestId" | "sequenceNo" | "chunkIndex">;

async function advanced(
  requester: Requester,
  requestId: string,
  askedIn: number,
): Promise<Progress> {
  const { contracts, provider, challenger, isDryRun } = requester;
  const {
    drawBlock,
    deadline,
    rules,
    requester: who,
  } = await reverts.run(() => contracts.dataRequests.dataRequest(requestId));
  if (drawBlock === 0n) return { state: await endedState(requester, requestId, askedIn) };
  if (who.toLowerCase() !== challenger.toLowerCase()) return { state: "AskedByOthers" };
  const { bondWei } = rules;
  const block = await reverts.run(() => provider.getBlock("latest"));
  if (block === null) throw new ChainError("E_UNREACHABLE", "the node has no block", []);
  if (deadline === 0n) {
    if (BigInt(block.number) < drawBlock) return { state: "Asked", bondWei };
    if (isDryRun) return { state: "DrawDue", bondWei };
    return { ...(await drawOrLapse(contracts, requestId)), bondWei };
  }
  if (BigInt(block.timestamp) <= deadline) return { state: "Drawn", bondWei, deadline };
  if (isDryRun) return { state: "ConcludeDue", bondWei, deadline };
  const { transactionHash } = await concludeRequest(contracts, requestId);
  return { state: "Recorded", transactionHash };
}

/** Draws; ends a request whose drawing block is too old, which frees the chunk for another. */
async function drawOrLapse(contracts: Contracts, requestId: string): Promise<Progress> {
  try {
    const { transactionHash } = await drawSegments(contracts, requestId);
    const { deadline } = await reverts.run(() => contracts.dataRequests.dataRequest(requestId));
    return { state: "Drawn", deadline, transactionHash };
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "DrawExpired") throw error;
    const { transactionHash } = await lapseRequest(contracts, requestId);
    return { state: "Lapsed", transactionHash };
  }
}

/** How the newest request under this id, of block `askedIn`, ended. */
async function endedState(
  { contracts, provider }: Requester,
  requestId: string,
  askedIn: number,
): Promise<"Recorded" | "Served" | "Lapsed"> {
  const { dataRequests } = contracts;
  return await reverts.run(async () => {
    const { recordedAt } = await dataRequests.faultRecord(requestId);
    if (recordedAt > 0n) return "Recorded";
    const { DataServed, RequestLapsed } = dataRequests.filters;
    const [serving, lapsing] = [DataServed(requestId), RequestLapsed(requestId)];
    const range = await blocksFrom(provider, askedIn);
    const served = await newestLogIn((a, b) => dataRequests.queryFilter(serving, a, b), range);
    const lapsed = await newestLogIn((a, b) => dataRequests.queryFilter(lapsing, a, b), range);
    return (served?.blockNumber ?? -1) > (lapsed?.blockNumber ?? -1) ? "Served" : "Lapsed";
  });
}
