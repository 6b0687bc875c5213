import type { StateRoot } from "../../../src/bytes/brand.ts";
import { peerOfStore } from "../../../src/state/snapshot.ts";
import type { SnapshotPeer } from "../../../src/state/snapshotPeer.ts";
import type { StateStore } from "../../../src/state/store.ts";
import { artifact, noise, secret } from "./fixtures.ts";

/** Some commits: artifacts, secrets that change and go, one content of two leaves, one of some size. */
export function fill(store: StateStore, commits = 6): void {
  for (let n = 1; n <= commits; n++) {
    const writes = Array.from({ length: 5 }, (_, i) => artifact(`artifact ${n} ${i}`, 4 + i));
    store.commit(
      store.stage([
        ...writes,
        secret("changing", `value ${n}`),
        secret(`once ${n}`, "shared"),
        artifact(noise(10_000, `large ${n}`)),
      ]),
    );
  }
}

/** What a chain with the history of `store` certifies. */
export function certifiedBy(store: StateStore) {
  return async (sequenceNo: bigint): Promise<StateRoot | undefined> =>
    sequenceNo <= store.head.sequenceNo ? store.rootAt(sequenceNo) : undefined;
}

/** A peer whose answers are changed, and who counts them. */
export class ChangedPeer implements SnapshotPeer {
  readonly id: string;
  readonly asked = { manifest: 0, chunk: 0, content: 0 };
  readonly #honest: SnapshotPeer;
  readonly #changes: Partial<Record<"manifest" | "chunk" | "content", Change>>;

  constructor(
    id: string,
    store: StateStore | SnapshotPeer,
    changes: Partial<Record<"manifest" | "chunk" | "content", Change>> = {},
  ) {
    this.id = id;
    this.#honest = "manifest" in store ? store : peerOfStore(store, { chunkLeaves: 7 });
    this.#changes = changes;
  }

  async manifest(...[request]: Parameters<SnapshotPeer["manifest"]>): Promise<Uint8Array> {
    this.asked.manifest++;
    return await this.#changed("manifest", await this.#honest.manifest(request), 0);
  }

  async chunk(...[index, request]: Parameters<SnapshotPeer["chunk"]>): Promise<Uint8Array> {
    this.asked.chunk++;
    return await this.#changed("chunk", await this.#honest.chunk(index, request), index);
  }

  async content(...[hash, request]: Parameters<SnapshotPeer["content"]>): Promise<Uint8Array> {
    this.asked.content++;
    return await this.#changed("content", await this.#honest.content(hash, request), 0);
  }

  async #changed(what: keyof typeof this.asked, bytes: Uint8Array, index: number) {
    return (await this.#changes[what]?.(bytes, index)) ?? bytes;
  }
}

/** Other bytes than those given, or a failure; nothing for no change. */
export type Change = (bytes: Uint8Array, index: number) => Awaitable<Uint8Array | undefined>;
type Awaitable<T> = T | Promise<T>;

/** `bytes` with one bit of the byte at `position` (from the end if negative) flipped. */
export function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const out = bytes.slice();
  const at = position < 0 ? out.length + position : position;
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}
