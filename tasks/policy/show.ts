import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import type { PolicyEntity } from "../../src/chain/policyReader.ts";
import { report, table } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";
import { printable } from "./printable.ts";
import { findEntity, readerOf } from "./subject.ts";

interface Options {
  readonly id: string;
  readonly dataDir: string;
  readonly json: boolean;
}

const utf8 = new TextDecoder();

/** What the chain says of a template, a data template or an instance of either. */
export default async function showPolicy(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const workspace = await openWorkspace(hre, options.dataDir);
    const entity = await withServices(workspace, async ({ lane }) => {
      await lane.sync();
      return await findEntity(await readerOf(workspace, lane.store), options.id);
    });
    const { networkName, chainId } = workspace;
    const fields = fieldsOf(entity);
    const rows = Object.entries(fields).map(([name, value]) => [name, printable(textOf(value))]);
    return { document: { networkName, chainId, ...fields }, text: table(rows) };
  });
}

/** The entity with bytes as hex, and params as the text that they are. */
function fieldsOf(entity: PolicyEntity): Record<string, unknown> {
  if (entity.kind === "instance") {
    const { client, params, dataInstances, templateRef, ...rest } = entity.instance;
    return {
      kind: entity.kind,
      id: toHex(entity.id),
      client: toHex(client),
      templateRef: toHex(templateRef),
      deployedAt: entity.deployedAt,
      isCurrent: entity.isCurrent,
      ...rest,
      dataInstances: dataInstances.map((one) => toHex(one)),
      params: utf8.decode(params),
    };
  }
  if (entity.kind === "data instance") {
    const { kind, id, ref, client } = entity;
    return { kind, id: toHex(id), ref: toHex(ref), client };
  }
  const { kind, ref, template, ...registered } = entity;
  return { kind, ref: toHex(ref), ...registered, ...hexOf(template) };
}

function hexOf(parts: object): Record<string, unknown> {
  const entries = Object.entries(parts).map(([name, value]) => [name, hexValue(value)]);
  return Object.fromEntries(entries);
}

function hexValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(hexValue);
  return typeof value === "object" && value !== null ? hexOf(value) : value;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join("; ");
  if (typeof value === "object" && value !== null) return Object.values(value).join(" ");
  return String(value);
}
