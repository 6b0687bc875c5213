import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { EXIT_CODES, TaskError } from "../support/errors.ts";
import { report, table } from "../support/output.ts";

/** Stages a fault with an honest and a corrupt quorum, and proves the one and not the other. */
export default async function simulateChallenge(
  { fault, json }: { readonly fault: string; readonly json: boolean },
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(json, async (progress) => {
    await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
    const { SimulatedClock } = await import("../../src/sim/clock.ts");
    const { FAULTS, faultStory, isFault } = await import("../../src/sim/faults/table.ts");
    const { tell } = await import("../../src/sim/story.ts");
    const { openSimulatedChain } = await import("../support/simulated.ts");
    if (!isFault(fault)) {
      throw new TaskError("E_OPTION", `"${fault}" is no fault; expected ${FAULTS.join(", ")}`);
    }
    const dataDir = mkdtempSync(join(tmpdir(), "ops-challenge-"));
    const closers: (() => unknown)[] = [];
    try {
      const { chain } = await openSimulatedChain(hre, "mainnet");
      const block = await chain.parts.ethersProvider.getBlock("latest");
      const clock = new SimulatedClock(BigInt(block?.timestamp ?? 0));
      const { steps, figures } = await tell(
        faultStory(fault),
        { chain, clock, dataDir, closers },
        (step, outcome) =>
          progress(outcome === undefined ? `· ${step.title}` : `  ${outcome.summary}`),
      );
      if (steps.some(({ ok }) => !ok)) process.exitCode = EXIT_CODES.refused;
      const rows = steps.map(({ ok, name, summary }) => [ok ? "ok" : "FAILED", name, summary]);
      return { document: { fault, steps, figures }, text: table(rows) };
    } finally {
      for (const close of closers.reverse()) await close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
}
