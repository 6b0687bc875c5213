/**
 * What `work` makes of each item, in their order, while up to `ahead` later ones are worked on. When one fails, or nobody reads
 * on, no further one is begun.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for (const item of items) {
    const result = work(item);
    // Its failure is met when its turn comes; until then it must not count as unhandled.
    result.catch(() => undefined);
    begun.push(result);
    const next = begun.length > ahead ? begun.shift() : undefined;
    if (next !== undefined) yield await next;
  }
  for (const result of begun) yield await result;
}
