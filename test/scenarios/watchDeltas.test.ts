import { expect } from "chai";
import { ARTIFACT_KINDS } from "../../src/artifact/kinds.ts";
import type { ContentHash, StateRoot } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { openRequest, serveSegments } from "../../src/chain/dataRequests.ts";
import { explainChallenge } from "../../src/chain/explain.ts";
import type { Watch } from "../../src/chain/watch.ts";
import { answerFor } from "../../src/challenge/segments.ts";
import { CorruptQuorum } from "../../src/sim/corruptQuorum.ts";
import { replacementAt } from "../../src/sim/faults/leaves.ts";
import type { DataAvailability } from "../../src/state/dataAvailability.ts";
import type { DeltaLeaf } from "../../src/state/delta.ts";
import { DaError, StateError } from "../../src/state/errors.ts";
import type { DeltaSource } from "../../src/state/fetch.ts";
import { contentKey, treeKeyOf } from "../../src/state/key.ts";
import { decodeManifest } from "../../src/state/manifest.ts";
import { KEYED_NAMESPACES } from "../../src/state/namespace.ts";
import type { StateStore } from "../../src/state/store.ts";
import type { LocalNetwork } from "../helpers/localNetwork.ts";
import { openWatchedChain, type WatchedChain } from "../helpers/watchedChain.ts";

const ELSEWHERE = keccak256<StateRoot>(tag("another state"));
const ABSENT_KEY = contentKey(
  ARTIFACT_KINDS.rego.namespace,
  keccak256<ContentHash>(tag("package absent\n")),
);

const SECRETS = KEYED_NAMESPACES.secrets;
const SOUND_LEAF = replacementAt(treeKeyOf(SECRETS, keccak256(tag("some"))), SECRETS, 2n);

describe("a challenger that watches deltas", function () {
  this.timeout(300_000);
  let watched: WatchedChain;
  let network: LocalNetwork;
  let store: StateStore;
  const pass = (change?: Partial<Watch>) => watched.pass(change);

  beforeEach(async () => {
    watched = await openWatchedChain("package honest\n");
    ({ network, store } = watched);
  });

  afterEach(() => watched.close());

  async function explain(hash: string | undefined) {
    const { contracts, parts } = network.chain;
    return await explainChallenge(contracts, parts.ethersProvider, hash ?? "");
  }

  /** Lands commit 2 with `leaves`, under a root that they do not make. */
  async function corruptCommit(
    leaves: readonly DeltaLeaf[],
    da: Pick<DataAvailability, "put"> = network.local.da,
  ) {
    await pass();
    await network.nextTick();
    const corrupt = new CorruptQuorum(network.keys, network.local.target, da, store);
    await corrupt.commit(leaves, network.clock.now(), ELSEWHERE);
  }

  const withheldCount = async () => await network.chain.contracts.dataRequests.faultCount();

  it("CHL-03: proves a root that its delta does not make, once, and explains it", async () => {
    await corruptCommit([SOUND_LEAF]);
    const { transitions } = network.chain.contracts;
    const [dry] = (await pass({ isDryRun: true })).findings;
    expect([dry?.verdict, dry?.transactionHash]).to.deep.equal(["Proven", undefined]);
    expect(dry?.estimatedGas ?? 0n).to.be.greaterThan(21_000n);
    expect(await transitions.faultCount()).to.equal(0n);

    const { followedTo, findings } = await pass();
    expect(followedTo).to.equal(1n);
    expect(findings.map(({ evidence }) => evidence.kind)).to.deep.equal(["invalid-transition"]);
    const [found] = findings;
    const record = await transitions.faultRecord(found?.faultId ?? "");
    const account = await network.chain.parts.cast.challenger.getAddress();
    expect([record.sequenceNo, record.challenger]).to.deep.equal([2n, account]);
    const [again] = (await pass()).findings;
    expect([again?.verdict, again?.transactionHash]).to.deep.equal(["AlreadyRecorded", undefined]);
    const { faults } = await explain(found?.transactionHash);
    const { commits } = network.chain.contracts;
    expect(faults.map(({ fault, rule, subject }) => [fault, rule, subject])).to.deep.equal([
      ["InvalidTransition", "RootMismatch", await commits.tryStateRootAt(2n)],
    ]);
  });

  it("CHL-03: shows a delta that breaks a rule by itself, without a proof", async () => {
    await corruptCommit([{ operation: "delete", key: ABSENT_KEY }]);
    const [found] = (await pass()).findings;
    if (found?.evidence.kind !== "invalid-transition") return expect.fail("no transition");
    expect([found.verdict, found.evidence.proof.length]).to.deep.equal(["Proven", 0]);
    expect(found.evidence.oldValueHashes).to.deep.equal([]);
  });

  it("CHL-03: reports a transition that is beyond the contract, and submits nothing", async () => {
    const leaves = Array.from({ length: 321 }, (_, i) => {
      const key = treeKeyOf(KEYED_NAMESPACES.secrets, keccak256(tag(`absent ${i}`)));
      return { operation: "delete", key } as const;
    });
    await corruptCommit(leaves);
    const [found] = (await pass()).findings;
    expect([found?.evidence.kind, found?.verdict, found?.transactionHash]).to.deep.equal([
      "invalid-transition",
      "OutOfReach",
      undefined,
    ]);
    expect(await network.chain.contracts.transitions.faultCount()).to.equal(0n);
  });

  it("CHL-04: asks for a withheld chunk, has it drawn, and concludes, over passes", async () => {
    await corruptCommit([SOUND_LEAF], manifestsOnly(network.local.da));
    const { dataRequests } = network.chain.contracts;
    const { bondWei } = await dataRequests.requestRules();
    const wanted = async (change: Partial<Watch>) =>
      (await pass(change)).requests.map((one) => [one.state, one.bondWei]);
    expect(await wanted({})).to.deep.equal([["Wanted", bondWei]]);
    expect(await wanted({ maxBondWei: bondWei - 1n })).to.deep.equal([["Wanted", bondWei]]);
    const dry = { isDryRun: true, maxBondWei: bondWei };
    expect(await wanted(dry)).to.deep.equal([["Wanted", bondWei]]);
    expect(await balance()).to.equal(0n);

    const asking = { maxBondWei: 10n * bondWei };
    const [asked] = (await pass(asking)).requests;
    expect([asked?.state, asked?.chunkIndex]).to.deep.equal(["Asked", 0]);
    expect(await balance()).to.equal(bondWei);
    expect(await wanted(asking)).to.deep.equal([["Asked", bondWei]]);
    expect(await balance()).to.equal(bondWei);
    await mineBlocks(5);
    expect(await wanted(dry)).to.deep.equal([["DrawDue", bondWei]]);
    const [drawn] = (await pass(asking)).requests;
    expect(drawn?.state).to.equal("Drawn");
    expect(await wanted(asking)).to.deep.equal([["Drawn", bondWei]]);

    await mineBehind(drawn?.deadline ?? 0n);
    expect(await wanted(dry)).to.deep.equal([["ConcludeDue", bondWei]]);
    expect(await withheldCount()).to.equal(0n);
    const concluding = await pass(asking);
    const [concluded] = concluding.requests;
    expect(concluded?.state).to.equal("Recorded");
    const [credit, ...more] = concluding.collected;
    expect(credit).to.include({ what: "credit", ledger: "dataRequests", amountWei: bondWei });
    expect([more, await balance()]).to.deep.equal([[], 0n]);
    expect(await withheldCount()).to.equal(1n);
    expect(await wanted(asking)).to.deep.equal([["Recorded", undefined]]);
    const { faults } = await explain(concluded?.transactionHash);
    expect(faults.map(({ fault, chunkIndex }) => [fault, chunkIndex])).to.deep.equal([
      ["WithheldData", 0],
    ]);
    const { requests } = await explain(asked?.transactionHash);
    expect(requests.map(({ step }) => step)).to.deep.equal(["DataRequested"]);
  });

  it("CHL-04: ends without a record when an honest operator serves the chunk", async () => {
    const { bondWei } = await network.chain.contracts.dataRequests.requestRules();
    const asking = { deltas: unreachable(network.local.da), maxBondWei: bondWei };
    await pass(asking);
    await mineBlocks(5);
    const [drawn] = (await pass(asking)).requests;
    expect(drawn?.state).to.equal("Drawn");
    const requestId = drawn?.requestId ?? "";
    const [server] = network.chain.parts.cast.operators;
    if (server === undefined) return expect.fail("no operator");
    const operator = network.chain.as(server);
    const request = await openRequest(operator, requestId);
    if (request === undefined) return expect.fail("no request");
    const { manifest, chunkIndex, indexes } = request;
    const proofs = await answerFor(network.local.da, manifest, chunkIndex, indexes);
    await serveSegments(operator, requestId, proofs ?? []);
    await mineBehind(drawn?.deadline ?? 0n);
    const { followedTo, findings, requests } = await pass({ maxBondWei: bondWei });
    expect([followedTo, findings.length]).to.deep.equal([1n, 0]);
    expect(requests.map(({ state }) => state)).to.deep.equal(["Served"]);
    expect(await withheldCount()).to.equal(0n);
  });

  it("ends a request that nobody drew in time, and asks again under a bond that is allowed", async () => {
    const { bondWei } = await network.chain.contracts.dataRequests.requestRules();
    const asking = { deltas: unreachable(network.local.da), maxBondWei: bondWei };
    await pass(asking);
    const { provider } = network.chain.parts;
    await provider.request({ method: "hardhat_mine", params: ["0x2100"] });
    const { requests } = await pass(asking);
    expect(requests.map(({ state }) => state)).to.deep.equal(["Lapsed", "Asked"]);
    const { requests: steps } = await explain(requests[0]?.transactionHash);
    expect(steps.map(({ step }) => step)).to.deep.equal(["RequestLapsed"]);
    const next = await pass(asking);
    expect(next.requests.map(({ state }) => state)).to.deep.equal(["Asked"]);
  });

  it("does not ask for a chunk that somebody else asks for", async () => {
    const { bondWei } = await network.chain.contracts.dataRequests.requestRules();
    const { client } = network.chain.parts.cast;
    const deltas = unreachable(network.local.da);
    const asClient = { contracts: network.chain.as(client), challenger: await client.getAddress() };
    await pass({ deltas, maxBondWei: bondWei, ...asClient });
    const { requests } = await pass({ deltas, maxBondWei: bondWei });
    expect(requests.map(({ state }) => state)).to.deep.equal(["AskedByOthers"]);
    expect(await balance()).to.equal(bondWei);
  });

  it("reports a manifest that cannot be had, and asks for nothing", async () => {
    const none = { manifest: async () => missing(), get: async () => missing() };
    const { requests } = await pass({ deltas: none, maxBondWei: 10n ** 18n });
    expect(requests.map(({ state }) => state)).to.deep.equal(["NoManifest"]);
    expect(await balance()).to.equal(0n);
  });

  async function balance(): Promise<bigint> {
    const address = await network.chain.contracts.dataRequests.getAddress();
    return await network.chain.parts.ethersProvider.getBalance(address);
  }

  async function mineBlocks(count: number): Promise<void> {
    const { provider } = network.chain.parts;
    for (let i = 0; i < count; i++) await provider.request({ method: "evm_mine", params: [] });
  }

  async function mineBehind(deadline: bigint): Promise<void> {
    while (network.clock.now() <= deadline) network.clock.nextTick(120n);
    await network.chain.mineAt(network.clock.now());
  }
});

function missing(): never {
  throw new DaError("E_DA_NOT_FOUND", "nobody has it");
}

/** A source that has manifests, and no chunk. */
function unreachable(da: DeltaSource): DeltaSource {
  return { manifest: (hash) => da.manifest(hash), get: async () => missing() };
}

/** Puts manifests where everybody finds them, and throws chunks away. */
function manifestsOnly(da: Pick<DataAvailability, "put">): Pick<DataAvailability, "put"> {
  return {
    async put(payload) {
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
