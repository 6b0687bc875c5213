import type { JsonValue } from "../../src/artifact/json.ts";

/** Schemas that anybody may publish and every operator then validates with, and values that anybody may send. */

/** One case, and what is right: refusing the schema, or the verdict. */
export interface HostileCase {
  readonly schema: () => JsonValue;
  readonly value: () => JsonValue;
  readonly right: readonly ("refused" | "valid" | "invalid")[];
}

const $schema = "https://json-schema.org/draft/2020-12/schema";
const ATTACK = `${"a".repeat(34)}!`;

/** The cases, by name. */
export const HOSTILE_CASES: Readonly<Record<string, HostileCase>> = {
  "exponential pattern": {
    schema: () => ({ $schema, pattern: "^(a+)+$" }),
    value: () => ATTACK,
    right: ["refused"],
  },
  "ambiguous pattern": {
    schema: () => ({ $schema, pattern: "^(a|a)*$" }),
    value: () => ATTACK,
    right: ["refused"],
  },
  "polynomial pattern": {
    schema: () => ({ $schema, pattern: "^a*a*a*a*a*$" }),
    value: () => `${"a".repeat(1_500)}!`,
    right: ["refused"],
  },
  "schema 500 deep": {
    schema: () => {
      let schema: JsonValue = { type: "string" };
      for (let i = 0; i < 500; i++) schema = { items: schema };
      return { $schema, items: schema };
    },
    value: () => [],
    right: ["refused", "valid"],
  },
  "value 20,000 deep": {
    schema: () => ({ $schema, items: { $ref: "#" } }),
    value: () => {
      let value: JsonValue = [];
      for (let i = 0; i < 20_000; i++) value = [value];
      return value;
    },
    right: ["refused", "invalid"],
  },
  "reference to itself": {
    schema: () => ({ $schema, $ref: "#" }),
    value: () => 1,
    right: ["refused", "invalid"],
  },
  "$dynamicRef in a circle": {
    schema: () => ({ $schema, $dynamicAnchor: "x", allOf: [{ $dynamicRef: "#x" }] }),
    value: () => 1,
    right: ["refused", "invalid"],
  },
  "doubling references": {
    schema: () => {
      const $defs: Record<string, JsonValue> = { d0: { type: "integer" } };
      for (let i = 1; i <= 24; i++) {
        $defs[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] };
      }
      return { $schema, $defs, $ref: "#/$defs/d24" };
    },
    value: () => 1,
    right: ["refused", "valid"],
  },
  "enum of 100,000": {
    schema: () => ({ $schema, enum: Array.from({ length: 100_000 }, (_, i) => `v${i}`) }),
    value: () => "v99999",
    right: ["refused", "valid"],
  },
  "oneOf of 5,000": {
    schema: () => ({ $schema, oneOf: Array.from({ length: 5_000 }, (_, i) => ({ const: i })) }),
    value: () => 4_999,
    right: ["refused", "valid"],
  },
  "remote reference": {
    schema: () => ({ $schema, $ref: "https://bench.invalid/other" }),
    value: () => 1,
    right: ["refused"],
  },
  "misspelt type": {
    schema: () => ({ $schema, type: "objekt" }),
    value: () => 1,
    right: ["refused"],
  },
  "inherited key": {
    schema: () => ({ $schema, type: "object", required: ["toString"] }),
    value: () => ({}),
    right: ["invalid"],
  },
};
