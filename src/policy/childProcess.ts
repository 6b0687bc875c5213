import { type ChildProcess as NodeChild, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * A script of this library in a process of its own, for code that may loop, crash or eat memory. It gets an empty
 * environment, no terminal, no file but those under `readableFrom`, no child processes, and V8's limits; what it says
 * comes back by message only. Requests are answered one at a time.
 */

/** How a request ended. */
export type Answer =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "timeout" }
  | { readonly kind: "exit"; readonly code: number | null; readonly signal: string | null };

/** What to run, and within which bounds. */
export interface ChildOptions {
  /** The script, run by Node's type stripping. */
  readonly script: URL;
  /** Folders the script may read, itself included. */
  readonly readableFrom: readonly URL[];
  /** Pages of 64 KiB that WASM memory may have. */
  readonly wasmMaxPages: number;
  /** Megabytes of JavaScript heap. */
  readonly heapMaxMb: number;
}

/** Entries that a WASM table may have: V8 takes them from its own heap, where running out ends the process. */
const WASM_MAX_TABLE_ENTRIES = 100_000;

/** A running script. */
export class Child {
  readonly #process: NodeChild;
  #exit: Answer | undefined;

  constructor({ script, readableFrom, wasmMaxPages, heapMaxMb }: ChildOptions) {
    const flags = [
      "--permission",
      ...readableFrom.map((folder) => `--allow-fs-read=${fileURLToPath(folder)}`),
      "--no-warnings",
      "--disallow-code-generation-from-strings",
      `--max-old-space-size=${heapMaxMb}`,
      `--wasm-max-mem-pages=${wasmMaxPages}`,
      `--wasm-max-table-size=${WASM_MAX_TABLE_ENTRIES}`,
    ];
    this.#process = spawn(process.execPath, [...flags, fileURLToPath(script)], {
      env: {},
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
      windowsHide: true,
    });
    this.#process.once("error", () => {
      this.#exit ??= { kind: "exit", code: null, signal: null };
    });
    this.#process.once("exit", (code, signal) => {
      this.#exit ??= { kind: "exit", code, signal };
    });
    // Nobody waits for an idle child: it must not keep the program alive.
    this.#keepsProgramAlive(false);
  }

  /** Whether it can still be asked. */
  get isAlive(): boolean {
    return this.#exit === undefined && this.#process.connected;
  }

  /** Waits for the message with which the script says that it is ready. */
  hello(timeoutMs: number): Promise<Answer> {
    return this.#wait(timeoutMs);
  }

  /** Sends `request` and waits for one message. A child that does not answer in time is ended. */
  ask(request: unknown, timeoutMs: number): Promise<Answer> {
    return this.#wait(timeoutMs, { request });
  }

  async #wait(timeoutMs: number, message?: { readonly request: unknown }): Promise<Answer> {
    if (this.#exit !== undefined) return this.#exit;
    this.#keepsProgramAlive(true);
    const answer = await this.#exchange(timeoutMs, message);
    this.#keepsProgramAlive(false);
    if (answer.kind === "timeout") this.stop();
    return answer;
  }

  /** Ends the process at once. */
  stop(): void {
    this.#exit ??= { kind: "exit", code: null, signal: "SIGKILL" };
    this.#process.kill("SIGKILL");
  }

  #exchange(
    timeoutMs: number,
    message: { readonly request: unknown } | undefined,
  ): Promise<Answer> {
    return new Promise((resolve) => {
      const child = this.#process;
      const finish = (answer: Answer) => {
        clearTimeout(timer);
        child.off("message", onMessage);
        child.off("exit", onExit);
        child.off("error", onError);
        resolve(answer);
      };
      const onMessage = (value: unknown) => finish({ kind: "value", value });
      const onExit = (code: number | null, signal: string | null) =>
        finish({ kind: "exit", code, signal });
      const onError = () => finish({ kind: "exit", code: null, signal: null });
      const timer = setTimeout(() => finish({ kind: "timeout" }), timeoutMs);
      child.on("message", onMessage);
      child.on("exit", onExit);
      child.on("error", onError);
      if (message !== undefined) {
        child.send(message, (error) => {
          if (error) onError();
        });
      }
    });
  }

  #keepsProgramAlive(isWanted: boolean): void {
    const channel = this.#process.channel;
    if (isWanted) {
      this.#process.ref();
      channel?.ref();
    } else {
      this.#process.unref();
      channel?.unref();
    }
  }
}
