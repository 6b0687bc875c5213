/** Timing by rounds: whoever is compared takes turns in every round, so that a busy machine is busy for all of them. */

/** The middle of `values`; of an even number, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Milliseconds that `work` takes. */
export function timeMs(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Milliseconds that `work` takes until it is settled. */
export async function timeAsyncMs(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Named samples, one list per name. */
export class Samples {
  readonly #lists = new Map<string, number[]>();

  add(name: string, value: number): void {
    const list = this.#lists.get(name);
    if (list === undefined) this.#lists.set(name, [value]);
    else list.push(value);
  }

  /** The median of the samples of `name`. @throws {RangeError} if there are none */
  median(name: string): number {
    const list = this.#lists.get(name);
    if (list === undefined) throw new RangeError(`no samples of ${name}`);
    return median(list);
  }

  /** The median of `numerator` by `denominator`, sample by sample: each pair was taken in the same round. */
  ratio(numerator: string, denominator: string): number {
    const [above, below] = [this.#lists.get(numerator) ?? [], this.#lists.get(denominator) ?? []];
    return median(above.map((value, i) => value / (below[i] ?? Number.NaN)));
  }

  /** The medians of all names. */
  medians(): Record<string, number> {
    return Object.fromEntries([...this.#lists].map(([name, list]) => [name, median(list)]));
  }
}
