import { MAX_BATCH } from "./batchCertificate.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";

/** Consecutive items that one batch certificate can prove together. */
export type BatchRun<Item> = readonly [Item, ...Item[]];

/**
 * Cuts `items` into as few runs as keep the order and give each run one epoch and one list of non-signers: signatures of
 * different signers do not add up to one key's. Where signers change at every item, every run is of one.
 * @param certificateOf the packed certificate of an item
 * @param mostPerRun 1 to 32
 * @throws {OperatorError} `E_CERTIFICATE`, `E_POINT` for a certificate that cannot be read
 */
export function batchRuns<Item>(
  items: readonly Item[],
  certificateOf: (item: Item) => Uint8Array,
  mostPerRun: number = MAX_BATCH,
): BatchRun<Item>[] {
  const limit = Math.min(Math.max(mostPerRun, 1), MAX_BATCH);
  const runs: [Item, ...Item[]][] = [];
  let first: Certificate | undefined;
  for (const item of items) {
    const certificate = decodeCertificate(certificateOf(item));
    const run = runs.at(-1);
    if (run !== undefined && run.length < limit && isOfSameSigners(first, certificate)) {
      run.push(item);
    } else {
      runs.push([item]);
      first = certificate;
    }
  }
  return runs;
}

/** One epoch, one key, one list; the key too, so that a false one spoils no run but its own. */
function isOfSameSigners(first: Certificate | undefined, other: Certificate): boolean {
  return (
    first !== undefined &&
    first.epoch === other.epoch &&
    first.nonSigners.join() === other.nonSigners.join() &&
    first.aggregateKeyG2.equals(other.aggregateKeyG2)
  );
}
