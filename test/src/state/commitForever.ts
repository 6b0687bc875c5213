import { writeSync } from "node:fs";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { StateStore } from "../../../src/state/store.ts";

/**
 * A process that commits until it is killed, or a write fails. It says each commit's number on its output after the commit
 * has returned, and the code of a failure in the end. Arguments: path, chain id, bytes per artifact.
 */

const [path = "", chainId = "", contentBytes = "100"] = process.argv.slice(2);

/** Content that the parent can make again: the number, over and over. */
function contentOf(sequenceNo: bigint, index: number): Uint8Array {
  const out = new Uint8Array(Number(contentBytes));
  out.set(new TextEncoder().encode(`${sequenceNo}:${index}`));
  return out;
}

function code(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function run(): void {
  const store = StateStore.open({ path, chainId: BigInt(chainId), retainedVersions: 20 });
  writeSync(1, "open\n");
  for (;;) {
    const next = store.head.sequenceNo + 1n;
    const artifacts = [0, 1, 2].map((index) => {
      const content = contentOf(next, index);
      const put = { operation: "put", namespace: 6, flags: 0 } as const;
      return { ...put, id: keccak256(content), content };
    });
    try {
      store.commit(store.stage(artifacts));
    } catch (error) {
      let later = "none";
      try {
        store.commit(store.stage([]));
      } catch (second) {
        later = code(second);
      }
      writeSync(1, `failed ${code(error)} ${later}\n`);
      process.exit(0);
    }
    writeSync(1, `${next}\n`);
  }
}

// The test runner loads every file of the folder: only a process of its own commits.
if (import.meta.main) {
  try {
    run();
  } catch (error) {
    writeSync(1, `${code(error)}\n`);
  }
}
