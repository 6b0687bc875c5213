import { readFileSync } from "node:fs";
import { expect } from "chai";
import { SCHEMA_CANDIDATES } from "../scripts/bench/schemaCandidates.ts";
import { HOSTILE_CASES } from "../scripts/bench/schemaHostile.ts";

/** The table in docs/dependencies.md is what `npm run bench -- schema` prints, cell by cell in its shape. */
describe("the bench of schema validators", () => {
  const document = readFileSync("docs/dependencies.md", "utf8");
  const suite: { groups: { schema: object | boolean; cases: [string, null, boolean][] }[] } =
    JSON.parse(readFileSync("test/vectors/jsonSchemaSuite.json", "utf8"));
  const cases = suite.groups.reduce((sum, group) => sum + group.cases.length, 0);
  const rows = new Map(
    Array.from(document.matchAll(/^\| (.+) \|$/gm), ([, row = ""]): [string, string[]] => {
      const [name = "", ...cells] = row.split(" | ");
      return [name.replaceAll("`", ""), cells];
    }),
  );

  it("has every candidate, with a verdict for each official case", () => {
    expect(document).to.include(`of ${cases} official cases`);
    for (const name of Object.keys(SCHEMA_CANDIDATES)) {
      const counts = (rows.get(name) ?? []).map(Number);
      expect(
        counts.reduce((sum, count) => sum + count, 0),
        name,
      ).to.equal(cases);
    }
  });

  it("chooses the one that is right in all of them", () => {
    for (const name of Object.keys(SCHEMA_CANDIDATES)) {
      const [right] = rows.get(name) ?? [];
      expect(Number(right) === cases, name).to.equal(name === "z-schema");
    }
  });

  it("has every hostile case, none of which gets past intake", () => {
    for (const [name, { right }] of Object.entries(HOSTILE_CASES)) {
      const [intake] = rows.get(name) ?? [];
      expect(right, name).to.include(intake);
    }
  });

  for (const [name, judge] of Object.entries(SCHEMA_CANDIDATES)) {
    it(`asks ${name} as the document says`, async () => {
      const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "string" };
      expect(await judge(schema, "a", {})).to.equal(true);
      expect(await judge(schema, 1, {})).to.equal(false);
    });
  }
});
