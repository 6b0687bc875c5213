import { expect } from "chai";
import { contentHashOf } from "../../../src/artifact/contentHash.ts";
import { SCHEMA_DIALECT } from "../../../src/artifact/jsonSchema.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { loadPolicyFolder } from "../../../src/policy/folder.ts";
import { policyTemplateRefOf } from "../../../src/policy/ids.ts";
import { codeOf } from "../tree/codes.ts";

const utf8 = new TextEncoder();
const WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const schema = utf8.encode(JSON.stringify({ $schema: SCHEMA_DIALECT }));
const data = (name: string) => ({
  name,
  wasm: "p.wasm",
  argsSchema: "s.json",
  outputSchema: "s.json",
  secretsSchema: "s.json",
});
const MANIFEST = {
  name: "sample",
  description: "A sample.",
  rego: "p.rego",
  paramsSchema: "s.json",
  entrypoint: "a.allow",
  environment: 1,
  data: [data("one"), data("two")],
};
const REGO = "package a\ndefault allow := false\nallow if data.wasm.one.x == data.wasm.two.x\n";

/** A folder with a manifest of these changes. */
function folder(changes: object = {}, rego = REGO): Map<string, Uint8Array> {
  return new Map([
    ["policy.json", utf8.encode(JSON.stringify({ ...MANIFEST, ...changes }))],
    ["p.rego", utf8.encode(rego)],
    ["s.json", schema],
    ["p.wasm", WASM],
  ]);
}
const verdict = (changes: object) => codeOf(() => loadPolicyFolder(folder(changes)));

describe("loadPolicyFolder", () => {
  it("gives artifacts, data templates and the template with its ref", () => {
    const bundle = loadPolicyFolder(folder());
    expect(bundle.artifacts.map(({ kind }) => kind)).to.deep.equal([
      "rego",
      "input-schema",
      "wasm-plugin",
      "output-schema",
      "secrets-schema",
    ]);
    expect(toHex(bundle.template.regoHash)).to.equal(toHex(contentHashOf(utf8.encode(REGO))));
    expect(toHex(bundle.templateRef)).to.equal(toHex(policyTemplateRefOf(bundle.template)));
    expect(bundle.data.map(({ binding }) => binding)).to.deep.equal(bundle.template.data);
    expect(bundle.data.map(({ binding }) => binding.name).sort()).to.deep.equal(["one", "two"]);
  });

  it("leaves files alone that the manifest does not name", () => {
    const files = folder().set("README.md", utf8.encode("# Read me"));
    expect(toHex(loadPolicyFolder(files).templateRef)).to.equal(
      toHex(loadPolicyFolder(folder()).templateRef),
    );
  });

  it("takes absent schemas as the zero hash", () => {
    const { paramsSchema: _, ...rest } = MANIFEST;
    const files = folder().set("policy.json", utf8.encode(JSON.stringify(rest)));
    expect(loadPolicyFolder(files).template.paramsSchemaHash.every((byte) => byte === 0)).to.equal(
      true,
    );
  });

  it("E_FILE_MISSING: refuses a folder without a file that is named", () => {
    for (const name of folder().keys()) {
      const files = folder();
      files.delete(name);
      expect(
        codeOf(() => loadPolicyFolder(files)),
        name,
      ).to.equal("E_FILE_MISSING");
    }
  });

  it("E_MANIFEST_INVALID: refuses keys, types and sizes that it does not know", () => {
    const changes = [
      { more: 1 },
      { name: "" },
      { name: "x".repeat(65) },
      { rego: 1 },
      { rego: undefined },
      { paramsSchema: null },
      { environment: 1.5 },
      { environment: -1 },
      { environment: 65_536 },
      { data: {} },
      { data: [1] },
      { data: [{ ...data("one"), more: 1 }] },
      { description: "x".repeat(70_000) },
    ];
    for (const change of changes)
      expect(verdict(change), JSON.stringify(change).slice(0, 80)).to.equal("E_MANIFEST_INVALID");
    const twice = folder().set("policy.json", utf8.encode('{"name":"a","name":"b"}'));
    expect(codeOf(() => loadPolicyFolder(twice))).to.equal("E_MANIFEST_INVALID");
  });

  it("E_ENTRYPOINT: refuses what is not package.rule, and leaves its existence to the module", () => {
    for (const entrypoint of ["allow", "a.", ".allow", "a b.c", "a.é"]) {
      expect(verdict({ entrypoint }), entrypoint).to.equal("E_ENTRYPOINT");
    }
    expect(verdict({ entrypoint: "a.deny" })).to.equal("E_REGO_INVALID");
    expect(verdict({ entrypoint: `a.${"b".repeat(127)}` })).to.equal("E_MANIFEST_INVALID");
  });

  it("E_BINDING_NAME, E_BINDING_COUNT: refuses names that no Rego reads, names twice, and too many", () => {
    for (const name of ["a-b", "1a", "a.b", "é"])
      expect(verdict({ data: [data(name)] })).to.equal("E_BINDING_NAME");
    expect(verdict({ data: [data("one"), data("one")] })).to.equal("E_BINDING_NAME");
    const many = Array.from({ length: 17 }, (_, i) => data(`n${i}`));
    expect(verdict({ data: many })).to.equal("E_BINDING_COUNT");
  });

  it("E_BINDING_MISSING, E_BINDING_UNUSED: asks for exactly the plugins that are read", () => {
    expect(verdict({ data: [data("one")] })).to.equal("E_BINDING_MISSING");
    expect(verdict({ data: [data("one"), data("two"), data("three")] })).to.equal(
      "E_BINDING_UNUSED",
    );
  });

  it("names the file that intake refuses", () => {
    const files = folder().set("s.json", utf8.encode("{}"));
    expect(codeOf(() => loadPolicyFolder(files))).to.equal("E_SCHEMA_DIALECT");
    expect(() => loadPolicyFolder(files)).to.throw(/^s\.json: /);
  });
});
