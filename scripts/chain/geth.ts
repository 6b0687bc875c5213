import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort, type NodeProcess, startNode } from "./nodeProcess.ts";

/** go-ethereum, built from source by the Go toolchain, as a development chain on this machine. */

/** The newest release whose modules the Go module proxy serves in full; runs Osaka in development mode. */
export const GETH_VERSION = "v1.16.9";

const FOLDER = join(import.meta.dirname, "../../node_modules/.cache", `geth-${GETH_VERSION}`);
const BUILD_WITHIN_MS = 20 * 60_000;

/** Path of the binary; built on first use (Go 1.24 or newer on the path, about 3 minutes with 2 cores). */
export function gethBinary(): string {
  const binary = join(FOLDER, "geth");
  if (existsSync(binary)) return binary;
  mkdirSync(FOLDER, { recursive: true });
  const module = `github.com/ethereum/go-ethereum/cmd/geth@${GETH_VERSION}`;
  execFileSync("go", ["install", module], {
    env: { ...process.env, GOBIN: FOLDER },
    // What Go says goes to stderr: stdout may be a document.
    stdio: ["ignore", 2, 2],
    timeout: BUILD_WITHIN_MS,
  });
  return binary;
}

/** A development chain: a block per transaction, everything in memory, nobody to talk to. */
export async function startGeth(blockGasLimit: bigint): Promise<NodeProcess> {
  const port = await freePort();
  const args = [
    "--dev",
    ...["--dev.gaslimit", `${blockGasLimit}`],
    ...["--http", "--http.addr", "127.0.0.1", "--http.port", `${port}`],
    ...["--http.api", "eth,net,web3"],
    // The CREATE2 factory's transaction is signed for every chain.
    "--rpc.allow-unprotected-txs",
    ...["--authrpc.port", `${await freePort()}`],
    ...["--ipcdisable", "--nodiscover", "--maxpeers", "0", "--port", "0"],
    ...["--verbosity", "2"],
  ];
  return await startNode(gethBinary(), args, `http://127.0.0.1:${port}`);
}
