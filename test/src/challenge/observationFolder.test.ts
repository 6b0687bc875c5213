import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { bytes32 } from "../../../src/bytes/brand.ts";
import {
  encodeEvidenceFile,
  MAX_EVIDENCE_FILE_BYTES,
} from "../../../src/challenge/evidenceFile.ts";
import type { CommitObservation } from "../../../src/challenge/observation.ts";
import {
  KEPT_OBSERVATIONS,
  MAX_OBSERVATION_BYTES,
  MAX_OBSERVATION_FILES,
  MAX_OBSERVED_PIECES,
  readEvidenceFile,
  readHandedIn,
  writeObservation,
} from "../../../src/challenge/observationFolder.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { temporaryFolder } from "../../helpers/localNetwork.ts";

function seen(sequenceNo: bigint, byte = 1): CommitObservation {
  const word = new Uint8Array(32).fill(byte);
  return {
    kind: "certified-commit",
    commit: {
      version: 2,
      sequenceNo,
      prevStateRoot: bytes32(word),
      newStateRoot: bytes32(word),
      timestamp: 9n,
      daCertHash: bytes32(word),
      pcr0Commitment: bytes32(new Uint8Array(32)),
    },
    before: [],
    behind: [],
    certificate: Uint8Array.of(byte),
  };
}

describe("folder of observations", () => {
  let folder: string;
  beforeEach(() => {
    folder = join(temporaryFolder(), "observations");
  });

  it("gives back what was written, the highest number first, and one file for one observation", () => {
    expect(readHandedIn(folder)).to.deep.equal({ pieces: [], warnings: [] });
    const path = writeObservation(folder, seen(9n));
    expect(writeObservation(folder, seen(9n))).to.equal(path);
    writeObservation(folder, seen(10n));
    expect(path).to.match(/\/commit-0{19}9-[0-9a-f]{64}\.json$/);
    expect(readdirSync(folder).length).to.equal(2);
    const { pieces, warnings } = readHandedIn(folder);
    expect([pieces, warnings]).to.deep.equal([[seen(10n), seen(9n)], []]);
    expect(readHandedIn(path)).to.deep.equal({ pieces: [seen(9n)], warnings: [] });
  });

  it("keeps as many of each kind as a registry keeps roots", () => {
    mkdirSync(folder);
    const bytes = encodeEvidenceFile([]);
    for (let i = 0; i < KEPT_OBSERVATIONS; i++) {
      writeFileSync(join(folder, `commit-${String(i).padStart(20, "0")}-x.json`), bytes);
    }
    writeFileSync(join(folder, "decision-1.json"), bytes);
    writeObservation(folder, seen(1_000_000n));
    const names = readdirSync(folder).sort();
    expect(names.length).to.equal(KEPT_OBSERVATIONS + 1);
    expect(names[0]).to.equal("commit-00000000000000000001-x.json");
  });

  it("E_EVIDENCE_FILE: goes on behind whatever is malformed, too long, a folder or a link, and says so", () => {
    writeObservation(folder, seen(1n));
    writeFileSync(join(folder, "a.json"), "{");
    writeFileSync(join(folder, "b.json"), new Uint8Array(MAX_EVIDENCE_FILE_BYTES + 1));
    mkdirSync(join(folder, "d.json"));
    symlinkSync("/dev/zero", join(folder, "e.json"));
    writeFileSync(join(folder, "ignored.txt"), "");
    const { pieces, warnings } = readHandedIn(folder);
    expect(pieces).to.deep.equal([seen(1n)]);
    expect(warnings.map(({ source, code }) => [source, code])).to.deep.equal(
      ["e", "d", "b", "a"].map((name) => [join(folder, `${name}.json`), "E_EVIDENCE_FILE"]),
    );
  });

  it("E_EVIDENCE_FILE: names a file that is no evidence to who named it", async () => {
    const path = join(temporaryFolder(), "evidence.json");
    writeFileSync(path, '{"version":1}');
    expect(await asyncCodeOf(() => readEvidenceFile(path))).to.equal("E_EVIDENCE_FILE");
    expect(await asyncCodeOf(() => readEvidenceFile(`${path}.absent`))).to.equal("E_EVIDENCE_FILE");
    expect(readHandedIn(path).warnings.map(({ code }) => code)).to.deep.equal(["E_EVIDENCE_FILE"]);
  });

  it("E_OBSERVATION_LIMIT: reads so many files and bytes of one folder, and says that there are more", () => {
    mkdirSync(folder);
    const none = encodeEvidenceFile([]);
    for (let i = 0; i <= MAX_OBSERVATION_FILES; i++) {
      writeFileSync(join(folder, `${String(i).padStart(5, "0")}.json`), none);
    }
    const many = readHandedIn(folder);
    expect(many.warnings.map(({ code }) => code)).to.deep.equal(["E_OBSERVATION_LIMIT"]);

    const large = join(temporaryFolder(), "large");
    mkdirSync(large);
    const padded = `${new TextDecoder().decode(none).trimEnd()}${" ".repeat(MAX_EVIDENCE_FILE_BYTES - none.length)}`;
    const fitting = Math.floor(MAX_OBSERVATION_BYTES / padded.length);
    for (let i = 0; i <= fitting; i++) writeFileSync(join(large, `${i + 10}.json`), padded);
    const { warnings } = readHandedIn(large);
    expect(warnings.map(({ source, code }) => [source, code])).to.deep.equal([
      [join(large, "10.json"), "E_OBSERVATION_LIMIT"],
    ]);
  });

  it("E_OBSERVATION_LIMIT: gives so many pieces of one folder, however many a file has", () => {
    mkdirSync(folder);
    const full = encodeEvidenceFile(Array(64).fill(seen(1n)));
    const fitting = MAX_OBSERVED_PIECES / 64;
    for (let i = 0; i < fitting; i++) writeFileSync(join(folder, `${i}.json`), full);
    expect(readHandedIn(folder).warnings).to.deep.equal([]);
    writeFileSync(join(folder, "more.json"), encodeEvidenceFile([seen(2n)]));
    const { pieces, warnings } = readHandedIn(folder);
    expect(pieces.length).to.equal(MAX_OBSERVED_PIECES);
    expect(warnings.map(({ code }) => code)).to.deep.equal(["E_OBSERVATION_LIMIT"]);
  });

  it("E_STORE_IO: names what keeps it from being written, and leaves nothing", async () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, "kept");
    expect(await asyncCodeOf(() => writeObservation(path, seen(1n)))).to.equal("E_STORE_IO");
    expect(readFileSync(path, "utf8")).to.equal("kept");
  });
});
