import { createRequire } from "node:module";
import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";
import hardhatDeploy from "hardhat-deploy";
import { tasks } from "./tasks/index.ts";

const require = createRequire(import.meta.url);

/** solc comes from npm (soljson.js): nothing is ever downloaded. */
const solc = {
  version: "0.8.37",
  path: require.resolve("solc/soljson.js"),
  settings: {
    viaIR: true,
    // Prague opcodes run on every chain that has Prague or Osaka: one bytecode, one CREATE2 address.
    // Gas is that of the chain's own rules (Osaka on the simulated networks), whatever this says.
    evmVersion: "prague",
    optimizer: { enabled: true, runs: 1_000_000 },
    // No metadata hash: CREATE2 addresses depend on code only, not on comments or remappings.
    metadata: { bytecodeHash: "none" },
  },
};

/** For tests that are compiled over and over: half the time, and code that is larger and dearer to run. */
const quickSolc = {
  ...solc,
  settings: {
    ...solc.settings,
    optimizer: {
      enabled: true,
      runs: 1,
      details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: "u" } },
    },
  },
};

export default defineConfig({
  plugins: [toolbox, hardhatDeploy],
  tasks,
  // Not isolated: alone, a file of free functions has a build info without contracts, which the simulated networks
  // cannot read.
  solidity: {
    profiles: { default: solc, production: { ...solc, isolated: false }, quick: quickSolc },
    // Contracts alone build in a fifth of the time, and the deploy scripts need nothing else.
    splitTestsCompilation: true,
  },
  paths: { tests: { mocha: "./test", solidity: "./test" } },
  typechain: { outDir: "./typechain-types" },
  generateTypedArtifacts: { destinations: [{ mode: "typescript", folder: "./generated" }] },
  test: {
    mocha: { timeout: 120_000 },
    solidity: {
      fuzz: { runs: Number(process.env.FUZZ_RUNS ?? 256), seed: "0x6f7073" },
      // 32,768 calls a campaign; see hardhat.deep.config.ts. A handler that reverts has said nothing.
      invariant: { runs: 64, depth: 512, failOnRevert: true, shrinkRunLimit: 64 },
      fsPermissions: { readDirectory: ["./test/vectors"] },
    },
  },
  // Hardhat knows when Base's forks activated from nowhere else; it asks when it forks the chain (test/fork).
  chainDescriptors: {
    8453: {
      name: "Base",
      chainType: "op",
      hardforkHistory: {
        bedrock: { blockNumber: 0 },
        canyon: { timestamp: 1_704_992_401 },
        ecotone: { timestamp: 1_710_374_401 },
        fjord: { timestamp: 1_720_627_201 },
        granite: { timestamp: 1_726_070_401 },
        holocene: { timestamp: 1_736_445_601 },
        isthmus: { timestamp: 1_746_806_401 },
      },
    },
  },
  networks: {
    mainnet: { type: "edr-simulated", chainType: "l1", chainId: 1 },
    optimism: { type: "edr-simulated", chainType: "op", chainId: 10 },
    base: { type: "edr-simulated", chainType: "op", chainId: 8453 },
    localhost: {
      type: "http",
      chainType: "l1",
      url: `http://127.0.0.1:${process.env.OPS_LOCALHOST_PORT ?? 8545}`,
    },
    remote: {
      type: "http",
      chainType: "generic",
      url: configVariable("OPS_RPC_URL"),
      accounts: [configVariable("OPS_DEPLOYER_KEY"), configVariable("OPS_OWNER_KEY")],
    },
  },
});
