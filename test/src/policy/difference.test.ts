import { expect } from "chai";
import fc from "fast-check";
import { canonicalJson } from "../../../src/artifact/canonicalJson.ts";
import type { JsonValue } from "../../../src/artifact/json.ts";
import { importsOfPlugin } from "../../../src/artifact/wasmPlugin.ts";
import { viewOfBundle } from "../../../src/chain/policyView.ts";
import { differenceOf, type PolicyView } from "../../../src/policy/difference.ts";
import { loadPolicyFolder } from "../../../src/policy/folder.ts";
import { printable } from "../../../tasks/policy/printable.ts";
import { at } from "../../helpers/at.ts";
import { loadPolicies } from "../../helpers/policyFolders.ts";
import { component, coreModule, functionImport, instanceImport } from "../../helpers/wasmBinary.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();

describe("difference of policies", function () {
  this.timeout(120_000);
  let files: ReadonlyMap<string, Uint8Array>;
  before(async () => {
    const policies = await loadPolicies();
    ({ files } = at(
      policies.filter(({ name }) => name === "kyc-tier"),
      0,
    ));
  });

  const view = (
    changes: Readonly<Record<string, (before: string) => string | Uint8Array>> = {},
  ) => {
    const changed = new Map(files);
    for (const [file, change] of Object.entries(changes)) {
      const after = change(text.decode(files.get(file)));
      changed.set(file, typeof after === "string" ? utf8.encode(after) : after);
    }
    return viewOfBundle(loadPolicyFolder(changed), changed.get("params.json"));
  };
  const parts = (a: PolicyView, b: PolicyView) => differenceOf(a, b).map(({ part }) => part);

  it("is empty for the same policy, and where only the writing of JSON differs", () => {
    expect(differenceOf(view(), view())).to.deep.equal([]);
    const compact = (json: string) => JSON.stringify(JSON.parse(json));
    const rewritten = view({
      "params.json": compact,
      "params.schema.json": compact,
      "secrets.schema.json": compact,
    });
    expect(differenceOf(view(), rewritten)).to.deep.equal([]);
  });

  it("tells lines of the Rego with their surroundings, and of JSON by its canonical text", () => {
    const [rego] = differenceOf(view(), view({ "policy.rego": (was) => `${was}# more\n` }));
    expect(rego).to.have.property("part", "rego");
    expect(Reflect.get(Object(rego), "lines"))
      .to.be.an("array")
      .with.length(5)
      .that.includes("+# more");
    const params = view({
      "params.json": (was) => JSON.stringify({ ...JSON.parse(was), another: true }),
    });
    expect(differenceOf(view(), params)).to.deep.include({
      part: "params",
      lines: [
        "@@ -1,4 +1,5 @@",
        " {",
        '+  "another": true,',
        ...differenceLines(canonicalJson(view().params ?? null)),
      ],
    });
  });

  it("tells schemas, entrypoint, environment and what a plugin imports, each by its name", () => {
    const described = (json: string) => JSON.stringify({ ...JSON.parse(json), description: "x" });
    const other = view({
      "params.schema.json": described,
      "args.schema.json": described,
      "output.schema.json": described,
      "secrets.schema.json": described,
      "policy.json": (json) => JSON.stringify({ ...JSON.parse(json), environment: 2 }),
      "build/plugin.wasm": () => component(instanceImport("newton:provider/http@0.1.0")),
    });
    expect(parts(view(), other)).to.deep.equal([
      "environment",
      "params schema",
      "plugin kyc, bytes",
      "plugin kyc, imports",
      "plugin kyc, args schema",
      "plugin kyc, output schema",
      "plugin kyc, secrets schema",
    ]);
    expect(differenceOf(view(), other)).to.deep.include({
      part: "plugin kyc, imports",
      removed: [],
      added: ["newton:provider/http@0.1.0"],
    });
    const gone = { ...other, plugins: new Map(), entrypoint: "kyc.other", expireAfterBlocks: 7 };
    expect(parts(other, gone)).to.deep.equal(["entrypoint", "expires after blocks", "plugins"]);
  });

  it("calls long texts that have nothing in common different as a whole", () => {
    const lines = (word: string) =>
      Array.from({ length: 5_000 }, (_, i) => `${word} ${i}`).join("\n");
    const [rego] = differenceOf({ ...view(), rego: lines("a") }, { ...view(), rego: lines("b") });
    expect(Reflect.get(Object(rego), "lines")).to.have.length(10_001);
  });

  it("gives back either text from the other, whatever the lines are", () => {
    const base = view();
    const someText = fc.array(fc.constantFrom("a", "b", "", "c d"), { maxLength: 12 });
    fc.assert(
      fc.property(someText, someText, (a, b) => {
        const [from, to] = [a, b].map((lines) => lines.map((line) => `${line}\n`).join(""));
        const [rego] = differenceOf({ ...base, rego: from ?? "" }, { ...base, rego: to ?? "" });
        if (rego === undefined) return from === to;
        const lines: readonly string[] = "lines" in rego ? rego.lines : [];
        const changed = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
        return changed("+") - changed("-") === b.length - a.length && from !== to;
      }),
      { numRuns: 200 },
    );
  });

  it("canonical JSON: one text for one value, whatever the order of the keys", () => {
    const reversed = (value: JsonValue): JsonValue => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, reversed(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        const value: JsonValue = JSON.parse(JSON.stringify(any));
        const canonical = canonicalJson(value);
        expect(JSON.parse(canonical)).to.deep.equal(value);
        return canonicalJson(reversed(value)) === canonical;
      }),
    );
  });

  it("imports of a plugin: of both forms, in order", () => {
    expect(importsOfPlugin(coreModule(functionImport("env", "fetch")))).to.deep.equal([
      "env.fetch",
    ]);
    expect(importsOfPlugin(coreModule())).to.deep.equal([]);
    const both = component(
      instanceImport("wasi:io/streams@0.2.0"),
      instanceImport("newton:provider/http@0.1.0"),
    );
    expect(importsOfPlugin(both)).to.deep.equal([
      "newton:provider/http@0.1.0",
      "wasi:io/streams@0.2.0",
    ]);
  });

  it("printable: shows what moves a cursor or turns the direction of writing, and nothing else", () => {
    expect(printable("a\u001b[2Jb\u202ec\u0007\rd")).to.equal(
      "a\\u{1b}[2Jb\\u{202e}c\\u{7}\\u{d}d",
    );
    expect(printable("a\tb\n é 😀 日本")).to.equal("a\tb\n é 😀 日本");
  });
});

/** The first three lines behind the brace, as context. */
function differenceLines(canonical: string): string[] {
  return canonical
    .split("\n")
    .slice(1, 4)
    .map((line) => ` ${line}`);
}
