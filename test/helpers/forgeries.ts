import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import { concatBytes, uintBytes } from "../../src/bytes/codec.ts";
import { EMPTY_ROOT, internalHash, leafHash } from "../../src/tree/hasher.ts";
import { decodeProof, encodeProof, type Proof } from "../../src/tree/proof.ts";
import type { Random } from "./random.ts";

/**
 * Ways to forge a proof. Each takes a proof that holds and makes one that must not: of something false, or of something true in
 * other bytes than its own.
 */

/** A claim with a proof. Without a value hash, the claim is that the key is absent. */
export interface Claimed {
  readonly root: StateRoot;
  readonly key: TreeKey;
  readonly valueHash: ValueHash | undefined;
  readonly proof: Uint8Array;
}

/** What forgers can draw on beside the proof itself. */
export interface ForgerySource {
  readonly random: Random;
  /** Proofs of the same tree, of present and absent keys. */
  readonly others: readonly Claimed[];
  /** A root of another version. */
  readonly otherRoot: StateRoot;
}

/** The forged claim; nothing if this way does not apply to this proof. */
export type Forger = (claimed: Claimed, source: ForgerySource) => Claimed | undefined;

/** Forgers that only change bytes. */
function onBytes(edit: (proof: Uint8Array, random: Random) => Uint8Array | undefined): Forger {
  return (claimed, { random }) => {
    const proof = edit(claimed.proof, random);
    return proof === undefined ? undefined : { ...claimed, proof };
  };
}

/** Forgers that change the siblings, of which there are at least `least`, and pack them again. */
function onSiblings(
  least: number,
  edit: (siblings: StateRoot[], random: Random, claimed: Claimed) => StateRoot[],
): Forger {
  return (claimed, { random }) => {
    const opened = decodeProof(claimed.proof);
    if (opened.siblings.length < least) return undefined;
    const siblings = edit([...opened.siblings], random, claimed);
    return siblings.length > 256
      ? undefined
      : { ...claimed, proof: encodeProof({ ...opened, siblings }) };
  };
}

function onTerminal(
  edit: (opened: Proof, claimed: Claimed, source: ForgerySource) => Proof["terminal"] | undefined,
): Forger {
  return (claimed, source) => {
    const opened = decodeProof(claimed.proof);
    const terminal = edit(opened, claimed, source);
    return terminal === undefined
      ? undefined
      : { ...claimed, proof: encodeProof({ ...opened, terminal }) };
  };
}

function depthOf(proof: Uint8Array): number {
  return ((proof[1] ?? 0) << 8) | (proof[2] ?? 0);
}

function withDepth(proof: Uint8Array, depth: number): Uint8Array {
  return concatBytes(proof.subarray(0, 1), uintBytes(depth, 2), proof.subarray(3));
}

function flip(proof: Uint8Array, bit: number): Uint8Array {
  return proof.with(bit >> 3, (proof[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
}

function bodyOffset(proof: Uint8Array): number {
  return 3 + ((depthOf(proof) + 7) >> 3);
}

const BYTE_FORGERS: Record<string, Forger> = {
  "JMT-09 flip a bit": onBytes((proof, random) => flip(proof, random.below(8 * proof.length))),
  "JMT-09 flip a bit of a sibling": onBytes((proof, random) => {
    const [first, bits] = [8 * bodyOffset(proof), 8 * (proof.length - bodyOffset(proof))];
    return bits === 0 ? undefined : flip(proof, first + random.below(bits));
  }),
  "replace a byte": onBytes((proof, random) => {
    const at = random.below(proof.length);
    return proof.with(at, (proof[at] ?? 0) + 1 + random.below(255));
  }),
  "JMT-02 cut the last byte": onBytes((proof) => proof.subarray(0, -1)),
  "JMT-02 cut 32 bytes": onBytes((proof) => proof.subarray(0, Math.max(0, proof.length - 32))),
  "JMT-02 cut anywhere": onBytes((proof, random) => proof.subarray(0, random.below(proof.length))),
  "JMT-02 nothing": onBytes(() => new Uint8Array()),
  "JMT-03 one byte more": onBytes((proof, random) => concatBytes(proof, random.bytes(1))),
  "JMT-03 32 bytes more": onBytes((proof, random) => concatBytes(proof, random.bytes(32))),
  "JMT-03 the placeholder behind": onBytes((proof) => concatBytes(proof, EMPTY_ROOT)),
  "JMT-03 the proof twice": onBytes((proof) => concatBytes(proof, proof)),
  "JMT-04 depth plus one": onBytes((proof) => withDepth(proof, depthOf(proof) + 1)),
  "JMT-04 depth minus one": onBytes((proof) =>
    depthOf(proof) === 0 ? undefined : withDepth(proof, depthOf(proof) - 1),
  ),
  "JMT-04 any depth": onBytes((proof, random) =>
    withDepth(proof, (depthOf(proof) + 1 + random.below(65_535)) & 0xffff),
  ),
  "JMT-21 another terminal byte": onBytes((proof, random) =>
    proof.with(0, (proof[0] ?? 0) + 1 + random.below(255)),
  ),
  "flip a bit of the bitmap": onBytes((proof, random) => {
    const bytes = bodyOffset(proof) - 3;
    return bytes === 0 ? undefined : flip(proof, 24 + random.below(8 * bytes));
  }),
  "a stray bit above the bitmap": onBytes((proof) => {
    const spare = depthOf(proof) % 8;
    return spare === 0 ? undefined : proof.with(3, (proof[3] ?? 0) | (1 << spare));
  }),
  "a placeholder given in full": onBytes((proof, random) => {
    const depth = depthOf(proof);
    if (depth === 0) return undefined;
    const bit = random.below(depth);
    const byte = bodyOffset(proof) - 1 - (bit >> 3);
    if ((((proof[byte] ?? 0) >> (bit & 7)) & 1) === 0) return undefined;
    const cleared = proof.with(byte, (proof[byte] ?? 0) ^ (1 << (bit & 7)));
    const body = bodyOffset(proof);
    return concatBytes(cleared.subarray(0, body), EMPTY_ROOT, cleared.subarray(body));
  }),
  "bytes of no meaning": onBytes((proof, random) => random.bytes(proof.length)),
};

const SIBLING_FORGERS: Record<string, Forger> = {
  "JMT-10 swap two siblings": onSiblings(2, (siblings, random) => {
    const at = random.below(siblings.length - 1);
    const [a = EMPTY_ROOT, b = EMPTY_ROOT] = [siblings[at], siblings[at + 1]];
    return siblings.with(at, b).with(at + 1, a);
  }),
  "JMT-10 siblings in reverse": onSiblings(2, (siblings) => siblings.reverse()),
  "rotate the siblings": onSiblings(2, (siblings) => [
    ...siblings.slice(1),
    ...siblings.slice(0, 1),
  ]),
  "JMT-02 drop a sibling": onSiblings(1, (siblings, random) =>
    siblings.toSpliced(random.below(siblings.length), 1),
  ),
  "JMT-03 put a sibling in": onSiblings(0, (siblings, random) =>
    siblings.toSpliced(random.below(siblings.length + 1), 0, bytes32<StateRoot>(random.bytes(32))),
  ),
  "JMT-07 put a placeholder in": onSiblings(0, (siblings, random) =>
    siblings.toSpliced(random.below(siblings.length + 1), 0, EMPTY_ROOT),
  ),
  "JMT-08 a sibling made the placeholder": onSiblings(1, (siblings, random) =>
    siblings.with(random.below(siblings.length), EMPTY_ROOT),
  ),
  "a sibling made the root": onSiblings(1, (siblings, random, { root }) =>
    siblings.with(random.below(siblings.length), root),
  ),
  "a sibling made another one": onSiblings(2, (siblings, random) =>
    siblings.with(random.below(siblings.length), random.pick(siblings)),
  ),
  "JMT-01 a sibling made the leaf": onSiblings(1, (siblings, random, { key, valueHash }) =>
    siblings.with(random.below(siblings.length), leafHash(key, valueHash ?? bytes32(key))),
  ),
  "JMT-01 a pair of siblings made their parent": onSiblings(2, (siblings, random) => {
    const at = random.below(siblings.length - 1);
    const [a = EMPTY_ROOT, b = EMPTY_ROOT] = [siblings[at], siblings[at + 1]];
    return siblings.toSpliced(at, 2, internalHash(a, b));
  }),
  "256 siblings": onSiblings(1, (siblings, random) => [
    ...siblings,
    ...Array<StateRoot>(256 - siblings.length).fill(random.pick(siblings)),
  ]),
};

const CLAIM_FORGERS: Record<string, Forger> = {
  "another value": (claimed, { random }) =>
    claimed.valueHash === undefined ? undefined : { ...claimed, valueHash: random.valueHash() },
  "JMT-12 the leaf's hash as value": (claimed) => {
    const { key, valueHash } = claimed;
    if (valueHash === undefined) return undefined;
    return { ...claimed, valueHash: bytes32<ValueHash>(leafHash(key, valueHash)) };
  },
  "JMT-08 the placeholder as value": (claimed) =>
    claimed.valueHash === undefined
      ? undefined
      : { ...claimed, valueHash: bytes32<ValueHash>(EMPTY_ROOT) },
  "another root": (claimed, { random }) => ({
    ...claimed,
    root: bytes32<StateRoot>(random.bytes(32)),
  }),
  "the root of another version": (claimed, { otherRoot }) => ({ ...claimed, root: otherRoot }),
  "JMT-23 the empty root": (claimed) => ({ ...claimed, root: EMPTY_ROOT }),
  "JMT-11 the same id in another namespace": (claimed) => {
    const key = bytes32<TreeKey>(claimed.key.with(0, (claimed.key[0] ?? 0) ^ 0x03));
    return claimed.valueHash === undefined ? undefined : { ...claimed, key };
  },
  "another key's proof": (claimed, { random, others }) => {
    const other = random.pick(others);
    const isSame = Buffer.compare(other.proof, claimed.proof) === 0;
    return isSame ? undefined : { ...claimed, proof: other.proof };
  },
  "a key beside, present": (claimed, { random }) => {
    const key = bytes32<TreeKey>(flip(claimed.key, 255 - random.below(16)));
    return claimed.valueHash === undefined ? undefined : { ...claimed, key };
  },
  "JMT-19 a present key as absent": (claimed) =>
    claimed.valueHash === undefined ? undefined : { ...claimed, valueHash: undefined },
  "JMT-19 an absent key as present": (claimed, { random }) =>
    claimed.valueHash === undefined ? { ...claimed, valueHash: random.valueHash() } : undefined,
};

const TERMINAL_FORGERS: Record<string, Forger> = {
  "JMT-07 a present key's slot said to be empty": (claimed, source) =>
    claimed.valueHash === undefined
      ? undefined
      : onTerminal(() => ({ kind: "empty-slot" }))({ ...claimed, valueHash: undefined }, source),
  "JMT-06 a key's own leaf as its neighbour": (claimed, source) => {
    const { key, valueHash } = claimed;
    if (valueHash === undefined) return undefined;
    const terminal = { kind: "other-leaf", key, valueHash } as const;
    return onTerminal(() => terminal)({ ...claimed, valueHash: undefined }, source);
  },
  "JMT-05 a leaf from elsewhere as neighbour": onTerminal((opened, claimed, { random, others }) => {
    const { key, valueHash } = random.pick(others);
    if (claimed.valueHash !== undefined || valueHash === undefined) return undefined;
    const { terminal } = opened;
    const isSame = terminal.kind === "other-leaf" && Buffer.compare(terminal.key, key) === 0;
    return isSame ? undefined : { kind: "other-leaf", key, valueHash };
  }),
  "the neighbour's value changed": onTerminal(({ terminal }, _, { random }) =>
    terminal.kind === "other-leaf" ? { ...terminal, valueHash: random.valueHash() } : undefined,
  ),
  "the neighbour's key changed": onTerminal(({ terminal }, _, { random }) =>
    terminal.kind === "other-leaf"
      ? { ...terminal, key: bytes32<TreeKey>(flip(terminal.key, random.below(256))) }
      : undefined,
  ),
  "a neighbour hidden": onTerminal(({ terminal }) =>
    terminal.kind === "other-leaf" ? { kind: "empty-slot" } : undefined,
  ),
  "JMT-05 an invented neighbour": onTerminal((_, claimed, { random }) => {
    if (claimed.valueHash !== undefined) return undefined;
    const key = bytes32<TreeKey>(flip(claimed.key, 7));
    return { kind: "other-leaf", key, valueHash: random.valueHash() };
  }),
};

/** Every way there is, by name. */
export const FORGERS: Readonly<Record<string, Forger>> = {
  ...BYTE_FORGERS,
  ...SIBLING_FORGERS,
  ...CLAIM_FORGERS,
  ...TERMINAL_FORGERS,
};
