import { Validator } from "@cfworker/json-schema";
import { validator as schemasafe } from "@exodus/schemasafe";
import { registerSchema, unregisterSchema, validate } from "@hyperjump/json-schema/draft-2020-12";
import { Ajv2020 } from "ajv/dist/2020.js";
import ZSchema from "z-schema";
import type { JsonValue } from "../../src/artifact/json.ts";

/** Validators of Draft 2020-12, each behind one function. `format` is an annotation wherever that can be said. */

/** Schemas known beforehand, by their address. */
export type Remotes = Readonly<Record<string, JsonValue>>;

/** Whether `value` is valid by `schema`; throws where the library refuses the schema. */
type Judge = (schema: JsonValue, value: JsonValue, remotes: Remotes) => boolean | Promise<boolean>;

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

let serial = 0;

/** The candidates, by package. */
export const SCHEMA_CANDIDATES: Readonly<Record<string, Judge>> = {
  "z-schema": (schema, value, remotes) => {
    const validator = ZSchema.create({
      version: "draft2020-12",
      formatAssertions: false,
      safe: true,
    });
    for (const [uri, remote] of Object.entries(remotes)) {
      if (isUsable(remote)) ZSchema.setRemoteReference(uri, schemaOf(remote), { version: "none" });
    }
    const { valid, err } = validator.validate(value, schemaOf(schema));
    if (!valid && /SCHEMA_(COMPILATION|VALIDATION)_FAILED/.test(err?.message ?? "")) throw err;
    return valid;
  },
  ajv: (schema, value, remotes) => {
    const ajv = new Ajv2020({
      strict: false,
      ownProperties: true,
      validateFormats: false,
      logger: false,
    });
    for (const [uri, remote] of Object.entries(remotes)) {
      if (isUsable(remote)) ajv.addSchema(schemaOf(remote), uri);
    }
    return ajv.compile(schemaOf(schema))(value);
  },
  "@cfworker/json-schema": (schema, value, remotes) => {
    const validator = new Validator(schemaOf(schema), "2020-12", false);
    for (const [uri, remote] of Object.entries(remotes)) {
      if (isUsable(remote)) validator.addSchema(schemaOf(remote), uri);
    }
    return validator.validate(value).valid;
  },
  "@hyperjump/json-schema": async (schema, value, remotes) => {
    const uris: string[] = [];
    const register = (each: JsonValue, at: string) => {
      registerSchema(schemaOf(each), at, DIALECT);
      uris.push(at);
    };
    const uri = `https://bench.invalid/${++serial}`;
    try {
      for (const [at, remote] of Object.entries(remotes))
        if (isUsable(remote)) register(remote, at);
      register(schema, uri);
      return (await validate(uri, untyped(value))).valid;
    } finally {
      for (const each of uris) unregisterSchema(each);
    }
  },
  "@exodus/schemasafe": (schema, value, remotes) => {
    const usable = Object.entries(remotes).filter(([, remote]) => isUsable(remote));
    const schemas = new Map(usable.map(([uri, remote]) => [uri, schemaOf(remote)]));
    const options = {
      mode: "spec",
      $schemaDefault: DIALECT,
      formatAssertion: false,
      schemas,
    } as const;
    return schemasafe(schemaOf(schema), options)(untyped(value));
  },
};

/** Remotes of other drafts, or that are no schemas, are for other tests. */
function isUsable(remote: JsonValue): boolean {
  if (typeof remote !== "object" || remote === null) return false;
  const dialect = Reflect.get(remote, "$schema");
  return dialect === undefined || dialect === DIALECT;
}

/** A copy: the libraries write into what they get. */
function schemaOf(schema: JsonValue) {
  return untyped(structuredClone(schema));
}

// biome-ignore lint/suspicious/noExplicitAny: five libraries, five types for JSON
function untyped(value: JsonValue): any {
  return value;
}
