import { expect } from "chai";
import { bytes32 } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import type { Decision } from "../../../src/challenge/decision.ts";
import type { CertifiedCommit } from "../../../src/challenge/evidence.ts";
import {
  decodeEvidenceFile,
  encodeEvidenceFile,
  type HandedIn,
  MAX_EVIDENCE_FILE_BYTES,
  pieceId,
} from "../../../src/challenge/evidenceFile.ts";
import { isObservation } from "../../../src/challenge/observation.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";

const filled = (byte: number) => new Uint8Array(32).fill(byte);

const CERTIFIED: CertifiedCommit = {
  commit: {
    version: 2,
    sequenceNo: 2n ** 64n - 1n,
    prevStateRoot: bytes32(filled(1)),
    newStateRoot: bytes32(filled(2)),
    timestamp: 1_800_000_000n,
    daCertHash: bytes32(filled(3)),
    pcr0Commitment: bytes32(filled(0)),
  },
  before: [bytes32(filled(4))],
  behind: [],
  certificate: new Uint8Array([1, 2, 3]),
};

const DECISION: Decision = {
  taskId: bytes32(filled(1)),
  client: new Uint8Array(20).fill(2),
  policyInstanceId: bytes32(filled(3)),
  policyTemplateRef: bytes32(filled(4)),
  paramsHash: bytes32(filled(5)),
  policyDataInstanceIds: [bytes32(filled(6)), bytes32(filled(7))],
  expireAfterBlocks: 2 ** 32 - 1,
  regoHash: bytes32(filled(8)),
  paramsSchemaHash: bytes32(filled(9)),
  entrypointHash: bytes32(filled(10)),
  environment: 65_535,
  bindingNameHashes: [bytes32(filled(11))],
  policyDataRefs: [],
  referenceBlock: 17n,
  isAllowed: true,
};

const certificate = new Uint8Array([9]);
const ALL: readonly HandedIn[] = [
  { kind: "equivocation", one: CERTIFIED, other: { ...CERTIFIED, before: [] } },
  { kind: "wrong-identity", decision: DECISION, certificate },
  { kind: "stale-instance", decision: { ...DECISION, isAllowed: false }, certificate },
  { kind: "certified-commit", ...CERTIFIED },
  { kind: "decision", decision: DECISION, certificate },
];

describe("file of evidence", () => {
  it("tells observations from accusations, and each piece from another by its id", () => {
    const seen = ALL.filter(isObservation).map(({ kind }) => kind);
    expect(seen).to.deep.equal(["certified-commit", "decision"]);
    expect(new Set(ALL.map(pieceId)).size).to.equal(ALL.length);
    const [first] = ALL;
    if (first === undefined) return expect.fail("no evidence");
    expect(pieceId({ ...first })).to.equal(pieceId(first));
  });

  it("gives back what was written, of every kind", () => {
    expect(decodeEvidenceFile(encodeEvidenceFile(ALL), "file")).to.deep.equal(ALL);
    expect(decodeEvidenceFile(encodeEvidenceFile([]), "file")).to.deep.equal([]);
  });

  const text = new TextDecoder().decode(encodeEvidenceFile(ALL));
  for (const [why, from, to] of [
    ["it is no JSON", "{", "["],
    ["its version is unknown", '"version": 1', '"version": 2'],
    ["a kind is not handed in", '"wrong-identity"', '"rewrite"'],
    ["a field is missing", '"timestamp": "1800000000",', ""],
    ["a field is unknown", '"isAllowed": true', '"isAllowed": true, "more": 1'],
    ["a key is there twice", '"isAllowed": true', '"isAllowed": true, "isAllowed": true'],
    ["hex is upper case", `0x${"0b".repeat(32)}`, `0x${"0B".repeat(32)}`],
    ["a word is short", `0x${"08".repeat(32)}`, `0x${"08".repeat(31)}`],
    ["an address is long", `0x${"02".repeat(20)}"`, `0x${"02".repeat(21)}"`],
    ["a certificate is empty", '"0x09"', '"0x"'],
    ["a number exceeds 64 bits", "18446744073709551615", "18446744073709551616"],
    ["a number exceeds 32 bits", "4294967295", "4294967296"],
    ["a number has a leading zero", '"17"', '"017"'],
    ["a flag is no boolean", '"isAllowed": true', '"isAllowed": 1'],
  ] as const) {
    it(`is refused when ${why}`, async () => {
      expect(text).to.include(from);
      const changed = tag(text.replace(from, to));
      expect(await asyncCodeOf(() => decodeEvidenceFile(changed, "file"))).to.equal(
        "E_EVIDENCE_FILE",
      );
    });
  }

  it("is refused when it is longer than its bound, or has more than 64 pieces", async () => {
    const long = tag(text.padEnd(MAX_EVIDENCE_FILE_BYTES + 1));
    expect(await asyncCodeOf(() => decodeEvidenceFile(long, "file"))).to.equal("E_EVIDENCE_FILE");
    const [, , one] = ALL;
    if (one === undefined) return expect.fail("no evidence");
    const many = encodeEvidenceFile(Array.from({ length: 65 }, () => one));
    expect(await asyncCodeOf(() => decodeEvidenceFile(many, "file"))).to.equal("E_EVIDENCE_FILE");
    expect(decodeEvidenceFile(encodeEvidenceFile(Array(64).fill(one)), "file").length).to.equal(64);
  });
});
