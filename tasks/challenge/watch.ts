import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { EXIT_CODES } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { accountOf, openWorkspace } from "../support/workspace.ts";

interface Options {
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** One pass of a challenger over the network of `--network`; refuses (exit code) if a fault was proven. */
export default async function watch(
  { dataDir, dryRun, json }: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(json, async (progress) => {
    const workspace = await openWorkspace(hre, dataDir);
    const { EvmCommitTarget } = await import("../../src/chain/evmTarget.ts");
    const { connectContracts } = await import("../../src/chain/contracts.ts");
    const { watchOnce } = await import("../../src/chain/watch.ts");
    const { FsDataAvailability } = await import("../../src/state/daFs.ts");
    const { StateStore } = await import("../../src/state/store.ts");
    const { chainId, addresses, provider } = workspace;
    const account = accountOf(workspace, "challenger");
    const contracts = connectContracts(addresses, account);
    const target = await EvmCommitTarget.connect(contracts, provider);
    const deltas = await FsDataAvailability.open(join(workspace.dataDir, "da"));
    const store = StateStore.open({ path: join(workspace.dataDir, "challenger.db"), chainId });
    try {
      progress(`from commit ${store.head.sequenceNo + 1n} on`);
      const { followedTo, findings } = await watchOnce({
        contracts,
        target,
        deltas,
        store,
        challenger: await account.getAddress(),
        isDryRun: dryRun,
      });
      const found = findings.map(({ evidence, ...rest }) => ({ kind: evidence.kind, ...rest }));
      if (found.some(({ verdict }) => verdict === "Proven")) process.exitCode = EXIT_CODES.refused;
      const rows = found.map(({ kind, verdict, faultId, estimatedGas, transactionHash }) => [
        kind,
        verdict,
        faultId,
        estimatedGas === undefined ? "" : `${estimatedGas} gas`,
        transactionHash ?? "not submitted",
      ]);
      const text = `followed to commit ${followedTo}\n${table(rows)}`.trimEnd();
      return { document: { followedTo, findings: found }, text };
    } finally {
      store.close();
    }
  });
}
