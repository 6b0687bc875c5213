import { expect } from "chai";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { concatBytes } from "../../../src/bytes/codec.ts";
import { EMPTY_ROOT, internalHash, leafHash, valueHash } from "../../../src/tree/hasher.ts";
import { bitAt } from "../../../src/tree/path.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { VersionedTree } from "../../../src/tree/versionedTree.ts";

/**
 * A world small enough to try everything: keys of four bits, trees of at most five of them, every query, and every edit of a
 * single node of every proof. What is accepted must be what is true, and nothing else.
 */

const KEY_BITS = 4;
const MAX_LEAVES = 5;
const KEYS = Array.from({ length: 2 ** KEY_BITS }, (_, name) => {
  const key = new Uint8Array(32);
  key[0] = name << 4;
  return bytes32<TreeKey>(key);
});
const VALUES = KEYS.map((key) => valueHash(key));
const LEAVES = KEYS.map((key, name) => leafHash(key, valueAt(name)));

function keyAt(name: number): TreeKey {
  return KEYS[name] ?? bytes32<TreeKey>(new Uint8Array(32));
}

function valueAt(name: number): ValueHash {
  return VALUES[name] ?? bytes32<ValueHash>(new Uint8Array(32));
}

/** Terminal 0 to 2 and, if it is 2, the other leaf; siblings from the root down. */
interface Path {
  readonly terminal: number;
  readonly other: Uint8Array;
  readonly siblings: readonly StateRoot[];
}

const NO_OTHER = new Uint8Array();

/** Every set of at most {@link MAX_LEAVES} names. */
function* worlds(first = 0, chosen: readonly number[] = []): Generator<readonly number[]> {
  yield chosen;
  if (chosen.length === MAX_LEAVES) return;
  for (let name = first; name < KEYS.length; name++) yield* worlds(name + 1, [...chosen, name]);
}

/** The tree over `names` below `depth`, as its definition says. Collects the hash of every node. */
function hashOf(names: readonly number[], depth: number, nodes: StateRoot[]): StateRoot {
  const [first] = names;
  let hash = EMPTY_ROOT;
  if (first !== undefined && names.length === 1) hash = LEAVES[first] ?? EMPTY_ROOT;
  if (names.length > 1) {
    const side = (bit: number) => names.filter((name) => bitAt(keyAt(name), depth) === bit);
    hash = internalHash(hashOf(side(0), depth + 1, nodes), hashOf(side(1), depth + 1, nodes));
  }
  if (names.length > 0) nodes.push(hash);
  return hash;
}

function parse(proof: Uint8Array): Path {
  const depth = proof[2] ?? 0;
  const bitmap = depth === 0 ? 0 : (proof[3] ?? 0);
  let offset = depth === 0 ? 3 : 4;
  const siblings: StateRoot[] = [];
  for (let i = depth - 1; i >= 0; i--) {
    const isEmpty = ((bitmap >> i) & 1) === 1;
    siblings.unshift(isEmpty ? EMPTY_ROOT : bytes32<StateRoot>(proof.slice(offset, offset + 32)));
    if (!isEmpty) offset += 32;
  }
  return { terminal: proof[0] ?? 0, other: proof.slice(offset), siblings };
}

/** The packed path; without taking care that it is canonical where the path is not. */
function pack({ terminal, other, siblings }: Path): Uint8Array {
  const out = new Uint8Array(4 + 32 * siblings.length + 64);
  out[0] = terminal;
  out[2] = siblings.length;
  let end = siblings.length === 0 ? 3 : 4;
  for (let i = siblings.length - 1; i >= 0; i--) {
    const sibling = siblings[i] ?? EMPTY_ROOT;
    if (sibling === EMPTY_ROOT) out[3] = (out[3] ?? 0) | (1 << i);
    else {
      out.set(sibling, end);
      end += 32;
    }
  }
  out.set(other, end);
  return out.subarray(0, end + other.length);
}

/**
 * Every path that differs from `path` in one node: replaced by any node of the tree, left out, any put in, swapped with its neighbour,
 * another terminal, any leaf as neighbour, with its value or another.
 */
function* edits(path: Path, nodes: readonly StateRoot[]): Generator<Path> {
  const { siblings } = path;
  for (let i = 0; i < siblings.length; i++) {
    for (const node of nodes) {
      if (node !== siblings[i]) yield { ...path, siblings: siblings.with(i, node) };
    }
    yield { ...path, siblings: siblings.toSpliced(i, 1) };
    const [own, next] = [siblings[i], siblings[i + 1]];
    if (own !== undefined && next !== undefined && own !== next) {
      yield { ...path, siblings: siblings.with(i, next).with(i + 1, own) };
    }
  }
  for (let i = 0; i <= siblings.length; i++) {
    for (const node of nodes) {
      yield { ...path, siblings: siblings.toSpliced(i, 0, node) };
    }
  }
  for (const terminal of [0, 1]) yield { ...path, terminal, other: NO_OTHER };
  for (const [name, key] of KEYS.entries()) {
    yield { ...path, terminal: 2, other: concatBytes(key, valueAt(name)) };
    yield { ...path, terminal: 2, other: concatBytes(key, valueAt(name ^ 1)) };
  }
}

function samePath(a: Path, b: Path): boolean {
  return (
    a.terminal === b.terminal &&
    Buffer.compare(a.other, b.other) === 0 &&
    a.siblings.length === b.siblings.length &&
    a.siblings.every((node, i) => Buffer.compare(node, b.siblings[i] ?? EMPTY_ROOT) === 0)
  );
}

describe("small world", () => {
  it("JMT-26: accepts exactly what is true, over every tree, query and edit of a node", function () {
    this.timeout(300_000);
    const tree = new VersionedTree();
    let [trees, tried, accepted] = [0, 0, 0];
    for (const names of worlds()) {
      trees++;
      tree.commit(tree.stage(updatesTo(tree, names)));
      tree.prune(tree.head);
      const nodes: StateRoot[] = [EMPTY_ROOT];
      const root = hashOf(names, 0, nodes);
      expect(Buffer.compare(tree.root(), root)).to.equal(0);
      for (const [name, key] of KEYS.entries()) {
        const claim = { root, key, valueHash: valueAt(name) };
        const verify = (proof: Uint8Array, terminal: number) =>
          terminal === 0 ? verifyInclusion(claim, proof) : verifyAbsence(claim, proof);
        const proof = tree.prove(key);
        const path = parse(proof);
        if ((path.terminal === 0) !== names.includes(name)) throw new Error("wrong terminal");
        if (verify(proof, path.terminal) !== "None") throw new Error("a true proof is refused");
        if (verifyInclusion({ ...claim, valueHash: valueAt(name ^ 1) }, proof) === "None") {
          throw new Error("another value is accepted");
        }
        for (const edited of edits(path, nodes)) {
          tried++;
          if (verify(pack(edited), edited.terminal) !== "None") continue;
          if (!samePath(edited, path)) throw new Error(`accepted: ${names} ${name}`);
          accepted++;
        }
      }
    }
    // 1 + 16 + 120 + 560 + 1,820 + 4,368 sets of at most five keys; the edits that change nothing are accepted.
    expect(trees).to.equal(6_885);
    expect(tried).to.equal(9_964_208);
    expect(accepted).to.be.above(trees * KEYS.length - 1);
  });
});

/** What makes the leaves of `tree` those of `names`. */
function updatesTo(tree: VersionedTree, names: readonly number[]) {
  return KEYS.flatMap((key, name) => {
    const isWanted = names.includes(name);
    if (isWanted === (tree.get(key) !== undefined)) return [];
    return [[key, isWanted ? valueAt(name) : null] as const];
  });
}
