import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { generate } from "../../../scripts/vectors/leafRecords.ts";
import { ARTIFACT_KINDS } from "../../../src/artifact/kinds.ts";
import { bytes32, type ContentHash, type TreeKey } from "../../../src/bytes/brand.ts";
import { fromHex, toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { contentKey, treeKeyOf } from "../../../src/state/key.ts";
import { checkLeaf, decodeHeader, encodeHeader, LEAF_FAULTS } from "../../../src/state/leaf.ts";
import { isAppendOnly, NAMESPACES, namespaceOf } from "../../../src/state/namespace.ts";
import { valueHash } from "../../../src/tree/hasher.ts";
import { at } from "../../helpers/at.ts";
import { codeOf } from "../../helpers/codes.ts";
import { solidityEnum } from "../tree/solidityEnum.ts";

const PATH = "test/vectors/leafRecords.json";
const vectors: {
  names: string[];
  keys: string[];
  records: string[];
  provedUnder: string[];
  valueHashes: string[];
  faultNames: string[];
} = JSON.parse(readFileSync(PATH, "utf8"));

describe("leaf", () => {
  it("the vector file is what its generator writes", () => {
    expect(generate()).to.equal(readFileSync(PATH, "utf8"));
  });

  it("names the faults of the Solidity enum, in its order", () => {
    expect(LEAF_FAULTS).to.deep.equal(solidityEnum("LeafFault"));
    expect(new Set(vectors.faultNames)).to.deep.equal(new Set(LEAF_FAULTS));
  });

  it("JMT-11: gives every vector its verdict and value hash", () => {
    vectors.names.forEach((name, i) => {
      const record = fromHex(at(vectors.records, i));
      const key = bytes32<TreeKey>(at(vectors.keys, i));
      const fault = checkLeaf(key, record, BigInt(at(vectors.provedUnder, i)));
      expect(fault, name).to.equal(at(vectors.faultNames, i));
      expect(toHex(valueHash(record)), name).to.equal(at(vectors.valueHashes, i));
    });
  });

  it("decodes every header that it encodes", () => {
    const u64 = fc.bigInt(0n, 2n ** 64n - 1n);
    const header = fc.record({
      version: fc.nat(255),
      namespace: fc.nat(255),
      flags: fc.nat(65_535),
      contentLength: u64,
      sequenceNo: u64,
    });
    fc.assert(
      fc.property(header, (h) => {
        expect(decodeHeader(encodeHeader(h))).to.deep.equal(h);
      }),
    );
  });

  it("refuses headers of another length and fields that do not fit", () => {
    expect(codeOf(() => decodeHeader(new Uint8Array(19)))).to.equal("E_TRUNCATED");
    expect(codeOf(() => decodeHeader(new Uint8Array(21)))).to.equal("E_TRAILING");
    const header = decodeHeader(new Uint8Array(20));
    expect(codeOf(() => encodeHeader({ ...header, flags: 65_536 }))).to.equal("E_RANGE");
    expect(codeOf(() => encodeHeader({ ...header, sequenceNo: 2n ** 64n }))).to.equal("E_RANGE");
  });
});

describe("namespace", () => {
  it("has numbers 1 to 9, the artifact kinds append-only", () => {
    expect([...NAMESPACES.keys()]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const kinds = Object.values(ARTIFACT_KINDS).map(({ namespace }): number => namespace);
    for (let namespace = 0; namespace < 256; namespace++) {
      expect(isAppendOnly(namespace)).to.equal(kinds.includes(namespace));
    }
  });
});

describe("key", () => {
  it("is the namespace and the first 31 bytes of the id", () => {
    const id = keccak256<ContentHash>(Uint8Array.of(1));
    const key = treeKeyOf(6, id);
    expect(namespaceOf(key)).to.equal(6);
    expect(key.subarray(1)).to.deep.equal(id.subarray(0, 31));
    expect(contentKey(6, id)).to.deep.equal(key);
  });

  it("is refused for a namespace that does not exist", () => {
    const id = keccak256(Uint8Array.of(1));
    for (const namespace of [0, 10, 255, -1, 256]) {
      expect(codeOf(() => treeKeyOf(namespace, id))).to.equal("E_NAMESPACE");
    }
  });
});
