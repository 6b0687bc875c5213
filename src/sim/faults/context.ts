import { tag } from "../../bytes/codec.ts";
import type { Registered } from "../../challenge/dangling.ts";
import type { KeyPair } from "../../operators/keyPair.ts";
import type { PolicyInstance, PolicyTemplate } from "../../policy/ids.ts";
import type { StateStore } from "../../state/store.ts";
import type { SimulatedClock } from "../clock.ts";
import type { LocalChain } from "../localChain.ts";
import type { SimulatedChain } from "../simulatedChain.ts";
import { expectThat, type StoryStep } from "../story.ts";

/** A policy that is registered, and instantiated for the client. */
export interface DeployedPolicy {
  readonly template: PolicyTemplate;
  readonly instance: PolicyInstance;
  /** The newest commit at its registration. */
  readonly sequenceNo: bigint;
}

/** An instance whose params are a leaf. */
export type InstanceOfLeaf = Extract<Registered, { of: "instance" }>;

/** What a fault is staged with. */
export interface FaultContext {
  readonly chain: SimulatedChain;
  readonly clock: SimulatedClock;
  readonly dataDir: string;
  readonly closers: (() => unknown)[];
  keys?: readonly KeyPair[];
  local?: LocalChain;
  challenger?: StateStore;
  policy?: DeployedPolicy;
  instanceOfLeaf?: InstanceOfLeaf;
}

/** One step of a fault's story. */
export type FaultStep = StoryStep<FaultContext>;

/** The Rego module that the honest quorum commits first. */
export const HONEST_POLICY = tag("package honest\n\ndefault allow := false\n");

/** Keys, services and challenger's replica of an open network. @throws {StoryError} `E_UNEXPECTED` before that */
export function openedParts({ local, challenger, keys }: FaultContext) {
  expectThat(
    local !== undefined && challenger !== undefined && keys !== undefined,
    "the network is not open",
  );
  return { local, challenger, keys };
}

/** The policy of a story that has deployed one. @throws {StoryError} `E_UNEXPECTED` before that */
export function deployedPolicy({ policy }: FaultContext): DeployedPolicy {
  expectThat(policy !== undefined, "no policy is deployed");
  return policy;
}

/** The instance of a story that has deployed one with a params leaf. @throws {StoryError} `E_UNEXPECTED` before that */
export function deployedInstanceOfLeaf({ instanceOfLeaf }: FaultContext): InstanceOfLeaf {
  expectThat(instanceOfLeaf !== undefined, "no instance has its params in a leaf");
  return instanceOfLeaf;
}
