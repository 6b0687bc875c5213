import { writeFileSync } from "node:fs";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { compareBytes } from "../../src/bytes/compare.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { EMPTY_ROOT } from "../../src/tree/hasher.ts";
import { nextKey } from "../../src/tree/path.ts";
import type { RangeProofFault } from "../../src/tree/rangeProofFault.ts";
import { type Entry, VersionedTree } from "../../src/tree/versionedTree.ts";

/**
 * Writes test/vectors/rangeProofs.json: range proofs that hold, and as many edits that must fail with the fault that the edit,
 * not a verifier, implies.
 */

interface Case {
  readonly name: string;
  readonly root: StateRoot;
  readonly from: TreeKey;
  readonly to: TreeKey;
  readonly leaves: readonly Entry[];
  readonly proof: Uint8Array;
  readonly fault: RangeProofFault;
}

const FIRST = bytes32<TreeKey>(new Uint8Array(32));
const LAST = bytes32<TreeKey>(new Uint8Array(32).fill(0xff));

function derive(label: string): TreeKey {
  return keccak256<TreeKey>(tag(label));
}

function sampleValue(key: TreeKey): ValueHash {
  return keccak256<ValueHash>(tag("value"), key);
}

/** First and last key of a namespace. */
function namespaceBounds(namespace: number): [TreeKey, TreeKey] {
  const [from, to] = [FIRST.slice(), LAST.slice()];
  from[0] = namespace;
  to[0] = namespace;
  return [bytes32<TreeKey>(from), bytes32<TreeKey>(to)];
}

function treeOf(keys: readonly TreeKey[]): VersionedTree {
  return VersionedTree.restore(
    1n,
    keys.map((key) => [key, sampleValue(key)] as const),
  );
}

/** Keys as the state has them: a namespace in front. */
function namespacedKeys(count: number): TreeKey[] {
  return Array.from({ length: count }, (_, i) => {
    const key = derive(`${count}:${i}`).slice();
    key[0] = 1 + (i % 8);
    return bytes32<TreeKey>(key);
  });
}

type Bounds = readonly [string, TreeKey, TreeKey];

/** Intervals of every form: everything, namespaces, from leaf to leaf, one key, between two leaves. */
function boundsOf(entries: readonly Entry[]): Bounds[] {
  const keys = entries.map(([key]) => key);
  const at = (part: number) => keys[Math.floor(part * (keys.length - 1))] ?? derive("absent");
  const [low, high] = [at(0.25), at(0.75)];
  const behindLow = nextKey(low) ?? low;
  const absent = [derive("a"), derive("b")].sort(compareBytes);
  const all: Bounds[] = [
    ["everything", FIRST, LAST],
    ["namespace 4", ...namespaceBounds(4)],
    ["namespace 9", ...namespaceBounds(9)],
    ["leaf to leaf", low, high],
    ["one present key", low, low],
    ["one absent key", behindLow, behindLow],
    ["up to a leaf", FIRST, high],
    ["from a leaf", low, LAST],
    ["behind a leaf", behindLow, high],
    [
      "the two halves' border",
      bytes32<TreeKey>(concatBytes(uintBytes(0x7f, 1), LAST.subarray(1))),
      bytes32<TreeKey>(concatBytes(uintBytes(0x80, 1), FIRST.subarray(1))),
    ],
  ];
  const [a, b] = absent;
  if (a !== undefined && b !== undefined) all.push(["between keys that are absent", a, b]);
  return all.filter(([, from, to]) => compareBytes(from, to) <= 0);
}

function holding(treeName: string, tree: VersionedTree): Case[] {
  return boundsOf([...tree.entries()]).map(([name, from, to]) => {
    const { leaves, proof } = tree.proveRange(from, to);
    return {
      name: `${treeName}: ${name}`,
      root: tree.root(),
      from,
      to,
      leaves,
      proof,
      fault: "None",
    };
  });
}

/** Edits of what is claimed: JMT-25. */
function claimEdits(c: Case): Case[] {
  const edit = (name: string, change: Partial<Case>): Case => ({
    ...c,
    ...change,
    name: `${c.name}; ${name}`,
  });
  const [first, second] = c.leaves;
  const edits = [
    edit("another root", { root: bytes32<StateRoot>(derive("root")), fault: "RootMismatch" }),
  ];
  if (compareBytes(c.from, c.to) < 0) {
    edits.push(
      edit("JMT-25 bounds swapped", { from: c.to, to: c.from, fault: "IntervalInverted" }),
    );
  }
  if (first === undefined || second === undefined) return edits;
  const altered: Entry = [first[0], sampleValue(second[0])];
  return [
    ...edits,
    edit("JMT-25 altered leaf", { leaves: [altered, ...c.leaves.slice(1)], fault: "RootMismatch" }),
    edit("JMT-25 reordered leaves", {
      leaves: [second, first, ...c.leaves.slice(2)],
      fault: "LeavesNotAscending",
    }),
    edit("JMT-25 leaf twice", { leaves: [first, ...c.leaves], fault: "LeavesNotAscending" }),
  ];
}

/** Edits of the bytes' form. */
function formEdits(c: Case): Case[] {
  const edit = (name: string, proof: Uint8Array, fault: RangeProofFault): Case => ({
    ...c,
    name: `${c.name}; ${name}`,
    proof,
    fault,
  });
  const { proof } = c;
  const withDepths = (from: number, to: number) =>
    concatBytes(uintBytes(from, 2), uintBytes(to, 2), proof.subarray(4));
  return [
    edit("nothing", new Uint8Array(), "ProofTooShort"),
    edit("last byte cut", proof.subarray(0, -1), "ProofTooShort"),
    edit("one byte more", concatBytes(proof, Uint8Array.of(0)), "ProofTooLong"),
    edit("32 bytes more", concatBytes(proof, derive("more")), "ProofTooLong"),
    edit("depth 257", withDepths(257, 257), "DepthOutOfRange"),
    edit("depth 65535", withDepths(65_535, 0), "DepthOutOfRange"),
    edit(
      "terminal 255",
      concatBytes(proof.subarray(0, 4), Uint8Array.of(255), proof.subarray(5)),
      "UnknownTerminal",
    ),
  ];
}

/** The file's text. */
export function generate(): string {
  const trees: [string, TreeKey[]][] = [
    ["no keys", []],
    ["1 key", namespacedKeys(1)],
    ["2 keys", namespacedKeys(2)],
    ["5 keys", namespacedKeys(5)],
    ["64 keys", namespacedKeys(64)],
    ["clustered keys", clusteredKeys()],
  ];
  const valid = trees.flatMap(([name, keys]) => holding(name, treeOf(keys)));
  // As many that fail: two of three have an edited claim, in turn one of each kind.
  const failing = valid.flatMap((c, i) => {
    const edits = i % 3 === 2 ? formEdits(c) : [...leafEdits(c), ...claimEdits(c)];
    return edits.slice(i % edits.length, (i % edits.length) + 1);
  });
  const rows = [...valid, ...failing].map((c) => ({
    name: c.name,
    root: toHex(c.root),
    from: toHex(c.from),
    to: toHex(c.to),
    leaves: c.leaves.map(([key, value]) => [toHex(key), toHex(value)]),
    proof: toHex(c.proof),
    fault: c.fault,
  }));
  return `${JSON.stringify({ empty: toHex(EMPTY_ROOT), cases: rows }, null, 1)}\n`;
}

/** Keys that differ from one another in one bit, at several depths. */
function clusteredKeys(): TreeKey[] {
  const base = derive("base");
  const flipped = [7, 8, 31, 63, 64, 127, 200, 255].map((bit) => {
    const key = base.slice();
    key[bit >> 3] = (key[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    return bytes32<TreeKey>(key);
  });
  return [base, ...flipped];
}

/** A leaf left out or put in: which fault follows depends on whether it ends a path, so only inner leaves are edited. */
function leafEdits(c: Case): Case[] {
  const middle = c.leaves.length >> 1;
  const [left, right] = [c.leaves[middle - 1], c.leaves[middle]];
  if (c.leaves.length < 4 || left === undefined || right === undefined) return [];
  const edit = (name: string, leaves: Entry[], fault: RangeProofFault): Case => ({
    ...c,
    name: `${c.name}; ${name}`,
    leaves,
    fault,
  });
  const extra = nextKey(left[0]);
  const without = c.leaves.filter((_, i) => i !== middle);
  const edits = [edit("JMT-25 omitted leaf", without, "RootMismatch")];
  if (extra === undefined || compareBytes(extra, right[0]) >= 0) return edits;
  const added: Entry = [extra, sampleValue(extra)];
  const together = [...c.leaves.slice(0, middle), added, ...c.leaves.slice(middle)];
  return [...edits, edit("JMT-25 extra leaf", together, "RootMismatch")];
}

if (import.meta.main) writeFileSync("test/vectors/rangeProofs.json", generate());
