import type { FaultStep } from "./context.ts";
import { DANGLING } from "./dangling.ts";
import { EQUIVOCATION } from "./equivocation.ts";
import { INVALID_TRANSITION } from "./invalidTransition.ts";
import { MALFORMED_LEAF } from "./malformedLeaf.ts";
import { openNetwork } from "./network.ts";
import { REMOVAL } from "./removal.ts";
import { REWRITE } from "./rewrite.ts";
import { STALE_INSTANCE } from "./staleInstance.ts";
import { WITHHELD_DATA } from "./withheldData.ts";
import { WRONG_IDENTITY } from "./wrongIdentity.ts";

/** Faults of a quorum, each staged on one chain and proven, beside an honest history that is not. */

/** The steps of each fault, after the network is open: an honest twin that proves nothing, and the fault. */
const STAGED = {
  rewrite: REWRITE,
  removal: REMOVAL,
  "malformed-leaf": MALFORMED_LEAF,
  equivocation: EQUIVOCATION,
  dangling: DANGLING,
  "wrong-identity": WRONG_IDENTITY,
  "stale-instance": STALE_INSTANCE,
  "invalid-transition": INVALID_TRANSITION,
  "withheld-data": WITHHELD_DATA,
} as const satisfies Record<string, readonly FaultStep[]>;

/** Name of a fault. */
export type Fault = keyof typeof STAGED;

/** Whether `name` is a fault that can be staged. */
export function isFault(name: string): name is Fault {
  return Object.hasOwn(STAGED, name);
}

/** Faults that can be staged. */
export const FAULTS: readonly Fault[] = Object.keys(STAGED).filter(isFault);

/** The steps that stage and prove `fault`. */
export function faultStory(fault: Fault): readonly FaultStep[] {
  return [openNetwork, ...STAGED[fault]];
}
