import type { StateRoot } from "../../bytes/brand.ts";
import { tag } from "../../bytes/codec.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import { signedCommitAt } from "../../chain/signedCommits.ts";
import { judgeTransitionOnChain, submitTransition } from "../../chain/transitions.ts";
import { followCommit } from "../../challenge/examine.ts";
import { examineTransition } from "../../challenge/transition.ts";
import { transitionEvidence } from "../../challenge/transitionEvidence.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import { fetchDeltaBytes } from "../../state/fetch.ts";
import { treeKeyOf } from "../../state/key.ts";
import { KEYED_NAMESPACES } from "../../state/namespace.ts";
import { VersionedTree } from "../../tree/versionedTree.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { expectThat } from "../story.ts";
import { type FaultContext, type FaultStep, HONEST_POLICY, openedParts } from "./context.ts";
import { commitHonestly } from "./honestCommit.ts";
import { HONEST_HASH, replacementAt } from "./leaves.ts";

const IDENTITY_KEY = treeKeyOf(KEYED_NAMESPACES.identity, HONEST_HASH);

const honestTransition: FaultStep = {
  name: "honest-twin",
  title: "an honest quorum commits; the chain computes the same root",
  async run(context) {
    const { local, challenger } = openedParts(context);
    intakeArtifact(local.lane, "rego", HONEST_POLICY);
    const commit = await commitHonestly(context);
    const signed = await signedOf(context, commit.sequenceNo);
    const none = await examineTransition(challenger, local.da, signed);
    expectThat(none === undefined, "an honest commit was accused");
    const { daCertHash, sequenceNo } = signed.commit;
    const manifest = await local.da.manifest(daCertHash);
    const expected = { chainId: challenger.chainId, sequenceNo };
    const delta = await fetchDeltaBytes(local.da, daCertHash, expected);
    const before = VersionedTree.restore(challenger.head.sequenceNo, challenger.entries());
    const evidence = transitionEvidence(before, signed, manifest, delta);
    const { verdict } = await judgeTransitionOnChain(context.chain.contracts, evidence);
    expectThat(verdict === "NoFault", `the verdict on an honest commit is ${verdict}`);
    await followCommit(challenger, local.da, signed.commit);
    return { summary: "commit 1: its root follows", figures: { commits: 1, evidence: 0 } };
  },
};

const corruptTransition: FaultStep = {
  name: "invalid-transition",
  title: "a corrupt quorum signs a root that its delta does not make; the challenger proves it",
  async run(context) {
    const { local, challenger, keys } = openedParts(context);
    const { chain, clock } = context;
    const now = clock.nextTick(TICK_SECONDS);
    await chain.mineAt(now);
    const adversary = new CorruptQuorum(keys, local.target, local.da, challenger);
    const sequenceNo = challenger.head.sequenceNo + 1n;
    const leaf = replacementAt(IDENTITY_KEY, KEYED_NAMESPACES.identity, sequenceNo);
    const elsewhere = keccak256<StateRoot>(tag("another state"));
    await adversary.commit([leaf], now, elsewhere);
    const evidence = await examineTransition(
      challenger,
      local.da,
      await signedOf(context, sequenceNo),
    );
    expectThat(evidence !== undefined, "the challenger found nothing");
    const contracts = chain.as(chain.parts.cast.challenger);
    const { verdict, fault, faultId } = await judgeTransitionOnChain(contracts, evidence);
    expectThat(verdict === "Proven" && fault === "RootMismatch", `it is ${verdict}, ${fault}`);
    const account = await chain.parts.cast.challenger.getAddress();
    const { gasUsed } = await submitTransition(contracts, evidence, account);
    const record = await contracts.transitions.faultRecord(faultId);
    expectThat(record.recordedAt > 0n, "the fault is not on record");
    const again = await judgeTransitionOnChain(contracts, evidence);
    expectThat(again.verdict === "AlreadyRecorded", `a second time it is ${again.verdict}`);
    return { summary: `fault ${faultId} recorded, ${gasUsed} gas`, figures: { faultId, gasUsed } };
  },
};

async function signedOf({ chain }: FaultContext, sequenceNo: bigint) {
  return await signedCommitAt(chain.contracts, chain.parts.ethersProvider, sequenceNo);
}

/** The new root is not the one that the delta makes. */
export const INVALID_TRANSITION: readonly FaultStep[] = [honestTransition, corruptTransition];
