import { Worker } from "node:worker_threads";
import { bytes32, type ContentHash } from "../bytes/brand.ts";
import type { HashedContent } from "./restoreTarget.ts";

/**
 * Hashes contents on a thread of its own, so that hashing goes on while this one waits for the disk. A content is handed over
 * and comes back as another array: whoever had it before has an empty one.
 */
export class HashThread {
  readonly #worker = new Worker(new URL("./hashWorker.ts", import.meta.url));
  readonly #waiting: {
    readonly resolve: (hashed: HashedContent) => void;
    readonly reject: (cause: unknown) => void;
  }[] = [];

  constructor() {
    // Answers come in the order of the questions.
    this.#worker.on("message", ({ content, hash }: { content: Uint8Array; hash: Uint8Array }) => {
      this.#waiting.shift()?.resolve({ content, hash: bytes32<ContentHash>(hash) });
    });
    this.#worker.on("error", (cause) => {
      for (const { reject } of this.#waiting.splice(0)) reject(cause);
    });
  }

  /** The content and its hash. */
  readonly hash = (content: Uint8Array): Promise<HashedContent> => {
    // A view of something larger must not take that along.
    const whole = content.byteLength === content.buffer.byteLength ? content : content.slice();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(whole, whole.buffer instanceof ArrayBuffer ? [whole.buffer] : []);
    });
  };

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
