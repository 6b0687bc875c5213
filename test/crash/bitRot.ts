import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TreeKey } from "../../src/bytes/brand.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { CodedError } from "../../src/bytes/errors.ts";
import { fsckStore } from "../../src/state/fsck.ts";
import { repairStore } from "../../src/state/repair.ts";
import { peerOfStore } from "../../src/state/snapshot.ts";
import { StateStore } from "../../src/state/store.ts";
import { artifact, CHAIN_ID, secret } from "../src/state/fixtures.ts";
import { certifiedBy } from "../src/state/snapshotFixtures.ts";
import type { SweepOptions, SweepReport } from "./sweep.ts";

/** A store file of which one bit after the other is flipped: every byte is either harmless, or its damage named and repaired. */

/** The smallest pages SQLite has: little of the file is free space that nobody reads. */
const PAGE_BYTES = 512;

/** What one flipped bit came to. */
export interface FlipOutcome {
  /** Code that opening or reading was refused with; nothing if all that was read was right. */
  readonly refusal: string | undefined;
  /** How it was repaired; `E_WRONG_CHAIN` where the store calls itself another chain's, which nobody repairs. */
  readonly repair: string;
}

export class BitRot {
  readonly fileBytes: number;
  readonly #path: string;
  readonly #good: Uint8Array;
  readonly #source: StateStore;

  /** Makes the store, and its sound peer, in `folder`. */
  constructor(folder: string) {
    const build = join(folder, "build.db");
    const sourcePath = join(folder, "peer.db");
    for (const path of [build, sourcePath]) {
      const store = StateStore.open({ path, chainId: CHAIN_ID, pageBytes: PAGE_BYTES });
      fillSmall(store);
      store.close();
    }
    this.#good = Uint8Array.from(readFileSync(build));
    this.#source = StateStore.open({ path: sourcePath, chainId: CHAIN_ID });
    this.fileBytes = this.#good.length;
    this.#path = join(folder, "flipped.db");
  }

  close(): void {
    this.#source.close();
  }

  /** Flips `bit` of the byte at `position`. @throws {Error} if a wrong leaf is served, or the damage stays */
  async flip(position: number, bit: number): Promise<FlipOutcome> {
    const bytes = this.#good.slice();
    bytes[position] = (bytes[position] ?? 0) ^ (1 << bit);
    for (const suffix of ["", "-wal", "-journal"])
      rmSync(`${this.#path}${suffix}`, { force: true });
    writeFileSync(this.#path, bytes);
    const refusal = this.#read();
    const repair = await this.#repair();
    if (repair === "E_WRONG_CHAIN") return { refusal, repair };
    const left = this.#read();
    if (left !== undefined) throw new Error(`byte ${position}: ${left} after repair by ${repair}`);
    return { refusal, repair };
  }

  /** Reads every leaf. @returns the code of a refusal; nothing if all is as it must be */
  #read(): string | undefined {
    let store: StateStore | undefined;
    try {
      store = StateStore.open({ path: this.#path, chainId: CHAIN_ID });
      if (!equalBytes(store.head.stateRoot, this.#source.head.stateRoot)) {
        throw new Error("serves another root");
      }
      for (const [key] of this.#source.entries()) this.#assertLeaf(store, key);
      return undefined;
    } catch (error) {
      if (error instanceof CodedError) return error.code;
      throw error;
    } finally {
      store?.close();
    }
  }

  #assertLeaf(store: StateStore, key: TreeKey): void {
    const [got, wanted] = [store.leaf(key), this.#source.leaf(key)];
    const isRight =
      got !== undefined &&
      wanted !== undefined &&
      equalBytes(got.record, wanted.record) &&
      equalBytes(got.content, wanted.content);
    if (!isRight) throw new Error("serves a wrong leaf");
  }

  async #repair(): Promise<string> {
    try {
      const { repair } = await repairStore({
        path: this.#path,
        chainId: CHAIN_ID,
        peers: [peerOfStore(this.#source)],
        certifiedRoot: certifiedBy(this.#source),
      });
      const { faults } = fsckStore({ path: this.#path, chainId: CHAIN_ID });
      if (faults.length > 0) throw new Error(`faults are left after repair by ${repair}`);
      return repair;
    } catch (error) {
      if (error instanceof CodedError && error.code === "E_WRONG_CHAIN") return error.code;
      throw error;
    }
  }
}

function fillSmall(store: StateStore): void {
  store.commit(store.stage([artifact("one"), secret("s", "first"), secret("t", "shared")]));
  store.commit(store.stage([artifact("two".repeat(300)), secret("s", "second")]));
  store.commit(store.stage([artifact("shared"), secret("u", "third")]));
}

/** Flips a bit of every `stride`-th byte. */
export async function sweepBitRot({ folder, stride }: SweepOptions): Promise<SweepReport> {
  const home = join(folder, "bit-rot");
  mkdirSync(home);
  const rot = new BitRot(home);
  const endings: Record<string, number> = {};
  const failures: string[] = [];
  let planned = 0;
  for (let position = 0; position < rot.fileBytes; position += stride) {
    planned++;
    try {
      const { refusal = "read", repair } = await rot.flip(position, position % 8);
      const ending = `${refusal} and repaired by ${repair}`;
      endings[ending] = (endings[ending] ?? 0) + 1;
    } catch (error) {
      failures.push(error instanceof Error ? `byte ${position}: ${error.message}` : String(error));
    }
  }
  rot.close();
  rmSync(home, { recursive: true });
  const faults = { flip: { planned, fired: planned } };
  return { name: "bit rot", calls: rot.fileBytes, faults, endings, failures };
}
