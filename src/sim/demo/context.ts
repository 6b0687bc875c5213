import type { JsonObject } from "../../artifact/json.ts";
import type { KeyPair } from "../../operators/keyPair.ts";
import type { Deciders } from "../../policy/evaluate.ts";
import type { PolicyBundle } from "../../policy/folder.ts";
import type { StateStore } from "../../state/store.ts";
import type { SimulatedClock } from "../clock.ts";
import type { LocalChain } from "../localChain.ts";
import type { SimulatedChain } from "../simulatedChain.ts";
import type { Figures } from "../story.ts";

/** Operators of the demo, on every chain. */
export const OPERATOR_COUNT = 10;

/** One chain of the demo: the simulated chain, and the services that run for it. */
export interface DemoChain {
  readonly chain: SimulatedChain;
  readonly local: LocalChain;
  /** Secrets of the operators: the adversary of the last steps has them all. */
  readonly operatorKeys: readonly KeyPair[];
}

/** A policy as its author left it, with params and samples. */
export interface DemoPolicy {
  readonly name: string;
  readonly bundle: PolicyBundle;
  readonly params: Uint8Array;
  readonly samples: readonly IntentSample[];
}

/** An intent with what its plugins are called with, and how it should be decided. */
export interface IntentSample {
  readonly name: string;
  readonly intent: JsonObject;
  /** By name of the binding. */
  readonly args: JsonObject;
  readonly allowed: boolean;
}

/** What the demo needs from outside, and what its steps hand on. */
export interface DemoContext {
  /** Creates a chain of the Hardhat configuration and runs the deploy scripts on it. */
  readonly openChain: (name: string) => Promise<OpenedChain>;
  readonly chainNames: readonly string[];
  /** Folder for everything durable; removed by whoever made it. */
  readonly dataDir: string;
  readonly policies: readonly DemoPolicy[];
  /** A plugin of real size, with the name of where it comes from. */
  readonly largePlugin: { readonly name: string; readonly content: Uint8Array };
  readonly deciders: Deciders;
  readonly clock: SimulatedClock;
  /** Chains with contracts, in the order of their names. */
  readonly opened: SimulatedChain[];
  /** Chains with services. */
  readonly chains: DemoChain[];
  /** Replicas rebuilt from blobs. */
  readonly replicas: Map<DemoChain, StateStore>;
  /** Run when the demo ends, however it ends. */
  readonly closers: (() => unknown)[];
  /** Gas of each kind of transaction, by chain name. */
  readonly gas: Map<string, Figures>;
}

/** A chain with contracts and nothing else. */
export interface OpenedChain {
  readonly chain: SimulatedChain;
  readonly deploymentGas: Readonly<Record<string, bigint>>;
}

/** Notes the gas of one kind of transaction on one chain. */
export function noteGas({ gas }: DemoContext, chain: string, kind: string, gasUsed: bigint): void {
  const figures = gas.get(chain) ?? {};
  figures[kind] = gasUsed;
  gas.set(chain, figures);
}
