import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContentHash } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import type { PutWrite } from "../../../src/state/stage.ts";
import { StateStore, type StateStoreOptions } from "../../../src/state/store.ts";

export const CHAIN_ID = 10n;

/** A content-addressed write. */
export function artifact(text: string | Uint8Array, namespace = 6, flags = 0): PutWrite {
  const content = typeof text === "string" ? tag(text) : text;
  const id = keccak256<ContentHash>(content);
  return { operation: "put", namespace, id, flags, content };
}

/** A write that may be repeated and undone. */
export function secret(name: string, text: string): PutWrite {
  const id = keccak256(tag(name));
  return { operation: "put", namespace: 3, id, flags: 0, content: tag(text) };
}

/** Bytes that do not compress. */
export function noise(length: number, seed = "noise"): Uint8Array {
  const out = new Uint8Array(length);
  let block: Uint8Array = tag(seed);
  for (let offset = 0; offset < length; offset += 32) {
    block = keccak256(block);
    out.set(block.subarray(0, Math.min(32, length - offset)), offset);
  }
  return out;
}

/** A directory and stores in it, gone after the test. */
export class Workspace {
  readonly directory = mkdtempSync(join(tmpdir(), "ops-state-"));
  readonly #stores: StateStore[] = [];

  path(name = "store.db"): string {
    return join(this.directory, name);
  }

  open(name = "store.db", options: Partial<StateStoreOptions> = {}): StateStore {
    const store = StateStore.open({ path: this.path(name), chainId: CHAIN_ID, ...options });
    this.#stores.push(store);
    return store;
  }

  dispose(): void {
    for (const store of this.#stores) store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
