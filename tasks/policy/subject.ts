import { existsSync } from "node:fs";
import { fromHex } from "../../src/bytes/hex.ts";
import type { PolicyEntity, PolicyReader } from "../../src/chain/policyReader.ts";
import type { DemoPolicy } from "../../src/sim/demo/context.ts";
import type { StateStore } from "../../src/state/store.ts";
import { TaskError } from "../support/errors.ts";
import { loadPolicy } from "../support/policies.ts";
import type { Workspace } from "../support/workspace.ts";

/** What a command is asked about: a policy in a folder, or something on the chain by its 32-byte ref or id. */
export type Subject =
  | { readonly kind: "folder"; readonly policy: DemoPolicy }
  | { readonly kind: "id"; readonly id: Uint8Array };

/**
 * `text` as a subject: `0x` and 64 digits, or the path of a folder.
 * @throws {TaskError} `E_OPTION`, `E_FILE_NOT_FOUND`; and as {@link loadPolicy}
 */
export function subjectOf(text: string): Subject {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return { kind: "id", id: fromHex(text) };
  if (existsSync(text)) return { kind: "folder", policy: loadPolicy(text) };
  const shown = text.slice(0, 120);
  throw new TaskError("E_OPTION", `"${shown}" is neither a folder nor a ref or id (0x, 64 digits)`);
}

/** A reader of the workspace's chain; params that are a leaf come from `store`. */
export async function readerOf(
  { contracts, provider, chainId }: Workspace,
  store: StateStore,
): Promise<PolicyReader> {
  const { PolicyReader } = await import("../../src/chain/policyReader.ts");
  return new PolicyReader(contracts, provider, chainId, (key) => store.leaf(key)?.content);
}

/** What `id` stands for. @throws {TaskError} `E_NOT_REGISTERED` */
export async function findEntity(reader: PolicyReader, id: string): Promise<PolicyEntity> {
  const found = await reader.find(fromHex(id));
  if (found !== undefined) return found;
  throw new TaskError("E_NOT_REGISTERED", `no template or instance on this chain is ${id}`);
}
