import { defineConfig } from "hardhat/config";
import config from "./hardhat.config.ts";

/** As hardhat.config.ts, with campaigns of 524,288 calls and 10,000 runs of every fuzz test, for `npm run test:deep`. */
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    solidity: {
      fuzz: { runs: 10_000, seed: "0x6f7073" },
      invariant: { runs: 512, depth: 1_024, failOnRevert: true, shrinkRunLimit: 5_000 },
      fsPermissions: { readDirectory: ["./test/vectors"] },
    },
  },
});
