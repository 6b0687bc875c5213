import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { expect } from "chai";
import { contentHashOf } from "../../../src/artifact/contentHash.ts";
import { SCHEMA_DIALECT } from "../../../src/artifact/jsonSchema.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { loadPolicyFolder } from "../../../src/policy/folder.ts";
import { policyTemplateRefOf } from "../../../src/policy/ids.ts";
import { codeOf } from "../../helpers/codes.ts";

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

  it("takes ciphertext that the manifest calls so, with its flags, and looks into no other", () => {
    const cleartextHash = contentHashOf(WASM);
    const key = randomBytes(32);
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    const sealed = Buffer.concat([iv, cipher.update(WASM), cipher.final(), cipher.getAuthTag()]);
    const secret = (teeRequired: unknown) => ({
      ...data("one"),
      wasm: "p.sealed",
      encrypted: { cleartextHash: toHex(cleartextHash), teeRequired },
    });
    for (const [teeRequired, flags] of [
      [false, 1],
      [true, 3],
    ]) {
      const files = folder({ data: [secret(teeRequired), data("two")] }).set("p.sealed", sealed);
      const { artifacts, data: plugins } = loadPolicyFolder(files);
      const found = artifacts.map(({ file, flags: of }) => [file, of]);
      expect(found).to.deep.include(["p.sealed", flags]).and.to.deep.include(["p.wasm", 0]);
      const template = plugins.find(({ binding }) => binding.name === "one")?.template;
      expect(template?.teeRequired).to.equal(teeRequired);
      expect(template?.cleartextHash).to.deep.equal(cleartextHash);
      expect(template?.wasmHash).to.deep.equal(contentHashOf(sealed));
    }
    // What the author has sealed opens to the hash that the template names.
    const opener = createDecipheriv("aes-256-gcm", key, iv).setAuthTag(sealed.subarray(-16));
    const opened = Buffer.concat([opener.update(sealed.subarray(12, -16)), opener.final()]);
    expect(contentHashOf(opened)).to.deep.equal(cleartextHash);

    const files = folder({ data: [{ ...data("one"), wasm: "p.sealed" }, data("two")] });
    expect(codeOf(() => loadPolicyFolder(files.set("p.sealed", sealed)))).to.equal(
      "E_WASM_INVALID",
    );
  });

  it("E_MANIFEST_INVALID: refuses an encryption that is half said", () => {
    const cleartextHash = toHex(contentHashOf(WASM));
    const bad = [
      null,
      {},
      { cleartextHash },
      { cleartextHash, teeRequired: 1 },
      { cleartextHash: `0x${"00".repeat(32)}`, teeRequired: true },
      { cleartextHash: "0x12", teeRequired: true },
      { cleartextHash: "zz".repeat(33), teeRequired: true },
      { cleartextHash: 7, teeRequired: true },
      { teeRequired: true },
      { cleartextHash, teeRequired: true, key: "00" },
    ];
    for (const encrypted of bad) {
      const list = [{ ...data("one"), encrypted }, data("two")];
      expect(verdict({ data: list }), JSON.stringify(encrypted)).to.equal("E_MANIFEST_INVALID");
    }
    // One file is not ciphertext in one place and in clear in another: it is one leaf.
    const sealed = { cleartextHash, teeRequired: false };
    expect(verdict({ data: [{ ...data("one"), encrypted: sealed }, data("two")] })).to.equal(
      "E_MANIFEST_INVALID",
    );
  });

  it("names the file that intake refuses", () => {
    const files = folder().set("s.json", utf8.encode("{}"));
    expect(codeOf(() => loadPolicyFolder(files))).to.equal("E_SCHEMA_DIALECT");
    expect(() => loadPolicyFolder(files)).to.throw(/^s\.json: /);
  });
});
