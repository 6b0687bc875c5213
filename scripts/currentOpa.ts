import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "../src/artifact/json.ts";
import type { RegoDocuments } from "../src/policy/regoEngine.ts";

/** The current Open Policy Agent, built from source by the Go toolchain. */

/** Held equal to the embedded engine. */
export const OPA_VERSION = "v1.22.2";

const FOLDER = join(import.meta.dirname, "../node_modules/.cache", `opa-${OPA_VERSION}`);
const BUILD_WITHIN_MS = 20 * 60_000;

/** Path of the binary; built on first use (Go on the path, about 90 seconds with 2 cores). */
export function opaBinary(): string {
  const binary = join(FOLDER, process.platform === "win32" ? "opa.exe" : "opa");
  if (existsSync(binary)) return binary;
  mkdirSync(FOLDER, { recursive: true });
  execFileSync("go", ["install", `github.com/open-policy-agent/opa@${OPA_VERSION}`], {
    env: { ...process.env, GOBIN: FOLDER },
    stdio: ["ignore", 2, 2],
    timeout: BUILD_WITHIN_MS,
  });
  return binary;
}

/** Runs `opa` and gives what it prints. @throws {Error} with what it says, if it fails */
export function opa(args: readonly string[], stdin = ""): string {
  return execFileSync(opaBinary(), args, { input: stdin, encoding: "utf8" });
}

/** The value of `entrypoint` in the module at `file`; undefined if it has none. */
export function evaluateWithOpa(
  file: string,
  entrypoint: string,
  { input, data }: RegoDocuments,
): JsonValue | undefined {
  const documents = JSON.stringify({ input, data });
  // One document on stdin is the input; what the module reads as data comes by `with`.
  const query = `x := data.${entrypoint} with input as input.input with data.params as input.data.params with data.wasm as input.data.wasm`;
  const args = ["eval", "--stdin-input", "--data", file, "--format", "json", query];
  const answer: { result?: { bindings: { x: JsonValue } }[] } = JSON.parse(opa(args, documents));
  return answer.result?.[0]?.bindings.x;
}
