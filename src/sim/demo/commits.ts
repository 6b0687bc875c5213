import { intakeArtifact } from "../../commit/gateway.ts";
import type { TickOutcome } from "../../commit/lane.ts";
import { CommitLoop, TICK_SECONDS } from "../../commit/loop.ts";
import { codeOfFailure, expectThat, type Figures, type StoryStep } from "../story.ts";
import {
  type DemoChain,
  type DemoContext,
  type DemoPolicy,
  noteGas,
  OPERATOR_COUNT,
} from "./context.ts";

/** With ten equal operators, three absent leave 7,000 bps and four absent 6,000 bps of the weight. */
const ABSENT_WITH_QUORUM = 3;
const ABSENT_WITHOUT_QUORUM = 4;

/** Every chain's lane at one boundary; a lane that fails fails the step. */
async function tickAll(context: DemoContext): Promise<Map<DemoChain, TickOutcome>> {
  const now = context.clock.nextTick(TICK_SECONDS);
  for (const { chain } of context.chains) await chain.mineAt(now);
  const results = await new CommitLoop(context.chains.map(({ local }) => local.lane)).tick();
  const outcomes = new Map<DemoChain, TickOutcome>();
  for (const [i, result] of results.entries()) {
    const chain = context.chains[i];
    if ("error" in result) throw result.error;
    if (chain !== undefined) outcomes.set(chain, result.outcome);
  }
  return outcomes;
}

/** Hands a policy's artifacts to the gateway of every chain. */
function publishPolicies(context: DemoContext, policies: readonly DemoPolicy[]): Figures {
  let [artifacts, bytes] = [0, 0];
  for (const { local } of context.chains) {
    for (const { kind, bytes: content, flags } of policies.flatMap(
      ({ bundle }) => bundle.artifacts,
    )) {
      const receipt = intakeArtifact(local.lane, kind, content, flags);
      artifacts++;
      bytes += receipt.contentBytes;
    }
  }
  return { artifacts, bytes };
}

/** Publishes all policies but the last, and the plugin of real size. */
export const publish: StoryStep<DemoContext> = {
  name: "publish",
  title: "publish policies and a plugin of real size",
  async run(context) {
    const { largePlugin } = context;
    const early = context.policies.slice(0, -1);
    const figures = publishPolicies(context, early);
    for (const { local } of context.chains) {
      intakeArtifact(local.lane, "wasm-plugin", largePlugin.content);
    }
    const largePluginBytes = largePlugin.content.length;
    const mebibytes = (largePluginBytes / 2 ** 20).toFixed(1);
    return {
      summary: `${early.map(({ name }) => name).join(", ")} and ${largePlugin.name} (${mebibytes} MiB), acknowledged`,
      figures: { ...figures, largePluginBytes },
    };
  },
};

/** The first commit, at one tick on all chains. */
export const commitAll: StoryStep<DemoContext> = {
  name: "commit",
  title: "commit on all chains at the same tick",
  run: async (context) => await commitWith(context, 0),
};

/** A tick with nothing to commit. */
export const idleTick: StoryStep<DemoContext> = {
  name: "idle-tick",
  title: "skip a tick with nothing to commit",
  async run(context) {
    const outcomes = await tickAll(context);
    for (const { status } of outcomes.values()) expectThat(status === "skipped", `got ${status}`);
    return { summary: "no transaction on any chain", figures: { skipped: outcomes.size } };
  },
};

/** Too many operators are away: nobody lands anything, and the registry would not take it. */
export const refuseWithoutQuorum: StoryStep<DemoContext> = {
  name: "refuse-without-quorum",
  title: `refuse a commit with ${ABSENT_WITHOUT_QUORUM} of ${OPERATOR_COUNT} operators offline`,
  async run(context) {
    publishPolicies(context, context.policies.slice(-1));
    for (const { local } of context.chains) local.setOffline(ABSENT_WITHOUT_QUORUM);
    const outcomes = await tickAll(context);
    let pending = 0;
    for (const [{ local }, outcome] of outcomes) {
      expectThat(outcome.status === "no-quorum", `expected no quorum, got ${outcome.status}`);
      const { certificate } = outcome.signatures;
      expectThat(certificate !== undefined, "nobody signed");
      const code = await codeOfFailure(() => local.target.land(outcome.commit, certificate));
      expectThat(code === "InsufficientQuorum", `the registry said ${code}`);
      pending += local.lane.journal.length;
    }
    return {
      summary: `${OPERATOR_COUNT - ABSENT_WITHOUT_QUORUM} signatures refused by the registry: InsufficientQuorum; nothing lost`,
      figures: { offline: ABSENT_WITHOUT_QUORUM, refused: outcomes.size, pending },
    };
  },
};

/** The same proposal, with one operator more. */
export const commitWithAbsent: StoryStep<DemoContext> = {
  name: "commit-with-absent",
  title: `commit with ${ABSENT_WITH_QUORUM} of ${OPERATOR_COUNT} operators offline`,
  run: async (context) => {
    const result = await commitWith(context, ABSENT_WITH_QUORUM);
    for (const { local } of context.chains) local.setOffline(0);
    return result;
  },
};

async function commitWith(context: DemoContext, absent: number) {
  for (const { local } of context.chains) local.setOffline(absent);
  const outcomes = await tickAll(context);
  const signers = OPERATOR_COUNT - absent;
  let leaves = 0;
  for (const [{ chain }, outcome] of outcomes) {
    expectThat(outcome.status === "committed", `expected a commit, got ${outcome.status}`);
    expectThat(outcome.signatures.signers.length === signers, "an operator did not sign");
    leaves += outcome.leafCount;
    const kind =
      absent === 0 ? "commit, all signed" : `commit, ${absent} of ${OPERATOR_COUNT} absent`;
    noteGas(context, chain.parts.name, kind, outcome.landed.gasUsed);
  }
  return {
    summary: `${outcomes.size} chains, ${leaves} leaves, ${signers} signatures each`,
    figures: { chains: outcomes.size, leaves, signers, absent },
  };
}
