/** How much is worked on before its turn. */
export interface Ahead<T> {
  readonly maxItems: number;
  /** Together the items that are worked on weigh no more than this, unless one alone does. */
  readonly maxWeight?: number;
  readonly weigh?: (item: T) => number;
}

/**
 * What `work` makes of each item, in their order, while later ones are worked on. When one fails, or nobody reads on, no further
 * one is begun.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  ahead: Ahead<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const { maxItems, maxWeight = Number.POSITIVE_INFINITY, weigh = () => 0 } = ahead;
  const begun: { readonly result: Promise<R>; readonly weight: number }[] = [];
  let weight = 0;
  for (const item of items) {
    const next = weigh(item);
    while (begun.length > 0 && (begun.length >= maxItems || weight + next > maxWeight)) {
      const first = begun.shift();
      if (first === undefined) break;
      weight -= first.weight;
      yield await first.result;
    }
    const result = work(item);
    // Its failure is met when its turn comes; until then it must not count as unhandled.
    result.catch(() => undefined);
    begun.push({ result, weight: next });
    weight += next;
  }
  for (const { result } of begun) yield await result;
}
