import { ArtifactError } from "../artifact/errors.ts";
import { type JsonValue, parseJson } from "../artifact/json.ts";
import { wasmFormOf } from "../artifact/wasmPlugin.ts";
import { type Answer, Child } from "./childProcess.ts";
import { PolicyError } from "./errors.ts";

/**
 * Runs plugins that are core modules: JSON text in, JSON text out. A plugin exports `memory`, `alloc(length) -> pointer`
 * and `run(pointer, length) -> pointer << 32 | length`, and imports nothing, so that it computes the same for every
 * operator. Each call has a process and a memory of its own. Components are stored, but not run here.
 */

/** Bounds of a call. */
export interface PluginLimits {
  /** Milliseconds for compiling and running, once the process is up. */
  readonly timeoutMs: number;
  /** Milliseconds for starting the process. */
  readonly startTimeoutMs: number;
  /** Pages of 64 KiB of memory. */
  readonly wasmMaxPages: number;
  /** Bytes of JSON in. */
  readonly inputMaxBytes: number;
  /** Bytes of JSON out. */
  readonly outputMaxBytes: number;
}

/** 2 s, 10 s, 128 MiB, 64 KiB, 64 KiB. */
export const PLUGIN_LIMITS: PluginLimits = {
  timeoutMs: 2_000,
  startTimeoutMs: 10_000,
  wasmMaxPages: 2_048,
  inputMaxBytes: 65_536,
  outputMaxBytes: 65_536,
};

const HEAP_MAX_MB = 128;
const utf8 = new TextEncoder();

/** What `pluginChild.ts` may name as a fault. */
const CHILD_FAULTS = [
  "E_PLUGIN_INVALID",
  "E_PLUGIN_IMPORT",
  "E_PLUGIN_EXPORT",
  "E_PLUGIN_TRAP",
  "E_PLUGIN_OUTPUT_INVALID",
  "E_PLUGIN_OUTPUT_TOO_LARGE",
] as const;

/** Runs plugins, each call in a process of its own. */
export class PluginRunner {
  readonly #limits: PluginLimits;

  constructor(limits: Partial<PluginLimits> = {}) {
    this.#limits = { ...PLUGIN_LIMITS, ...limits };
  }

  /**
   * What the plugin `wasm` returns for `args`.
   * @throws {PolicyError} `E_PLUGIN_INVALID` no valid core module; `E_PLUGIN_IMPORT` it wants something from outside;
   *   `E_PLUGIN_EXPORT` it lacks a part of the interface; `E_PLUGIN_TRAP`; `E_PLUGIN_INPUT_TOO_LARGE`,
   *   `E_PLUGIN_OUTPUT_TOO_LARGE`; `E_PLUGIN_OUTPUT_INVALID` no JSON; `E_PLUGIN_TIMEOUT`; `E_PLUGIN_ENGINE` the process
   *   ended, by its limits or from outside
   */
  async run(wasm: Uint8Array, args: JsonValue): Promise<JsonValue> {
    requireCoreModule(wasm);
    const input = utf8.encode(JSON.stringify(args));
    if (input.length > this.#limits.inputMaxBytes) {
      throw new PolicyError(
        "E_PLUGIN_INPUT_TOO_LARGE",
        `plugin: expected at most ${this.#limits.inputMaxBytes} bytes of arguments, got ${input.length}`,
      );
    }
    const output = outputOf(await this.#call(wasm, input), this.#limits);
    try {
      return parseJson(output, "plugin output");
    } catch (cause) {
      if (!(cause instanceof ArtifactError)) throw cause;
      throw new PolicyError("E_PLUGIN_OUTPUT_INVALID", cause.message, { cause });
    }
  }

  async #call(wasm: Uint8Array, input: Uint8Array): Promise<Answer> {
    const { outputMaxBytes, startTimeoutMs, timeoutMs, wasmMaxPages } = this.#limits;
    const child = new Child({
      script: new URL("./pluginChild.ts", import.meta.url),
      readableFrom: [new URL("../../", import.meta.url)],
      wasmMaxPages,
      heapMaxMb: HEAP_MAX_MB,
    });
    try {
      const hello = await child.hello(startTimeoutMs);
      if (hello.kind !== "value") return { kind: "exit", code: null, signal: "at start" };
      return await child.ask({ wasm, input, outputMaxBytes }, timeoutMs);
    } finally {
      child.stop();
    }
  }
}

function requireCoreModule(wasm: Uint8Array): void {
  let form: string;
  try {
    form = wasmFormOf(wasm);
  } catch (cause) {
    throw new PolicyError("E_PLUGIN_INVALID", "plugin: not WebAssembly", { cause });
  }
  if (form !== "core module") {
    throw new PolicyError("E_PLUGIN_INVALID", `plugin: a ${form} does not run here`);
  }
}

function outputOf(answer: Answer, { timeoutMs }: PluginLimits): Uint8Array {
  if (answer.kind === "timeout") {
    throw new PolicyError("E_PLUGIN_TIMEOUT", `plugin: no answer in ${timeoutMs} ms`);
  }
  if (answer.kind === "exit") {
    const how = answer.code ?? answer.signal;
    throw new PolicyError("E_PLUGIN_ENGINE", `plugin: the process ended (${how})`);
  }
  const reply = answer.value;
  if (typeof reply === "object" && reply !== null) {
    if ("output" in reply && reply.output instanceof Uint8Array) return reply.output;
    const fault = CHILD_FAULTS.find((code) => "fault" in reply && reply.fault === code);
    const message = "message" in reply ? String(reply.message).slice(0, 500) : "";
    if (fault !== undefined) throw new PolicyError(fault, `plugin: ${message}`);
  }
  throw new PolicyError("E_PLUGIN_ENGINE", "plugin: the process gave no answer");
}
