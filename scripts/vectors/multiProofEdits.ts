import { bytes32, type StateRoot, type ValueHash } from "../../src/bytes/brand.ts";
import { concatBytes, tag } from "../../src/bytes/codec.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { EMPTY_ROOT, internalHash } from "../../src/tree/hasher.ts";
import { encodeMultiProof, openMultiProof, type PlacedSegment } from "../../src/tree/multiProof.ts";
import type { MultiProofFault } from "../../src/tree/multiProofFault.ts";
import { commonPrefixBits } from "../../src/tree/path.ts";
import type { MultiProofCase } from "./multiProofs.ts";

/** Edits of multiproofs and updates that hold, each with the fault that it must have. */

const HEADER_BYTES = 3;
const OPENING_BYTES = 65;

function edit(
  c: MultiProofCase,
  name: string,
  fault: MultiProofFault,
  changed: Partial<MultiProofCase>,
): MultiProofCase {
  return { ...c, ...changed, name: `${c.name}; ${name}`, fault };
}

function flip<T extends Uint8Array>(bytes: T, bit: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return out;
}

function segmentsOf({ changes, proof }: MultiProofCase): PlacedSegment[] {
  const claims = changes.map(([key, old]) => [key, old] as const);
  const segments = openMultiProof(claims, proof);
  if (typeof segments === "string") throw new Error(`expected segments, got ${segments}`);
  return segments;
}

/** Edits of the claims' and the proof's form. */
export function formEdits(c: MultiProofCase): MultiProofCase[] {
  const { changes, proof } = c;
  const on = (name: string, fault: MultiProofFault, changed: Partial<MultiProofCase>) =>
    edit(c, name, fault, changed);
  const [first] = changes;
  const terminal = (byte: number) => concatBytes(Uint8Array.of(byte), proof.subarray(1));
  const depth = (value: number) =>
    concatBytes(proof.subarray(0, 1), Uint8Array.of(value >> 8, value & 0xff), proof.subarray(3));
  const edits = [
    on("JMT-20 no leaves", "NoLeaves", { changes: [] }),
    on("JMT-20 no leaves, no proof", "NoLeaves", { changes: [], proof: new Uint8Array() }),
    on("JMT-20 a key twice", "KeysNotAscending", {
      changes: first === undefined ? [] : [first, ...changes],
    }),
    on("JMT-20 no proof", "ProofTooShort", { proof: new Uint8Array() }),
    on("JMT-02 last byte cut", "ProofTooShort", { proof: proof.subarray(0, -1) }),
    on("JMT-03 one byte more", "ProofTooLong", { proof: concatBytes(proof, Uint8Array.of(0)) }),
    on("JMT-03 the proof twice", "ProofTooLong", { proof: concatBytes(proof, proof) }),
    on("terminal 3", "UnknownTerminal", { proof: terminal(3) }),
    on("JMT-04 depth 257", "DepthOutOfRange", { proof: depth(257) }),
    on("JMT-21 terminal of the other kind", "ProofKindMismatch", {
      proof: terminal(proof[0] === 0 ? 1 : 0),
    }),
  ];
  if (changes.length > 1) {
    edits.push(
      on("JMT-20 keys in reverse", "KeysNotAscending", { changes: [...changes].reverse() }),
    );
  }
  // All claims in the slot at depth 0.
  if (changes.filter(([, value]) => value !== null).length > 1) {
    edits.push(on("two leaves in one slot", "SlotOccupied", { proof: depth(0) }));
  }
  return edits;
}

/** Edits of single segments. */
export function segmentEdits(c: MultiProofCase): MultiProofCase[] {
  const segments = segmentsOf(c);
  const [first] = segments;
  const edits: MultiProofCase[] = [];
  const replaced = (i: number, segment: PlacedSegment) =>
    encodeMultiProof(segments.with(i, segment));
  const on = (name: string, fault: MultiProofFault, proof: Uint8Array) =>
    edits.push(edit(c, name, fault, { proof }));
  if (first !== undefined && first.siblings.length % 8 !== 0) {
    on("stray bitmap bit", "NonCanonicalBitmap", flip(c.proof, 8 * HEADER_BYTES));
  }
  if (first?.siblings.some((sibling) => equalBytes(sibling, EMPTY_ROOT))) {
    on("a placeholder given in full", "PlaceholderSibling", inFull(first, segments.slice(1)));
  }
  for (const [i, segment] of segments.entries()) {
    const { terminal, depth, siblings } = segment;
    const [previous, own] = [c.changes[segment.first - 1], c.changes[segment.first]];
    if (previous !== undefined && own !== undefined) {
      const fork = commonPrefixBits(previous[0], own[0]);
      on(
        "a slot that holds the key before",
        "DepthMismatch",
        replaced(i, { ...segment, depth: fork }),
      );
    }
    if (siblings.length > 1 && !equalBytes(siblings[0] ?? EMPTY_ROOT, siblings[1] ?? EMPTY_ROOT)) {
      const [a = EMPTY_ROOT, b = EMPTY_ROOT, ...rest] = siblings;
      on(
        "JMT-10 siblings swapped",
        "RootMismatch",
        replaced(i, { ...segment, siblings: [b, a, ...rest] }),
      );
    }
    if (terminal.kind !== "other-leaf") continue;
    const key = own?.[0] ?? terminal.key;
    on(
      "JMT-06 a claimed key's leaf as its neighbour",
      "KeyPresent",
      replaced(i, { ...segment, terminal: { ...terminal, key } }),
    );
    on(
      "a neighbour hidden",
      "RootMismatch",
      replaced(i, { ...segment, terminal: { kind: "empty-slot" } }),
    );
    if (depth > 0) {
      const stranger = bytes32<typeof key>(flip(terminal.key, depth - 1));
      on(
        "JMT-05 a neighbour from elsewhere",
        "NotANeighbour",
        replaced(i, { ...segment, terminal: { ...terminal, key: stranger } }),
      );
    }
  }
  return edits;
}

/** The first segment with one of its placeholders given in full, and the others as they are. */
function inFull(first: PlacedSegment, others: readonly PlacedSegment[]): Uint8Array {
  const at = first.siblings.findIndex((sibling) => equalBytes(sibling, EMPTY_ROOT));
  const marker = keccak256<StateRoot>(tag("marker"));
  const marked = encodeMultiProof([{ ...first, siblings: first.siblings.with(at, marker) }]);
  const offset = Buffer.from(marked).indexOf(marker);
  marked.set(EMPTY_ROOT, offset);
  return concatBytes(marked, encodeMultiProof(others));
}

/** Edits that keep the form and change what is true. */
export function truthEdits(c: MultiProofCase): MultiProofCase[] {
  const { changes, root } = c;
  const on = (name: string, changed: Partial<MultiProofCase>) =>
    edit(c, name, "RootMismatch", changed);
  const edits = [
    on("another root", { root: bytes32<StateRoot>(flip(root, 255)) }),
    on("JMT-23 root zero", { root: bytes32<StateRoot>(new Uint8Array(32)) }),
  ];
  if (!equalBytes(root, EMPTY_ROOT)) edits.push(on("JMT-23 the empty root", { root: EMPTY_ROOT }));
  for (const [i, change] of changes.entries()) {
    const [key, old, made] = change;
    if (old === null) continue;
    const other = bytes32<ValueHash>(flip(old, i));
    edits.push(
      on(`another value of leaf ${i}`, { changes: changes.with(i, [key, other, made]) }),
      on(`JMT-08 the placeholder as value of leaf ${i}`, {
        changes: changes.with(i, [key, bytes32<ValueHash>(EMPTY_ROOT), made]),
      }),
    );
    break;
  }
  const sibling = segmentsOf(c)
    .flatMap(({ siblings }) => siblings)
    .find((each) => !equalBytes(each, EMPTY_ROOT));
  if (sibling !== undefined) {
    const at = Buffer.from(c.proof).indexOf(sibling);
    edits.push(
      on("JMT-09 a bit of a sibling", { proof: flip(c.proof, 8 * at + 100) }),
      on("JMT-01 a sibling's parent in its place", {
        proof: withWord(c.proof, at, internalHash(sibling, sibling)),
      }),
    );
  }
  return edits;
}

/** Edits of an update that has openings, beside those of its multiproof. */
export function openingEdits(c: MultiProofCase): MultiProofCase[] {
  const { openings, changes, newRoot } = c;
  const on = (name: string, fault: MultiProofFault, changed: Partial<MultiProofCase>) =>
    edit(c, name, fault, changed);
  const kind = (byte: number) => concatBytes(Uint8Array.of(byte), openings.subarray(1));
  const last = changes.length - 1;
  const change = changes[last];
  return [
    on("no openings", "OpeningsTooShort", { openings: new Uint8Array() }),
    on("last byte of the openings cut", "OpeningsTooShort", { openings: openings.subarray(0, -1) }),
    on("one byte more of openings", "OpeningsTooLong", {
      openings: concatBytes(openings, Uint8Array.of(0)),
    }),
    on("a leaf opened as an internal node, or the reverse", "OpeningMismatch", {
      openings: kind(openings[0] === 0 ? 1 : 0),
    }),
    on("an opening of no kind", "OpeningMismatch", { openings: kind(2) }),
    on("an opening of another node", "OpeningMismatch", {
      openings: flip(openings, 8 * (OPENING_BYTES - 1)),
    }),
    on("another new root", "NewRootMismatch", {
      newRoot: bytes32<StateRoot>(flip(newRoot, 0)),
    }),
    on("the old root as the new one", "NewRootMismatch", { newRoot: c.root }),
    ...(change === undefined || change[2] === null
      ? []
      : [
          on("another new value", "NewRootMismatch", {
            changes: changes.with(last, [
              change[0],
              change[1],
              keccak256<ValueHash>(tag("another"), change[0]),
            ]),
          }),
        ]),
  ];
}

function withWord(proof: Uint8Array, at: number, word: Uint8Array): Uint8Array {
  const out = Uint8Array.from(proof);
  out.set(word, at);
  return out;
}
