import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { TaskError } from "../support/errors.ts";
import { report } from "../support/output.ts";
import { openWorkspace } from "../support/workspace.ts";
import { readProofFile } from "./proofFile.ts";

interface Options {
  readonly path: string;
  readonly dataDir: string;
  readonly json: boolean;
}

/** Has the chain check a proof file against its own retained roots. */
export default async function verifyState(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const { chainId, sequenceNo, key, present, record, proof } = readProofFile(options.path);
    const workspace = await openWorkspace(hre, options.dataDir);
    if (chainId !== workspace.chainId) {
      const chains = `the proof is for chain ${chainId}, the network is chain ${workspace.chainId}`;
      throw new TaskError("E_PROOF_REFUSED", chains);
    }
    const { reverts } = await import("../../src/chain/contracts.ts");
    const { proofs } = workspace.contracts;
    await reverts.run(async () => {
      if (present)
        await proofs.verifyInclusion(sequenceNo, toHex(key), toHex(record), toHex(proof));
      else await proofs.verifyAbsence(sequenceNo, toHex(key), toHex(proof));
    });
    const said = present ? "is" : "is not";
    return {
      document: { verified: true, chainId, sequenceNo, key: toHex(key), present },
      text: `the chain agrees: ${toHex(key)} ${said} in the state after commit ${sequenceNo}`,
    };
  });
}
