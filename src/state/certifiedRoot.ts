import type { StateRoot } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { StateError } from "./errors.ts";

/** The root that a chain has accepted for a commit; nothing if it has none or keeps it no more. */
export type RootSource = (sequenceNo: bigint) => Promise<StateRoot | undefined>;

/**
 * What all of `sources` say: who serves a snapshot may also run the node that is asked for the root, but hardly all of them.
 * What the source gives is refused with {@link StateError} `E_RPC_DISAGREE` where one of them says something else.
 */
export function agreedRoot(first: RootSource, ...others: readonly RootSource[]): RootSource {
  return async (sequenceNo) => {
    const root = await first(sequenceNo);
    for (const other of others) {
      const said = await other(sequenceNo);
      if (isSame(root, said)) continue;
      const got = `${named(root)} from one node, ${named(said)} from another`;
      throw new StateError("E_RPC_DISAGREE", `commit ${sequenceNo}: got ${got}`);
    }
    return root;
  };
}

function isSame(a: StateRoot | undefined, b: StateRoot | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

function named(root: StateRoot | undefined): string {
  return root === undefined ? "no root" : toHex(root);
}
