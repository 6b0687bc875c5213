import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect } from "chai";
import { createKeyFile, readKeyFile } from "../../../src/operators/keyFile.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { temporaryFolder } from "../../helpers/localNetwork.ts";

describe("key file", () => {
  const random = (length: number) => randomBytes(length);
  let path: string;

  beforeEach(() => {
    path = join(temporaryFolder(), "bls.key");
  });

  it("gives back the key that was made, and only its owner may read it", () => {
    const made = createKeyFile(path, random);
    expect(readKeyFile(path).keyG1.equals(made.keyG1)).to.equal(true);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it("KEY-01: refuses a file that others can read", async () => {
    createKeyFile(path, random);
    chmodSync(path, 0o644);
    expect(await asyncCodeOf(() => readKeyFile(path))).to.equal("E_KEY_FILE");
  });

  it("KEY-01: refuses a symbolic link", async () => {
    createKeyFile(path, random);
    symlinkSync(path, `${path}.link`);
    expect(await asyncCodeOf(() => readKeyFile(`${path}.link`))).to.equal("E_KEY_FILE");
  });

  it("makes no key over an existing one", async () => {
    createKeyFile(path, random);
    const before = readFileSync(path);
    expect(await asyncCodeOf(() => createKeyFile(path, random))).to.equal("E_KEY_FILE");
    expect(readFileSync(path)).to.deep.equal(before);
  });

  it("KEY-08: refuses a file that is missing, truncated or no key", async () => {
    expect(await asyncCodeOf(() => readKeyFile(path))).to.equal("E_KEY_FILE");
    for (const text of ["", "ab", "z".repeat(64), "0".repeat(63)]) {
      writeFileSync(path, text, { mode: 0o600 });
      expect(await asyncCodeOf(() => readKeyFile(path))).to.equal("E_KEY_FILE");
    }
    writeFileSync(path, "0".repeat(64), { mode: 0o600 });
    expect(await asyncCodeOf(() => readKeyFile(path))).to.equal("E_SECRET_KEY");
  });

  it("KEY-02: repeats a secret in no error", () => {
    const secret = "deadbeef".repeat(8);
    writeFileSync(path, `${secret}!`, { mode: 0o600 });
    try {
      readKeyFile(path);
      expect.fail("expected a refusal");
    } catch (error) {
      expect(inspect(error, { depth: 10 })).not.to.include("deadbeef");
    }
  });
});
