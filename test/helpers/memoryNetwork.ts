import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { HeldCommits } from "../../src/commit/held.ts";
import type { HoldRules } from "../../src/commit/holdRules.ts";
import { IntakeJournal } from "../../src/commit/journal.ts";
import { CommitLane } from "../../src/commit/lane.ts";
import { CommitSigner } from "../../src/commit/signer.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { OperatorSet } from "../../src/operators/operatorSet.ts";
import { VoteLog } from "../../src/operators/voteLog.ts";
import { SwitchedOperator } from "../../src/sim/localChain.ts";
import { MemoryDataAvailability } from "../../src/state/daMemory.ts";
import { StateStore } from "../../src/state/store.ts";
import { temporaryFolder } from "./localNetwork.ts";
import { MemoryChain } from "./memoryChain.ts";

/** Gateway and operators of a chain in memory, with files like those of a real one. */
export interface MemoryNetwork {
  readonly chain: MemoryChain;
  readonly lane: CommitLane;
  readonly operators: readonly SwitchedOperator[];
  readonly dataDir: string;
  readonly held: HeldCommits;
  /** Starts the next epoch with the same operators; the one before has ended. */
  nextEpoch(): void;
  /** Opens all files again, as after a crash; `hold` is what the gateway then does. */
  reopen(hold?: HoldRules): MemoryNetwork;
  close(): void;
}

interface Shared {
  readonly chain: MemoryChain;
  readonly da: MemoryDataAvailability;
  readonly keys: readonly KeyPair[];
  readonly dataDir: string;
  readonly now: () => bigint;
}

/** Keys that are the same in every run. */
export function keysOf(count: number): readonly KeyPair[] {
  return Array.from({ length: count }, (_, i) =>
    KeyPair.generate((length) => new Uint8Array(length).fill(i + 1)),
  );
}

/** The set of an epoch in which `keys` have one unit of weight each. */
export function setOf(epoch: number, keys: readonly KeyPair[]): OperatorSet {
  return new OperatorSet(
    epoch,
    keys.map(({ keyG1, keyG2 }, i) => {
      const address = new Uint8Array(20).fill(i + 1);
      return { address, weight: 1n, keyG1, keyG2 };
    }),
  );
}

export function openMemoryNetwork(
  now: () => bigint,
  hold: HoldRules,
  operatorCount = 4,
): MemoryNetwork {
  const keys = keysOf(operatorCount);
  const chain = new MemoryChain(setOf(1, keys), now);
  const da = new MemoryDataAvailability();
  return assemble({ chain, da, keys, now, dataDir: temporaryFolder() }, hold);
}

function assemble(shared: Shared, hold: HoldRules): MemoryNetwork {
  const { chain, da, keys, dataDir, now } = shared;
  const closers: (() => void)[] = [];
  const files = (name: string) => {
    const home = join(dataDir, name);
    mkdirSync(home, { recursive: true });
    const store = StateStore.open({ path: join(home, "state.db"), chainId: chain.chainId });
    const held = HeldCommits.open(join(home, "held.db"));
    closers.push(() => store.close());
    closers.push(() => held.close());
    return { home, store, held };
  };
  const operators = keys.map((keyPair, i) => {
    const { home, ...parts } = files(`operator-${i}`);
    const votes = VoteLog.open(join(home, "votes.db"));
    closers.push(() => votes.close());
    const more = { name: `operator ${i}`, keyPair, votes, source: chain, deltas: da, now };
    return new SwitchedOperator(new CommitSigner({ ...parts, ...more }));
  });
  const { home, ...parts } = files("gateway");
  const journal = IntakeJournal.open(join(home, "journal.db"));
  closers.push(() => journal.close());
  const lane = new CommitLane({
    ...parts,
    target: chain,
    journal,
    deltas: da,
    operators,
    now,
    hold,
  });
  const close = () => {
    for (const closer of closers) closer();
  };
  return {
    chain,
    lane,
    operators,
    dataDir,
    held: parts.held,
    nextEpoch: () => {
      const [newest] = [...chain.epochNumbers].slice(-1);
      chain.startEpoch(setOf((newest ?? 0) + 1, keys));
    },
    reopen: (next = hold) => {
      close();
      return assemble(shared, next);
    },
    close,
  };
}
