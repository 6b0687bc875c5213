import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A JSON-RPC node as a real process on this machine, ended with us whatever happens. */

const READY_WITHIN_MS = 60_000;
const ENDED_WITHIN_MS = 10_000;
/** Output kept for the message of a node that does not start. */
const TAIL_CHARS = 2_000;

/** A node that answers. */
export interface NodeProcess {
  readonly url: string;
  call(method: string, params?: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** A TCP port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** One JSON-RPC call. */
export async function rpc(
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer: unknown = await response.json();
  const error: unknown = Reflect.get(Object(answer), "error");
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return Reflect.get(Object(answer), "result");
}

/** Starts `command` and waits until `url` answers. It is killed when this process ends. */
export async function startNode(
  command: string,
  args: readonly string[],
  url: string,
): Promise<NodeProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let tail = "";
  const note = (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-TAIL_CHARS);
  };
  child.stdout.on("data", note);
  child.stderr.on("data", note);
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await rpc(url, "eth_chainId");
      break;
    } catch {
      if (failure !== undefined || child.exitCode !== null || Date.now() > deadline) {
        kill();
        throw new Error(`${command} does not answer at ${url}: ${failure?.message ?? ""}\n${tail}`);
      }
      await delay(100);
    }
  }
  return {
    url,
    call: (method, params) => rpc(url, method, params),
    stop: async () => {
      process.removeListener("exit", kill);
      await end(child);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = new AbortController();
  await Promise.race([ended, delay(ENDED_WITHIN_MS, undefined, { signal: late.signal })]);
  late.abort();
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}
