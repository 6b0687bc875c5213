import { expect } from "chai";
import fc from "fast-check";
import type { JsonValue } from "../../../src/artifact/json.ts";
import { OpaEngine } from "../../../src/policy/opaEngine.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";

const utf8 = new TextEncoder();
const HEAD = "package a.b\nimport rego.v1\ndefault allow := false\n";
const documents = (input: JsonValue, params: JsonValue = {}, wasm: JsonValue = {}) => ({
  input,
  data: { params, wasm },
});

describe("OpaEngine", function () {
  this.timeout(120_000);
  // Wide limits, but where the limit is what is tested: machines differ.
  const engine = new OpaEngine({ timeoutMs: 30_000 });
  const evaluate = (rules: string, docs = documents({}), entrypoint = "a.b.allow") =>
    engine.evaluate(utf8.encode(HEAD + rules), entrypoint, docs);
  const check = (text: string, entrypoint = "a.b.allow") =>
    asyncCodeOf(() => engine.check(utf8.encode(text), entrypoint));
  const checkRules = (rules: string) => check(HEAD + rules);

  after(() => engine.close());

  it("evaluates the entrypoint over input, params and plugin data", async () => {
    const rules = "allow if input.value == data.params.value + data.wasm.one.value";
    expect(
      await evaluate(rules, documents({ value: 3 }, { value: 1 }, { one: { value: 2 } })),
    ).to.equal(true);
    expect(
      await evaluate(rules, documents({ value: 4 }, { value: 1 }, { one: { value: 2 } })),
    ).to.equal(false);
  });

  it("hands documents to the module as they are, and their values back", async () => {
    const rules = "echo := [input, data.params, data.wasm]";
    const anyJson = fc.jsonValue({ maxDepth: 3 }).map((value): JsonValue => {
      return JSON.parse(JSON.stringify(value).replace(/-0(?![.\d])/g, "0"));
    });
    const texts = fc.constantFrom(
      "$result",
      "$node",
      "{{m}}",
      "`",
      "\u0085\u2028\u007f",
      "😀",
      "\\",
      '"',
      "%s",
    );
    await fc.assert(
      fc.asyncProperty(anyJson, texts, async (value, text) => {
        const given = documents({ value, [text]: text }, { text }, { value });
        const got = await evaluate(rules, given, "a.b.echo");
        expect(got).to.deep.equal([given.input, given.data.params, given.data.wasm]);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps rules apart from those of the program it runs in", async () => {
    const names = [
      "find",
      "nested",
      "location",
      "trace",
      "violation",
      "info",
      "warning",
      "collect",
    ];
    const rules = names.map((name) => `${name} := "${name}"`).join("\n");
    expect(await evaluate(`${rules}\nallow if violation == "violation"`)).to.equal(true);
  });

  it("refuses the few names that it needs itself", async () => {
    for (const rule of ["report := 1", "error := 1", "ops_engine_values := 1", "f(report) := 1"]) {
      expect(await checkRules(rule), rule).to.equal("E_REGO_RESERVED");
    }
    expect(await checkRules("x := input.report.error")).to.equal("none");
  });

  it("GW-01: names a syntax error, and its line", async () => {
    for (const rules of [
      "foo bar",
      "allow if {",
      "allow if }",
      'x := "a',
      "x := `",
      "allow if input.",
      "x := 1 +",
    ]) {
      expect(await checkRules(rules), rules).to.equal("E_REGO_PARSE");
    }
    const failing = engine.check(utf8.encode(`${HEAD}\n\nfoo bar`), "a.b.allow");
    const message = await failing.catch((error: Error) => error.message);
    expect(message).to.contain("line 6");
  });

  it("names what parses but does not compile", async () => {
    const rules = [
      'x := 1 + "a"',
      "x := y",
      "x if z\nz if x",
      "x := nope(1)",
      "x := http.send({})",
    ];
    for (const rule of rules) expect(await checkRules(rule), rule).to.equal("E_REGO_TYPE");
  });

  it("names an entrypoint that does not exist or has no value", async () => {
    expect(await check(HEAD, "a.b.nope")).to.equal("E_REGO_UNDEFINED");
    expect(await check(`${HEAD}x := 1 if input.y`, "a.b.x")).to.equal("E_REGO_UNDEFINED");
    expect(await check(HEAD, "a.b")).to.equal("E_REGO_INVALID");
    expect(await check(HEAD, "b.a.allow")).to.equal("E_REGO_INVALID");
  });

  it("names an evaluation that contradicts itself", async () => {
    const rules = "c := 1 if input.x\nc := 2 if input.x\nallow if c == 1";
    const run = () => evaluate(rules, documents({ x: true }));
    expect(await asyncCodeOf(run)).to.equal("E_REGO_EVALUATION");
    expect(await evaluate(rules, documents({}))).to.equal(false);
  });

  it("GW-01: gives every operator the same, should a builtin that reads clock or randomness come past", async () => {
    const rules = [
      'x := [time.now_ns(), uuid.rfc4122("a"), rand.intn("a", 1000000000)]',
      'y := [time.clock(time.now_ns()), uuid.rfc4122("b")]',
    ].join("\n");
    const all = async (by: OpaEngine) => [
      await by.evaluate(utf8.encode(HEAD + rules), "a.b.x", documents({})),
      await by.evaluate(utf8.encode(HEAD + rules), "a.b.y", documents({})),
    ];
    const first = await all(engine);
    expect(first[0]).to.have.property("0", 10 ** 18);
    expect(await all(engine), "the same process, later").to.deep.equal(first);
    const other = new OpaEngine({ timeoutMs: 30_000 });
    expect(await all(other), "another process").to.deep.equal(first);
    other.close();
  });

  it("refuses a request above its limit", async () => {
    const small = new OpaEngine({ requestMaxBytes: 10_000 });
    const run = () => small.evaluate(utf8.encode(HEAD), "a.b.allow", documents("x".repeat(10_000)));
    expect(await asyncCodeOf(run)).to.equal("E_REGO_ENGINE");
    small.close();
  });

  it("ends an evaluation that takes too long, and works again after it", async () => {
    const hasty = new OpaEngine({ timeoutMs: 5_000 });
    const loop = "n := numbers.range(1, 100000)\nallow if { some i in n; some j in n; i * j == 0 }";
    const run = () => hasty.evaluate(utf8.encode(HEAD + loop), "a.b.allow", documents({}));
    expect(await asyncCodeOf(run)).to.equal("E_REGO_TIMEOUT");
    expect(
      await hasty.evaluate(utf8.encode(`${HEAD}allow if true`), "a.b.allow", documents({})),
    ).to.equal(true);
    hasty.close();
  });

  it("reports an engine that cannot start, for want of time or memory", async () => {
    const late = new OpaEngine({ startTimeoutMs: 1 });
    expect(await asyncCodeOf(() => late.check(utf8.encode(HEAD), "a.b.allow"))).to.equal(
      "E_REGO_TIMEOUT",
    );
    const cramped = new OpaEngine({ wasmMaxPages: 8 });
    expect(await asyncCodeOf(() => cramped.check(utf8.encode(HEAD), "a.b.allow"))).to.be.oneOf([
      "E_REGO_ENGINE",
      "E_REGO_TIMEOUT",
    ]);
    late.close();
    cramped.close();
  });

  it("answers requests made at once, each its own", async () => {
    const values = [1, 2, 3, 4, 5, 6];
    const rules = "x := input.v * 10";
    const got = await Promise.all(values.map((v) => evaluate(rules, documents({ v }), "a.b.x")));
    expect(got).to.deep.equal(values.map((v) => v * 10));
  });
});
