import { expect } from "chai";
import fc from "fast-check";
import { JSON_MAX_DEPTH, parseJson, parseJsonObject } from "../../../src/artifact/json.ts";
import { codeOf } from "../../helpers/codes.ts";

const utf8 = new TextEncoder();
const parse = (text: string) => parseJson(utf8.encode(text), "json");
const parseBytes = (...bytes: number[]) => parseJson(Uint8Array.from(bytes), "json");
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("parseJson", () => {
  it("reads what JSON.parse reads, for any value", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8, noUnicodeString: false }), (text) => {
        const code = codeOf(() => parse(text));
        const isRounded = code === "E_NUMBER_RANGE";
        const isForbidden = code === "E_JSON_FORBIDDEN_KEY";
        // Only numbers and keys that JSON.parse forgives may be refused.
        if (isRounded || isForbidden) return;
        expect(parse(text)).to.deep.equal(JSON.parse(text));
      }),
    );
  });

  it("accepts nothing that JSON.parse refuses, and refuses for its own reasons only", () => {
    const char = fc.constantFrom(...'{}[]",:\\ue0-+.1tfn \t\n\u0001');
    const stricter = ["E_JSON_DEPTH", "E_NUMBER_RANGE", "E_JSON_DUPLICATE_KEY", "E_JSON_INVALID"];
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 4 }),
        fc.double({ min: 0, max: 1 }),
        char,
        (text, where, put) => {
          const at = Math.floor((where || 0) * text.length);
          const edited = text.slice(0, at) + put + text.slice(at + 1);
          const code = codeOf(() => parse(edited));
          if (code === "none") expect(parse(edited)).to.deep.equal(JSON.parse(edited));
          else expect(code).to.be.oneOf([...stricter, "E_JSON_FORBIDDEN_KEY"]);
          // What JSON.parse takes and this reader calls malformed can only be a lone surrogate.
          if (code === "E_JSON_INVALID" && isJson(edited)) expect(edited).to.match(/\\ud/i);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("GW-10: refuses a key that is there twice, however it is spelt", () => {
    expect(codeOf(() => parse('{"a":1,"a":2}'))).to.equal("E_JSON_DUPLICATE_KEY");
    expect(codeOf(() => parse('{"a":1,"\\u0061":1}'))).to.equal("E_JSON_DUPLICATE_KEY");
    expect(codeOf(() => parse('[{"b":{"a":1,"c":2,"a":3}}]'))).to.equal("E_JSON_DUPLICATE_KEY");
    expect(parse('[{"a":1},{"a":2}]')).to.deep.equal([{ a: 1 }, { a: 2 }]);
  });

  it("GW-11: refuses keys that reach into a prototype, and leaves it alone", () => {
    for (const key of ["__proto__", "constructor", "prototype", "\\u005f_proto__"]) {
      expect(codeOf(() => parse(`{"${key}":{"polluted":true}}`))).to.equal("E_JSON_FORBIDDEN_KEY");
    }
    expect(Object.hasOwn(Object.prototype, "polluted")).to.equal(false);
    expect(parse('{"toString":1}')).to.deep.equal({ toString: 1 });
  });

  it("GW-12: refuses numbers that a double rounds, and takes those on either side", () => {
    for (const text of [
      "9007199254740992",
      "-9007199254740993",
      "1e400",
      "-1e400",
      "-0",
      "-0.0",
      "1e999",
    ]) {
      expect(
        codeOf(() => parse(text)),
        text,
      ).to.equal("E_NUMBER_RANGE");
    }
    expect(parse("[9007199254740991,-9007199254740991,0,0.1,1e3]")).to.deep.equal([
      9007199254740991, -9007199254740991, 0, 0.1, 1000,
    ]);
  });

  it("GW-13: refuses nesting beyond its limit without overflowing the stack", () => {
    expect(codeOf(() => parse(nested(50_000)))).to.equal("E_JSON_DEPTH");
    expect(codeOf(() => parse(nested(JSON_MAX_DEPTH + 1)))).to.equal("E_JSON_DEPTH");
    expect(codeOf(() => parse('{"a":'.repeat(JSON_MAX_DEPTH + 1)))).to.equal("E_JSON_DEPTH");
    expect(codeOf(() => parse(nested(JSON_MAX_DEPTH)))).to.equal("none");
  });

  it("GW-14: refuses bytes that are no UTF-8, a byte order mark and NUL", () => {
    const quote = 0x22;
    expect(codeOf(() => parseBytes(quote, 0xff, quote))).to.equal("E_TEXT_ENCODING");
    expect(codeOf(() => parseBytes(quote, 0xc0, 0xaf, quote))).to.equal("E_TEXT_ENCODING");
    expect(codeOf(() => parseBytes(quote, 0xed, 0xa0, 0x80, quote))).to.equal("E_TEXT_ENCODING");
    expect(codeOf(() => parseBytes(0xef, 0xbb, 0xbf, 0x31))).to.equal("E_TEXT_ENCODING");
    expect(codeOf(() => parseBytes(0x31, 0x00))).to.equal("E_TEXT_ENCODING");
  });

  it("GW-14: refuses what is no JSON", () => {
    const texts = [
      "",
      " ",
      "[",
      "]",
      "{",
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      "[1,]",
      "[,1]",
      "[1 2]",
      "01",
      "+1",
    ];
    const more = [
      "1.",
      ".5",
      "1e",
      "0x1",
      "NaN",
      "Infinity",
      "nul",
      "True",
      "'a'",
      '"a',
      '"\\x"',
      '"\\u12"',
    ];
    const last = [
      '"\t"',
      '"\\ud800"',
      '"\\udc00\\ud800"',
      "1 1",
      "{} []",
      "[1]x",
      "{1:2}",
      "//",
      "\u00a01",
    ];
    for (const text of [...texts, ...more, ...last]) {
      expect(
        codeOf(() => parse(text)),
        JSON.stringify(text),
      ).to.equal("E_JSON_INVALID");
    }
  });

  it("GW-14: accepts JSON of every form, character by character", () => {
    expect(
      parse(' \t\r\n{ "a" : [ ] , "b":{},"c":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00" } '),
    ).to.deep.equal({
      a: [],
      b: {},
      c: '"\\/\b\f\n\r\té😀',
    });
    expect(parse('"e\u0301"')).to.not.equal("\u00e9");
    expect([parse("true"), parse("false"), parse("null"), parse("-1.5E+2")]).to.deep.equal([
      true,
      false,
      null,
      -150,
    ]);
  });

  it("asks for an object where one is needed", () => {
    for (const text of ["[]", "null", "1", '"a"']) {
      expect(codeOf(() => parseJsonObject(utf8.encode(text), "json"))).to.equal("E_JSON_INVALID");
    }
    expect(parseJsonObject(utf8.encode("{}"), "json")).to.deep.equal({});
  });
});
