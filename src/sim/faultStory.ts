import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ARTIFACT_KINDS } from "../artifact/kinds.ts";
import type { ContentHash } from "../bytes/brand.ts";
import { tag } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { judge, submitChallenge } from "../chain/challenges.ts";
import { registerOperator, setOperatorWeight, startEpoch } from "../chain/operatorSets.ts";
import type { Evidence } from "../challenge/evidence.ts";
import { followCommit } from "../challenge/examine.ts";
import { intakeArtifact } from "../commit/gateway.ts";
import { TICK_SECONDS } from "../commit/loop.ts";
import { KeyPair } from "../operators/keyPair.ts";
import type { DeltaLeaf } from "../state/delta.ts";
import { contentKey, treeKeyOf } from "../state/key.ts";
import { encodeHeader, HEADER_VERSION } from "../state/leaf.ts";
import { KEYED_NAMESPACES } from "../state/namespace.ts";
import { StateStore } from "../state/store.ts";
import type { SimulatedClock } from "./clock.ts";
import { CorruptQuorum } from "./corruptQuorum.ts";
import { LocalChain } from "./localChain.ts";
import type { SimulatedChain } from "./simulatedChain.ts";
import { expectThat, type StoryStep } from "./story.ts";

/** One fault of a quorum, staged on one chain and proven, beside an honest history that is not. */

/** Faults that can be staged. */
export const FAULTS = ["rewrite", "removal", "malformed-leaf"] as const;

/** Name of a fault. */
export type Fault = (typeof FAULTS)[number];

/** Whether `name` is a fault that can be staged. */
export function isFault(name: string): name is Fault {
  return FAULTS.some((fault) => fault === name);
}

/** What a fault is staged with. */
export interface FaultContext {
  readonly chain: SimulatedChain;
  readonly clock: SimulatedClock;
  readonly dataDir: string;
  readonly closers: (() => unknown)[];
  keys?: readonly KeyPair[];
  local?: LocalChain;
  challenger?: StateStore;
}

const OPERATORS = 4;
const HONEST_POLICY = tag("package honest\n\ndefault allow := false\n");
const OTHER_POLICY = tag("package other\n\ndefault allow := false\n");
const REPLACEMENT = tag("package honest\n\ndefault allow := true\n");
const HONEST_HASH = keccak256<ContentHash>(HONEST_POLICY);

/** The steps that stage and prove `fault`. */
export function faultStory(fault: Fault): readonly StoryStep<FaultContext>[] {
  return [openNetwork, honestTwin, corruptCommit(fault)];
}

const openNetwork: StoryStep<FaultContext> = {
  name: "network",
  title: `register ${OPERATORS} operators`,
  async run(context) {
    const { chain, clock, dataDir } = context;
    const { cast, ethersProvider } = chain.parts;
    const keys: KeyPair[] = [];
    for (const signer of cast.operators.slice(0, OPERATORS)) {
      const key = KeyPair.generate((length) => randomBytes(length));
      await registerOperator(chain.contracts, chain.chainId, signer, key);
      await setOperatorWeight(chain.contracts, cast.owner, await signer.getAddress(), 1n);
      keys.push(key);
    }
    await startEpoch(chain.contracts, cast.deployer);
    const local = await LocalChain.open({
      dataDir,
      contracts: chain.contracts,
      provider: ethersProvider,
      operatorKeys: keys,
      now: clock.now,
    });
    context.closers.push(() => local.close());
    const path = join(dataDir, "challenger.db");
    const challenger = StateStore.open({ path, chainId: chain.chainId });
    context.closers.push(() => challenger.close());
    Object.assign(context, { keys, local, challenger });
    return { summary: `epoch 1 of ${OPERATORS} operators`, figures: { operators: OPERATORS } };
  },
};

const honestTwin: StoryStep<FaultContext> = {
  name: "honest-twin",
  title: "an honest quorum commits a policy; the challenger finds nothing",
  async run(context) {
    const { local, challenger } = partsOf(context);
    intakeArtifact(local.lane, "rego", HONEST_POLICY);
    // A second leaf, so that removing the first does not leave an empty tree, which no registry takes.
    intakeArtifact(local.lane, "rego", OTHER_POLICY);
    await context.chain.mineAt(context.clock.nextTick(TICK_SECONDS));
    const outcome = await local.lane.tick();
    expectThat(outcome.status === "committed", `expected a commit, got ${outcome.status}`);
    const evidence = await followCommit(challenger, local.da, outcome.commit);
    expectThat(evidence.length === 0, "an honest commit was accused");
    return { summary: "commit 1: no evidence", figures: { commits: 1, evidence: 0 } };
  },
};

function corruptCommit(fault: Fault): StoryStep<FaultContext> {
  return {
    name: fault,
    title: `a corrupt quorum commits a ${fault}; the challenger proves it`,
    async run(context) {
      const { local, challenger, keys } = partsOf(context);
      const { chain, clock } = context;
      const now = clock.nextTick(TICK_SECONDS);
      await chain.mineAt(now);
      const adversary = new CorruptQuorum(keys, local.target, local.da, challenger);
      const leaf = corruptLeaf(fault, challenger.head.sequenceNo + 1n);
      const commit = await adversary.commit([leaf], now);
      const found = await followCommit(challenger, local.da, commit);
      const evidence = found.find(({ kind }) => kind === EVIDENCE_OF[fault]);
      expectThat(evidence !== undefined, `the challenger found no ${fault}`);
      return await prove(chain, evidence);
    },
  };
}

const EVIDENCE_OF = {
  rewrite: "rewrite",
  removal: "rewrite",
  "malformed-leaf": "malformed-leaf",
} as const satisfies Record<Fault, Evidence["kind"]>;

async function prove(chain: SimulatedChain, evidence: Evidence) {
  const { challenger } = chain.parts.cast;
  const contracts = chain.as(challenger);
  const { verdict, faultId } = await judge(contracts, evidence);
  expectThat(verdict === "Proven", `the verdict is ${verdict}`);
  const { gasUsed } = await submitChallenge(contracts, evidence, await challenger.getAddress());
  const record = await contracts.challenges.faultRecord(faultId);
  expectThat(record.recordedAt > 0n, "the fault is not on record");
  const again = await judge(contracts, evidence);
  expectThat(again.verdict === "AlreadyRecorded", `a second time it is ${again.verdict}`);
  return { summary: `fault ${faultId} recorded, ${gasUsed} gas`, figures: { faultId, gasUsed } };
}

function corruptLeaf(fault: Fault, sequenceNo: bigint): DeltaLeaf {
  const { namespace } = ARTIFACT_KINDS.rego;
  const key = contentKey(namespace, HONEST_HASH);
  if (fault === "removal") return { operation: "delete", key };
  const content = REPLACEMENT;
  const header = { version: HEADER_VERSION, flags: 0, contentLength: BigInt(content.length) };
  if (fault === "rewrite") {
    return {
      operation: "put",
      key,
      header: encodeHeader({ ...header, namespace, sequenceNo }),
      content,
    };
  }
  // A private leaf that says it is of another namespace than its key.
  const secretKey = treeKeyOf(KEYED_NAMESPACES.secrets, HONEST_HASH);
  const foreign = { ...header, namespace: KEYED_NAMESPACES.identity, sequenceNo };
  return { operation: "put", key: secretKey, header: encodeHeader(foreign), content };
}

function partsOf({ local, challenger, keys }: FaultContext) {
  expectThat(
    local !== undefined && challenger !== undefined && keys !== undefined,
    "the network is not open",
  );
  return { local, challenger, keys };
}
