import {
  bytes32,
  type Digest,
  type StateRoot,
  type TreeKey,
  type ValueHash,
} from "../bytes/brand.ts";
import { compareBytes } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import {
  COMMIT_VERSION,
  commitDigest,
  quorumMessage,
  type StateCommit,
} from "../commit/message.ts";
import type { CommitTarget } from "../commit/target.ts";
import { buildCertificate, encodeCertificate } from "../operators/certificate.ts";
import type { KeyPair } from "../operators/keyPair.ts";
import type { DataAvailability } from "../state/dataAvailability.ts";
import { type DeltaLeaf, encodeUncheckedDelta } from "../state/delta.ts";
import { leafRecord } from "../state/leaf.ts";
import { publishEncodedDelta } from "../state/publish.ts";
import type { StateStore } from "../state/store.ts";
import { valueHash } from "../tree/hasher.ts";
import { VersionedTree } from "../tree/versionedTree.ts";

/**
 * An adversary with the keys of all operators: it signs whatever it likes, and the registry cannot tell. It starts from an
 * honest state and keeps the tree of what it made of it.
 */
export class CorruptQuorum {
  readonly #keys: readonly KeyPair[];
  readonly #target: CommitTarget;
  readonly #da: Pick<DataAvailability, "put">;
  /** The state as signed. */
  readonly tree: VersionedTree;

  constructor(
    keys: readonly KeyPair[],
    target: CommitTarget,
    da: Pick<DataAvailability, "put">,
    honest: StateStore,
  ) {
    this.#keys = keys;
    this.#target = target;
    this.#da = da;
    this.tree = VersionedTree.restore(honest.head.sequenceNo, honest.entries());
  }

  /**
   * Lands a commit that writes and removes these leaves, rules or no rules.
   * @param signedRoot what is signed in the place of the root that they make
   */
  async commit(
    leaves: readonly DeltaLeaf[],
    timestamp: bigint,
    signedRoot?: StateRoot,
  ): Promise<StateCommit> {
    const sorted = [...leaves].sort((a, b) => compareBytes(a.key, b.key));
    const prevStateRoot = this.tree.root();
    const staged = this.tree.stage(sorted.map(updateOf));
    const newStateRoot = signedRoot ?? staged.newRoot;
    const sequenceNo = this.tree.commit(staged);
    const { chainId } = this.#target;
    const delta = { chainId, sequenceNo, prevStateRoot, newStateRoot, leaves: sorted };
    const { daCertHash } = await publishEncodedDelta(this.#da, delta, encodeUncheckedDelta(delta));
    const commit: StateCommit = {
      version: COMMIT_VERSION,
      sequenceNo,
      prevStateRoot,
      newStateRoot,
      timestamp,
      daCertHash,
      pcr0Commitment: bytes32(new Uint8Array(32)),
    };
    await this.#target.land(commit, await this.certifyCommit(commit));
    return commit;
  }

  /** Certificate of all operators over `commit`. */
  async certifyCommit(commit: StateCommit): Promise<Uint8Array> {
    const { chainId, registry } = this.#target;
    return await this.certify(commitDigest({ chainId, registry }, commit));
  }

  /** Certificate of all operators over `digest`. */
  async certify(digest: Digest): Promise<Uint8Array> {
    const set = await this.#target.operatorSet();
    const message = quorumMessage(set.epoch, digest);
    const signatures = new Map(
      this.#keys.map((key) => [set.indexOfKey(key.keyG1), key.sign(message)] as const),
    );
    return encodeCertificate(buildCertificate(set, message, signatures));
  }
}

function updateOf(leaf: DeltaLeaf): readonly [TreeKey, ValueHash | null] {
  if (leaf.operation === "delete") return [leaf.key, null];
  return [leaf.key, valueHash(leafRecord(leaf.header, keccak256(leaf.content)))];
}
