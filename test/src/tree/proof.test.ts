import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { generate } from "../../../scripts/vectors/jmtProofs.ts";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { fromHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { EMPTY_ROOT } from "../../../src/tree/hasher.ts";
import {
  decodeProof,
  encodeProof,
  MAX_PROOF_BYTES,
  verifyAbsence,
  verifyInclusion,
} from "../../../src/tree/proof.ts";
import { PROOF_FAULTS } from "../../../src/tree/proofFault.ts";
import { VersionedTree } from "../../../src/tree/versionedTree.ts";
import { at } from "../../helpers/at.ts";
import { codeOf } from "../../helpers/codes.ts";
import { solidityEnum } from "./solidityEnum.ts";

const PATH = "test/vectors/jmtProofs.json";
const vectors: {
  names: string[];
  kinds: number[];
  roots: string[];
  keys: string[];
  valueHashes: string[];
  proofs: string[];
  faultNames: string[];
} = JSON.parse(readFileSync(PATH, "utf8"));

function vector(i: number) {
  return {
    claim: {
      root: bytes32<StateRoot>(at(vectors.roots, i)),
      key: bytes32<TreeKey>(at(vectors.keys, i)),
      valueHash: bytes32<ValueHash>(at(vectors.valueHashes, i)),
    },
    proof: fromHex(at(vectors.proofs, i)),
    verify: at(vectors.kinds, i) === 0 ? verifyInclusion : verifyAbsence,
    fault: at(vectors.faultNames, i),
  };
}

/** Every vector that carries the id must fail, as it says. */
function refusesVectorsOf(id: string): void {
  const indexes = vectors.names.flatMap((name, i) => (name.includes(`; ${id} `) ? [i] : []));
  expect(indexes.length, id).to.be.at.least(5);
  for (const i of indexes) {
    const { claim, proof, verify, fault } = vector(i);
    expect(fault, at(vectors.names, i)).not.to.equal("None");
    expect(verify(claim, proof), at(vectors.names, i)).to.equal(fault);
  }
}

function treeOf(count: number) {
  const tree = new VersionedTree();
  const keys = Array.from({ length: count }, (_, i) => keccak256<TreeKey>(tag(`key ${i}`)));
  tree.commit(tree.stage(keys.map((key) => [key, keccak256<ValueHash>(key)] as const)));
  return { tree, keys };
}

describe("proof", () => {
  it("the vector file is what its generator writes", () => {
    expect(generate()).to.equal(readFileSync(PATH, "utf8"));
  });

  it("names the faults of the Solidity enum, in its order", () => {
    expect(PROOF_FAULTS).to.deep.equal(solidityEnum("ProofFault"));
  });

  it("gives every vector its verdict", () => {
    expect(vectors.names.length).to.be.greaterThanOrEqual(700);
    vectors.names.forEach((name, i) => {
      const { claim, proof, verify, fault } = vector(i);
      expect(verify(claim, proof), name).to.equal(fault);
    });
  });

  it("JMT-01: refuses an internal node's hash as a leaf", () => refusesVectorsOf("JMT-01"));
  it("JMT-02: refuses a proof cut short", () => refusesVectorsOf("JMT-02"));
  it("JMT-03: refuses more siblings and bytes left over", () => refusesVectorsOf("JMT-03"));
  it("JMT-04: refuses a depth out of range", () => refusesVectorsOf("JMT-04"));
  it("JMT-05: refuses absence by a leaf from elsewhere", () => refusesVectorsOf("JMT-05"));
  it("JMT-06: refuses absence by the key's own leaf", () => refusesVectorsOf("JMT-06"));
  it("JMT-07: refuses absence by an empty slot that is not there", () =>
    refusesVectorsOf("JMT-07"));
  it("JMT-08: refuses the placeholder as sibling or value", () => refusesVectorsOf("JMT-08"));
  it("JMT-10: refuses siblings swapped or in reverse", () => refusesVectorsOf("JMT-10"));
  it("JMT-12: refuses a value that is another leaf's hash", () => refusesVectorsOf("JMT-12"));
  it("JMT-21: refuses a proof of the other kind", () => refusesVectorsOf("JMT-21"));
  it("JMT-23: refuses root zero and the empty root", () => refusesVectorsOf("JMT-23"));

  it("JMT-13: proves keys that share any number of bits, in both halves of every nibble", () => {
    const base = keccak256<TreeKey>(tag("base"));
    for (let shared = 0; shared < 256; shared++) {
      const beside = Uint8Array.from(base);
      beside[shared >> 3] = (beside[shared >> 3] ?? 0) ^ (0x80 >> (shared & 7));
      const keys = [base, bytes32<TreeKey>(beside)];
      const tree = VersionedTree.restore(
        1n,
        keys.map((key) => [key, keccak256<ValueHash>(key)] as const),
      );
      for (const key of keys) {
        const proof = tree.prove(key);
        expect(decodeProof(proof).siblings.length).to.equal(shared + 1);
        const claim = { root: tree.root(), key, valueHash: keccak256<ValueHash>(key) };
        expect(verifyInclusion(claim, proof)).to.equal("None");
      }
    }
  });

  it("has a vector for every fault", () => {
    expect(new Set(vectors.faultNames)).to.deep.equal(new Set(PROOF_FAULTS));
  });

  it("JMT-22: decodes and encodes every proof that holds to the same bytes", () => {
    vectors.faultNames.forEach((fault, i) => {
      if (fault !== "None") return;
      const { proof } = vector(i);
      expect(encodeProof(decodeProof(proof))).to.deep.equal(proof);
      expect(proof.length).to.be.at.most(MAX_PROOF_BYTES);
    });
  });

  it("JMT-22: refuses to decode a proof without its canonical form", () => {
    const formFaults = new Set<string>(PROOF_FAULTS.slice(1, 8));
    formFaults.delete("ProofKindMismatch");
    let count = 0;
    vectors.faultNames.forEach((fault, i) => {
      if (!formFaults.has(fault)) return;
      expect(
        codeOf(() => decodeProof(vector(i).proof)),
        at(vectors.names, i),
      ).to.equal("E_PROOF");
      count++;
    });
    expect(count).to.be.greaterThan(50);
  });

  it("TRE4 JMT-09: refuses a proof with any one bit flipped", () => {
    const { tree, keys } = treeOf(40);
    const root = tree.root();
    const key = at(keys, 7);
    const absent = keccak256<TreeKey>(tag("absent"));
    const present = { root, key, valueHash: keccak256<ValueHash>(key) };
    for (const [proof, verify] of [
      [tree.prove(key), (p: Uint8Array) => verifyInclusion(present, p)],
      [tree.prove(absent), (p: Uint8Array) => verifyAbsence({ root, key: absent }, p)],
    ] as const) {
      expect(verify(proof)).to.equal("None");
      for (let bit = 0; bit < 8 * proof.length; bit++) {
        const edited = Uint8Array.from(proof);
        edited[bit >> 3] = at([...proof], bit >> 3) ^ (1 << (bit & 7));
        expect(verify(edited), `bit ${bit}`).not.to.equal("None");
      }
    }
  });

  it("TRE2 JMT-19: shows no key present and absent under one root", () => {
    const { tree, keys } = treeOf(64);
    const root = tree.root();
    fc.assert(
      fc.property(fc.nat(63), fc.nat(63), fc.constantFrom(1, 2), (i, j, terminal) => {
        const key = at(keys, i);
        const claim = { root, key, valueHash: keccak256<ValueHash>(key) };
        if (verifyInclusion(claim, tree.prove(key)) !== "None") return false;
        const stolen = decodeProof(tree.prove(at(keys, j)));
        const other = { kind: "other-leaf", key: at(keys, j), valueHash: claim.valueHash } as const;
        const kind = terminal === 1 ? ({ kind: "empty-slot" } as const) : other;
        const forged = encodeProof({ terminal: kind, siblings: stolen.siblings });
        // The leaf that is there, passed off as its own neighbour.
        const { siblings } = decodeProof(tree.prove(key));
        const own = { kind: "other-leaf", key, valueHash: claim.valueHash } as const;
        return [forged, encodeProof({ terminal: own, siblings })].every(
          (proof) => verifyAbsence({ root, key }, proof) !== "None",
        );
      }),
    );
  });

  it("JMT-23: shows nothing under root zero and no leaf under the empty root", () => {
    const { tree, keys } = treeOf(3);
    const key = at(keys, 0);
    const valueHash = keccak256<ValueHash>(key);
    for (const root of [bytes32<StateRoot>(new Uint8Array(32)), EMPTY_ROOT]) {
      expect(verifyInclusion({ root, key, valueHash }, tree.prove(key))).to.equal("RootMismatch");
    }
    expect(verifyAbsence({ root: EMPTY_ROOT, key }, fromHex("0x010000"))).to.equal("None");
  });
});
