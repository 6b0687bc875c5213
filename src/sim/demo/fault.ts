import { join } from "node:path";
import { ARTIFACT_KINDS } from "../../artifact/kinds.ts";
import { tag } from "../../bytes/codec.ts";
import { judge, submitChallenge } from "../../chain/challenges.ts";
import { followCommit } from "../../challenge/examine.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import type { PolicyBundle } from "../../policy/folder.ts";
import type { LeafPut } from "../../state/delta.ts";
import { contentKey } from "../../state/key.ts";
import { encodeHeader, HEADER_VERSION } from "../../state/leaf.ts";
import { StateStore } from "../../state/store.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { codeOfFailure, expectThat, type StoryStep } from "../story.ts";
import { type DemoContext, noteGas } from "./context.ts";

/** What the adversary would rather have in the place of an honest policy. */
const REPLACEMENT = tag("package sanctions_screening\n\ndefault allow := true\n");

/** All operators of one chain collude and rewrite a policy; one honest party proves it. */
export const challengeRewrite: StoryStep<DemoContext> = {
  name: "challenge",
  title: "a corrupt quorum rewrites a leaf; the challenger proves it on chain",
  async run(context) {
    const [demoChain] = context.chains;
    const [policy] = context.policies;
    expectThat(demoChain !== undefined && policy !== undefined, "nothing to corrupt");
    const { chain, local, operatorKeys } = demoChain;
    const path = join(context.dataDir, chain.parts.name, "challenger.db");
    const store = StateStore.open({ path, chainId: chain.chainId });
    context.closers.push(() => store.close());
    const history = await local.target.commitsFrom(1n);
    for (const commit of history) {
      const evidence = await followCommit(store, local.da, commit);
      expectThat(evidence.length === 0, `commit ${commit.sequenceNo} is honest, yet accused`);
    }

    const now = context.clock.nextTick(TICK_SECONDS);
    await chain.mineAt(now);
    const adversary = new CorruptQuorum(operatorKeys, local.target, local.da, store);
    const commit = await adversary.commit([rewriteOf(policy.bundle, store)], now);

    // An honest operator does not follow a commit that breaks the rules, whoever signed it.
    const refusal = await codeOfFailure(async () => await local.operators[0]?.signer.sync());
    const evidence = await followCommit(store, local.da, commit);
    const rewrite = evidence.find(({ kind }) => kind === "rewrite");
    expectThat(rewrite !== undefined, "the challenger found no rewrite");
    const contracts = chain.as(chain.parts.cast.challenger);
    const { verdict, faultId } = await judge(contracts, rewrite);
    expectThat(verdict === "Proven", `the verdict is ${verdict}`);
    const challenger = await chain.parts.cast.challenger.getAddress();
    const { gasUsed } = await submitChallenge(contracts, rewrite, challenger);
    noteGas(context, chain.parts.name, "challenge a rewrite", gasUsed);
    const fault = await contracts.challenges.faultRecord(faultId);
    expectThat(fault.challenger === challenger, "the fault is not on record");
    const again = await judge(contracts, rewrite);
    expectThat(again.verdict === "AlreadyRecorded", `a second time it is ${again.verdict}`);
    return {
      summary: `operators refuse it (${refusal}); fault ${faultId.slice(0, 10)}… recorded, once`,
      figures: {
        honestCommits: history.length,
        evidence: evidence.length,
        faultId,
        refusal,
        gasUsed,
      },
    };
  },
};

/** The leaf of `policy`'s Rego with other bytes under the same key. */
function rewriteOf(policy: PolicyBundle, store: StateStore): LeafPut {
  const { namespace } = ARTIFACT_KINDS.rego;
  const header = encodeHeader({
    version: HEADER_VERSION,
    namespace,
    flags: 0,
    contentLength: BigInt(REPLACEMENT.length),
    sequenceNo: store.head.sequenceNo + 1n,
  });
  const key = contentKey(namespace, policy.template.regoHash);
  return { operation: "put", key, header, content: REPLACEMENT };
}
