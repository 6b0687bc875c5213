import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { KeyPair } from "../../src/operators/keyPair.ts";
import { TaskError } from "../support/errors.ts";
import { report } from "../support/output.ts";
import { accountOf, KEY_FILE, openWorkspace, operatorFolder } from "../support/workspace.ts";

interface Options {
  readonly count: number;
  readonly weight: bigint;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** What one epoch can hold. */
const MAX_OPERATORS = 256;

/** Makes keys, registers them with proof of possession, sets weights and starts the next epoch. */
export default async function registerOperators(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  const { count, weight, dryRun } = options;
  await report(options.json, async (progress) => {
    if (count < 1 || count > MAX_OPERATORS || weight < 1n) {
      throw new TaskError(
        "E_OPTION",
        `--count must be 1 to ${MAX_OPERATORS} and --weight at least 1`,
      );
    }
    const workspace = await openWorkspace(hre, options.dataDir);
    const { contracts, chainId, networkName } = workspace;
    const owner = accountOf(workspace, "owner");
    const signers = Array.from({ length: count }, (_, i) =>
      accountOf(workspace, "firstOperator", i),
    );
    const { registerOperator, setOperatorWeight, startEpoch } = await import(
      "../../src/chain/operatorSets.ts"
    );
    if (dryRun) {
      const document = { networkName, chainId, count, weight, dryRun };
      return {
        document,
        text: `would register ${count} operators of weight ${weight} on ${networkName}`,
      };
    }
    const operators: string[] = [];
    let gasUsed = 0n;
    for (const [i, signer] of signers.entries()) {
      progress(`· operator ${i + 1} of ${count}`);
      const key = await keyOf(operatorFolder(workspace, i));
      gasUsed += (await registerOperator(contracts, chainId, signer, key)).gasUsed;
      const address = await signer.getAddress();
      gasUsed += (await setOperatorWeight(contracts, owner, address, weight)).gasUsed;
      operators.push(address);
    }
    gasUsed += (await startEpoch(contracts, owner)).gasUsed;
    const epoch = await contracts.operatorSets.currentEpoch();
    return {
      document: { networkName, chainId, epoch, operators, weight, gasUsed },
      text: `epoch ${epoch} has ${count} operators of weight ${weight}; ${gasUsed} gas`,
    };
  });
}

async function keyOf(folder: string): Promise<KeyPair> {
  const { createKeyFile, readKeyFile } = await import("../../src/operators/keyFile.ts");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, KEY_FILE);
  if (existsSync(path)) return readKeyFile(path);
  return createKeyFile(path, (length) => randomBytes(length));
}
