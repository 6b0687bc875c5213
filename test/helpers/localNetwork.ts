import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import hre from "hardhat";
import { registerOperator, setOperatorWeight, startEpoch } from "../../src/chain/operatorSets.ts";
import type { HoldRules } from "../../src/commit/holdRules.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { SimulatedClock } from "../../src/sim/clock.ts";
import { LocalChain } from "../../src/sim/localChain.ts";
import type { SimulatedChain } from "../../src/sim/simulatedChain.ts";
import { openSimulatedChain } from "../../tasks/support/simulated.ts";

/** A simulated chain with operators, gateway and data availability, for scenarios. */
export interface LocalNetwork {
  readonly chain: SimulatedChain;
  readonly local: LocalChain;
  readonly clock: SimulatedClock;
  readonly keys: readonly KeyPair[];
  readonly dataDir: string;
  /** Moves clock and chain to the next tick. */
  nextTick(): Promise<void>;
  /** Closes every file and opens it again, as after a restart. */
  reopen(): Promise<LocalNetwork>;
  close(): void;
}

const temporary: string[] = [];
process.once("exit", () => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true });
});

/** A folder that is gone after the test run. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "ops-"));
  temporary.push(path);
  return path;
}

/** Deploys everything on a fresh chain and starts epoch 1 with `operatorCount` operators of equal weight. */
export async function openLocalNetwork(
  options: {
    readonly network?: string;
    readonly operatorCount?: number;
    readonly hold?: HoldRules;
  } = {},
): Promise<LocalNetwork> {
  const { network = "mainnet", operatorCount = 4, hold } = options;
  const { chain } = await openSimulatedChain(hre, network);
  const { cast, ethersProvider } = chain.parts;
  const keys = Array.from({ length: operatorCount }, () => KeyPair.generate((n) => randomBytes(n)));
  for (const [i, key] of keys.entries()) {
    const signer = cast.operators[i];
    if (signer === undefined) throw new RangeError(`no account for operator ${i}`);
    await registerOperator(chain.contracts, chain.chainId, signer, key);
    await setOperatorWeight(chain.contracts, cast.owner, await signer.getAddress(), 1n);
  }
  await startEpoch(chain.contracts, cast.owner);
  const block = await ethersProvider.getBlock("latest");
  const clock = new SimulatedClock(BigInt(block?.timestamp ?? 0));
  return await assemble({ chain, keys, clock, dataDir: temporaryFolder(), hold });
}

interface NetworkParts extends Pick<LocalNetwork, "chain" | "keys" | "clock" | "dataDir"> {
  readonly hold: HoldRules | undefined;
}

async function assemble(parts: NetworkParts): Promise<LocalNetwork> {
  const { chain, keys, clock, dataDir, hold } = parts;
  const local = await LocalChain.open({
    dataDir,
    contracts: chain.contracts,
    provider: chain.parts.ethersProvider,
    operatorKeys: keys,
    now: clock.now,
    ...(hold && { hold }),
  });
  return {
    chain,
    local,
    clock,
    keys,
    dataDir,
    nextTick: async () => await chain.mineAt(clock.nextTick(120n)),
    reopen: async () => {
      local.close();
      return await assemble(parts);
    },
    close: () => local.close(),
  };
}
