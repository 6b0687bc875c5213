import { writeFileSync } from "node:fs";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { type Hex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { EMPTY_ROOT, leafHash } from "../../src/tree/hasher.ts";
import { bitAt } from "../../src/tree/path.ts";
import { decodeProof, encodeProof, type Proof } from "../../src/tree/proof.ts";
import { PROOF_FAULTS, type ProofFault } from "../../src/tree/proofFault.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";

/**
 * Writes test/vectors/jmtProofs.json: proofs that hold, and edits of them that must fail with the fault that the edit, not
 * a verifier, implies. Columns of equal length, because Solidity tests read whole arrays.
 */

interface Case {
  readonly name: string;
  readonly kind: "inclusion" | "absence";
  readonly root: StateRoot;
  readonly key: TreeKey;
  readonly valueHash: ValueHash;
  readonly proof: Uint8Array;
  readonly fault: ProofFault;
}

interface NamedTree {
  readonly name: string;
  readonly keys: readonly TreeKey[];
  readonly tree: VersionedTree;
}

const NO_VALUE = bytes32<ValueHash>(new Uint8Array(32));

/** A number that looks random and is the same every time. */
function derive(label: string): TreeKey {
  return keccak256<TreeKey>(tag(label));
}

function sampleValue(key: TreeKey): ValueHash {
  return keccak256<ValueHash>(tag("value"), key);
}

function withBitFlipped<T extends Uint8Array>(bytes: T, bit: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return out;
}

function flipKey(key: TreeKey, bit: number): TreeKey {
  return bytes32<TreeKey>(withBitFlipped(key, bit));
}

function treeOf(name: string, keys: readonly TreeKey[]): NamedTree {
  const tree = new VersionedTree();
  tree.commit(tree.stage(keys.map((key) => [key, sampleValue(key)] as const)));
  return { name, keys, tree };
}

function trees(): NamedTree[] {
  const random = (count: number) =>
    treeOf(
      `${count} keys`,
      Array.from({ length: count }, (_, i) => derive(`${count}:${i}`)),
    );
  const base = derive("base");
  const shared = [7, 8, 31, 63, 64, 65, 127, 200, 254];
  return [
    ...[0, 1, 2, 3, 10, 1_000].map(random),
    treeOf("long shared prefixes", [base, ...shared.map((bit) => flipKey(base, bit))]),
    treeOf("two keys that differ in the last bit", [base, flipKey(base, 255)]),
    treeOf("a neighbour at each of 256 depths", [
      base,
      ...Array.from({ length: 256 }, (_, bit) => flipKey(base, bit)),
    ]),
  ];
}

function included({ name, tree }: NamedTree, key: TreeKey): Case {
  return {
    name: `${name}: present`,
    kind: "inclusion",
    root: tree.root(),
    key,
    valueHash: sampleValue(key),
    proof: tree.prove(key),
    fault: "None",
  };
}

function absent({ name, tree }: NamedTree, key: TreeKey): Case {
  const proof = tree.prove(key);
  const kind = "absence";
  const root = tree.root();
  return { name: `${name}: absent`, kind, root, key, valueHash: NO_VALUE, proof, fault: "None" };
}

/** Edits that only touch the bytes' form; they fail alike for presence and absence. */
function formEdits(c: Case): Case[] {
  const edit = (name: string, proof: Uint8Array, fault: ProofFault): Case => ({
    ...c,
    name: `${c.name}; ${name}`,
    proof,
    fault,
  });
  const { proof } = c;
  const rest = proof.subarray(3);
  const first = proof.subarray(0, 1);
  return [
    edit("JMT-02 nothing", new Uint8Array(), "ProofTooShort"),
    edit("JMT-02 two bytes", proof.subarray(0, 2), "ProofTooShort"),
    edit("JMT-02 last byte cut", proof.subarray(0, -1), "ProofTooShort"),
    edit("JMT-03 one byte more", concatBytes(proof, Uint8Array.of(0)), "ProofTooLong"),
    edit("JMT-03 32 bytes more", concatBytes(proof, derive("more")), "ProofTooLong"),
    edit("JMT-04 depth 257", concatBytes(first, uintBytes(257, 2), rest), "DepthOutOfRange"),
    edit("JMT-04 depth 65535", concatBytes(first, uintBytes(65_535, 2), rest), "DepthOutOfRange"),
    ...terminalEdits(c, edit),
    ...bitmapEdits(c, edit),
  ];
}

type Edit = (name: string, proof: Uint8Array, fault: ProofFault) => Case;

function terminalEdits({ kind, proof }: Case, edit: Edit): Case[] {
  const terminal = (byte: number) => concatBytes(Uint8Array.of(byte), proof.subarray(1));
  const isOther = proof[0] === 2;
  // An unknown terminal has nothing behind the siblings, where a neighbour's leaf is then left over.
  const unknown = isOther ? "ProofTooLong" : "UnknownTerminal";
  const swapped = kind === "inclusion" ? 1 : 0;
  return [
    edit("terminal 3", terminal(3), unknown),
    edit("terminal 255", terminal(255), unknown),
    edit(
      "JMT-21 terminal of the other kind",
      terminal(swapped),
      isOther ? "ProofTooLong" : "ProofKindMismatch",
    ),
    {
      ...edit("JMT-21 asked for the other kind", proof, "ProofKindMismatch"),
      kind: kind === "inclusion" ? "absence" : "inclusion",
    },
  ];
}

function bitmapEdits({ proof }: Case, edit: Edit): Case[] {
  const { siblings } = decodeProof(proof);
  const depth = siblings.length;
  const out: Case[] = [];
  const bitmapByte = 3;
  if (depth % 8 !== 0) {
    // The bitmap is a big-endian number: its first bit is the one furthest above the depth.
    out.push(edit("stray bitmap bit", withBitFlipped(proof, 8 * bitmapByte), "NonCanonicalBitmap"));
  }
  siblings.slice(0, 2).forEach((sibling, fromLeaf) => {
    const bit = depth - 1 - fromLeaf;
    const bitmapBytes = (depth + 7) >> 3;
    const at = 8 * (bitmapByte + bitmapBytes) - 1 - bit;
    const isEmpty = Buffer.compare(sibling, EMPTY_ROOT) === 0;
    const fault = isEmpty ? "ProofTooShort" : "ProofTooLong";
    out.push(edit(`bitmap bit ${bit} flipped`, withBitFlipped(proof, at), fault));
  });
  return out;
}

/** Edits of what the proof says; they need at least one sibling. */
function siblingEdits(c: Case): Case[] {
  const decoded = decodeProof(c.proof);
  const { siblings } = decoded;
  const full = siblings.findIndex((sibling) => Buffer.compare(sibling, EMPTY_ROOT) !== 0);
  const sibling = siblings[full];
  if (sibling === undefined) return [];
  const edit = (name: string, changed: Partial<Proof>, fault: ProofFault = "RootMismatch") => ({
    ...c,
    name: `${c.name}; ${name}`,
    proof: encodeProof({ ...decoded, ...changed }),
    fault,
  });
  const flipped = (bit: number) => siblings.with(full, bytes32(withBitFlipped(sibling, bit)));
  const explicit = Buffer.from(encodeProof(decoded));
  explicit.set(EMPTY_ROOT, explicit.indexOf(sibling));
  const out = [
    edit("JMT-09 first sibling bit flipped", { siblings: flipped(0) }),
    edit("JMT-09 last sibling bit flipped", { siblings: flipped(255) }),
    edit("JMT-02 lowest sibling left out", { siblings: siblings.slice(1) }),
    { ...edit("JMT-08 placeholder in full", {}, "PlaceholderSibling"), proof: explicit },
  ];
  if (c.kind === "absence") {
    const terminal = { kind: "empty-slot" } as const;
    out.push(edit("JMT-07 empty one level up", { siblings: siblings.slice(1), terminal }));
  }
  if (siblings.length < 256) {
    const longer = [bytes32<StateRoot>(derive("extra")), ...siblings];
    out.push(edit("JMT-03 one sibling more", { siblings: longer }, extraFault(c, decoded)));
  }
  const reversed = siblings.toReversed();
  if (Buffer.compare(Buffer.concat(reversed), Buffer.concat([...siblings])) !== 0) {
    out.push(edit("JMT-10 siblings reversed", { siblings: reversed }));
  }
  return out;
}

/** With one level more, another leaf must share one bit more. */
function extraFault({ key }: Case, { terminal, siblings }: Proof): ProofFault {
  if (terminal.kind !== "other-leaf") return "RootMismatch";
  const depth = siblings.length;
  return bitAt(key, depth) === bitAt(terminal.key, depth) ? "RootMismatch" : "NotANeighbour";
}

/** Edits of what is claimed. */
function claimEdits(c: Case): Case[] {
  const claim = (name: string, changed: Partial<Case>): Case => ({
    ...c,
    fault: "RootMismatch",
    ...changed,
    name: `${c.name}; ${name}`,
  });
  const out = [
    claim("JMT-23 root zero", { root: bytes32<StateRoot>(new Uint8Array(32)) }),
    claim("JMT-23 another root", { root: bytes32<StateRoot>(derive("another root")) }),
  ];
  if (c.kind === "absence") return out;
  return [...out, ...presenceEdits(c, claim)];
}

/** Claims that turn the proof of a leaf against it. */
function presenceEdits(c: Case, claim: (name: string, changed: Partial<Case>) => Case): Case[] {
  const { siblings } = decodeProof(c.proof);
  const own = { kind: "other-leaf", key: c.key, valueHash: c.valueHash } as const;
  const asNeighbour = encodeProof({ terminal: own, siblings });
  const [sibling] = siblings;
  const out = [
    claim("another value", { valueHash: bytes32<ValueHash>(derive("another value")) }),
    claim("JMT-08 placeholder as value hash", { valueHash: bytes32<ValueHash>(EMPTY_ROOT) }),
    claim("JMT-12 leaf hash as value hash", {
      valueHash: bytes32<ValueHash>(leafHash(c.key, c.valueHash)),
    }),
    claim("another key", { key: flipKey(c.key, 200) }),
    claim("JMT-06 absent by its own leaf", {
      kind: "absence",
      proof: asNeighbour,
      fault: "KeyPresent",
    }),
  ];
  if (sibling !== undefined) {
    const stranger = flipKey(c.key, siblings.length - 1);
    const leaf = leafHash(c.key, c.valueHash);
    const isRight = bitAt(c.key, siblings.length - 1) === 1;
    const [left, right] = isRight ? [sibling, leaf] : [leaf, sibling];
    out.push(
      claim("JMT-05 absent by a leaf elsewhere", {
        kind: "absence",
        key: stranger,
        proof: asNeighbour,
        fault: "NotANeighbour",
      }),
      claim("JMT-01 internal node as leaf", {
        key: bytes32<TreeKey>(left),
        valueHash: bytes32<ValueHash>(right),
        proof: encodeProof({ terminal: { kind: "own-leaf" }, siblings: siblings.slice(1) }),
      }),
    );
  }
  return out;
}

function casesOf(named: NamedTree): Case[] {
  const { name, keys, tree } = named;
  const isDense = keys.length === 257;
  const present = (isDense ? keys.slice(0, 2) : keys.slice(0, 14)).map((key) =>
    included(named, key),
  );
  const queries = [
    ...Array.from({ length: isDense ? 1 : 12 }, (_, i) => derive(`${name}: absent ${i}`)),
    ...keys.slice(0, isDense ? 1 : 4).flatMap((key) => [250, 251].map((bit) => flipKey(key, bit))),
  ];
  const missing = queries
    .filter((key) => tree.get(key) === undefined)
    .map((key) => absent(named, key));
  const edited = [...present.slice(0, 1), ...missing.slice(0, 1), ...missing.slice(-1)];
  const edits = edited.flatMap((c) =>
    isDense ? siblingEdits(c).slice(0, 2) : [...formEdits(c), ...siblingEdits(c), ...claimEdits(c)],
  );
  return [...present, ...missing, ...edits];
}

/** The file's text. */
export function generate(): string {
  const cases = trees().flatMap(casesOf);
  const column = (read: (c: Case) => Hex | string | number) => cases.map(read);
  const file = {
    names: column(({ name }) => name),
    kinds: column(({ kind }) => (kind === "inclusion" ? 0 : 1)),
    roots: column(({ root }) => toHex(root)),
    keys: column(({ key }) => toHex(key)),
    valueHashes: column(({ valueHash }) => toHex(valueHash)),
    proofs: column(({ proof }) => toHex(proof)),
    faults: column(({ fault }) => PROOF_FAULTS.indexOf(fault)),
    faultNames: column(({ fault }) => fault),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

if (import.meta.main) writeFileSync("test/vectors/jmtProofs.json", generate());
