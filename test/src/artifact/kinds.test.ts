import { expect } from "chai";
import fc from "fast-check";
import { contentHashOf } from "../../../src/artifact/contentHash.ts";
import { checkArtifact } from "../../../src/artifact/intake.ts";
import { SCHEMA_DIALECT } from "../../../src/artifact/jsonSchema.ts";
import { ARTIFACT_MAX_BYTES } from "../../../src/artifact/kind.ts";
import { ARTIFACT_KINDS, isKindName, kindOf } from "../../../src/artifact/kinds.ts";
import { bytes32, type ContentHash } from "../../../src/bytes/brand.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { codeOf } from "../../helpers/codes.ts";

const utf8 = new TextEncoder();
const SCHEMAS = ["input-schema", "output-schema", "secrets-schema"];
const schema = (rest: object) => utf8.encode(JSON.stringify({ $schema: SCHEMA_DIALECT, ...rest }));
const CORE_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const COMPONENT = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
const REGO = utf8.encode("package a\ndefault allow := false\n");

/** A valid artifact of each kind. */
const VALID = new Map<string, Uint8Array>([
  ["rego", REGO],
  ["wasm-plugin", CORE_MODULE],
  ["params", utf8.encode('{"limit":"1"}')],
  ...SCHEMAS.map((kind): [string, Uint8Array] => [kind, schema({ type: "object" })]),
]);

describe("artifact kinds", () => {
  it("have one namespace each, 0x04 to 0x09, and a cap within that of all artifacts", () => {
    const kinds = Object.values(ARTIFACT_KINDS);
    expect(kinds.map(({ namespace }) => namespace).sort()).to.deep.equal([4, 5, 6, 7, 8, 9]);
    for (const { maxBytes } of kinds) expect(maxBytes).to.be.within(1, ARTIFACT_MAX_BYTES);
  });

  it("are found by name, and by nothing else", () => {
    for (const name of Object.keys(ARTIFACT_KINDS))
      expect(kindOf(name).namespace).to.be.a("number");
    for (const name of ["", "Rego", "toString", "__proto__", "constructor"]) {
      expect(
        codeOf(() => kindOf(name)),
        name,
      ).to.equal("E_KIND_UNKNOWN");
      expect(isKindName(name)).to.equal(false);
    }
  });
});

describe("checkArtifact", () => {
  it("gives the content hash of what it accepts", () => {
    for (const [kind, bytes] of VALID) {
      expect(toHex(checkArtifact(kind, bytes))).to.equal(toHex(contentHashOf(bytes)));
    }
  });

  it("refuses nothing at all, and more than the kind's cap", () => {
    for (const [kind, bytes] of VALID) {
      expect(codeOf(() => checkArtifact(kind, new Uint8Array(0)))).to.equal("E_ARTIFACT_EMPTY");
      const { maxBytes } = kindOf(kind);
      const tooLarge = new Uint8Array(maxBytes + 1);
      tooLarge.set(bytes);
      expect(codeOf(() => checkArtifact(kind, tooLarge))).to.equal("E_ARTIFACT_TOO_LARGE");
    }
    const full = new Uint8Array(kindOf("rego").maxBytes).fill(0x20);
    full.set(REGO);
    expect(codeOf(() => checkArtifact("rego", full))).to.equal("none");
  });

  it("GW-15: refuses bytes that are not those of the declared hash", () => {
    const contentHash = bytes32<ContentHash>(
      contentHashOf(REGO).map((byte, i) => byte ^ Number(i === 31)),
    );
    expect(codeOf(() => checkArtifact("rego", REGO, { contentHash }))).to.equal("E_HASH_MISMATCH");
    expect(
      codeOf(() => checkArtifact("rego", REGO, { contentHash: contentHashOf(REGO) })),
    ).to.equal("none");
  });

  it("takes ciphertext for plugins only, and does not look into it", () => {
    const ciphertext = Uint8Array.of(1, 2, 3);
    expect(codeOf(() => checkArtifact("wasm-plugin", ciphertext))).to.equal("E_WASM_INVALID");
    expect(codeOf(() => checkArtifact("wasm-plugin", ciphertext, { isEncrypted: true }))).to.equal(
      "none",
    );
    for (const kind of ["rego", ...SCHEMAS]) {
      const bytes = VALID.get(kind) ?? ciphertext;
      expect(codeOf(() => checkArtifact(kind, bytes, { isEncrypted: true }))).to.equal(
        "E_KIND_NOT_ENCRYPTABLE",
      );
    }
  });

  it("POL-16: gives variants of one text their own hashes", () => {
    const text = 'package a\ndefault allow := false\nx := "\u00e9"\n';
    const variants = [text, text.replaceAll("\n", "\r\n"), text.normalize("NFD"), `${text} `];
    const hashes = variants.map((variant) => toHex(checkArtifact("rego", utf8.encode(variant))));
    expect(new Set(hashes).size).to.equal(variants.length);
    expect(codeOf(() => checkArtifact("rego", utf8.encode(`\uFEFF${text}`)))).to.equal(
      "E_TEXT_ENCODING",
    );
  });

  it("POL-14: hashes what is stored, not what it could be spelt as", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.uint8Array({ minLength: 1 }), (a, b) => {
        expect(equalBytes(contentHashOf(a), contentHashOf(b))).to.equal(equalBytes(a, b));
      }),
    );
  });
});

describe("schema kinds", () => {
  it("GW-04: refuse every dialect but Draft 2020-12", () => {
    const dialects = [
      undefined,
      null,
      1,
      "",
      "http://json-schema.org/draft-07/schema#",
      `${SCHEMA_DIALECT}#`,
    ];
    for (const kind of SCHEMAS) {
      for (const $schema of dialects) {
        const bytes = utf8.encode(JSON.stringify({ $schema, type: "object" }));
        expect(codeOf(() => checkArtifact(kind, bytes))).to.equal("E_SCHEMA_DIALECT");
      }
      expect(codeOf(() => checkArtifact(kind, utf8.encode("true")))).to.equal("E_JSON_INVALID");
    }
  });

  it("GW-05: refuse references to what is elsewhere", () => {
    for (const target of ["https://example.com/s.json", "other.json", "/etc/passwd", "file:///x"]) {
      const remote = schema({ properties: { a: { items: [{ $ref: target }] } } });
      expect(codeOf(() => checkArtifact("input-schema", remote))).to.equal("E_SCHEMA_REF");
      const dynamic = schema({ $dynamicRef: target });
      expect(codeOf(() => checkArtifact("input-schema", dynamic))).to.equal("E_SCHEMA_REF");
    }
    const local = schema({
      $defs: { a: {} },
      properties: { b: { $ref: "#/$defs/a" } },
      const: { $ref: "x" },
    });
    expect(codeOf(() => checkArtifact("input-schema", local))).to.equal("none");
  });

  it("refuse what the strict reader refuses", () => {
    const text = `{"$schema":"${SCHEMA_DIALECT}",`;
    const cases = new Map([
      [`${text}"a":1,"a":2}`, "E_JSON_DUPLICATE_KEY"],
      [`${text}"__proto__":{}}`, "E_JSON_FORBIDDEN_KEY"],
      [`${text}"maximum":9007199254740993}`, "E_NUMBER_RANGE"],
      [`${text}"not":${'{"not":'.repeat(100)}`, "E_JSON_DEPTH"],
      [`${text}`, "E_JSON_INVALID"],
    ]);
    for (const [json, code] of cases) {
      for (const kind of SCHEMAS) {
        expect(codeOf(() => checkArtifact(kind, utf8.encode(json)))).to.equal(code);
      }
    }
  });
});

describe("wasm plugin", () => {
  it("is a valid core module or has a component's head", () => {
    expect(codeOf(() => checkArtifact("wasm-plugin", COMPONENT))).to.equal("none");
    expect(codeOf(() => checkArtifact("wasm-plugin", CORE_MODULE))).to.equal("none");
  });

  it("GW-02: is refused with another magic number, version or layer, cut short, or malformed", () => {
    const bad = [
      Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0),
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0),
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 2, 0),
      CORE_MODULE.slice(0, 7),
      Uint8Array.of(...CORE_MODULE, 0xff),
      Uint8Array.of(...CORE_MODULE, 1, 5, 0),
    ];
    for (const bytes of bad) {
      expect(codeOf(() => checkArtifact("wasm-plugin", bytes))).to.equal("E_WASM_INVALID");
    }
  });
});
