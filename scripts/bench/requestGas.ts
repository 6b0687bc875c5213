import { network } from "hardhat";
import { bytes32, type StateRoot, zero32 } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { signedCommitStruct } from "../../src/chain/transitionArgument.ts";
import { COMMIT_VERSION, type StateCommit } from "../../src/commit/message.ts";
import { CHUNK_BYTES, chunkCommitment, proveSegment } from "../../src/state/chunk.ts";
import { CODECS } from "../../src/state/codec.ts";
import { daCertHashOf, encodeManifest, MAX_POINTER_BYTES } from "../../src/state/manifest.ts";
import { FAULT_RULES } from "./ledger.ts";
import { CHANGE_DELAY_SECONDS } from "./quorumChain.ts";

/** Gas of requests for committed data at their largest: four full chunks, the longest pointers, 8 segments of one chunk. */

/** Whole transactions; certificates are taken unseen. */
export interface RequestGas {
  readonly request: number;
  readonly draw: number;
  readonly serve: number;
  readonly conclude: number;
  readonly withdraw: number;
  readonly attest: number;
}

const CHAIN_ID = 1n;
const CHUNKS = 4;
const START_SECONDS = 2_000_000_000;
const RULES = {
  bondWei: 10n ** 18n,
  windowSeconds: 3_600n,
  segmentCount: 8n,
};

/** The largest chunk, without a zero byte. */
function largestChunk(): Uint8Array {
  return new Uint8Array(CHUNK_BYTES).map((_, i) => 1 + (i % 255));
}

function largestManifest(chunk: Uint8Array): Uint8Array {
  const pointer = new Uint8Array(MAX_POINTER_BYTES).fill(0xff);
  const entry = { length: chunk.length, commitment: chunkCommitment(chunk), pointer };
  const deltaLength = CHUNKS * CHUNK_BYTES;
  const chunks = Array.from({ length: CHUNKS }, () => entry);
  const head = { chainId: CHAIN_ID, sequenceNo: 2n, codec: CODECS.none, deltaLength };
  return encodeManifest({ ...head, chunks });
}

/** Measures one request that is served and one that is not, on a chain of its own. */
export async function requestGas(): Promise<RequestGas> {
  const { ethers, provider } = await network.create({
    network: "mainnet",
    chainType: "l1",
    // Blocks, and so their hashes and what they draw, are the same in every run.
    override: { initialDate: new Date((START_SECONDS - 12) * 1_000) },
  });
  const [sender] = await ethers.getSigners();
  if (sender === undefined) throw new Error("no accounts");
  let seconds = START_SECONDS;
  const setTime = async (step: number) => {
    seconds += step;
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [seconds] });
  };
  const mine = async () => {
    await setTime(12);
    await provider.request({ method: "evm_mine", params: [] });
  };
  const send = async (call: { data?: string }, value = 0n): Promise<number> => {
    await setTime(12);
    const sent = await sender.sendTransaction({ ...call, value, gasLimit: 10_000_000n });
    return Number((await sent.wait())?.gasUsed);
  };
  await setTime(0);
  const registry = await ethers.deployContract("CommitStandingMock");
  await setTime(12);
  const requests = await ethers.deployContract("DataAvailabilityChallenge", [
    sender.address,
    await registry.getAddress(),
    RULES,
    FAULT_RULES,
    CHANGE_DELAY_SECONDS,
  ]);
  const chunk = largestChunk();
  const manifest = largestManifest(chunk);
  const root = (name: string) => keccak256<StateRoot>(tag(name));
  const commit: StateCommit = {
    version: COMMIT_VERSION,
    sequenceNo: 2n,
    prevStateRoot: root("before"),
    newStateRoot: root("after"),
    timestamp: BigInt(START_SECONDS),
    daCertHash: daCertHashOf(manifest),
    pcr0Commitment: bytes32(zero32()),
  };
  await setTime(12);
  await registry.setRoots(1n, [toHex(commit.prevStateRoot), toHex(commit.newStateRoot)]);
  const signed = signedCommitStruct({ commit, digests: [], certificate: new Uint8Array() });

  const ask = async () => {
    const call = await requests.requestData.populateTransaction(signed, toHex(manifest), 3n);
    const gas = await send(call, RULES.bondWei);
    for (let i = 0; i < 4; i++) await mine();
    return gas;
  };
  const id = await requests.requestIdOf(signed, 3n);
  const request = await ask();
  const draw = await send(await requests.drawSegments.populateTransaction(id));
  const proofs = (await requests.drawnSegments(id)).map((index) => {
    const { segment, siblings } = proveSegment(chunk, Number(index));
    return { segment: toHex(segment), siblings: siblings.map((sibling) => toHex(sibling)) };
  });
  const serve = await send(await requests.serveSegments.populateTransaction(id, proofs));
  const withdraw = await send(await requests.withdraw.populateTransaction());
  await send(await requests.fundPool.populateTransaction(), FAULT_RULES.rewardWei);
  await ask();
  await send(await requests.drawSegments.populateTransaction(id));
  await setTime(7_200);
  await provider.request({ method: "evm_mine", params: [] });
  const conclude = await send(await requests.concludeRequest.populateTransaction(id));
  const attest = await send(await requests.attestCommit.populateTransaction(signed));
  return { request, draw, serve, conclude, withdraw, attest };
}
