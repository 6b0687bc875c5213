/**
 * Sorts the entries of a batch by key, in place: a radix sort from the most significant byte ("American flag sort", McIlroy,
 * Bostic and McIlroy 1993), with insertion for the small. At most 32 passes over each entry, however alike the keys are.
 */
import { ENTRY_BYTES, entryCell, entryWord, loadWord } from "./updates";

/** Up to this many entries, insertion is faster than counting 256 buckets. */
const INSERTION_ENTRIES: usize = 24;

/** Per byte of the key: where each of the 256 buckets is filled to, and where it ends. */
const BUCKETS: usize = memory.data(65536, 16);
const BUCKET_BYTES: usize = 8;
const BUCKETS_BYTES: usize = 2_048;
const BUCKET_END: usize = 4;

/** Sorts the entries from `first` to `end`, of whose keys the bytes before `byte` are the same. */
export function sortEntries(first: usize, end: usize, byte: usize): void {
  if (byte === 32 || end - first < 2 * ENTRY_BYTES) return;
  if (end - first <= INSERTION_ENTRIES * ENTRY_BYTES) {
    insertionSort(first, end);
    return;
  }
  const isNextWord = byte !== 0 && (byte & 7) === 0;
  if (isNextWord) loadWords(first, end, byte);
  const buckets = BUCKETS + byte * BUCKETS_BYTES;
  if (!distribute(first, end, byte, buckets)) sortEntries(first, end, byte + 1);
  else {
    let start = first;
    for (let i: usize = 0; i < 256; i++) {
      const bucketEnd = <usize>load<u32>(buckets + i * BUCKET_BYTES, BUCKET_END);
      sortEntries(start, bucketEnd, byte + 1);
      start = bucketEnd;
    }
  }
  if (isNextWord) loadWords(first, end, byte - 8);
}

function loadWords(first: usize, end: usize, offset: usize): void {
  for (let entry = first; entry < end; entry += ENTRY_BYTES) loadWord(entry, offset);
}

/** Puts the entries in the order of their byte number `byte`. @returns whether they differ in it */
function distribute(first: usize, end: usize, byte: usize, buckets: usize): bool {
  const shift = <u64>(56 - ((byte & 7) << 3));
  memory.fill(buckets, 0, BUCKETS_BYTES);
  for (let entry = first; entry < end; entry += ENTRY_BYTES) {
    const bucket = bucketOf(entry, shift, buckets);
    store<u32>(bucket, load<u32>(bucket, BUCKET_END) + 1, BUCKET_END);
  }
  const all = <u32>((end - first) / ENTRY_BYTES);
  if (load<u32>(bucketOf(first, shift, buckets), BUCKET_END) === all) return false;

  let start = first;
  for (let bucket = buckets; bucket < buckets + BUCKETS_BYTES; bucket += BUCKET_BYTES) {
    const size = <usize>load<u32>(bucket, BUCKET_END) * ENTRY_BYTES;
    store<u32>(bucket, <u32>start);
    start += size;
    store<u32>(bucket, <u32>start, BUCKET_END);
  }
  for (let bucket = buckets; bucket < buckets + BUCKETS_BYTES; bucket += BUCKET_BYTES) {
    fillBucket(bucket, shift, buckets);
  }
  return true;
}

/** Swaps what stands in `bucket` to where it belongs until everything in it does. */
function fillBucket(bucket: usize, shift: u64, buckets: usize): void {
  const end = <usize>load<u32>(bucket, BUCKET_END);
  for (let at = <usize>load<u32>(bucket); at < end; at += ENTRY_BYTES) {
    let entry = v128.load(at);
    for (;;) {
      const target =
        buckets + <usize>((v128.extract_lane<u64>(entry, 0) >> shift) & 0xff) * BUCKET_BYTES;
      if (target === bucket) break;
      const place = <usize>load<u32>(target);
      const displaced = v128.load(place);
      v128.store(place, entry);
      store<u32>(target, <u32>(place + ENTRY_BYTES));
      entry = displaced;
    }
    v128.store(at, entry);
  }
}

function bucketOf(entry: usize, shift: u64, buckets: usize): usize {
  return buckets + <usize>((entryWord(entry) >> shift) & 0xff) * BUCKET_BYTES;
}

function insertionSort(first: usize, end: usize): void {
  for (let at = first + ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
    const entry = v128.load(at);
    const word = entryWord(at);
    const cell = entryCell(at);
    let place = at;
    while (place > first && isBefore(word, cell, place - ENTRY_BYTES)) {
      v128.store(place, v128.load(place - ENTRY_BYTES));
      place -= ENTRY_BYTES;
    }
    v128.store(place, entry);
  }
}

/** Whether the key with this word at `cell` comes before that of `other`. */
function isBefore(word: u64, cell: usize, other: usize): bool {
  const otherWord = entryWord(other);
  if (word !== otherWord) return word < otherWord;
  const otherCell = entryCell(other);
  for (let i: usize = 0; i < 32; i += 8) {
    const own = bswap(load<u64>(cell + i));
    const theirs = bswap(load<u64>(otherCell + i));
    if (own !== theirs) return own < theirs;
  }
  return false;
}
