import { expect } from "chai";
import { compile } from "../../../scripts/build-plugins.ts";
import { type PluginLimits, PluginRunner } from "../../../src/policy/pluginRunner.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";

const ALLOC = "export function alloc(length: u32): usize { return heap.alloc(length); }\n";
const REPLY = `function reply(json: string): u64 {
  const bytes = String.UTF8.encode(json);
  return (<u64>changetype<usize>(bytes) << 32) | <u64>bytes.byteLength;
}\n`;
const RUN = "export function run(pointer: usize, length: u32): u64";

/** A plugin from AssemblyScript. */
function build(source: string): Promise<Uint8Array> {
  return compile("test", new Map([["test/plugin/index.ts", source]]));
}

describe("PluginRunner", function () {
  this.timeout(120_000);
  // Wide limits, but where the limit is what is tested: machines differ.
  const patient = { timeoutMs: 30_000, startTimeoutMs: 30_000 };
  const limits: Partial<PluginLimits> = { ...patient, inputMaxBytes: 100, outputMaxBytes: 100 };
  const verdict = async (source: string, more: Partial<PluginLimits> = {}) => {
    const wasm = await build(source);
    return asyncCodeOf(() => new PluginRunner({ ...limits, ...more }).run(wasm, {}));
  };

  it("hands over the arguments as JSON and reads JSON back", async () => {
    const echo = await build(`${ALLOC}${RUN} { return (<u64>pointer << 32) | <u64>length; }`);
    const args = { text: "é😀\n", list: [1, null, true] };
    expect(await new PluginRunner(patient).run(echo, args)).to.deep.equal(args);
  });

  it("gives every call a memory of its own", async () => {
    const count = await build(
      `${ALLOC}${REPLY}let n: i32 = 0; ${RUN} { n++; return reply(n.toString()); }`,
    );
    const runner = new PluginRunner(patient);
    expect([await runner.run(count, {}), await runner.run(count, {})]).to.deep.equal([1, 1]);
  });

  it("E_PLUGIN_INVALID: refuses what is no core module", async () => {
    const runner = new PluginRunner(patient);
    const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
    const malformed = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0xff);
    for (const wasm of [new Uint8Array(0), Uint8Array.of(1, 2, 3), component, malformed]) {
      expect(await asyncCodeOf(() => runner.run(wasm, {}))).to.equal("E_PLUGIN_INVALID");
    }
  });

  it("E_PLUGIN_IMPORT: refuses a plugin that wants anything from outside", async () => {
    const source = `@external("env", "now") declare function now(): i64;\n${ALLOC}${RUN} { return now(); }`;
    expect(await verdict(source)).to.equal("E_PLUGIN_IMPORT");
  });

  it("E_PLUGIN_EXPORT: refuses a plugin that lacks a part of the interface", async () => {
    const sources = [
      `${RUN} { return 0; }`,
      ALLOC,
      `${ALLOC}export function run(pointer: usize, length: u32): u32 { return 0; }`,
      `export function alloc(length: u32): u64 { return 0; }\n${RUN} { return 0; }`,
    ];
    for (const source of sources) expect(await verdict(source), source).to.equal("E_PLUGIN_EXPORT");
  });

  it("E_PLUGIN_TRAP: reports a trap and a stack that overflows", async () => {
    expect(await verdict(`${ALLOC}${RUN} { unreachable(); return 0; }`)).to.equal("E_PLUGIN_TRAP");
    const deep = `${ALLOC}export function dig(n: u32): u32 { return dig(n + 1) + dig(n + 2); }\n${RUN} { return dig(length); }`;
    expect(await verdict(deep)).to.equal("E_PLUGIN_TRAP");
  });

  it("E_PLUGIN_INPUT_TOO_LARGE: refuses arguments above the limit, and takes those at it", async () => {
    const echo = await build(`${ALLOC}${RUN} { return (<u64>pointer << 32) | <u64>length; }`);
    const runner = new PluginRunner(limits);
    expect(await runner.run(echo, "x".repeat(98))).to.equal("x".repeat(98));
    expect(await asyncCodeOf(() => runner.run(echo, "x".repeat(99)))).to.equal(
      "E_PLUGIN_INPUT_TOO_LARGE",
    );
  });

  it("GAS-10, E_PLUGIN_OUTPUT_TOO_LARGE: refuses an answer above the limit", async () => {
    const answer = (length: number) =>
      `${ALLOC}${REPLY}${RUN} { return reply('"${"x".repeat(length)}"'); }`;
    expect(await verdict(answer(98))).to.equal("none");
    expect(await verdict(answer(99))).to.equal("E_PLUGIN_OUTPUT_TOO_LARGE");
    expect(await verdict(`${ALLOC}${RUN} { return 0xffffffff; }`)).to.equal(
      "E_PLUGIN_OUTPUT_TOO_LARGE",
    );
  });

  it("E_PLUGIN_OUTPUT_INVALID: refuses an answer that is no JSON, or nowhere", async () => {
    for (const json of ["", "{", '{"a":1,"a":2}', '{"__proto__":1}', "1e400", '{"a":1} ]']) {
      const source = `${ALLOC}${REPLY}${RUN} { return reply(\`${json}\`); }`;
      expect(await verdict(source), json).to.equal("E_PLUGIN_OUTPUT_INVALID");
    }
    const outside = `${ALLOC}${RUN} { return <u64>0xfffffff0 << 32 | 50; }`;
    expect(await verdict(outside)).to.equal("E_PLUGIN_OUTPUT_INVALID");
    const place = `export function alloc(length: u32): usize { return 0xfffffff0; }\n${RUN} { return 0; }`;
    expect(await verdict(place)).to.equal("E_PLUGIN_OUTPUT_INVALID");
  });

  it("E_PLUGIN_TIMEOUT: ends an endless loop", async () => {
    const loop = `${ALLOC}export let n: i32 = 0;\n${RUN} { while (true) n++; return 0; }`;
    expect(await verdict(loop, { timeoutMs: 300 })).to.equal("E_PLUGIN_TIMEOUT");
  });

  it("gives no more memory than its limit", async () => {
    const grow = `${ALLOC}${REPLY}${RUN} { while (memory.grow(1) >= 0) {} return reply(memory.size().toString()); }`;
    const wasm = await build(grow);
    // The plugin's own maximum is 256 pages; the runner's is below.
    const runner = new PluginRunner({ ...patient, wasmMaxPages: 64 });
    const pages = await runner.run(wasm, {});
    expect(pages).to.be.within(1, 64);
  });

  it("E_PLUGIN_ENGINE: reports a process that does not come up", async () => {
    const echo = await build(`${ALLOC}${RUN} { return (<u64>pointer << 32) | <u64>length; }`);
    const runner = new PluginRunner({ startTimeoutMs: 1 });
    expect(await asyncCodeOf(() => runner.run(echo, {}))).to.equal("E_PLUGIN_ENGINE");
  });
});
