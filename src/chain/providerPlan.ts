import { CodedError } from "../bytes/errors.ts";
import type { ConsumerRow } from "./consumers.ts";

/**
 * What a change of the AddressesProvider means for those who copied its addresses. Pure: the directory and the copies are
 * given (`providerReader.ts` reads them), the changes are tried in their order, and nothing is sent.
 *
 * A consumer dangles if an entry that it copied is gone or is another address. Between a `set` and the building of its
 * readers that cannot be avoided; at the end of the order there may be none, and an entry is never removed under a reader.
 */

/**
 * An order cannot be carried out.
 *
 * - `E_DANGLING_CONSUMER`: it leaves a consumer with an address that the directory does not have (any more)
 * - `E_CHANGE_INVALID`: a change is no change, or nobody knows how to make it
 */
export class ProviderPlanError extends CodedError<"E_DANGLING_CONSUMER" | "E_CHANGE_INVALID"> {}

/** One change, as the owner of the provider or a deployer makes it. */
export type Change =
  | { readonly kind: "set"; readonly id: string; readonly address: string }
  | { readonly kind: "remove"; readonly id: string }
  /** Builds the consumer that `id` names from the directory as it is then, and enters it. */
  | { readonly kind: "deploy"; readonly id: string; readonly reads?: readonly string[] };

/** A consumer with what it copied, by name of the entry. */
export interface LiveConsumer extends ConsumerRow {
  readonly copies: ReadonlyMap<string, string>;
  /** Names among them whose contract is still to be deployed at the address that was copied. */
  readonly pending?: readonly string[];
}

/** The directory and those who copied from it. */
export interface ProviderState {
  /** Address by name; no entry where the provider has none. */
  readonly entries: ReadonlyMap<string, string>;
  /** Those that are entered. */
  readonly consumers: readonly LiveConsumer[];
  /** How each consumer is built, entered or not. */
  readonly rows: readonly ConsumerRow[];
  /** What contracts at addresses that are to be set copied, where it could be read. */
  readonly copiesAt?: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A copy that is not what the directory says. */
export interface DanglingCopy {
  readonly consumer: string;
  readonly id: string;
  readonly copy: string;
  /** Undefined if the entry is gone. */
  readonly current: string | undefined;
}

/** A step of the order, with the consumers that dangle once it is made. */
export interface PlanStep {
  readonly change: Change;
  /** Whether it was added because of those before. */
  readonly isAdded: boolean;
  readonly dangling: readonly DanglingCopy[];
}

/** An order that leaves nobody dangling. */
export interface ProviderPlan {
  /** Those that dangle before any step. */
  readonly dangling: readonly DanglingCopy[];
  readonly steps: readonly PlanStep[];
  /** Consumers to be built anew, in the order of the steps. */
  readonly redeploy: readonly string[];
}

/** Changes in one order, at most. */
export const MAX_CHANGES = 256;

/**
 * Tries `changes` in their order. Where none of them builds a consumer, the ones that have to be built anew are added at the
 * end, each after those it copies from; where one does, the order is taken as complete and judged as it is.
 * @throws {ProviderPlanError}
 */
export function planChanges(state: ProviderState, changes: readonly Change[]): ProviderPlan {
  if (changes.length > MAX_CHANGES) {
    const message = `expected at most ${MAX_CHANGES} changes, got ${changes.length}`;
    throw new ProviderPlanError("E_CHANGE_INVALID", message);
  }
  const trial = new Trial(state);
  const dangling = trial.dangling();
  const steps: PlanStep[] = [];
  const take = (change: Change, isAdded: boolean) => {
    trial.apply(change, steps.length + 1);
    steps.push({ change, isAdded, dangling: trial.dangling() });
  };
  for (const change of changes) take(change, false);
  if (!changes.some(({ kind }) => kind === "deploy")) {
    for (const id of trial.toRebuild()) take({ kind: "deploy", id }, true);
  }
  const left = trial.dangling();
  if (left.length > 0) {
    const order = trial.toRebuild().map((id) => `deploy:${id}`);
    throw danglingError("at the end", left, `behind the last step: ${order.join(", ")}`);
  }
  const redeploy = steps.flatMap(({ change }) => (change.kind === "deploy" ? [change.id] : []));
  return { dangling, steps, redeploy };
}

/** The state as the steps make it. */
class Trial {
  readonly #entries: Map<string, string>;
  readonly #live: Map<string, LiveConsumer>;
  readonly #rows: ReadonlyMap<string, ConsumerRow>;
  readonly #copiesAt: ReadonlyMap<string, ReadonlyMap<string, string>>;

  constructor({ entries, consumers, rows, copiesAt = new Map() }: ProviderState) {
    this.#entries = new Map(entries);
    this.#live = new Map(consumers.map((consumer) => [consumer.id, consumer]));
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#copiesAt = copiesAt;
  }

  apply(change: Change, step: number): void {
    if (change.kind === "set") this.#set(change.id, change.address, step);
    else if (change.kind === "remove") this.#remove(change.id, step);
    else this.#deploy(change.id, change.reads, step);
  }

  dangling(): DanglingCopy[] {
    return [...this.#live.values()].flatMap(({ id: consumer, copies }) =>
      [...copies].flatMap(([id, copy]) => {
        const current = this.#entries.get(id);
        return isSameAddress(current, copy) ? [] : [{ consumer, id, copy, current }];
      }),
    );
  }

  /** Those that dangle, and those that will because these are built anew: each after what it copies from. */
  toRebuild(): string[] {
    const wanted = new Set<string>();
    for (const { consumer, id } of this.dangling()) {
      // Who has announced another waits for that one, and is not at fault.
      wanted.add(this.#live.get(consumer)?.pending?.includes(id) ? id : consumer);
    }
    for (let size = -1; size !== wanted.size; ) {
      size = wanted.size;
      for (const { id, copies, pending = [] } of this.#live.values()) {
        const reads = [...copies.keys()].filter((read) => !pending.includes(read));
        if (reads.some((read) => wanted.has(read))) wanted.add(id);
      }
    }
    const order: string[] = [];
    for (let left = [...wanted]; left.length > 0; ) {
      const ready = left.filter(
        (id) => !this.#readsOf(id).some((read) => read !== id && left.includes(read)),
      );
      if (ready.length === 0) {
        const message = `${left.join(", ")} copy from one another: none can be built first`;
        throw new ProviderPlanError("E_CHANGE_INVALID", message);
      }
      order.push(...ready);
      left = left.filter((id) => !ready.includes(id));
    }
    return order;
  }

  #set(id: string, address: string, step: number): void {
    if (isSameAddress(this.#entries.get(id), address)) {
      throw invalid(step, `${id} is ${address} already`);
    }
    this.#entries.set(id, address);
    this.#announced(id, address);
    const row = this.#rows.get(id);
    if (row === undefined) return;
    // Whoever built it took what the directory had, unless it says itself what it took.
    const said = this.#copiesAt.get(address.toLowerCase());
    this.#enter(row, said ?? this.#current(row.reads));
  }

  /** Puts a new consumer in its place; what it announces is awaited, unless it is there already. */
  #enter(row: ConsumerRow, copies: ReadonlyMap<string, string>): void {
    const all = new Map(copies);
    for (const id of row.announces ?? []) if (!all.has(id)) all.set(id, `the next ${id}`);
    const pending = (row.announces ?? []).filter((id) => {
      return !isSameAddress(this.#entries.get(id), all.get(id) ?? "");
    });
    this.#live.set(row.id, { ...row, copies: all, pending });
  }

  /** Whoever has announced `id` meant this address, unless it said another. */
  #announced(id: string, address: string): void {
    for (const [name, consumer] of this.#live) {
      const { copies, pending = [] } = consumer;
      if (!pending.includes(id)) continue;
      const left = pending.filter((one) => one !== id);
      const isOther = /^0x/.test(address) && /^0x/.test(copies.get(id) ?? "");
      const meant = isOther ? (copies.get(id) ?? "") : address;
      this.#live.set(name, { ...consumer, copies: new Map(copies).set(id, meant), pending: left });
    }
  }

  #remove(id: string, step: number): void {
    if (!this.#entries.has(id)) throw invalid(step, `there is no ${id} to remove`);
    // Who has announced an entry and is to be removed with it would be in its way, and it in theirs.
    const readers = [...this.#live.values()].filter(
      (one) => one.id !== id && one.copies.has(id) && !one.announces?.includes(id),
    );
    if (readers.length > 0) {
      const copies = readers.map(({ id: consumer, copies: of }) => {
        return { consumer, id, copy: of.get(id) ?? "", current: undefined };
      });
      const names = readers.map((reader) => reader.id).join(", ");
      const hint = `before it, remove ${names}, or build what does not read ${id}`;
      throw danglingError(`step ${step}, remove:${id}`, copies, hint);
    }
    this.#entries.delete(id);
    this.#live.delete(id);
  }

  #deploy(id: string, reads: readonly string[] | undefined, step: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) throw invalid(step, `nobody knows what ${id} is built from`);
    const needs = reads ?? row.reads;
    const missing = needs.filter((read) => !this.#entries.has(read));
    if (missing.length > 0) {
      const message = `step ${step}, deploy:${id}: the directory has no ${missing.join(", ")} then; set it first`;
      throw new ProviderPlanError("E_DANGLING_CONSUMER", message);
    }
    this.#enter({ ...row, reads: needs }, this.#current(needs));
    this.#entries.set(id, `built in step ${step}`);
    this.#announced(id, `built in step ${step}`);
  }

  #readsOf(id: string): readonly string[] {
    const { copies = new Map(), announces = [] } = this.#live.get(id) ?? {};
    return [...copies.keys()].filter((read) => !announces.includes(read));
  }

  #current(reads: readonly string[]): ReadonlyMap<string, string> {
    return new Map(reads.map((read) => [read, this.#entries.get(read) ?? "nothing"]));
  }
}

function isSameAddress(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

function invalid(step: number, why: string): ProviderPlanError {
  return new ProviderPlanError("E_CHANGE_INVALID", `step ${step}: ${why}`);
}

function danglingError(
  where: string,
  copies: readonly DanglingCopy[],
  hint: string,
): ProviderPlanError {
  const lines = copies.map(({ consumer, id, copy, current }) => {
    return `${consumer} copied ${id} = ${copy}, ${current === undefined ? "which would be gone" : `now ${current}`}`;
  });
  return new ProviderPlanError("E_DANGLING_CONSUMER", `${where}: ${lines.join("; ")}; ${hint}`);
}
