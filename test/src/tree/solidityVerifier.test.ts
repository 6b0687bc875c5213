import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { fromHex, toHex } from "../../../src/bytes/hex.ts";
import { checkLeaf, LEAF_FAULTS } from "../../../src/state/leaf.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { PROOF_FAULTS, type ProofFault } from "../../../src/tree/proofFault.ts";
import { at } from "../../helpers/at.ts";
import { type Claimed, FORGERS } from "../../helpers/forgeries.ts";
import { PlainTree } from "../../helpers/plainTree.ts";
import { Random } from "../../helpers/random.ts";
import { claimsOf } from "./forgedClaims.ts";

const proofs: { roots: string[]; keys: string[]; valueHashes: string[]; proofs: string[] } =
  JSON.parse(readFileSync("test/vectors/jmtProofs.json", "utf8"));
const leaves: { keys: string[]; records: string[] } = JSON.parse(
  readFileSync("test/vectors/leafRecords.json", "utf8"),
);

/**
 * How many (tree, proof, verdict) triples TypeScript, Solidity and the plain tree judge: 10,000 unless `TREE_TRIPLES` in the
 * environment says otherwise; 100,000 is the profile for a release.
 */
const TRIPLES = Number(process.env.TREE_TRIPLES ?? 10_000);
/** Triples per call of the harness. */
const CALL_TRIPLES = 200;

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

const NO_VALUE = bytes32<ValueHash>(new Uint8Array(32));

/** What TypeScript says of a claim. */
function verdictOf({ root, key, valueHash, proof }: Claimed): ProofFault {
  return valueHash === undefined
    ? verifyAbsence({ root, key }, proof)
    : verifyInclusion({ root, key, valueHash }, proof);
}

/** Whether a claim is true of the plain tree, and its proof the one that the plain tree makes. */
function isTrueOf(tree: PlainTree, { root, key, valueHash, proof }: Claimed): boolean {
  const held = tree.get(key);
  const isHeld =
    held === undefined || valueHash === undefined
      ? held === valueHash
      : equalBytes(held, valueHash);
  return isHeld && equalBytes(tree.root(), root) && equalBytes(tree.prove(key), proof);
}

/** `count` claims, every other one true and the others forged in every way in turn, each with the plain tree it is about. */
function* triples(count: number): Generator<{ tree: PlainTree; claimed: Claimed }> {
  const random = new Random(24);
  const ways = Object.values(FORGERS);
  let made = 0;
  for (let world = 0; made < count; world++) {
    const { entries, claims, source } = claimsOf(random, at([1, 2, 3, 9, 40, 300], world % 6));
    const tree = PlainTree.restore(1n, entries);
    for (let turn = 0; turn < 400 && made < count; turn++) {
      const claimed = random.pick(claims);
      const way = at(ways, turn % ways.length);
      const forged = turn % 2 === 0 ? claimed : way(claimed, source);
      if (forged === undefined) continue;
      made++;
      yield { tree, claimed: forged };
    }
  }
}

describe("Solidity verifiers", () => {
  async function deploy() {
    const { ethers } = await network.create("mainnet");
    return ethers.deployContract("TreeHarness");
  }

  it(`JMT-24: agree with TypeScript and the plain tree on ${TRIPLES} triples`, async function () {
    this.timeout(60_000 + 6 * TRIPLES);
    const { ethers } = await network.create("mainnet");
    const harness = await ethers.deployContract("MultiProofHarness");
    let [judged, held] = [0, 0];
    const judge = async (batch: readonly { tree: PlainTree; claimed: Claimed }[]) => {
      const argument = batch.map(({ claimed: { root, key, valueHash = NO_VALUE, proof } }) => ({
        root: toHex(root),
        leaves: [{ key: toHex(key), valueHash: toHex(valueHash) }],
        proof: toHex(proof),
      }));
      const faults = await harness.trySingles(argument);
      for (const [i, { tree, claimed }] of batch.entries()) {
        const verdict = verdictOf(claimed);
        expect(PROOF_FAULTS[Number(faults[i])]).to.equal(verdict);
        expect(verdict === "None").to.equal(isTrueOf(tree, claimed));
        judged++;
        if (verdict === "None") held++;
      }
    };
    let batch: { tree: PlainTree; claimed: Claimed }[] = [];
    for (const triple of triples(TRIPLES)) {
      batch.push(triple);
      if (batch.length < CALL_TRIPLES) continue;
      await judge(batch);
      batch = [];
    }
    await judge(batch);
    expect(judged).to.equal(TRIPLES);
    expect(held).to.be.within(TRIPLES / 3, (2 * TRIPLES) / 3);
  });

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
