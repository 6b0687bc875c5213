import { expect } from "chai";
import { findSecrets, requireNoSecrets } from "../../../src/artifact/secrets.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";

const utf8 = new TextEncoder();
/** Put together here, so that no file of this project has the form of a key. */
const GITHUB = ["ghp", "0123456789abcdefghijABCDEFGHIJ012345"].join("_");
const HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const PEM = ["-----BEGIN", "PRIVATE KEY-----\n"]
  .join(" ")
  .concat(
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n".repeat(4),
    ["-----END", "PRIVATE KEY-----"].join(" "),
  );
const rulesIn = async (bytes: Uint8Array) => (await findSecrets(bytes)).map(({ rule }) => rule);

describe("secrets", () => {
  it("are found by their format, and by the name they stand under", async () => {
    expect(await rulesIn(utf8.encode(`const t = "${GITHUB}";`))).to.deep.equal(["github"]);
    expect(await rulesIn(utf8.encode(PEM))).to.deep.equal(["privatekey"]);
    for (const text of [
      `API_KEY = "${HEX}"`,
      `"X-API-Key", "${HEX}"`,
      `{"secretKey": "${HEX}"}`,
      `password: '${HEX}'`,
    ]) {
      expect(await rulesIn(utf8.encode(text)), text).to.deep.equal(["assignment"]);
    }
  });

  it("are found in binaries, in one byte per character or two, and at the end of much else", async () => {
    const noise = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 31) % 256);
    for (const encoding of ["latin1", "utf16le"] as const) {
      const bytes = Buffer.concat([
        noise,
        Uint8Array.of(0, 0),
        Buffer.from(` ${GITHUB} `, encoding),
      ]);
      expect(await rulesIn(bytes), encoding).to.include("github");
    }
  });

  it("are not kept secret by a comment", async () => {
    const text = `/* secretlint-disable */\nconst t = "${GITHUB}";`;
    expect(await findSecrets(utf8.encode(text))).to.deep.equal([{ rule: "github", line: 2 }]);
  });

  it("are no hashes, accounts, words or placeholders", async () => {
    for (const text of [
      HEX,
      `"token": "0x${"ab12".repeat(10)}"`,
      'apiKey: "your-api-key-goes-here-please"',
      `"privateKey": "0x${"12ab".repeat(10)}"`,
    ]) {
      expect(await rulesIn(utf8.encode(text)), text).to.deep.equal([]);
    }
  });

  it("E_SECRET: names file, line and rule, and does not repeat the key", async () => {
    const bytes = utf8.encode(`\n\n${GITHUB}`);
    expect(await asyncCodeOf(() => requireNoSecrets(bytes, "a.ts"))).to.equal("E_SECRET");
    const message = await requireNoSecrets(bytes, "a.ts").catch((error: Error) => error.message);
    expect(message).to.match(/^a\.ts: line 3 .*github/);
    expect(message).to.not.contain("0123456789");
  });
});
