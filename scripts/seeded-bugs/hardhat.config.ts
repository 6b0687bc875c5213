import { defineConfig } from "hardhat/config";
import config from "../../hardhat.config.ts";

/**
 * For Solidity tests of broken contracts: without sources of its own, a build compiles the test file and what it imports,
 * and nothing else.
 */
export default defineConfig({
  ...config,
  paths: { ...config.paths, sources: "./scripts/seeded-bugs/no-sources" },
});
