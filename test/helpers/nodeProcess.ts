import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const HARDHAT = join(ROOT, "node_modules/hardhat/dist/src/cli.js");

/** How a command in a process of its own ended. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a task came to. */
export interface TaskResult<Document> {
  readonly status: number | null;
  readonly document: Document;
}

/** A node in a process of its own, with everything deployed on it. */
export interface NodeProcess {
  /** Runs Hardhat in a process of its own; `--network localhost` is this node. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Outcome;
  /** As {@link run}, without waiting for its end. */
  start(args: readonly string[]): ChildProcessWithoutNullStreams;
  /** Where the node answers. */
  readonly url: string;
  /** Runs a task on the node in a process of its own, with `--json`; `Document` is what it is believed to print. */
  task<Document>(...args: readonly string[]): TaskResult<Document>;
  close(): void;
}

/** Starts a node and deploys on it. */
export async function openNode(): Promise<NodeProcess> {
  const port = await freePort();
  const args = ["node", "--network", "mainnet", "--hostname", "127.0.0.1", "--port", String(port)];
  const node = spawn(process.execPath, [HARDHAT, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "ignore"],
  });
  await new Promise<void>((started, failed) => {
    node.once("exit", () => failed(new Error("the node ended")));
    node.stdout.on("data", (text) => {
      if (String(text).includes("JSON-RPC server")) started();
    });
  });
  const environment = { ...process.env, OPS_LOCALHOST_PORT: String(port) };
  const run: NodeProcess["run"] = (command, env = {}) =>
    spawnSync(process.execPath, [HARDHAT, ...command], {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...environment, ...env },
    });
  const close = () => {
    node.removeAllListeners("exit");
    node.kill();
    rmSync(join(ROOT, "deployments/localhost"), { recursive: true, force: true });
  };
  const deployed = run(["deploy", "--skip-prompts", "--network", "localhost"]);
  if (deployed.status !== 0) {
    close();
    throw new Error(deployed.stderr);
  }
  return {
    run,
    start: (command) =>
      spawn(process.execPath, [HARDHAT, ...command], { cwd: ROOT, env: environment }),
    url: `http://127.0.0.1:${port}`,
    task(...command) {
      const { status, stdout, stderr } = run([...command, "--network", "localhost", "--json"]);
      try {
        return { status, document: JSON.parse(stdout) };
      } catch {
        throw new Error(`${command.join(" ")}: no JSON on stdout: ${stdout}${stderr}`);
      }
    },
    close,
  };
}

async function freePort(): Promise<number> {
  return await new Promise((found, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") found(address.port);
        else failed(new Error("no port"));
      });
    });
  });
}
