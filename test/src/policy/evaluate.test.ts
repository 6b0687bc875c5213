import { expect } from "chai";
import { compile } from "../../../scripts/build-plugins.ts";
import type { JsonObject } from "../../../src/artifact/json.ts";
import { PolicyError } from "../../../src/policy/errors.ts";
import { decide, type PluginCall } from "../../../src/policy/evaluate.ts";
import { OpaEngine } from "../../../src/policy/opaEngine.ts";
import { PluginRunner } from "../../../src/policy/pluginRunner.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";

const utf8 = new TextEncoder();
/** Would allow if it were evaluated without the plugin's data. */
const CARELESS = utf8.encode(
  "package a\nimport rego.v1\ndefault allow := false\nallow if not data.wasm.list.hit\n",
);

function build(body: string): Promise<Uint8Array> {
  const source = `export function alloc(length: u32): usize { return heap.alloc(length); }
export let n: i32 = 0;
export function run(pointer: usize, length: u32): u64 { ${body} }`;
  return compile("test", new Map([["test/plugin/index.ts", source]]));
}

describe("decide", function () {
  this.timeout(120_000);
  // Wide limits, but where the limit is what is tested: machines differ.
  const deciders = {
    engine: new OpaEngine({ timeoutMs: 30_000 }),
    runner: new PluginRunner({ timeoutMs: 30_000, startTimeoutMs: 30_000 }),
  };
  const request = (plugins: PluginCall[], rego = CARELESS) => ({
    rego,
    entrypoint: "a.allow",
    intent: {},
    params: {},
    plugins,
  });
  let echo: Uint8Array;

  before(async () => {
    echo = await build("return (<u64>pointer << 32) | <u64>length;");
  });
  after(() => deciders.engine.close());

  it("allows if the entrypoint is true over the plugins' data, and denies if it is false", async () => {
    const allowed = await decide(
      deciders,
      request([{ name: "list", wasm: echo, args: { hit: false } }]),
    );
    expect(allowed).to.deep.equal({
      allowed: true,
      output: true,
      wasm: { list: { hit: false } },
      failures: [],
    });
    const denied = await decide(
      deciders,
      request([{ name: "list", wasm: echo, args: { hit: true } }]),
    );
    expect(denied).to.deep.include({ allowed: false, output: false, failures: [] });
  });

  it("denies by name if a plugin that the policy reads is missing", async () => {
    const decision = await decide(deciders, request([]));
    expect(decision).to.deep.include({ allowed: false, output: null });
    expect(decision.failures.map(({ name, code }) => [name, code])).to.deep.equal([
      ["list", "E_PLUGIN_MISSING"],
    ]);
  });

  it("denies by name if a plugin fails, and if one fails that the policy does not read", async () => {
    const trap = await build("unreachable(); return 0;");
    const decision = await decide(deciders, request([{ name: "list", wasm: trap, args: {} }]));
    expect(decision).to.deep.include({ allowed: false, output: null });
    expect(decision.failures.map(({ name, code }) => [name, code])).to.deep.equal([
      ["list", "E_PLUGIN_TRAP"],
    ]);

    const list = { name: "list", wasm: echo, args: { hit: false } };
    const other = await decide(deciders, request([list, { name: "other", wasm: trap, args: {} }]));
    expect(other.allowed).to.equal(false);
    expect(other.failures.map(({ name }) => name)).to.deep.equal(["other"]);
  });

  it("E_OUTPUT_INVALID: denies by name if a plugin gives what its output schema does not accept", async () => {
    const outputSchema = utf8.encode(
      JSON.stringify({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: { hit: { type: "boolean" } },
        required: ["hit"],
        additionalProperties: false,
      }),
    );
    const call = (args: JsonObject) => request([{ name: "list", wasm: echo, args, outputSchema }]);
    const sound = await decide(deciders, call({ hit: false }));
    expect(sound).to.deep.include({ allowed: true, wasm: { list: { hit: false } }, failures: [] });
    // Each would be allowed by the Rego: to it, all of them are no hit.
    for (const args of [{}, { hit: null }, { hit: false, more: 1 }, { hits: true }]) {
      const decision = await decide(deciders, call(args));
      expect(decision).to.deep.include({ allowed: false, output: null, wasm: {} });
      expect(decision.failures.map(({ name, code }) => [name, code])).to.deep.equal([
        ["list", "E_OUTPUT_INVALID"],
      ]);
    }
  });

  it("refuses an output schema that intake would refuse, before anything runs", async () => {
    const outputSchema = utf8.encode('{"type": "object"}');
    const deciding = () =>
      decide(deciders, request([{ name: "list", wasm: echo, args: {}, outputSchema }]));
    expect(await asyncCodeOf(deciding)).to.equal("E_SCHEMA_DIALECT");
  });

  it("abstains by name if a plugin takes too long: that depends on the machine", async () => {
    const loop = await build("while (true) n++; return 0;");
    const hasty = {
      ...deciders,
      runner: new PluginRunner({ timeoutMs: 500, startTimeoutMs: 30_000 }),
    };
    const deciding = decide(hasty, request([{ name: "list", wasm: loop, args: {} }]));
    const error = await deciding.catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(PolicyError);
    expect(error).to.have.property("code", "E_PLUGIN_TIMEOUT");
    expect(error)
      .to.have.property("message")
      .that.matches(/^list: /);
  });

  it("allows for nothing but true", async () => {
    for (const value of ["1", '"true"', "{}", "[true]", "null"]) {
      const text = `package a\nimport rego.v1\ndefault allow := false\nallow := ${value} if true\n`;
      const decision = await decide(deciders, request([], utf8.encode(text)));
      expect(decision.allowed, value).to.equal(false);
      expect(decision.output).to.deep.equal(JSON.parse(value));
    }
  });

  it("refuses a module that intake would refuse, before anything runs", async () => {
    const open = utf8.encode("package a\nimport rego.v1\ndefault allow := true\n");
    const clock = utf8.encode(
      "package a\nimport rego.v1\ndefault allow := false\nallow if time.now_ns() > 0\n",
    );
    const verdict = (rego: Uint8Array<ArrayBuffer>) =>
      asyncCodeOf(() => decide(deciders, request([], rego)));
    expect(await verdict(open)).to.equal("E_REGO_FAIL_OPEN");
    expect(await verdict(clock)).to.equal("E_REGO_INVALID");
  });
});
