import { writeFileSync } from "node:fs";
import { AbiCoder } from "ethers";
import {
  bytes32,
  type DaCertHash,
  type StateRoot,
  type TreeKey,
  zero32,
} from "../../src/bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { transitionStruct } from "../../src/chain/transitionArgument.ts";
import type { TransitionEvidence } from "../../src/challenge/transitionEvidence.ts";
import {
  TRANSITION_FAULTS,
  TRANSITION_VERDICTS,
  type TransitionFault,
  type TransitionVerdict,
} from "../../src/challenge/transitionFault.ts";
import { type TransitionLie, transitionStep, updatesBy } from "../../src/sim/transitionStep.ts";
import { CHUNK_BYTES } from "../../src/state/chunk.ts";
import type { DeltaLeaf } from "../../src/state/delta.ts";
import { contentKey, treeKeyOf } from "../../src/state/key.ts";
import { encodeHeader } from "../../src/state/leaf.ts";
import { daCertHashOf, MAX_POINTER_BYTES } from "../../src/state/manifest.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";

/**
 * Writes test/vectors/transitions.json: evidence of honest commits, of every fault, and such as shows nothing, with the verdict
 * that the edit implies. Evidence is ABI-encoded, as `TransitionEvidence` of contracts/types/Transition.sol.
 */

export const CHAIN_ID = 8_453n;

/** `TransitionEvidence`, as the ABI spells it. */
export const EVIDENCE_TYPE =
  "tuple(tuple(tuple(uint8 version,uint64 sequenceNo,bytes32 prevStateRoot,bytes32 newStateRoot,uint64 timestamp,bytes32 daCertHash,bytes32 pcr0Commitment) commit,bytes32[] digests,bytes certificate) signed,bytes manifest,bytes delta,bytes32[] oldValueHashes,bytes proof,bytes openings)";

interface TransitionCase {
  readonly name: string;
  readonly evidence: TransitionEvidence;
  readonly verdict: TransitionVerdict;
  readonly fault: TransitionFault;
}

const ELSEWHERE = keccak256<StateRoot>(tag("elsewhere"));

/** A leaf of namespace 1 to 3 by its number, or content-addressed in those above. */
function put(namespace: number, i: number, text: string, sequenceNo: bigint): DeltaLeaf {
  const content = tag(`${text} ${i}`);
  const key = namespace < 4 ? keyOf(namespace, i) : contentKey(namespace, keccak256(content));
  const contentLength = BigInt(content.length);
  const header = encodeHeader({ version: 1, namespace, flags: 0, contentLength, sequenceNo });
  return { operation: "put", key, header, content };
}

function keyOf(namespace: number, i: number): TreeKey {
  return treeKeyOf(namespace, keccak256(tag("id"), uintBytes(i, 4)));
}

function remove(namespace: number, i: number): DeltaLeaf {
  return { operation: "delete", key: keyOf(namespace, i) };
}

/** Commit 1, of leaves in five namespaces. */
function firstTree(): VersionedTree {
  const tree = new VersionedTree();
  const leaves = Array.from({ length: 40 }, (_, i) => put(1 + (i % 5), i, "first", 1n));
  tree.commit(tree.stage(updatesBy(leaves)));
  return tree;
}

/** Two written anew, one again, one removed. */
function secondLeaves(): DeltaLeaf[] {
  return [put(2, 100, "new", 2n), put(4, 101, "new", 2n), put(1, 0, "again", 2n), remove(3, 2)];
}

type Leaves = readonly DeltaLeaf[];

function proven(
  name: string,
  fault: TransitionFault,
  lie: TransitionLie,
  leaves: Leaves = secondLeaves(),
): TransitionCase {
  const evidence = transitionStep(firstTree(), CHAIN_ID, leaves, lie);
  return { name, evidence, verdict: "Proven", fault };
}

function honest(name: string, leaves: Leaves, tree = firstTree()): TransitionCase {
  const evidence = transitionStep(tree, CHAIN_ID, leaves);
  return { name, evidence, verdict: "NoFault", fault: "None" };
}

function honestCases(): TransitionCase[] {
  const many = Array.from({ length: 60 }, (_, i) => put(1 + (i % 8), 200 + i, "many", 2n));
  return [
    honest("four leaves", secondLeaves()),
    honest("one leaf", [put(1, 300, "one", 2n)]),
    honest("one leaf written again", [put(2, 1, "again", 2n)]),
    honest("three leaves removed", [remove(1, 0), remove(2, 1), remove(3, 2)]),
    honest("sixty leaves", many),
    honest(
      "the first commit",
      [put(1, 0, "first", 1n), put(4, 1, "first", 1n)],
      new VersionedTree(),
    ),
    honest("the first commit, of one leaf", [put(8, 0, "first", 1n)], new VersionedTree()),
  ];
}

function at(offset: number, bytes: Uint8Array) {
  return (data: Uint8Array) => {
    const edited = Uint8Array.from(data);
    edited.set(bytes, offset);
    return edited;
  };
}

const cut = (data: Uint8Array) => data.subarray(0, -1);
const grown = (data: Uint8Array) => concatBytes(data, Uint8Array.of(0));

/** Field by field, as docs/StateTree.md lays a manifest out. */
function manifestCases(): TransitionCase[] {
  const manifest = (name: string, fault: TransitionFault, edit: (data: Uint8Array) => Uint8Array) =>
    proven(`manifest: ${name}`, fault, { editManifest: edit });
  const chunkLength = (length: number) => at(28, uintBytes(length, 4));
  return [
    manifest("cut", "ManifestLength", cut),
    manifest("header cut", "ManifestLength", (data) => data.subarray(0, 27)),
    manifest("chunk cut", "ManifestLength", (data) => data.subarray(0, 40)),
    manifest("nothing", "ManifestLength", () => new Uint8Array()),
    manifest("a byte more", "ManifestLength", grown),
    manifest("longer than any", "ManifestLength", (d) => concatBytes(d, new Uint8Array(8_600))),
    manifest("version 0", "ManifestVersion", at(0, Uint8Array.of(0))),
    manifest("version 2", "ManifestVersion", at(0, Uint8Array.of(2))),
    manifest("another chain", "ManifestChain", at(1, uintBytes(1, 8))),
    manifest("another commit", "ManifestSequence", at(9, uintBytes(3, 8))),
    manifest("codec 2", "ManifestCodec", at(17, Uint8Array.of(2))),
    manifest("84 bytes of delta", "ManifestDeltaLength", at(18, uintBytes(84, 8))),
    manifest("64 MiB and a byte", "ManifestDeltaLength", at(18, uintBytes(67_108_865, 8))),
    manifest("no chunk", "ManifestChunkCount", at(26, uintBytes(0, 2))),
    manifest("nine chunks", "ManifestChunkCount", at(26, uintBytes(9, 2))),
    manifest("two chunks announced", "ManifestChunk", at(26, uintBytes(2, 2))),
    manifest("empty chunk", "ManifestChunk", chunkLength(0)),
    manifest("chunk too long", "ManifestChunk", chunkLength(CHUNK_BYTES + 1)),
    manifest("pointer too long", "ManifestChunk", at(64, uintBytes(MAX_POINTER_BYTES + 1, 2))),
    manifest("pointer longer than it is", "ManifestLength", at(64, uintBytes(33, 2))),
    manifest("chunk a byte longer", "ManifestPayload", chunkLength(85)),
    manifest("compressed, and no smaller", "ManifestPayload", at(17, Uint8Array.of(1))),
    manifest("small delta compressed", "SmallDeltaCompressed", (data) =>
      at(17, Uint8Array.of(1))(at(18, uintBytes(65_536, 8))(data)),
    ),
  ];
}

function deltaCases(): TransitionCase[] {
  const delta = (name: string, fault: TransitionFault, edit: (data: Uint8Array) => Uint8Array) =>
    proven(`delta: ${name}`, fault, { editDelta: edit });
  const one = [put(1, 100, "content", 2n)];
  const leaf = (name: string, fault: TransitionFault, offset: number, bytes: Uint8Array) =>
    proven(`leaf: ${name}`, fault, { editDelta: at(85 + offset, bytes) }, one);
  const listed = (name: string, fault: TransitionFault, leaves: Leaves) =>
    proven(`leaves: ${name}`, fault, { delta: { leaves }, newStateRoot: ELSEWHERE }, one);
  const [low, high] = [remove(1, 0), remove(2, 1)];
  return [
    delta("cut", "DeltaLength", cut),
    delta("header alone, with leaves announced", "DeltaLength", (data) => data.subarray(0, 85)),
    delta("a byte more", "DeltaLength", grown),
    delta("2^32 - 1 leaves", "DeltaLength", at(81, uintBytes(2 ** 32 - 1, 4))),
    delta("a leaf more than there is", "DeltaLength", at(81, uintBytes(5, 4))),
    delta("a leaf less", "DeltaLength", at(81, uintBytes(3, 4))),
    delta("version 2", "DeltaVersion", at(0, Uint8Array.of(2))),
    delta("another chain", "DeltaChain", at(1, uintBytes(1, 8))),
    delta("another commit", "DeltaSequence", at(9, uintBytes(3, 8))),
    delta("another previous root", "DeltaRoots", at(17, ELSEWHERE)),
    delta("another new root", "DeltaRoots", at(49, ELSEWHERE)),
    listed("not in order", "KeysNotAscending", [high, low]),
    listed("one key twice", "KeysNotAscending", [low, low]),
    leaf("namespace 0", "UnknownNamespace", 0, Uint8Array.of(0)),
    leaf("namespace 10", "UnknownNamespace", 0, Uint8Array.of(10)),
    leaf("operation 2", "UnknownOperation", 32, Uint8Array.of(2)),
    listed("append-only removed", "AppendOnlyRemoved", [remove(4, 3)]),
    leaf("header version 2", "MalformedLeaf", 33, Uint8Array.of(2)),
    leaf("header of another namespace", "MalformedLeaf", 34, Uint8Array.of(2)),
    leaf("flag without meaning", "MalformedLeaf", 36, Uint8Array.of(8)),
    leaf("written by no commit", "MalformedLeaf", 45, uintBytes(0, 8)),
    leaf("written by a later commit", "MalformedLeaf", 45, uintBytes(3, 8)),
    leaf("written by an earlier commit", "LeafSequence", 45, uintBytes(1, 8)),
    leaf("content longer than the delta", "DeltaLength", 37, uintBytes(2n ** 64n - 1n, 8)),
    proven("leaf: header cut", "DeltaLength", { editDelta: (d) => d.subarray(0, 85 + 40) }, one),
    proven("leaf: key cut", "DeltaLength", { editDelta: keyCut }, [low, high]),
  ];
}

/** Two removals, of which the second becomes a write that ends behind its operation, and one byte of a third is there. */
function keyCut(data: Uint8Array): Uint8Array {
  const withThree = concatBytes(at(81, uintBytes(2, 4))(data));
  return at(85 + 32, Uint8Array.of(1))(withThree);
}

function rootCases(): TransitionCase[] {
  const lie = { newStateRoot: ELSEWHERE };
  const genesis = transitionStep(new VersionedTree(), CHAIN_ID, [put(1, 0, "first", 1n)], lie);
  return [
    proven("another root", "RootMismatch", lie),
    proven("another root of one leaf", "RootMismatch", lie, [put(1, 300, "one", 2n)]),
    proven("another root of removals", "RootMismatch", lie, [remove(1, 0), remove(2, 1)]),
    proven("no leaves, another root", "RootMismatch", lie, []),
    { name: "another first root", evidence: genesis, verdict: "Proven", fault: "RootMismatch" },
    proven("append-only leaf again", "AppendOnlyRewritten", {}, [rewritten(), remove(1, 0)]),
    proven("absent leaf removed", "AbsentLeafRemoved", {}, [remove(1, 999), put(2, 998, "x", 2n)]),
  ];
}

/** The content-addressed leaf of commit 1, as commit 2 has written it. */
function rewritten(): DeltaLeaf {
  return put(4, 3, "first", 2n);
}

function refusals(): TransitionCase[] {
  const good = transitionStep(firstTree(), CHAIN_ID, secondLeaves());
  const bad = transitionStep(firstTree(), CHAIN_ID, secondLeaves(), { newStateRoot: ELSEWHERE });
  const refused = (
    name: string,
    verdict: TransitionVerdict,
    change: Partial<TransitionEvidence>,
    evidence = bad,
  ): TransitionCase => ({ name, evidence: { ...evidence, ...change }, verdict, fault: "None" });
  const withHash = (daCertHash: DaCertHash) => {
    const { signed } = bad;
    return { signed: { ...signed, commit: { ...signed.commit, daCertHash } } };
  };
  const long = at(28, uintBytes(65_537, 4))(at(18, uintBytes(65_537, 8))(good.manifest));
  const compressed = at(17, Uint8Array.of(1))(at(18, uintBytes(65_537, 8))(good.manifest));
  const entry = good.manifest.subarray(28);
  const full = concatBytes(uintBytes(CHUNK_BYTES, 4), entry.subarray(4));
  const chunked = concatBytes(
    at(
      26,
      uintBytes(2, 2),
    )(at(18, uintBytes(CHUNK_BYTES + good.delta.length, 8))(good.manifest.subarray(0, 28))),
    full,
    entry,
  );
  const named = (manifest: Uint8Array) => ({ ...withHash(daCertHashOf(manifest)), manifest });
  const removals = Array.from({ length: 321 }, (_, i) => remove(1, i));
  const tooMany = transitionStep(firstTree(), CHAIN_ID, removals, { newStateRoot: ELSEWHERE });
  const flipped = Uint8Array.from(bad.delta);
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  return [
    refused("heartbeat", "Heartbeat", withHash(zero32())),
    refused("no manifest", "WrongManifest", { manifest: new Uint8Array() }),
    refused("manifest of the honest commit", "WrongManifest", { manifest: good.manifest }),
    refused("delta too long", "OutOfReach", named(long)),
    refused("delta too long, and compressed", "OutOfReach", named(compressed)),
    refused("delta of two chunks", "OutOfReach", named(chunked)),
    refused("321 leaves", "OutOfReach", { oldValueHashes: [] }, tooMany),
    refused("no delta", "WrongDelta", { delta: new Uint8Array() }),
    refused("delta cut", "WrongDelta", { delta: cut(bad.delta) }),
    refused("a bit of the delta", "WrongDelta", { delta: flipped }),
    refused("no old values", "InvalidUpdateProof", { oldValueHashes: [] }),
    refused("other old values", "InvalidUpdateProof", {
      oldValueHashes: bad.oldValueHashes.map(() => bytes32(ELSEWHERE)),
    }),
    refused("no proof", "InvalidUpdateProof", { proof: new Uint8Array() }),
    refused("proof cut", "InvalidUpdateProof", { proof: cut(bad.proof) }),
    refused("a byte more of proof", "InvalidUpdateProof", { proof: grown(bad.proof) }),
    refused("a byte of openings", "InvalidUpdateProof", { openings: grown(bad.openings) }),
  ];
}

/** Evidence in the ABI's bytes. */
export function encodeEvidence(evidence: TransitionEvidence): string {
  return AbiCoder.defaultAbiCoder().encode([EVIDENCE_TYPE], [transitionStruct(evidence)]);
}

/** The file's text. */
export function generate(): string {
  const cases = [
    ...honestCases(),
    ...manifestCases(),
    ...deltaCases(),
    ...rootCases(),
    ...refusals(),
  ];
  const file = {
    chainId: Number(CHAIN_ID),
    names: cases.map(({ name }) => name),
    evidence: cases.map(({ evidence }) => encodeEvidence(evidence)),
    newRoots: cases.map(({ evidence }) => toHex(evidence.signed.commit.newStateRoot)),
    verdicts: cases.map(({ verdict }) => TRANSITION_VERDICTS.indexOf(verdict)),
    faults: cases.map(({ fault }) => TRANSITION_FAULTS.indexOf(fault)),
    verdictNames: cases.map(({ verdict }) => verdict),
    faultNames: cases.map(({ fault }) => fault),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

if (import.meta.main) writeFileSync("test/vectors/transitions.json", generate());
