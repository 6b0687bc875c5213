import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ethers";
import type { Contracts } from "../chain/contracts.ts";
import { EvmCommitTarget } from "../chain/evmTarget.ts";
import { OBSERVATIONS_FOLDER, writeObservation } from "../challenge/observationFolder.ts";
import { CommitError } from "../commit/errors.ts";
import { HeldCommits } from "../commit/held.ts";
import type { HoldRules } from "../commit/holdRules.ts";
import { IntakeJournal } from "../commit/journal.ts";
import { CommitLane } from "../commit/lane.ts";
import { CommitSigner } from "../commit/signer.ts";
import type {
  CertifiedCommit,
  CommitProposal,
  OperatorClient,
  PartialSignature,
} from "../commit/target.ts";
import type { KeyPair } from "../operators/keyPair.ts";
import { VoteLog } from "../operators/voteLog.ts";
import { FsDataAvailability } from "../state/daFs.ts";
import { StateStore } from "../state/store.ts";

/** Where and with whom one chain's services run in this process. */
export interface LocalChainOptions {
  /** Folder for everything durable of this chain: stores, journal, vote logs, data availability. */
  readonly dataDir: string;
  readonly contracts: Contracts;
  readonly provider: Provider;
  /** Keys of the operators that run here, by index in the epoch's set or not. */
  readonly operatorKeys: readonly KeyPair[];
  /** Seconds since 1970. */
  readonly now: () => bigint;
  /** How long certified commits are held back; not at all by default. */
  readonly hold?: HoldRules;
  /** Where events of the contracts begin; 0 by default. */
  readonly fromBlock?: number;
  /** Whether each certified commit is written where challengers find it, in `observations/`. */
  readonly isObserved?: boolean;
}

/** An operator that can be taken off the network, for rehearsals. */
export class SwitchedOperator implements OperatorClient {
  isOnline = true;
  readonly signer: CommitSigner;

  constructor(signer: CommitSigner) {
    this.signer = signer;
  }

  get name(): string {
    return this.signer.name;
  }

  async sign(proposal: CommitProposal): Promise<PartialSignature> {
    this.#assertOnline();
    return await this.signer.sign(proposal);
  }

  async held(): Promise<readonly CertifiedCommit[]> {
    this.#assertOnline();
    return await this.signer.held();
  }

  async hold(certified: readonly CertifiedCommit[]): Promise<void> {
    this.#assertOnline();
    await this.signer.hold(certified);
  }

  #assertOnline(): void {
    if (!this.isOnline) throw new CommitError("E_TIMEOUT", `${this.name} is offline`);
  }
}

/** All services of one chain in one process: a gateway's lane and the operators, each with files of its own. */
export class LocalChain {
  readonly target: EvmCommitTarget;
  readonly da: FsDataAvailability;
  readonly lane: CommitLane;
  readonly operators: readonly SwitchedOperator[];
  readonly contracts: Contracts;
  readonly #closers: readonly (() => void)[];

  private constructor(
    target: EvmCommitTarget,
    da: FsDataAvailability,
    lane: CommitLane,
    operators: readonly SwitchedOperator[],
    contracts: Contracts,
    closers: readonly (() => void)[],
  ) {
    this.target = target;
    this.da = da;
    this.lane = lane;
    this.operators = operators;
    this.contracts = contracts;
    this.#closers = closers;
  }

  /** Opens or creates everything under `dataDir`. @throws as the stores and logs: `E_LOCKED` if another process runs there */
  static async open(options: LocalChainOptions): Promise<LocalChain> {
    const { dataDir, contracts, provider, operatorKeys, now, hold, fromBlock } = options;
    const target = await EvmCommitTarget.connect(contracts, provider, fromBlock);
    const closers: (() => void)[] = [];
    const kept = <T extends { close(): void }>(resource: T): T => {
      closers.push(() => resource.close());
      return resource;
    };
    try {
      const da = await FsDataAvailability.open(folder(dataDir, "da"));
      const storeIn = (path: string) =>
        kept(StateStore.open({ path: join(path, "state.db"), chainId: target.chainId }));
      const heldIn = (path: string) => kept(HeldCommits.open(join(path, "held.db")));
      const operators = operatorKeys.map((keyPair, i) => {
        const home = folder(dataDir, `operator-${i}`);
        const votes = kept(VoteLog.open(join(home, "votes.db")));
        const files = { store: storeIn(home), votes, held: heldIn(home) };
        const parts = { name: `operator ${i}`, keyPair, source: target, deltas: da, now };
        return new SwitchedOperator(new CommitSigner({ ...parts, ...files }));
      });
      const home = folder(dataDir, "gateway");
      const journal = kept(IntakeJournal.open(join(home, "journal.db")));
      const lane = new CommitLane({
        target,
        store: storeIn(home),
        journal,
        held: heldIn(home),
        deltas: da,
        operators,
        now,
        ...(hold && { hold }),
        ...(options.isObserved && { onCertified: observerIn(dataDir) }),
      });
      return new LocalChain(target, da, lane, operators, contracts, closers);
    } catch (error) {
      for (const close of closers) close();
      throw error;
    }
  }

  /** Puts the first `count` operators offline and the others online. */
  setOffline(count: number): void {
    for (const [i, operator] of this.operators.entries()) operator.isOnline = i >= count;
  }

  /** Releases every file. */
  close(): void {
    for (const close of this.#closers) close();
  }
}

function observerIn(dataDir: string): (certified: CertifiedCommit) => void {
  const path = join(dataDir, OBSERVATIONS_FOLDER);
  return (certified) => {
    writeObservation(path, { kind: "certified-commit", ...certified, before: [], behind: [] });
  };
}

function folder(...parts: string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
}
