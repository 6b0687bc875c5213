import { parentPort } from "node:worker_threads";
import { keccak256 } from "../bytes/keccak.ts";

/** The thread of {@link HashThread}: gives each byte string back with its hash. */

parentPort?.on("message", (content: Uint8Array<ArrayBuffer>) => {
  const hash = keccak256(content);
  parentPort?.postMessage({ content, hash }, [content.buffer]);
});
