import { checkSchema } from "../../src/artifact/jsonSchema.ts";
import { faultsBySchema } from "../../src/artifact/schemaValidator.ts";
import { SCHEMA_CANDIDATES } from "./schemaCandidates.ts";
import { HOSTILE_CASES } from "./schemaHostile.ts";

/** Runs in a process of its own, which may hang or die: prints what one candidate says of one hostile case. */

const [candidate = "", name = ""] = process.argv.slice(2);
const hostile = Object.entries(HOSTILE_CASES).find(([known]) => known === name)?.[1];
if (hostile === undefined) throw new RangeError(`no case ${name}`);
const schema = hostile.schema();
const value = hostile.value();
try {
  if (candidate === "intake") {
    const checked = checkSchema(new TextEncoder().encode(JSON.stringify(schema)), "schema");
    console.log(faultsBySchema(checked, value).length === 0 ? "valid" : "invalid");
  } else {
    const judge = SCHEMA_CANDIDATES[candidate];
    console.log((await judge?.(schema, value, {})) ? "valid" : "invalid");
  }
} catch (error) {
  console.log(error instanceof RangeError ? "stack overflow" : "refused");
}
