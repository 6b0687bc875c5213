import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { TaskError } from "../support/errors.ts";
import { report, type TaskOutput } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";

interface Options {
  readonly offline: number;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** One tick: commits what is pending, or says why not. */
export default async function commitState(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const workspace = await openWorkspace(hre, options.dataDir);
    return await withServices(workspace, async (local): Promise<TaskOutput> => {
      if (local.operators.length === 0) {
        throw new TaskError("E_NO_OPERATORS", `no operator has its key in ${workspace.dataDir}`);
      }
      if (options.dryRun) {
        const pending = local.lane.journal.length;
        return { document: { pending, dryRun: true }, text: `${pending} leaves wait for a commit` };
      }
      local.setOffline(options.offline);
      const outcome = await local.lane.tick();
      if (outcome.status === "skipped") {
        const { status, sequenceNo } = outcome;
        return { document: { status, sequenceNo }, text: `nothing to commit after ${sequenceNo}` };
      }
      const { commit, signatures } = outcome;
      const { signedWeight, totalWeight, signers, refusals } = signatures;
      if (outcome.status === "no-quorum") {
        const reasons = refusals.map(({ name, code }) => `${name}: ${code}`).join("; ");
        const said = `${signedWeight} of ${totalWeight} signed commit ${commit.sequenceNo} (${reasons})`;
        throw new TaskError("E_QUORUM_NOT_REACHED", said);
      }
      for (const { signer } of local.operators) await signer.sync();
      const { gasUsed, transactionHash } = outcome.landed;
      const { sequenceNo } = commit;
      const stateRoot = toHex(commit.newStateRoot);
      const { status, leafCount } = outcome;
      return {
        document: { status, sequenceNo, stateRoot, leafCount, signers, gasUsed, transactionHash },
        text: `commit ${sequenceNo}: ${leafCount} leaves, ${signers.length} signatures, root ${stateRoot}, ${gasUsed} gas`,
      };
    });
  });
}
