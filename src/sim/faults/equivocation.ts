import { bytes32, type StateRoot } from "../../bytes/brand.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import type { CertifiedCommit, EquivocationEvidence } from "../../challenge/evidence.ts";
import { COMMIT_VERSION, type StateCommit } from "../../commit/message.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { expectThat } from "../story.ts";
import { type FaultContext, type FaultStep, openedParts } from "./context.ts";
import { honestCommit } from "./honestCommit.ts";
import { expectVerdict, prove } from "./prove.ts";

/** The newest commit, as the chain announced it. */
async function newestCommit(context: FaultContext): Promise<StateCommit> {
  const { local } = openedParts(context);
  const { sequenceNo } = await local.target.head();
  const [commit] = await local.target.commitsFrom(sequenceNo);
  expectThat(commit !== undefined && commit.version === COMMIT_VERSION, "there is no commit");
  return commit;
}

async function certified(context: FaultContext, commit: StateCommit): Promise<CertifiedCommit> {
  const { keys, local, challenger } = openedParts(context);
  const signers = new CorruptQuorum(keys, local.target, local.da, challenger);
  return { commit, before: [], behind: [], certificate: await signers.certifyCommit(commit) };
}

async function rivalsOf(
  context: FaultContext,
  change: Partial<StateCommit>,
): Promise<EquivocationEvidence> {
  const commit = await newestCommit(context);
  const [one, other] = [
    await certified(context, commit),
    await certified(context, { ...commit, ...change }),
  ];
  return { kind: "equivocation", one, other };
}

const honestTwin: FaultStep = {
  name: "honest-rival",
  title: "a quorum signs the same root again, with a later time; nothing is proven",
  async run(context) {
    const { timestamp } = await newestCommit(context);
    const evidence = await rivalsOf(context, { timestamp: timestamp + 1n });
    await expectVerdict(context.chain, evidence, "NoFault");
    return { summary: "NoFault", figures: { verdict: "NoFault" } };
  },
};

const equivocate: FaultStep = {
  name: "equivocation",
  title: "a corrupt quorum certifies another root for the same number; the challenger proves it",
  async run(context) {
    const { newStateRoot } = await newestCommit(context);
    const rival = bytes32<StateRoot>(keccak256(newStateRoot));
    const evidence = await rivalsOf(context, { newStateRoot: rival });
    const result = await prove(context.chain, evidence);
    const { challenges } = context.chain.contracts;
    const { faultId } = result.figures;
    const named = await challenges.signersOf(String(faultId), rival, 1);
    expectThat(named === 0b1111n, `expected all four signers named, got ${named.toString(2)}`);
    return result;
  },
};

/** Two roots are certified for one sequence number. */
export const EQUIVOCATION: readonly FaultStep[] = [honestCommit, honestTwin, equivocate];
