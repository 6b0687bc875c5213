import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { freePort, type NodeProcess, startNode } from "./nodeProcess.ts";

const require = createRequire(import.meta.url);

/** One of the configuration's simulated networks behind JSON-RPC, in a process of its own. */
export async function startHardhatNode(network: string, chainType: string): Promise<NodeProcess> {
  const port = await freePort();
  const cli = join(dirname(require.resolve("hardhat/package.json")), "dist/src/cli.js");
  const args = [cli, "node", "--network", network, "--chain-type", chainType];
  const at = ["--hostname", "127.0.0.1", "--port", `${port}`];
  return await startNode(process.execPath, [...args, ...at], `http://127.0.0.1:${port}`);
}
