import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { DemoContext } from "../../src/sim/demo/context.ts";
import { EXIT_CODES } from "../support/errors.ts";
import { type Progress, report } from "../support/output.ts";
import { type DemoReport, textOf } from "./text.ts";

/** Networks of hardhat.config.ts that the demo runs on, all in this process. */
const CHAIN_NAMES = ["mainnet", "optimism", "base"] as const;

/** In the order in which the client deploys them: the last one decides. */
const POLICY_NAMES = ["allow-list", "spend-limit", "sanctions-screening"] as const;

/** A WASM binary of real size that ships inside an npm package. */
const LARGE_PLUGIN = "esbuild-wasm/esbuild.wasm";

const COMPONENT_HEAD = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);

/** Everything from an author's file to a challenge proven on chain. */
export default async function demo(
  { json }: { readonly json: boolean },
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(json, async (progress) => {
    progress("· compile the contracts and build the plugins");
    await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
    const told = await tellDemo(hre, progress);
    if (told.steps.some(({ ok }) => !ok)) process.exitCode = EXIT_CODES.refused;
    return { document: told, text: textOf(told) };
  });
}

/** What the demo came to: its steps, and every number it shows. */
async function tellDemo(hre: HardhatRuntimeEnvironment, progress: Progress): Promise<DemoReport> {
  // What imports generated types can be loaded only after the build.
  const { demoStory } = await import("../../src/sim/demo/story.ts");
  const { tell } = await import("../../src/sim/story.ts");
  const dataDir = mkdtempSync(join(tmpdir(), "ops-demo-"));
  const context = await openContext(hre, dataDir);
  try {
    const { steps, figures } = await tell(demoStory, context, (step, outcome) => {
      if (outcome === undefined) progress(`· ${step.title}`);
      else progress(`  ${outcome.ok ? "ok" : "FAILED"}: ${outcome.summary}`);
    });
    return { steps, figures: { ...figures, gas: Object.fromEntries(context.gas) } };
  } finally {
    for (const close of context.closers.reverse()) await close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function openContext(hre: HardhatRuntimeEnvironment, dataDir: string): Promise<DemoContext> {
  const { SimulatedClock } = await import("../../src/sim/clock.ts");
  const { OpaEngine } = await import("../../src/policy/opaEngine.ts");
  const { PluginRunner } = await import("../../src/policy/pluginRunner.ts");
  const { openSimulatedChain } = await import("../support/simulated.ts");
  const { loadRepositoryPolicies } = await import("../support/policies.ts");
  const [engine, runner] = [new OpaEngine(), new PluginRunner()];
  const wasm = createRequire(import.meta.url).resolve(LARGE_PLUGIN);
  return {
    openChain: async (name) => await openSimulatedChain(hre, name),
    chainNames: CHAIN_NAMES,
    dataDir,
    policies: await loadRepositoryPolicies(POLICY_NAMES),
    largePlugin: { name: LARGE_PLUGIN, content: asComponent(readFileSync(wasm)) },
    deciders: { engine, runner },
    // The simulated chains start at the machine's time; the first tick is the next boundary.
    clock: new SimulatedClock(BigInt(Math.floor(Date.now() / 1_000)) + STARTUP_SECONDS),
    opened: [],
    chains: [],
    replicas: new Map(),
    closers: [() => engine.close()],
    gas: new Map(),
  };
}

/** A component with one core module: by itself the binary imports what only its own loader has. */
function asComponent(core: Uint8Array): Uint8Array {
  const length = [0, 7, 14, 21, 28].map(
    (shift, i) => ((core.length >>> shift) & 0x7f) | (i < 4 ? 0x80 : 0),
  );
  return Uint8Array.from(Buffer.concat([COMPONENT_HEAD, Uint8Array.of(1, ...length), core]));
}

/** Blocks mined while deploying each take a second of chain time; the clock must be ahead of them all. */
const STARTUP_SECONDS = 600n;
