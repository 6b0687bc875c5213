import { writeFileSync } from "node:fs";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { type Hex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { MULTI_PROOF_FAULTS, type MultiProofFault } from "../../src/tree/multiProofFault.ts";
import { type Update, VersionedTree } from "../../src/tree/versionedTree.ts";
import { formEdits, openingEdits, segmentEdits, truthEdits } from "./multiProofEdits.ts";

/**
 * Writes test/vectors/multiProofs.json: multiproofs and updates that hold, and edits of them that must fail with the fault
 * that the edit, not a verifier, implies. Columns of equal length, because Solidity tests read whole arrays.
 */

/** One row. Changes of keys that are only claimed leave them as they are. */
export interface MultiProofCase {
  readonly name: string;
  readonly kind: "leaves" | "update";
  readonly root: StateRoot;
  readonly newRoot: StateRoot;
  readonly changes: readonly (readonly [TreeKey, ValueHash | null, ValueHash | null])[];
  readonly proof: Uint8Array;
  readonly openings: Uint8Array;
  readonly fault: MultiProofFault;
}

interface NamedTree {
  readonly name: string;
  readonly keys: readonly TreeKey[];
  readonly tree: VersionedTree;
}

const NO_VALUE = bytes32<ValueHash>(new Uint8Array(32));
const NO_ROOT = bytes32<StateRoot>(new Uint8Array(32));

/** A number that looks random and is the same every time. */
function derive(label: string): TreeKey {
  return keccak256<TreeKey>(tag(`multiproof ${label}`));
}

function sampleValue(key: TreeKey, label = "value"): ValueHash {
  return keccak256<ValueHash>(tag(label), key);
}

function flipKey(key: TreeKey, bit: number): TreeKey {
  const out = Uint8Array.from(key);
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return bytes32<TreeKey>(out);
}

function trees(): NamedTree[] {
  const treeOf = (name: string, keys: readonly TreeKey[]): NamedTree => {
    const tree = new VersionedTree();
    tree.commit(tree.stage(keys.map((key) => [key, sampleValue(key)] as const)));
    return { name, keys, tree };
  };
  const random = (count: number) =>
    treeOf(
      `${count} keys`,
      Array.from({ length: count }, (_, i) => derive(`${count}:${i}`)),
    );
  const base = derive("base");
  const shared = [3, 7, 8, 31, 64, 127, 254].map((bit) => flipKey(base, bit));
  return [
    ...[0, 1, 2, 3, 10, 300].map(random),
    treeOf("long shared prefixes", [base, ...shared]),
    treeOf("two keys that differ in the last bit", [base, flipKey(base, 255)]),
  ];
}

/** Sets of keys to claim: present, absent and mixed, alone and several, near each other and far. */
function* queries({ name, keys }: NamedTree): Generator<readonly TreeKey[]> {
  const absent = Array.from({ length: 6 }, (_, i) => derive(`${name}: absent ${i}`));
  const beside = keys.slice(0, 3).flatMap((key) => [flipKey(key, 240), flipKey(key, 253)]);
  yield absent.slice(0, 1);
  yield absent.slice(0, 3);
  if (keys.length === 0) return;
  yield keys.slice(0, 1);
  yield [...keys.slice(0, 1), ...beside.slice(0, 2)];
  yield [...keys.slice(0, 2), ...absent.slice(0, 1)];
  yield [...keys.slice(0, 4), ...absent.slice(0, 2), ...beside.slice(0, 1)];
  yield beside.slice(0, 2);
  if (keys.length > 2) yield [...keys.slice(0, 9), ...absent, ...beside];
}

/** `keys`, each once. */
function distinct(keys: readonly TreeKey[]): TreeKey[] {
  return [...new Map(keys.map((key) => [toHex(key), key])).values()];
}

function leavesCase({ name, tree }: NamedTree, keys: readonly TreeKey[]): MultiProofCase {
  const { leaves, proof } = tree.proveLeaves(keys);
  const there = leaves.filter(([, value]) => value !== null).length;
  return {
    name: `${name}: ${there} present, ${leaves.length - there} absent`,
    kind: "leaves",
    root: tree.root(),
    newRoot: NO_ROOT,
    changes: leaves.map(([key, value]) => [key, value, value] as const),
    proof,
    openings: new Uint8Array(),
    fault: "None",
  };
}

function updateCase(
  { name, tree }: NamedTree,
  what: string,
  updates: readonly Update[],
): MultiProofCase {
  const { changes, proof, openings, newRoot } = tree.proveUpdate(updates);
  if (!equalBytes(newRoot, tree.stage(updates).newRoot)) throw new Error(`${name}: another root`);
  const root = tree.root();
  return {
    name: `${name}: ${what}`,
    kind: "update",
    root,
    newRoot,
    changes,
    proof,
    openings,
    fault: "None",
  };
}

/** Updates of the claimed keys: all written, all removed, and every other one of each. */
function updateCases(named: NamedTree, keys: readonly TreeKey[]): MultiProofCase[] {
  const count = keys.length;
  const written = keys.map((key): Update => [key, sampleValue(key, "new")]);
  const removed = keys.map((key): Update => [key, null]);
  const mixed = keys.map((key, i): Update => [key, i % 2 === 0 ? null : sampleValue(key, "new")]);
  return [
    updateCase(named, `${count} written`, written),
    updateCase(named, `${count} removed`, removed),
    ...(count > 1 ? [updateCase(named, `${count} removed and written`, mixed)] : []),
  ];
}

function casesOf(named: NamedTree): MultiProofCase[] {
  const sets = [...queries(named)].map(distinct);
  const whole = named.keys.length > 0 && named.keys.length < 20 ? [named.keys] : [];
  const leaves = [...sets, ...whole].map((keys) => leavesCase(named, keys));
  const updates = [...sets.slice(1), ...whole].flatMap((keys) => updateCases(named, keys));
  const short = (c: MultiProofCase) => c.changes.length < 8 && c.proof.length < 1_000;
  const edits = leaves
    .filter(short)
    .flatMap((c) => [...formEdits(c), ...segmentEdits(c), ...truthEdits(c)]);
  const updateEdits = updates
    .filter((c) => short(c) && c.openings.length > 0)
    .slice(0, 4)
    .flatMap((c) => [...openingEdits(c), ...truthEdits(c).slice(0, 1)]);
  return [...leaves, ...updates, ...edits, ...updateEdits];
}

/** One proof of more leaves than there may be. */
function tooMany(): MultiProofCase {
  const changes = Array.from({ length: 513 }, (_, i) => {
    const key = bytes32<TreeKey>(concatBytes(new Uint8Array(30), uintBytes(i, 2)));
    return [key, null, null] as const;
  });
  const c = leavesCase({ name: "0 keys", keys: [], tree: new VersionedTree() }, [derive("one")]);
  return { ...c, name: "JMT-20 513 leaves", changes, fault: "TooManyLeaves" };
}

function packedClaims({ kind, changes }: MultiProofCase): Uint8Array {
  return concatBytes(
    ...changes.flatMap(([key, old, made]) =>
      kind === "leaves" ? [key, old ?? NO_VALUE] : [key, old ?? NO_VALUE, made ?? NO_VALUE],
    ),
  );
}

/** The file's text. */
export function generate(): string {
  const cases = [...trees().flatMap(casesOf), tooMany()];
  const column = (read: (c: MultiProofCase) => Hex | string | number) => cases.map(read);
  const file = {
    names: column(({ name }) => name),
    kinds: column(({ kind }) => (kind === "leaves" ? 0 : 1)),
    roots: column(({ root }) => toHex(root)),
    newRoots: column(({ newRoot }) => toHex(newRoot)),
    claims: column((c) => toHex(packedClaims(c))),
    proofs: column(({ proof }) => toHex(proof)),
    openings: column(({ openings }) => toHex(openings)),
    faults: column(({ fault }) => MULTI_PROOF_FAULTS.indexOf(fault)),
    faultNames: column(({ fault }) => fault),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

if (import.meta.main) writeFileSync("test/vectors/multiProofs.json", generate());
