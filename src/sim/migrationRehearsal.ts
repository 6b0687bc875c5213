import { CodedError } from "../bytes/errors.ts";
import type { Contracts } from "../chain/contracts.ts";
import { reverts } from "../chain/contracts.ts";
import { checkStage, type MigrationPlan } from "../chain/migration.ts";
import type { MigratedPolicy } from "../chain/migrationCalls.ts";
import { verifyStage } from "../chain/migrationCheck.ts";
import { MigrationError } from "../chain/migrationError.ts";
import { decodeSafeBatch, type SafeBatch } from "../chain/safeBatch.ts";
import type { SimulatedProvider } from "./simulatedChain.ts";

/**
 * A migration carried out on a simulated chain, or on a fork of a real one, from its very files. The chain plays the Safe:
 * its account sends the calls of a stage one after the other, and what was done is taken back if one of them is refused, as
 * the one transaction of a real Safe would be.
 */

/** Most gas of one transaction (EIP-7825). */
export const TRANSACTION_GAS_LIMIT = 16_777_216n;

/** Where a migration is rehearsed. */
export interface RehearsalStage {
  readonly provider: SimulatedProvider;
  readonly contracts: Contracts;
}

/** A stage that went through. */
export interface RehearsedStage {
  readonly stage: number;
  readonly transactions: number;
  /** Of all calls, each as a transaction of its own; a Safe's one transaction takes less. */
  readonly gasUsed: bigint;
  /** Things the chain was asked about after it. */
  readonly verified: number;
}

/** What is read anew before each stage. */
export interface MigrationFiles {
  /** The policies as they are on disk now. */
  policies(): readonly MigratedPolicy[];
  /** Bytes of a stage's batch file. */
  batch(stage: number): Uint8Array;
}

/**
 * Carries out every stage of `plan`: checks files against plan and folders, sends, verifies. `onStage` hears of each that is
 * done. It stops at the first that cannot be carried out, of which nothing is left.
 * @throws {MigrationError} `E_BATCH_…`, `E_DRIFT` before anything of the stage is sent; `E_STAGE_FAILED`, `E_STAGE_GAS`,
 *   `E_STAGE_UNVERIFIED` with everything of the stage taken back
 */
export async function rehearseMigration(
  chain: RehearsalStage,
  plan: MigrationPlan,
  files: MigrationFiles,
  onStage: (done: RehearsedStage) => void = () => undefined,
): Promise<RehearsedStage[]> {
  const done: RehearsedStage[] = [];
  for (const planned of plan.stages) {
    const batch = decodeSafeBatch(files.batch(planned.stage), `batch of stage ${planned.stage}`);
    checkStage(plan, planned, batch, files.policies());
    const { stage } = planned;
    const rehearsed = await asOne(chain.provider, async () => {
      const gasUsed = await send(chain.provider, batch, stage);
      const verified = await verifyStage(chain.contracts, planned);
      return { stage, transactions: batch.transactions.length, gasUsed, verified };
    });
    done.push(rehearsed);
    onStage(rehearsed);
  }
  return done;
}

/** Runs `action`; what it did to the chain is taken back if it fails. */
async function asOne<T>(provider: SimulatedProvider, action: () => Promise<T>): Promise<T> {
  const snapshot = await provider.request({ method: "evm_snapshot", params: [] });
  try {
    return await action();
  } catch (error) {
    await provider.request({ method: "evm_revert", params: [snapshot] });
    throw error;
  }
}

/** Gas of all calls, sent from the Safe's account. */
async function send(
  provider: SimulatedProvider,
  { safe, transactions }: SafeBatch,
  stage: number,
): Promise<bigint> {
  const balance = await provider.request({ method: "eth_getBalance", params: [safe, "latest"] });
  await provider.request({ method: "hardhat_impersonateAccount", params: [safe] });
  await provider.request({ method: "hardhat_setBalance", params: [safe, PLENTY] });
  let gasUsed = 0n;
  try {
    for (const [i, { to, data }] of transactions.entries()) {
      gasUsed += await sendOne(provider, { from: safe, to, data }, `stage ${stage}, call ${i}`);
    }
  } finally {
    await provider.request({ method: "hardhat_setBalance", params: [safe, balance] });
    await provider.request({ method: "hardhat_stopImpersonatingAccount", params: [safe] });
  }
  if (gasUsed <= TRANSACTION_GAS_LIMIT) return gasUsed;
  const message = `stage ${stage}: ${gasUsed} gas, one transaction takes ${TRANSACTION_GAS_LIMIT}; make more stages`;
  throw new MigrationError("E_STAGE_GAS", message);
}

/** 10^21 wei: more than any stage costs on a chain that nobody bids on. */
const PLENTY = "0x3635c9adc5dea00000";

async function sendOne(
  provider: SimulatedProvider,
  call: { readonly from: string; readonly to: string; readonly data: string },
  which: string,
): Promise<bigint> {
  try {
    return await reverts.run(async () => {
      const hash = await provider.request({ method: "eth_sendTransaction", params: [call] });
      const receipt = await provider.request({
        method: "eth_getTransactionReceipt",
        params: [hash],
      });
      const { gasUsed, status }: { gasUsed?: unknown; status?: unknown } = Object(receipt);
      if (status !== "0x1") throw new MigrationError("E_STAGE_FAILED", "not mined, or refused");
      return BigInt(String(gasUsed));
    });
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new MigrationError("E_STAGE_FAILED", `${which}: ${cause.message}`, { cause });
  }
}
