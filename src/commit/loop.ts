import type { CodedError } from "../bytes/errors.ts";
import type { CommitLane, TickOutcome } from "./lane.ts";

/** Seconds between two ticks, the same boundary for all chains. */
export const TICK_SECONDS = 120n;

/** What a tick came to on each chain: an outcome, or the error that stopped that chain's lane alone. */
export type LaneResult =
  | { readonly chainId: bigint; readonly outcome: TickOutcome }
  | { readonly chainId: bigint; readonly error: CodedError | Error };

/** Drives the lanes of all chains on one cadence. */
export class CommitLoop {
  readonly #lanes: readonly CommitLane[];

  constructor(lanes: readonly CommitLane[]) {
    this.#lanes = lanes;
  }

  /** One tick of every lane, at the same time. A lane that fails neither stops nor delays another. */
  async tick(): Promise<readonly LaneResult[]> {
    const results = await Promise.allSettled(this.#lanes.map((lane) => lane.tick()));
    return this.#lanes.map(({ chainId }, i) => {
      const result = results[i];
      if (result?.status === "fulfilled") return { chainId, outcome: result.value };
      const reason: unknown = result?.reason;
      return { chainId, error: reason instanceof Error ? reason : new Error(String(reason)) };
    });
  }

  /**
   * Ticks at every boundary of {@link TICK_SECONDS} until `signal` aborts, and hands each result to `onTick`. A tick that
   * outlasts the interval makes the loop miss boundaries, never run two ticks at once.
   * @param nowMs milliseconds since 1970
   */
  async run(
    signal: AbortSignal,
    onTick: (results: readonly LaneResult[]) => void,
    nowMs: () => number = Date.now,
  ): Promise<void> {
    const intervalMs = Number(TICK_SECONDS) * 1_000;
    while (!signal.aborted) {
      await sleepMs(intervalMs - (nowMs() % intervalMs), signal);
      if (!signal.aborted) onTick(await this.tick());
    }
  }
}

async function sleepMs(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
