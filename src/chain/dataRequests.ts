import { fromHex, toHex } from "../bytes/hex.ts";
import type { SignedCommit } from "../challenge/signedCommit.ts";
import type { LandedCommit } from "../commit/target.ts";
import type { SegmentProof } from "../state/chunk.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { landed } from "./landed.ts";
import { blocksOf, newestLogIn } from "./logs.ts";
import { signedCommitStruct } from "./transitionArgument.ts";

/** Requests for committed data (docs/Withholding.md), through `DataAvailabilityChallenge`. */

type Requests = Pick<Contracts, "dataRequests">;

/** A request as whoever answers it needs it. */
export interface OpenRequest {
  readonly sequenceNo: bigint;
  readonly manifest: Uint8Array;
  readonly chunkIndex: number;
  /** The block whose hash draws the segments. */
  readonly drawBlock: bigint;
  /** Empty before the draw. */
  readonly indexes: readonly number[];
  /** Last second of an answer, since 1970; zero before the draw. */
  readonly deadline: bigint;
}

/**
 * Asks for a chunk, under the bond that the rules demand. Gives the request's id, `0x` and 64 digits.
 * @param bondWei what the caller has read and agrees to pay; the rules of now without it
 */
export async function requestData(
  { dataRequests }: Requests,
  signed: SignedCommit,
  manifest: Uint8Array,
  chunkIndex: number,
  bondWei?: bigint,
): Promise<LandedCommit & { readonly requestId: string }> {
  return await reverts.run(async () => {
    const struct = signedCommitStruct(signed);
    const value = bondWei ?? (await dataRequests.requestRules()).bondWei;
    const call = await dataRequests.requestData(struct, toHex(manifest), chunkIndex, { value });
    const done = landed(await call.wait());
    return { ...done, requestId: await dataRequests.requestIdOf(struct, chunkIndex) };
  });
}

/** Has the segments drawn; the drawing block must be past. */
export async function drawSegments(
  { dataRequests }: Requests,
  requestId: string,
): Promise<LandedCommit> {
  return await reverts.run(async () =>
    landed(await (await dataRequests.drawSegments(requestId)).wait()),
  );
}

/** The open request under `requestId`; nothing if there is none. Its manifest is read from the event. */
export async function openRequest(
  { dataRequests }: Requests,
  requestId: string,
  fromBlock = 0,
): Promise<OpenRequest | undefined> {
  return await reverts.run(async () => {
    const { sequenceNo, chunkIndex, drawBlock, deadline } =
      await dataRequests.dataRequest(requestId);
    const event = dataRequests.filters.DataRequested(requestId);
    const asked = await newestLogIn(
      (from, to) => dataRequests.queryFilter(event, from, to),
      await blocksOf(dataRequests, fromBlock),
    );
    if (drawBlock === 0n || asked === undefined) return undefined;
    const indexes = (await dataRequests.drawnSegments(requestId)).map(Number);
    const manifest = fromHex(asked.args.manifest);
    const place = { sequenceNo, manifest, chunkIndex: Number(chunkIndex) };
    return { ...place, drawBlock, indexes, deadline };
  });
}

/** Serves the drawn segments, in the order in which they were drawn. */
export async function serveSegments(
  { dataRequests }: Requests,
  requestId: string,
  proofs: readonly SegmentProof[],
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const structs = proofs.map(({ segment, siblings }) => ({
      segment: toHex(segment),
      siblings: siblings.map((sibling) => toHex(sibling)),
    }));
    return landed(await (await dataRequests.serveSegments(requestId, structs)).wait());
  });
}

/** Records the chunk as withheld, after the deadline. */
export async function concludeRequest(
  { dataRequests }: Requests,
  requestId: string,
): Promise<LandedCommit> {
  return await reverts.run(async () =>
    landed(await (await dataRequests.concludeRequest(requestId)).wait()),
  );
}

/** Ends a request whose drawing block's hash is gone; its chunk can be asked for again. */
export async function lapseRequest(
  { dataRequests }: Requests,
  requestId: string,
): Promise<LandedCommit> {
  return await reverts.run(async () =>
    landed(await (await dataRequests.lapseRequest(requestId)).wait()),
  );
}

/** Takes the credit of the account that `contracts` speak as. */
export async function withdrawCredit({ dataRequests }: Requests): Promise<LandedCommit> {
  return await reverts.run(async () => landed(await (await dataRequests.withdraw()).wait()));
}
