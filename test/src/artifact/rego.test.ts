import { expect } from "chai";
import fc from "fast-check";
import { checkRego, checkRegoEntrypoint, REGO_MAX_BYTES } from "../../../src/artifact/rego.ts";
import { pluginsRead, readRego, rulesFalseByDefault } from "../../../src/artifact/regoText.ts";
import { codeOf } from "../../helpers/codes.ts";

const utf8 = new TextEncoder();
const HEAD = "package a.b\n\nimport rego.v1\n\ndefault allow := false\n\n";
const verdict = (text: string) => codeOf(() => checkRego(utf8.encode(text)));
const verdictOf = (rule: string) => verdict(HEAD + rule);

describe("rego", () => {
  it("is accepted with a package and a rule that is false by default", () => {
    expect(verdictOf("allow if input.value == data.params.value")).to.equal("none");
    expect(verdict("# why\n\npackage a\ndefault allow = false")).to.equal("none");
    expect(verdict("package a; default allow := false")).to.equal("none");
    expect(verdict("package a\r\ndefault allow := false\r\n")).to.equal("none");
  });

  it("GW-01: is refused without a package or without a default that denies", () => {
    const texts = [
      "x",
      "package",
      "package a",
      "packagea\ndefault allow := false",
      "default allow := false",
    ];
    const open = ["package a\ndefault allow := true", 'package a\ndefault allow := "false"'];
    const hidden = [
      "package a\n# default allow := false",
      'package a\nx := "default allow := false"',
      "package a\nx := `\ndefault allow := false\n`",
      "package a\ndefault allow := false_",
      "package a\ndefault allow := false == true",
    ];
    for (const text of [...texts, ...hidden.slice(0, 3)]) {
      expect(verdict(text), text).to.equal("E_REGO_INVALID");
    }
    for (const text of [...open, ...hidden.slice(3)]) {
      expect(verdict(text), text).to.equal("E_REGO_FAIL_OPEN");
    }
  });

  it("GW-01: is refused with builtins that read the world or the clock, however they are spelt", () => {
    const calls = [
      "http.send({})",
      'http["send"]({})',
      "time.now_ns()",
      'time["now_ns"]()',
      "(time).now_ns()",
      "( time ).now_ns()",
      'time[("now_ns")]()',
      "((rand)).intn(1, 2)",
      "rand.intn(1, 2)",
    ];
    const more = [
      "opa.runtime()",
      "net.lookup_ip_addr(1)",
      "uuid.rfc4122(1)",
      "rego.parse_module(1, 2)",
      "io.jwt.decode_verify(1, 2)",
      "crypto.x509.parse_and_verify_certificates(1)",
      'crypto["x509"]',
    ];
    for (const call of [...calls, ...more]) {
      expect(verdictOf(`x := ${call}`), call).to.equal("E_REGO_INVALID");
    }
    expect(verdictOf("x := time.parse_rfc3339_ns(input.http.send)")).to.equal("none");
    expect(verdictOf('x := "http.send" # http.send')).to.equal("none");
  });

  it("GW-01: is refused if it replaces a builtin by `with`", () => {
    expect(verdictOf("allow if lower(input.a) == 1 with lower as 1")).to.equal("E_REGO_INVALID");
    expect(verdictOf("allow if x with  count as x")).to.equal("E_REGO_INVALID");
    expect(verdictOf("allow if x with  input as 1")).to.equal("none");
  });

  it("is refused if it reads data beside params and wasm.<name>", () => {
    for (const ref of [
      "data.x",
      "data",
      'data["params"]',
      "data[k]",
      "data.wasm",
      "data.wasm[k]",
      "data.paramsX",
    ]) {
      expect(verdictOf(`x := ${ref}`), ref).to.equal("E_REGO_INVALID");
    }
    expect(verdict("package a\nimport data.wasm\ndefault allow := false")).to.equal(
      "E_REGO_INVALID",
    );
    expect(verdictOf("x := [data.params, data.wasm.a.b, input.data, input.data.x]")).to.equal(
      "none",
    );
  });

  it("GW-01: is refused with brackets nested too deep, and with a string that is not closed", () => {
    expect(verdictOf(`x := ${"[".repeat(65)}${"]".repeat(65)}`)).to.equal("E_REGO_INVALID");
    expect(verdictOf(`x := ${"[".repeat(64)}${"]".repeat(64)}`)).to.equal("none");
    for (const text of ['x := "a', "x := `a", 'x := "a\nb"', 'x := "\\"']) {
      expect(verdictOf(text), text).to.equal("E_REGO_INVALID");
    }
  });

  it("GW-01: is judged in one pass, whatever its lines are made of", () => {
    for (const filler of ['\\"', '"', "`", "[", " ", "default ", "data", "time ", "with ", "#"]) {
      const line = filler.repeat(Math.floor((REGO_MAX_BYTES - HEAD.length) / filler.length));
      expect(verdictOf(line)).to.be.oneOf(["E_REGO_INVALID", "none"]);
    }
  });

  it("names its entrypoint as package.rule, and denies by default there", () => {
    const entry = (entrypoint: string) =>
      codeOf(() => checkRegoEntrypoint(utf8.encode(HEAD), entrypoint));
    expect(entry("a.b.allow")).to.equal("none");
    for (const entrypoint of [
      "allow",
      "a.allow",
      "a.b",
      "a.b.",
      "a.b.deny",
      "a.b.allow.x",
      "A.b.allow",
      "",
    ]) {
      expect(entry(entrypoint), entrypoint).to.equal("E_REGO_INVALID");
    }
  });

  it("keeps lines and length when comments and strings are blanked out", () => {
    const piece = fc.constantFrom(
      '"a"',
      '"\\""',
      "`b\nc`",
      "# d\n",
      "\n",
      "x := 1",
      "{",
      "é",
      "😀",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `package a\n${pieces.join(" ")}`;
        const { code } = readRego(text);
        expect(code.length).to.equal(text.length);
        expect(code.split("\n").length).to.equal(text.split("\n").length);
        expect(code).to.not.match(/["`#]/);
      }),
    );
  });

  it("lists the rules that are false by default and the plugins that are read", () => {
    const rego = readRego(
      `${HEAD}default deny = false\ndefault x := 1\ny := data.wasm.one.a + data.wasm.two # data.wasm.three`,
    );
    expect([...rulesFalseByDefault(rego)]).to.deep.equal(["allow", "deny"]);
    expect([...pluginsRead(rego)]).to.deep.equal(["one", "two"]);
  });
});
