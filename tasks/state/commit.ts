import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { DEFAULT_HELD_SECONDS, type HeldStatus } from "../../src/commit/holdRules.ts";
import type { Landing } from "../../src/commit/landing.ts";
import type { TickOutcome } from "../../src/commit/tickOutcome.ts";
import type { LocalChain } from "../../src/sim/localChain.ts";
import { TaskError } from "../support/errors.ts";
import { report, type TaskOutput } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";

interface Options {
  readonly offline: number;
  readonly hold: number;
  readonly observe: boolean;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** One tick: commits what is pending and lands what is due, or says why not. */
export default async function commitState(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const workspace = await openWorkspace(hre, options.dataDir);
    const hold = { maxHeldCommits: options.hold, maxHeldSeconds: DEFAULT_HELD_SECONDS };
    const tick = async (local: LocalChain): Promise<TaskOutput> => {
      if (local.operators.length === 0) {
        throw new TaskError("E_NO_OPERATORS", `no operator has its key in ${workspace.dataDir}`);
      }
      if (options.dryRun) {
        const pending = local.lane.journal.length;
        const held = local.lane.heldStatus;
        const text = `${pending} leaves wait for a commit${heldText(held)}`;
        return { document: { pending, held, dryRun: true }, text };
      }
      local.setOffline(options.offline);
      const outcome = await local.lane.tick();
      for (const { signer } of local.operators) await signer.sync();
      return outputOf(outcome);
    };
    return await withServices(workspace, tick, { hold, isObserved: options.observe });
  });
}

/** @throws {TaskError} `E_QUORUM_NOT_REACHED` */
function outputOf(outcome: TickOutcome): TaskOutput {
  const { held, landed } = outcome;
  const { gasUsed } = landed;
  const transactionHashes = landed.transactions.map(({ transactionHash }) => transactionHash);
  const landing = { landed: landed.commits, gasUsed, transactionHashes, held };
  const ending = `${landingText(landed)}${heldText(held)}`;
  if (outcome.status === "skipped" || outcome.status === "landed") {
    const { status, sequenceNo } = outcome;
    const text = `nothing to commit after ${sequenceNo}${ending}`;
    return { document: { status, sequenceNo, ...landing }, text };
  }
  const { commit, signatures } = outcome;
  const { signedWeight, totalWeight, signers, refusals } = signatures;
  if (outcome.status === "no-quorum") {
    const reasons = refusals.map(({ name, code }) => `${name}: ${code}`).join("; ");
    const said = `${signedWeight} of ${totalWeight} signed commit ${commit.sequenceNo} (${reasons})${ending}`;
    throw new TaskError("E_QUORUM_NOT_REACHED", said);
  }
  const { sequenceNo } = commit;
  const stateRoot = toHex(commit.newStateRoot);
  const { status, leafCount } = outcome;
  const [transactionHash] = transactionHashes.slice(-1);
  return {
    document: { status, sequenceNo, stateRoot, leafCount, signers, transactionHash, ...landing },
    text: `commit ${sequenceNo}: ${leafCount} leaves, ${signers.length} signatures, root ${stateRoot}${ending}`,
  };
}

function landingText({ commits, transactions, gasUsed }: Landing): string {
  if (commits === 0) return "";
  return `; ${commits} landed in ${transactions.length} transactions, ${gasUsed} gas`;
}

function heldText({ commits, sinceSeconds }: HeldStatus): string {
  return sinceSeconds === undefined ? "" : `; ${commits} held since ${sinceSeconds}`;
}
