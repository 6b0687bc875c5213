import { expect } from "chai";
import { land, landBatch } from "../../scripts/bench/landing.ts";
import { ledgerArguments } from "../../scripts/bench/ledger.ts";
import { openQuorumChain, type QuorumChain } from "../../scripts/bench/quorumChain.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { signedCommitAt } from "../../src/chain/signedCommits.ts";
import { signedCommitStruct } from "../../src/chain/transitionArgument.ts";
import {
  ISignedCommits__factory,
  IStateCommitRegistry__factory,
} from "../../typechain-types/index.js";
import { asyncCodeOf } from "../helpers/codes.ts";

/** Commits with the certificates of a real quorum, read from the transactions that landed them. */
describe("signedCommitAt", () => {
  let chain: QuorumChain;

  beforeEach(async () => {
    chain = await openQuorumChain(4);
    await land(chain);
    await landBatch(chain, 3);
  });

  async function read(sequenceNo: bigint) {
    const registry = await chain.registry.getAddress();
    const commits = IStateCommitRegistry__factory.connect(registry, chain.owner);
    return await signedCommitAt({ commits }, chain.ethers.provider, sequenceNo);
  }

  it("TRC4: gives what is attested, of a commit alone and of each of a batch, and of no other", async () => {
    await chain.tick();
    const contract = await chain.ethers.deployContract("TransitionVerifier", [
      ...ledgerArguments(chain.owner.address, await chain.registry.getAddress()),
    ]);
    const attests = ISignedCommits__factory.connect(await contract.getAddress(), chain.owner);
    for (const sequenceNo of [1n, 2n, 3n, 4n]) {
      const signed = await read(sequenceNo);
      expect(signed.commit.sequenceNo).to.equal(sequenceNo);
      expect(signed.digests.length).to.equal(sequenceNo === 1n ? 0 : 3);
      const struct = signedCommitStruct(signed);
      await chain.tick();
      await attests.attestCommit(struct);
      const digest = await chain.registry.digestOf(struct.commit);
      expect(await attests.isAttested(digest)).to.equal(true);
      const certificate = Uint8Array.from(signed.certificate);
      certificate[9] = (certificate[9] ?? 0) ^ 1;
      const other = { ...struct, commit: { ...struct.commit, timestamp: 1n } };
      for (const forged of [other, signedCommitStruct({ ...signed, certificate })]) {
        const isKnown = await attests.isAttested(await chain.registry.digestOf(forged.commit));
        if (isKnown) continue;
        await expect(attests.attestCommit.staticCall(forged)).to.be.revertedWithCustomError(
          attests,
          "InvalidCommit",
        );
      }
    }
  });

  it("E_EVENTS_MISSING: names a commit that was not made", async () => {
    expect(await asyncCodeOf(() => read(5n))).to.equal("E_EVENTS_MISSING");
  });

  it("E_TRANSACTION: names a commit that another contract landed", async () => {
    const { provider } = chain.ethers;
    const registry = await chain.registry.getAddress();
    const commits = IStateCommitRegistry__factory.connect(registry, chain.owner);
    // The node says that the transaction did something else.
    const found = await commits.queryFilter(
      commits.filters["StateRootCommitted(uint64,bytes32,bytes32,uint64,bytes32,bytes32)"](1n),
    );
    const real = await found[0]?.getTransaction();
    const getTransaction = async () => ({ ...real, data: "0x12345678", value: 0n });
    const lying = Object.assign(Object.create(provider), { getTransaction });
    const through = IStateCommitRegistry__factory.connect(registry, lying);
    const code = await asyncCodeOf(() => signedCommitAt({ commits: through }, provider, 1n));
    expect(code).to.equal("E_TRANSACTION");
    expect(fromHex(registry).length).to.equal(20);
  });
});
