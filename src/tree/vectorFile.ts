import type { StateRoot, TreeKey } from "../bytes/brand.ts";
import { bytes32 } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { fromHex, type Hex, toHex } from "../bytes/hex.ts";
import { TreeError } from "./errors.ts";
import { valueHash } from "./hasher.ts";

import { type Update, VersionedTree } from "./versionedTree.ts";

/**
 * Files of roots as another implementation computed them, and their check against this one:
 * `{hash, trees: [{name, versions: [{set: [[key, value | null]], root}]}]}`, bytes in hex. Keys are used as they are; the
 * value hash is keccak256 of the value; `null` removes the key. Each version extends the one before it.
 */

/** Bounds of what is read: a file of someone else's making. */
export const VECTOR_FILE_LIMITS = { fileBytes: 64 * 2 ** 20, nameChars: 200, valueBytes: 2 ** 20 };

interface VectorVersion {
  readonly updates: readonly Update[];
  readonly root: StateRoot;
}

/** A file that has its form. */
export interface VectorFile {
  readonly trees: readonly { readonly name: string; readonly versions: readonly VectorVersion[] }[];
}

/** What was compared, and the first root that differs. */
export interface VectorReport {
  readonly treeCount: number;
  readonly versionCount: number;
  readonly updateCount: number;
  readonly difference?: {
    readonly tree: string;
    readonly versionIndex: number;
    readonly expected: Hex;
    readonly got: Hex;
  };
}

/**
 * The vectors that `text` spells.
 * @throws {TreeError} `E_VECTOR_LIMIT` too large; `E_VECTOR_SYNTAX` no JSON; `E_VECTOR_HASH` another hash than
 *   keccak256; `E_VECTOR_FORMAT` anything else, with the place
 */
export function parseVectorFile(text: string): VectorFile {
  const { fileBytes } = VECTOR_FILE_LIMITS;
  if (text.length > fileBytes) {
    throw new TreeError(
      "E_VECTOR_LIMIT",
      `expected at most ${fileBytes} bytes, got ${text.length}`,
    );
  }
  const file = recordOf(parseJson(text), "file");
  if (file.hash !== "keccak256") {
    const got = JSON.stringify(file.hash)?.slice(0, 80);
    throw new TreeError("E_VECTOR_HASH", `hash: expected "keccak256", got ${got}`);
  }
  const trees = listOf(file.trees, "trees").map((item, i) => parseTree(item, `trees[${i}]`));
  return { trees };
}

/**
 * Builds every version and compares its root; stops at the first that differs.
 * @throws {TreeError} `E_DUPLICATE_KEY` if a version sets a key twice
 */
export function checkVectorFile({ trees }: VectorFile): VectorReport {
  const counts = { treeCount: 0, versionCount: 0, updateCount: 0 };
  for (const { name, versions } of trees) {
    const tree = new VersionedTree();
    counts.treeCount++;
    for (const [versionIndex, { updates, root }] of versions.entries()) {
      tree.commit(tree.stage(updates));
      counts.versionCount++;
      counts.updateCount += updates.length;
      if (!equalBytes(tree.root(), root)) {
        const [expected, got] = [toHex(root), toHex(tree.root())];
        return { ...counts, difference: { tree: name, versionIndex, expected, got } };
      }
    }
  }
  return counts;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TreeError("E_VECTOR_SYNTAX", "expected JSON", { cause });
  }
}

function parseTree(item: unknown, at: string): VectorFile["trees"][number] {
  const { name, versions } = recordOf(item, at);
  const { nameChars } = VECTOR_FILE_LIMITS;
  if (typeof name !== "string" || name.length > nameChars) {
    throw malformed(`${at}.name`, `a text of at most ${nameChars} characters`);
  }
  const parse = (version: unknown, i: number) => parseVersion(version, `${at}.versions[${i}]`);
  return { name, versions: listOf(versions, `${at}.versions`).map(parse) };
}

function parseVersion(item: unknown, at: string): VectorVersion {
  const { set, root } = recordOf(item, at);
  const updates = listOf(set, `${at}.set`).map((pair, i) => parseUpdate(pair, `${at}.set[${i}]`));
  return { updates, root: bytes32(bytesOf(root, `${at}.root`, 32)) };
}

function parseUpdate(pair: unknown, at: string): Update {
  const list = listOf(pair, at);
  if (list.length !== 2) throw malformed(at, "a key and a value");
  const key = bytes32<TreeKey>(bytesOf(list[0], `${at}[0]`, 32));
  if (list[1] === null) return [key, null];
  const value = bytesOf(list[1], `${at}[1]`);
  if (value.length > VECTOR_FILE_LIMITS.valueBytes) {
    throw new TreeError("E_VECTOR_LIMIT", `${at}[1]: got a value of ${value.length} bytes`);
  }
  return [key, valueHash(value)];
}

function recordOf(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(at, "an object");
  }
  return { ...value };
}

function listOf(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw malformed(at, "a list");
  return value;
}

function bytesOf(value: unknown, at: string, length?: number): Uint8Array {
  if (typeof value !== "string") throw malformed(at, "hex");
  let bytes: Uint8Array;
  try {
    bytes = fromHex(value, at);
  } catch (cause) {
    throw malformed(at, "hex", cause);
  }
  if (length !== undefined && bytes.length !== length) throw malformed(at, `${length} bytes`);
  return bytes;
}

function malformed(at: string, expected: string, cause?: unknown): TreeError {
  return new TreeError("E_VECTOR_FORMAT", `${at}: expected ${expected}`, { cause });
}
