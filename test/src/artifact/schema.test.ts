import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { JsonObject, JsonValue } from "../../../src/artifact/json.ts";
import { checkSchema, SCHEMA_DIALECT } from "../../../src/artifact/jsonSchema.ts";
import { SCHEMA_LIMITS } from "../../../src/artifact/schemaLimits.ts";
import { faultsBySchema } from "../../../src/artifact/schemaValidator.ts";
import { codeOf } from "../../helpers/codes.ts";

const utf8 = new TextEncoder();
const verdict = (rest: object) =>
  codeOf(() =>
    checkSchema(utf8.encode(JSON.stringify({ $schema: SCHEMA_DIALECT, ...rest })), "schema"),
  );

/** The official tests, as scripts/bench/schema.ts runs them for every candidate. */
interface Suite {
  readonly groups: readonly {
    readonly keyword: string;
    readonly about: string;
    readonly schema: JsonValue;
    readonly cases: readonly (readonly [string, JsonValue, boolean])[];
  }[];
}

describe("checkSchema", () => {
  it("GW-04: refuses what the meta-schema of Draft 2020-12 refuses", () => {
    for (const schema of [
      { type: "objekt" },
      { minimum: "1" },
      { required: ["a", "a"] },
      { properties: { a: 1 } },
      { maxLength: -1 },
      { items: [{}] },
      { enum: "a" },
      { pattern: "(" },
    ]) {
      expect(verdict(schema), JSON.stringify(schema)).to.be.oneOf([
        "E_SCHEMA_INVALID",
        "E_SCHEMA_REGEX",
      ]);
    }
    expect(verdict({ type: "object", "x-note": 1 })).to.equal("none");
  });

  it("GW-05: refuses references to elsewhere, to nothing and to itself, and never asks the network", () => {
    for (const schema of [
      { $ref: "https://example.invalid/a" },
      { items: { $dynamicRef: "other.json#x" } },
      { $ref: "#/$defs/none" },
      { $ref: "#" },
      { properties: { a: { $ref: "#" } } },
      { $dynamicAnchor: "x", allOf: [{ $dynamicRef: "#x" }] },
      { $defs: { a: { $ref: "#/$defs/b" }, b: { not: { $ref: "#/$defs/a" } } }, $ref: "#/$defs/a" },
      { properties: { a: { $id: "https://example.invalid/", $ref: "#" } } },
    ]) {
      expect(verdict(schema), JSON.stringify(schema)).to.equal("E_SCHEMA_REF");
    }
    const shared = {
      $defs: { a: { type: "string" } },
      properties: { x: { $ref: "#/$defs/a" }, y: { $ref: "#/$defs/a" } },
    };
    expect(verdict(shared)).to.equal("none");
  });

  it("GW-05: refuses references that double, at their limit", () => {
    const doubling = (levels: number) => {
      const $defs: Record<string, object> = { d0: {} };
      for (let i = 1; i <= levels; i++) {
        $defs[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] };
      }
      return { $defs, $ref: `#/$defs/d${levels}` };
    };
    expect(verdict(doubling(5))).to.equal("none");
    expect(verdict(doubling(24))).to.equal("E_SCHEMA_LIMIT");
  });

  it("GW-05: refuses depth, values and branches above their limits, and takes those at them", () => {
    const deep = (levels: number) => {
      let schema: object = {};
      for (let i = 1; i < levels; i++) schema = { items: schema };
      return schema;
    };
    const { branches, depth, patterns } = SCHEMA_LIMITS;
    expect(verdict(deep(depth))).to.equal("none");
    expect(verdict(deep(depth + 1))).to.equal("E_SCHEMA_LIMIT");
    expect(verdict(deep(1_000))).to.be.oneOf(["E_SCHEMA_LIMIT", "E_JSON_DEPTH"]);
    const list = (length: number) => Array.from({ length }, (_, i) => i);
    expect(verdict({ enum: list(branches) })).to.equal("none");
    expect(verdict({ enum: list(branches + 1) })).to.equal("E_SCHEMA_LIMIT");
    expect(verdict({ default: list(SCHEMA_LIMITS.nodes) })).to.equal("E_SCHEMA_LIMIT");
    const expressions = (count: number) => ({
      allOf: list(count).map((i) => ({ pattern: `^a{${i}}$` })),
    });
    expect(verdict(expressions(patterns + 1))).to.equal("E_SCHEMA_LIMIT");
  });

  it("GW-05: refuses regular expressions that some text makes slow, and takes those that stay fast", () => {
    for (const pattern of ["^(a+)+$", "^(a|a)*$", "^a*a*a*a*$", "(x+x+)+y", "^(.*)*$", "\\s+$"]) {
      expect(verdict({ pattern }), pattern).to.equal("E_SCHEMA_REGEX");
      expect(verdict({ patternProperties: { [pattern]: {} } }), pattern).to.equal("E_SCHEMA_REGEX");
    }
    expect(verdict({ pattern: "a".repeat(SCHEMA_LIMITS.patternChars + 1) })).to.equal(
      "E_SCHEMA_REGEX",
    );
    for (const pattern of [
      "^0x[0-9a-f]{40}$",
      "^(0|[1-9][0-9]{0,77})$",
      "^[A-Z]{2}$",
      "^(a|b)*$",
      "",
    ]) {
      expect(verdict({ pattern }), pattern).to.equal("none");
    }
  });

  it("leaves data alone that looks like a schema", () => {
    const data = { $ref: "https://example.invalid/", pattern: "^(a+)+$" };
    expect(verdict({ const: data, default: data, examples: [data] })).to.equal("none");
    expect(
      verdict({ properties: { $ref: { type: "string" }, pattern: { type: "string" } } }),
    ).to.equal("none");
  });
});

describe("faultsBySchema", function () {
  this.timeout(60_000);

  it("GW-04: agrees with every official verdict that needs no other document", () => {
    const suite: Suite = JSON.parse(readFileSync("test/vectors/jsonSchemaSuite.json", "utf8"));
    let judged = 0;
    for (const { keyword, about, schema, cases } of suite.groups) {
      const text = JSON.stringify(schema);
      if (typeof schema !== "object" || schema === null || Array.isArray(schema)) continue;
      // Other documents are what intake refuses.
      if (/localhost:1234|"\$ref":"https?:|metaschema/.test(text)) continue;
      for (const [why, value, isValid] of cases) {
        const faults = faultsBySchema(objectOf(schema), value);
        expect(faults.length === 0, `${keyword}: ${about}: ${why}`).to.equal(isValid);
        judged++;
      }
    }
    expect(judged).to.be.greaterThan(1_000);
  });

  it("names the place of what is wrong", () => {
    const schema = { $schema: SCHEMA_DIALECT, properties: { a: { items: { type: "string" } } } };
    expect(faultsBySchema(schema, { a: ["x", 1] })).to.have.length(1);
    expect(faultsBySchema(schema, { a: ["x", 1] })[0]).to.match(/a.*1.*string/);
    expect(faultsBySchema(schema, { a: ["x"] })).to.deep.equal([]);
  });
});

function objectOf(value: JsonValue): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError();
  return Object.fromEntries(Object.entries(value));
}
