import { expect } from "chai";
import type { JsonObject } from "../../../src/artifact/json.ts";
import { REGO_ENVIRONMENTS } from "../../../src/artifact/regoEnvironment.ts";
import { faultsOfReads } from "../../../src/policy/regoReads.ts";

const LIMITS: JsonObject = {
  type: "object",
  properties: {
    max: { type: "integer" },
    byToken: { type: "object", additionalProperties: { $ref: "#/$defs/limit" } },
    list: { type: "array", items: { $ref: "#/$defs/limit" } },
    free: { type: "object" },
    either: { anyOf: [{ properties: { one: {} } }, { properties: { two: {} } }] },
  },
  $defs: { limit: { type: "object", properties: { amount: { type: "string" } } } },
};
const OUTPUT: JsonObject = { type: "object", properties: { hits: { type: "array" } } };

/** Codes of what is wrong with a module of these rules. */
function codes(rules: string): string[] {
  const environment = REGO_ENVIRONMENTS.get(1);
  if (environment === undefined) throw new RangeError("no environment 1");
  const text = `package a\n\nimport rego.v1\n\ndefault allow := false\n\n${rules}\n`;
  const wasm = new Map([
    ["one", OUTPUT],
    ["bare", undefined],
  ]);
  return faultsOfReads(text, environment, { params: LIMITS, wasm }).map(({ code }) => code);
}

describe("faultsOfReads", () => {
  it("finds nothing wrong with reads of what the schemas declare", () => {
    for (const rule of [
      "allow if data.params.max > 1",
      'allow if data["params"]["max"] > 1',
      "allow if data.params.byToken[input.token].amount == input.amount",
      "allow if { some limit in data.params.list; limit.amount == input.amount }",
      "allow if { every i, limit in data.params.list { limit.amount == i } }",
      "allow if data.params.list[0].amount == input.amount",
      "allow if data.params.free.anything.at.all",
      "allow if data.params.either.one == data.params.either.two",
      "known := data.params.byToken[input.token]\n\nallow if known.amount == input.amount",
      "allow if count(data.wasm.one.hits) == 0",
      "allow if is_small(data.params.list[_])\n\nis_small(limit) if limit.amount == input.amount",
      'allow if object.get(data.params.byToken, input.token, {"amount": "0"}).amount == "0"',
    ]) {
      expect(codes(rule), rule).to.deep.equal([]);
    }
  });

  it("E_PARAMS_KEY: finds a misspelt key, wherever the value has been taken", () => {
    for (const rule of [
      "allow if data.params.maxx > 1",
      'allow if data["params"]["maxx"] > 1',
      "allow if data.params.max.inside",
      "allow if data.params.byToken[input.token].amounts == 1",
      "allow if { some limit in data.params.list; limit.amounts == 1 }",
      "allow if { some _, limit in data.params.list; limit.amounts == 1 }",
      "allow if { every limit in data.params.list { limit.amounts == 1 } }",
      "allow if { known := data.params; known.maxx > 1 }",
      "allow if { known = data.params; known.maxx > 1 }",
      "known := data.params.byToken[input.token]\n\nallow if known.amounts == 1",
      "allow if is_small(data.params.list[_])\n\nis_small(limit) if limit.amounts == 1",
      'allow if object.get(data.params, "maxx", 0) == 0',
      'allow if object.get(data.params, ["list", "amount", "x"], 0) == 0',
      "allow if data.params.either.three",
      "twice := data.params\n\nthrice := twice\n\nallow if thrice.maxx",
    ]) {
      expect(codes(rule), rule).to.deep.equal(["E_PARAMS_KEY"]);
    }
  });

  it("E_OUTPUT_KEY, E_SCHEMA_MISSING: finds a misspelt output, and one without a schema", () => {
    expect(codes("allow if count(data.wasm.one.hit) == 0")).to.deep.equal(["E_OUTPUT_KEY"]);
    expect(codes("allow if { it := data.wasm.one; it.hit }")).to.deep.equal(["E_OUTPUT_KEY"]);
    expect(codes("allow if data.wasm.bare.x")).to.deep.equal(["E_SCHEMA_MISSING"]);
  });

  it("E_REGO_BUILTIN: finds functions that are not in the environment", () => {
    for (const call of [
      "time.clock(0)",
      "json.filter(input, [])",
      "walk(input)",
      "nosuch(1)",
      'opa["runtime"]()',
    ]) {
      expect(codes(`allow if ${call}`), call).to.include("E_REGO_BUILTIN");
    }
    expect(codes("allow if own(1)\n\nown(x) if x == 1")).to.deep.equal([]);
    expect(
      codes('allow if contains(input.a, "b")\n\nnames contains name if some name in input.names'),
    ).to.deep.equal([]);
  });

  it("does not follow what is computed, and blames nobody for it", () => {
    expect(codes("allow if { x := object.union(data.params, input); x.maxx }")).to.deep.equal([]);
    expect(codes("x := data.params\n\nx := input if input.a\n\nallow if x.maxx")).to.deep.equal([]);
  });
});
