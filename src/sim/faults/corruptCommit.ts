import type { Evidence } from "../../challenge/evidence.ts";
import { followCommit } from "../../challenge/examine.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import type { DeltaLeaf } from "../../state/delta.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { expectThat } from "../story.ts";
import { type FaultStep, openedParts } from "./context.ts";
import { prove } from "./prove.ts";

/**
 * A corrupt quorum commits one leaf that it should not have; the challenger finds evidence of `kind` and proves it.
 * @param leafFor the leaf, for a sequence number
 */
export function corruptCommit(
  name: string,
  kind: Evidence["kind"],
  leafFor: (sequenceNo: bigint) => DeltaLeaf,
): FaultStep {
  return {
    name,
    title: `a corrupt quorum commits a ${name}; the challenger proves it`,
    async run(context) {
      const { local, challenger, keys } = openedParts(context);
      const { chain, clock } = context;
      const now = clock.nextTick(TICK_SECONDS);
      await chain.mineAt(now);
      const adversary = new CorruptQuorum(keys, local.target, local.da, challenger);
      const commit = await adversary.commit([leafFor(challenger.head.sequenceNo + 1n)], now);
      const found = await followCommit(challenger, local.da, commit);
      const evidence = found.find((one) => one.kind === kind);
      expectThat(evidence !== undefined, `the challenger found no ${name}`);
      return await prove(chain, evidence);
    },
  };
}
