import { bytes32, type StateRoot, type TreeKey, type ValueHash, zero32 } from "../bytes/brand.ts";
import { ByteReader } from "../bytes/codec.ts";
import { compareBytes, equalBytes, isZero } from "../bytes/compare.ts";
import { BytesError } from "../bytes/errors.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { StateCommit } from "../commit/message.ts";
import { CHUNK_BYTES, type ChunkCommitment, chunkCommitment, MAX_CHUNKS } from "../state/chunk.ts";
import { CODECS, RAW_DELTA_BYTES } from "../state/codec.ts";
import { DELTA_HEADER_BYTES, DELTA_VERSION, MAX_DELTA_BYTES } from "../state/delta.ts";
import { checkLeaf, decodeHeader, HEADER_BYTES, leafRecord } from "../state/leaf.ts";
import {
  daCertHashOf,
  MANIFEST_VERSION,
  MAX_MANIFEST_BYTES,
  MAX_POINTER_BYTES,
} from "../state/manifest.ts";
import { isAppendOnly, NAMESPACES, namespaceOf } from "../state/namespace.ts";
import { EMPTY_ROOT, valueHash } from "../tree/hasher.ts";
import { updatedRoot } from "../tree/treeUpdate.ts";
import type { TransitionEvidence } from "./transitionEvidence.ts";

/**
 * What `TransitionVerifier` says of evidence, from the manifest on; who signed the commit, and whether it stands on the
 * chain, only the chain can say. Rules and their order are those of `contracts/TransitionVerifier.sol`.
 */

/** In the order of `enum TransitionFault` (contracts/types/Transition.sol), which explains each. */
export const TRANSITION_FAULTS = [
  "None",
  "ManifestLength",
  "ManifestVersion",
  "ManifestChain",
  "ManifestSequence",
  "ManifestCodec",
  "ManifestDeltaLength",
  "ManifestChunkCount",
  "ManifestChunk",
  "ManifestPayload",
  "SmallDeltaCompressed",
  "DeltaLength",
  "DeltaVersion",
  "DeltaChain",
  "DeltaSequence",
  "DeltaRoots",
  "KeysNotAscending",
  "UnknownNamespace",
  "UnknownOperation",
  "AppendOnlyRemoved",
  "MalformedLeaf",
  "LeafSequence",
  "RootMismatch",
  "AppendOnlyRewritten",
  "AbsentLeafRemoved",
] as const;

/** Which rule a commit's manifest or delta breaks. */
export type TransitionFault = (typeof TRANSITION_FAULTS)[number];

/** In the order of `enum TransitionVerdict` (contracts/types/Transition.sol), which explains each. */
export const TRANSITION_VERDICTS = [
  "Unset",
  "Proven",
  "NoFault",
  "AlreadyRecorded",
  "RootNotRetained",
  "OtherRoots",
  "RecoveryStep",
  "NotSigned",
  "EvidenceTooLarge",
  "Heartbeat",
  "WrongManifest",
  "OutOfReach",
  "WrongDelta",
  "InvalidUpdateProof",
] as const;

/** What evidence came to. */
export type TransitionVerdict = (typeof TRANSITION_VERDICTS)[number];

/** A verdict, with the fault where there is one. */
export interface TransitionJudgement {
  readonly verdict: TransitionVerdict;
  readonly fault: TransitionFault;
}

/** Most leaves of a delta that the contract computes the root of. */
export const MAX_TRANSITION_LEAVES = 320;

const MANIFEST_HEADER_BYTES = 28;
const MIN_LEAF_BYTES = 33;
const NO_VALUE = zero32<ValueHash>();

interface SmallManifest {
  readonly deltaLength: number;
  readonly commitment: ChunkCommitment;
}

/** A leaf's key with its value hash after the commit; zero where it has none. */
type NewValue = readonly [TreeKey, ValueHash];

class Broken extends Error {
  readonly fault: TransitionFault;

  constructor(fault: TransitionFault) {
    super(fault);
    this.fault = fault;
  }
}

/** The verdict on `evidence` of a commit that the quorum is known to have signed and `chainId` to have retained. */
export function judgeTransition(
  evidence: TransitionEvidence,
  chainId: bigint,
): TransitionJudgement {
  const { manifest, delta, oldValueHashes } = evidence;
  const { commit } = evidence.signed;
  if (isZero(commit.daCertHash)) return { verdict: "Heartbeat", fault: "None" };
  if (!equalBytes(daCertHashOf(manifest), commit.daCertHash)) {
    return { verdict: "WrongManifest", fault: "None" };
  }
  try {
    const said = readManifest(manifest, chainId, commit.sequenceNo);
    if (said.deltaLength > RAW_DELTA_BYTES) return { verdict: "OutOfReach", fault: "None" };
    const isDelta =
      delta.length === said.deltaLength && equalBytes(chunkCommitment(delta), said.commitment);
    if (!isDelta) return { verdict: "WrongDelta", fault: "None" };
    const values = readDelta(delta, chainId, commit);
    if (values.length > MAX_TRANSITION_LEAVES) return { verdict: "OutOfReach", fault: "None" };
    if (values.length !== oldValueHashes.length) {
      return { verdict: "InvalidUpdateProof", fault: "None" };
    }
    return judgeUpdate(evidence, values);
  } catch (error) {
    if (error instanceof Broken) return { verdict: "Proven", fault: error.fault };
    throw error;
  }
}

function judgeUpdate(
  { signed: { commit }, oldValueHashes, proof, openings }: TransitionEvidence,
  values: readonly NewValue[],
): TransitionJudgement {
  const changes = values.map(([key, value], i) => {
    const old = oldValueHashes[i] ?? NO_VALUE;
    return [key, isZero(old) ? null : old, isZero(value) ? null : value] as const;
  });
  let made: StateRoot | string = isZero(commit.prevStateRoot) ? EMPTY_ROOT : commit.prevStateRoot;
  if (changes.length > 0) made = updatedRoot(made, changes, { proof, openings });
  if (typeof made === "string") return { verdict: "InvalidUpdateProof", fault: "None" };
  if (!equalBytes(made, commit.newStateRoot)) throw new Broken("RootMismatch");
  for (const [key, old, value] of changes) {
    if (value === null && old === null) throw new Broken("AbsentLeafRemoved");
    if (value !== null && old !== null && isAppendOnly(namespaceOf(key))) {
      throw new Broken("AppendOnlyRewritten");
    }
  }
  return { verdict: "NoFault", fault: "None" };
}

/** What `bytes` say of a delta. @throws {Broken} */
function readManifest(bytes: Uint8Array, chainId: bigint, sequenceNo: bigint): SmallManifest {
  if (bytes.length < MANIFEST_HEADER_BYTES || bytes.length > MAX_MANIFEST_BYTES) {
    throw new Broken("ManifestLength");
  }
  return orBroken("ManifestLength", () => {
    const reader = new ByteReader(bytes, "manifest");
    demand(reader.number(1) === MANIFEST_VERSION, "ManifestVersion");
    demand(reader.uint(8) === chainId, "ManifestChain");
    demand(reader.uint(8) === sequenceNo, "ManifestSequence");
    const codec = reader.number(1);
    demand(codec === CODECS.none || codec === CODECS.zstd, "ManifestCodec");
    const length = reader.uint(8);
    demand(length >= DELTA_HEADER_BYTES && length <= MAX_DELTA_BYTES, "ManifestDeltaLength");
    const deltaLength = Number(length);
    const { payload, commitment } = readChunks(reader);
    reader.end();
    const isPayload = codec === CODECS.none ? payload === deltaLength : payload < deltaLength;
    demand(isPayload, "ManifestPayload");
    demand(codec === CODECS.none || deltaLength > RAW_DELTA_BYTES, "SmallDeltaCompressed");
    return { deltaLength, commitment };
  });
}

/** Bytes of all chunks, and the commitment of the first. */
function readChunks(reader: ByteReader) {
  const count = reader.number(2);
  demand(count >= 1 && count <= MAX_CHUNKS, "ManifestChunkCount");
  let payload = 0;
  let first: ChunkCommitment | undefined;
  for (let i = 0; i < count; i++) {
    const length = reader.number(4);
    const commitment = bytes32<ChunkCommitment>(reader.take(32));
    const pointerBytes = reader.number(2);
    const isSized = length >= 1 && length <= CHUNK_BYTES;
    demand(isSized && (length === CHUNK_BYTES || i + 1 === count), "ManifestChunk");
    demand(pointerBytes <= MAX_POINTER_BYTES, "ManifestChunk");
    // A pointer that is cut shows where the next field would be read, or at the end.
    reader.take(pointerBytes);
    first ??= commitment;
    payload += length;
  }
  return { payload, commitment: first ?? zero32<ChunkCommitment>() };
}

/** Keys and new values. @throws {Broken} */
function readDelta(bytes: Uint8Array, chainId: bigint, commit: StateCommit): NewValue[] {
  return orBroken("DeltaLength", () => {
    const reader = new ByteReader(bytes, "delta");
    demand(bytes.length >= DELTA_HEADER_BYTES, "DeltaLength");
    demand(reader.number(1) === DELTA_VERSION, "DeltaVersion");
    demand(reader.uint(8) === chainId, "DeltaChain");
    demand(reader.uint(8) === commit.sequenceNo, "DeltaSequence");
    const hasPrev = equalBytes(reader.take(32), commit.prevStateRoot);
    demand(equalBytes(reader.take(32), commit.newStateRoot) && hasPrev, "DeltaRoots");
    const count = reader.number(4);
    demand(count * MIN_LEAF_BYTES <= reader.remaining, "DeltaLength");
    const values: NewValue[] = [];
    for (let i = 0; i < count; i++) {
      values.push(readLeaf(reader, commit.sequenceNo, values.at(-1)?.[0]));
    }
    reader.end();
    return values;
  });
}

function readLeaf(reader: ByteReader, sequenceNo: bigint, previous?: TreeKey): NewValue {
  demand(reader.remaining >= MIN_LEAF_BYTES, "DeltaLength");
  const key = bytes32<TreeKey>(reader.take(32));
  const operation = reader.number(1);
  demand(operation <= 1, "UnknownOperation");
  const isPut = operation === 1;
  const header = isPut ? reader.take(HEADER_BYTES) : undefined;
  const fields = header && decodeHeader(header);
  if (fields && fields.contentLength > reader.remaining) throw new Broken("DeltaLength");
  const content = fields && reader.take(Number(fields.contentLength));
  demand(previous === undefined || compareBytes(previous, key) < 0, "KeysNotAscending");
  const namespace = namespaceOf(key);
  demand(NAMESPACES.has(namespace), "UnknownNamespace");
  if (header === undefined || fields === undefined || content === undefined) {
    demand(!isAppendOnly(namespace), "AppendOnlyRemoved");
    return [key, NO_VALUE];
  }
  const record = leafRecord(header, keccak256(content));
  demand(checkLeaf(key, record, sequenceNo) === "None", "MalformedLeaf");
  demand(fields.sequenceNo === sequenceNo, "LeafSequence");
  return [key, valueHash(record)];
}

function demand(holds: boolean, fault: TransitionFault): asserts holds {
  if (!holds) throw new Broken(fault);
}

/** `read`, whose bytes that are missing or left over are this fault. */
function orBroken<T>(fault: TransitionFault, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BytesError) throw new Broken(fault);
    throw error;
  }
}
