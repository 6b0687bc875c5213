import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { fromHex, toHex } from "../../../src/bytes/hex.ts";
import { checkLeaf, LEAF_FAULTS } from "../../../src/state/leaf.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { PROOF_FAULTS } from "../../../src/tree/proofFault.ts";
import { at } from "./codes.ts";

const proofs: { roots: string[]; keys: string[]; valueHashes: string[]; proofs: string[] } =
  JSON.parse(readFileSync("test/vectors/jmtProofs.json", "utf8"));
const leaves: { keys: string[]; records: string[] } = JSON.parse(
  readFileSync("test/vectors/leafRecords.json", "utf8"),
);

/** Some bytes overwritten, then cut or grown. */
const edit = fc.record({
  bytes: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }),
  cut: fc.nat(3),
  grow: fc.uint8Array({ maxLength: 3 }),
});

function apply(
  bytes: Uint8Array,
  { bytes: changes, cut, grow }: { bytes: [number, number][]; cut: number; grow: Uint8Array },
) {
  const out = Uint8Array.from([...bytes.subarray(0, Math.max(0, bytes.length - cut)), ...grow]);
  for (const [index, value] of changes) if (index < out.length) out[index] = value;
  return out;
}

describe("Solidity verifiers", () => {
  async function deploy() {
    const { ethers } = await network.create("mainnet");
    return ethers.deployContract("TreeHarness");
  }

  it("TRE3 JMT-24: give edited proofs the verdict that TypeScript gives them", async () => {
    const harness = await deploy();
    const index = fc.nat(proofs.proofs.length - 1);
    await fc.assert(
      fc.asyncProperty(index, fc.option(edit, { freq: 4 }), async (i, change) => {
        const root = bytes32<StateRoot>(at(proofs.roots, i));
        const key = bytes32<TreeKey>(at(proofs.keys, i));
        const valueHash = bytes32<ValueHash>(at(proofs.valueHashes, i));
        const original = fromHex(at(proofs.proofs, i));
        const proof = change === null ? original : apply(original, change);
        const args = [toHex(root), toHex(key)] as const;
        const inclusion = await harness.tryInclusion(...args, toHex(valueHash), toHex(proof));
        const absence = await harness.tryAbsence(...args, toHex(proof));
        expect(PROOF_FAULTS[Number(inclusion)]).to.equal(
          verifyInclusion({ root, key, valueHash }, proof),
        );
        expect(PROOF_FAULTS[Number(absence)]).to.equal(verifyAbsence({ root, key }, proof));
      }),
      { numRuns: 400 },
    );
  });

  it("give edited leaf records the verdict that TypeScript gives them", async () => {
    const harness = await deploy();
    const check = harness.getFunction("checkLeaf(bytes32,bytes,uint64)");
    const index = fc.nat(leaves.records.length - 1);
    await fc.assert(
      fc.asyncProperty(index, edit, fc.bigInt(0n, 8n), async (i, change, provedUnder) => {
        const key = bytes32<TreeKey>(at(leaves.keys, i));
        const small = {
          ...change,
          bytes: change.bytes.map(([at, to]) => [at % 60, to % 10] as [number, number]),
        };
        const record = apply(fromHex(at(leaves.records, i)), small);
        const fault = await check(toHex(key), toHex(record), provedUnder);
        expect(LEAF_FAULTS[Number(fault)]).to.equal(checkLeaf(key, record, provedUnder));
      }),
      { numRuns: 300 },
    );
  });
});
