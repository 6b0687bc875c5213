import { existsSync, readFileSync } from "node:fs";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { TaskError } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { loadPolicy } from "../support/policies.ts";
import { accountOf, openWorkspace, type Workspace, withServices } from "../support/workspace.ts";

interface Options {
  readonly folder: string;
  readonly params: string;
  readonly expireAfterBlocks: number;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Deploys missing data instances and the instance, and moves the client's pointer, in one transaction. */
export default async function instantiatePolicy(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const policy = loadPolicy(options.folder);
    const params = options.params === "" ? policy.params : paramsAt(options.params);
    const workspace = await openWorkspace(hre, options.dataDir);
    const { deployInstance, instanceFor } = await import("../../src/chain/registration.ts");
    const client = accountOf(workspace, "client");
    const { contracts, chainId } = workspace;
    const { id, instance } = await instanceFor(chainId, client, policy.bundle, {
      params,
      expireAfterBlocks: options.expireAfterBlocks,
    });
    const document = { instance: toHex(id), client: toHex(instance.client), chainId };
    if (options.dryRun) {
      return { document: { ...document, dryRun: true }, text: `would deploy ${document.instance}` };
    }
    const proof = await proofOf(workspace, params);
    const receipts = await deployInstance(contracts, client, instance, proof);
    const rows = receipts.map(({ what, gasUsed }) => [what, `${gasUsed} gas`]);
    return {
      document: { ...document, receipts },
      text: table([...rows, ["current instance", document.instance]]),
    };
  });
}

/**
 * Proof of params that are too large for the chain; nothing for others.
 * @throws {TaskError} `E_NOT_COMMITTED`
 */
async function proofOf(workspace: Workspace, params: Uint8Array) {
  const { isParamsLeaf, paramsProofOf } = await import("../../src/chain/registration.ts");
  if (!isParamsLeaf(params)) return undefined;
  return await withServices(workspace, async ({ lane }) => {
    await lane.sync();
    const proof = paramsProofOf(lane.store, params);
    if (proof !== undefined) return proof;
    const todo = "publish them with `artifact publish <file> --kind params` and commit";
    throw new TaskError("E_NOT_COMMITTED", `params of ${params.length} bytes are a leaf: ${todo}`);
  });
}

/** @throws {TaskError} `E_FILE_NOT_FOUND` */
function paramsAt(path: string): Uint8Array {
  if (!existsSync(path)) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${path}`);
  return readFileSync(path);
}
