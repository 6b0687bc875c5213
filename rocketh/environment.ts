import { setupEnvironmentFromFiles } from "@rocketh/node";
import { type Accounts, type Data, type Extensions, extensions } from "./config.ts";

const { loadAndExecuteDeploymentsFromFiles } = setupEnvironmentFromFiles<
  Extensions,
  Accounts,
  Data
>(extensions);

export { loadAndExecuteDeploymentsFromFiles };
