import { keccak256 } from "../../bytes/keccak.ts";
import {
  concludeRequest,
  drawSegments,
  openRequest,
  requestData,
  serveSegments,
  withdrawCredit,
} from "../../chain/dataRequests.ts";
import { signedCommitAt } from "../../chain/signedCommits.ts";
import { answerFor } from "../../challenge/segments.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import { StateError } from "../../state/errors.ts";
import { treeKeyOf } from "../../state/key.ts";
import { decodeManifest } from "../../state/manifest.ts";
import { KEYED_NAMESPACES } from "../../state/namespace.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { codeOfFailure, expectThat } from "../story.ts";
import { type FaultContext, type FaultStep, HONEST_POLICY, openedParts } from "./context.ts";
import { followHonest } from "./honestCommit.ts";
import { HONEST_HASH, replacementAt } from "./leaves.ts";

const SECRET_KEY = treeKeyOf(KEYED_NAMESPACES.secrets, HONEST_HASH);

const servedRequest: FaultStep = {
  name: "honest-twin",
  title: "a challenger asks for an honest commit's chunk; an operator serves it",
  async run(context) {
    const { local } = openedParts(context);
    intakeArtifact(local.lane, "rego", HONEST_POLICY);
    const sequenceNo = await followHonest(context);
    const { requestId, request } = await askAndDraw(context, sequenceNo);
    const { manifest, chunkIndex, indexes } = request;
    const proofs = await answerFor(local.da, manifest, chunkIndex, indexes);
    expectThat(proofs !== undefined, "the manifest has no such chunk");
    const [server] = context.chain.parts.cast.operators;
    expectThat(server !== undefined, "no operator");
    const operator = context.chain.as(server);
    const { gasUsed } = await serveSegments(operator, requestId, proofs);
    await withdrawCredit(operator);
    await pass(context, request.deadline);
    const refused = await codeOfFailure(() => concludeRequest(operator, requestId));
    expectThat(refused === "UnknownRequest", `a served request is concluded: ${refused}`);
    const count = await operator.dataRequests.faultCount();
    expectThat(count === 0n, "an honest quorum was accused");
    return { summary: `served and paid, ${gasUsed} gas`, figures: { servedGas: gasUsed } };
  },
};

const withheldChunk: FaultStep = {
  name: "withheld-data",
  title: "a corrupt quorum withholds a chunk; nobody answers until the deadline",
  async run(context) {
    const { local, challenger, keys } = openedParts(context);
    const { chain, clock } = context;
    const now = clock.nextTick(TICK_SECONDS);
    await chain.mineAt(now);
    const adversary = new CorruptQuorum(keys, local.target, manifestsOnly(context), challenger);
    const sequenceNo = challenger.head.sequenceNo + 1n;
    const leaf = replacementAt(SECRET_KEY, KEYED_NAMESPACES.secrets, sequenceNo);
    await adversary.commit([leaf], now);
    const { requestId, request } = await askAndDraw(context, sequenceNo);
    const { manifest, chunkIndex, indexes, deadline } = request;
    const gone = await codeOfFailure(() => answerFor(local.da, manifest, chunkIndex, indexes));
    expectThat(gone === "E_DA_NOT_FOUND", `the chunk is there: ${gone}`);
    await pass(context, deadline);
    const contracts = chain.as(chain.parts.cast.challenger);
    const { gasUsed } = await concludeRequest(contracts, requestId);
    const record = await contracts.dataRequests.faultRecord(requestId);
    expectThat(record.recordedAt > deadline, "the fault is not on record");
    await withdrawCredit(contracts);
    const figures = { faultId: requestId, gasUsed };
    return { summary: `fault ${requestId} recorded, ${gasUsed} gas`, figures };
  },
};

/** Asks for the first chunk of a commit and has its segments drawn, as the challenger. */
async function askAndDraw(context: FaultContext, sequenceNo: bigint) {
  const { chain } = context;
  const { local } = openedParts(context);
  const { provider, ethersProvider, cast } = chain.parts;
  const contracts = chain.as(cast.challenger);
  const signed = await signedCommitAt(contracts, ethersProvider, sequenceNo);
  const manifest = await local.da.manifest(signed.commit.daCertHash);
  const { requestId } = await requestData(contracts, signed, manifest, 0);
  const asked = await openRequest(contracts, requestId);
  expectThat(asked !== undefined, "the request is not open");
  while (BigInt(await ethersProvider.getBlockNumber()) < asked.drawBlock) {
    await provider.request({ method: "evm_mine", params: [] });
  }
  await drawSegments(contracts, requestId);
  const request = await openRequest(contracts, requestId);
  expectThat(request !== undefined && request.indexes.length > 0, "no segments are drawn");
  return { requestId, request };
}

/** Mines a block behind the deadline. */
async function pass({ chain, clock }: FaultContext, deadline: bigint): Promise<void> {
  while (clock.now() <= deadline) clock.nextTick(TICK_SECONDS);
  await chain.mineAt(clock.now());
}

/** Puts manifests where everybody finds them, and throws chunks away. */
function manifestsOnly(context: FaultContext) {
  const { da } = openedParts(context).local;
  return {
    async put(payload: Uint8Array): Promise<Uint8Array> {
      try {
        decodeManifest(payload);
      } catch (error) {
        if (error instanceof StateError) return keccak256(payload);
        throw error;
      }
      return await da.put(payload);
    },
  };
}

/** The delta's chunk is nowhere. */
export const WITHHELD_DATA: readonly FaultStep[] = [servedRequest, withheldChunk];
