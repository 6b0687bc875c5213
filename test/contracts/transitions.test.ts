import { expect } from "chai";
import { network } from "hardhat";
import { ledgerArguments } from "../../scripts/bench/ledger.ts";
import type { StateRoot } from "../../src/bytes/brand.ts";
import { tag, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { transitionStruct } from "../../src/chain/transitionArgument.ts";
import type { TransitionEvidence } from "../../src/challenge/transitionEvidence.ts";
import { judgeTransition, TRANSITION_FAULTS } from "../../src/challenge/transitionFault.ts";
import { transitionStep, updatesBy } from "../../src/sim/transitionStep.ts";
import type { DeltaLeaf } from "../../src/state/delta.ts";
import { contentKey, treeKeyOf } from "../../src/state/key.ts";
import { encodeHeader } from "../../src/state/leaf.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";
import { Random } from "../helpers/random.ts";

const HISTORIES = 400;
const COMMITS = 25;
const CHAIN_ID = 1n;

/** What an honest quorum may write next: some leaves anew, some again, some removed, never none in all. */
function nextLeaves(tree: VersionedTree, random: Random): DeltaLeaf[] {
  const sequenceNo = tree.head + 1n;
  const below = (bound: number) => random.below(bound);
  const leaves = new Map<string, DeltaLeaf>();
  for (let i = below(5); i >= 0; i--) {
    const namespace = 1 + below(5);
    const content = tag(`${sequenceNo} ${i} ${below(1_000)}`.repeat(1 + below(9)));
    const id = keccak256(uintBytes(below(40), 4));
    const key =
      namespace < 4 ? treeKeyOf(namespace, id) : contentKey(namespace, keccak256(content));
    const isRemoved = namespace < 4 && below(3) === 0 && tree.get(key) !== undefined;
    const contentLength = BigInt(content.length);
    const header = encodeHeader({ version: 1, namespace, flags: 0, contentLength, sequenceNo });
    const leaf = isRemoved ? ({ operation: "delete", key } as const) : null;
    leaves.set(toHex(key), leaf ?? { operation: "put", key, header, content });
  }
  return [...leaves.values()];
}

describe("TransitionVerifier beside its TypeScript twin", function () {
  this.timeout(600_000);

  it(`TRC1 CHL-03: finds no fault in ${HISTORIES * COMMITS} honest commits of ${HISTORIES} histories, and the one lie told after each`, async () => {
    const { ethers } = await network.create({ network: "mainnet", chainType: "l1" });
    const registry = await ethers.deployContract("CommitStandingMock");
    const [sender] = await ethers.getSigners();
    const judge = await ethers.deployContract("TransitionVerifier", [
      ...ledgerArguments(sender?.address ?? "", await registry.getAddress()),
    ]);
    const harness = await ethers.deployContract("TransitionHarness");
    let honest = 0;
    for (let history = 0; history < HISTORIES; history++) {
      const random = new Random(history);
      const tree = new VersionedTree();
      const evidence: TransitionEvidence[] = [];
      for (let i = 0; i < COMMITS; i++) {
        const leaves = nextLeaves(tree, random);
        evidence.push(transitionStep(tree, CHAIN_ID, leaves));
        tree.commit(tree.stage(updatesBy(leaves)));
      }
      const newStateRoot = keccak256<StateRoot>(tag("lie"), tree.root());
      evidence.push(transitionStep(tree, CHAIN_ID, nextLeaves(tree, random), { newStateRoot }));
      await registry.setRoots(
        1n,
        evidence.map(({ signed }) => toHex(signed.commit.newStateRoot)),
      );
      const asked = evidence.map(transitionStruct);
      const [verdicts, faults] = await harness.judgeMany(await judge.getAddress(), asked);
      honest += verdicts.filter((verdict) => verdict === 2n).length;
      expect(verdicts.slice(0, -1).every((verdict) => verdict === 2n)).to.equal(true);
      expect([verdicts.at(-1), faults.at(-1)]).to.deep.equal([
        1n,
        BigInt(TRANSITION_FAULTS.indexOf("RootMismatch")),
      ]);
      const twin = evidence.map((each) => judgeTransition(each, CHAIN_ID).verdict);
      expect(twin).to.deep.equal([...Array(COMMITS).fill("NoFault"), "Proven"]);
    }
    expect(honest).to.equal(HISTORIES * COMMITS);
  });
});
