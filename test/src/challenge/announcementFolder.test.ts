import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { AnnouncementFolder } from "../../../src/challenge/announcementFolder.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { temporaryFolder } from "../../helpers/localNetwork.ts";

const FAULT = {
  ledger: `0x${"aB".repeat(20)}`,
  faultId: `0x${"11".repeat(32)}`,
  challenger: `0x${"cD".repeat(20)}`,
};

describe("folder of announcements", () => {
  let path: string;
  let count: number;
  const open = () => new AnnouncementFolder(path, (length) => new Uint8Array(length).fill(++count));

  beforeEach(() => {
    path = join(temporaryFolder(), "challenger", "announced");
    count = 0;
  });

  it("keeps one salt for one fault, for its owner alone, across a restart", () => {
    expect(open().all()).to.deep.equal([]);
    const note = open().noteFor(FAULT);
    expect(note).to.deep.equal({
      ledger: FAULT.ledger.toLowerCase(),
      faultId: FAULT.faultId,
      challenger: FAULT.challenger.toLowerCase(),
      salt: `0x${"01".repeat(32)}`,
    });
    const [name = ""] = readdirSync(path);
    expect(statSync(join(path, name)).mode & 0o777).to.equal(0o600);
    expect(statSync(path).mode & 0o777).to.equal(0o700);
    expect(open().noteFor(FAULT)).to.deep.equal(note);
    const other = open().noteFor({ ...FAULT, faultId: `0x${"22".repeat(32)}` });
    expect(other.salt).not.to.equal(note.salt);
    expect(open().all()).to.deep.equal([note, other]);
    open().forget(note);
    open().forget(note);
    expect(open().all()).to.deep.equal([other]);
  });

  it("E_ANNOUNCEMENT_FILE: names a note that is damaged, and leaves it", async () => {
    open().noteFor(FAULT);
    const [name = ""] = readdirSync(path);
    const file = join(path, name);
    const text = readFileSync(file, "utf8");
    for (const damaged of [
      "",
      text.replace('"version":1', '"version":2'),
      text.replace(/"salt":"0x../, '"salt":"0x'),
      text.padEnd(5_000),
    ]) {
      writeFileSync(file, damaged);
      expect(await asyncCodeOf(() => open().all())).to.equal("E_ANNOUNCEMENT_FILE");
      expect(await asyncCodeOf(() => open().noteFor(FAULT))).to.equal("E_ANNOUNCEMENT_FILE");
      expect(readFileSync(file, "utf8")).to.equal(damaged);
    }
  });
});
