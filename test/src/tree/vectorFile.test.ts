import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  checkVectorFile,
  parseVectorFile,
  VECTOR_FILE_LIMITS,
} from "../../../src/tree/vectorFile.ts";
import { codeOf } from "../../helpers/codes.ts";

const text = readFileSync("test/vectors/jmt-keccak256.json", "utf8");
const key = `0x${"11".repeat(32)}`;
const empty = "0x5350415253455f4d45524b4c455f504c414345484f4c4445525f484153485f5f";

function fileWith(set: unknown, root: unknown = empty, name: unknown = "a"): string {
  return JSON.stringify({ hash: "keccak256", trees: [{ name, versions: [{ set, root }] }] });
}

describe("vectorFile", () => {
  it("TRE6: agrees with every root of the Rust crate jmt", () => {
    const report = checkVectorFile(parseVectorFile(text));
    expect(report).to.deep.equal({ treeCount: 13, versionCount: 28, updateCount: 511 });
  });

  it("names the first root that differs", () => {
    const file = JSON.parse(text);
    file.trees[10].versions[2].root = empty;
    const { difference } = checkVectorFile(parseVectorFile(JSON.stringify(file)));
    expect(difference?.tree).to.equal(file.trees[10].name);
    expect(difference?.versionIndex).to.equal(2);
    expect(difference?.expected).to.equal(empty);
    expect(difference?.got).not.to.equal(empty);
  });

  it("refuses what is no JSON, another hash, and anything without its form", () => {
    expect(codeOf(() => parseVectorFile("{"))).to.equal("E_VECTOR_SYNTAX");
    expect(codeOf(() => parseVectorFile('{"hash":"sha256","trees":[]}'))).to.equal("E_VECTOR_HASH");
    for (const malformed of [
      "[]",
      "null",
      '{"hash":"keccak256"}',
      '{"hash":"keccak256","trees":[1]}',
      fileWith([], empty, 1),
      fileWith([], empty, "a".repeat(201)),
      fileWith({}),
      fileWith([], "0x00"),
      fileWith([], 1),
      fileWith([[key]]),
      fileWith([[key, "0x", 1]]),
      fileWith([["0x11", "0x"]]),
      fileWith([[key, "no hex"]]),
      fileWith([[key, 5]]),
      fileWith(["ab"]),
    ]) {
      expect(
        codeOf(() => parseVectorFile(malformed)),
        malformed.slice(0, 80),
      ).to.equal("E_VECTOR_FORMAT");
    }
  });

  it("refuses a file or a value beyond its bounds", () => {
    const long = " ".repeat(VECTOR_FILE_LIMITS.fileBytes + 1);
    expect(codeOf(() => parseVectorFile(long))).to.equal("E_VECTOR_LIMIT");
    const value = `0x${"00".repeat(VECTOR_FILE_LIMITS.valueBytes + 1)}`;
    expect(codeOf(() => parseVectorFile(fileWith([[key, value]])))).to.equal("E_VECTOR_LIMIT");
  });

  it("JMT-14: refuses a version that sets a key twice", () => {
    const file = parseVectorFile(
      fileWith([
        [key, "0x"],
        [key, null],
      ]),
    );
    expect(codeOf(() => checkVectorFile(file))).to.equal("E_DUPLICATE_KEY");
  });
});
