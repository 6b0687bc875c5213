import { readFileSync } from "node:fs";
import { expect } from "chai";
import hre from "hardhat";
import { simulatedControl } from "../../scripts/bench/chainControl.ts";
import { benchCommits, type GasReport } from "../../scripts/bench/gas.ts";
import { land } from "../../scripts/bench/landing.ts";
import { fillRing, openQuorumChain } from "../../scripts/bench/quorumChain.ts";
import { startHardhatNode } from "../../scripts/chain/hardhatNode.ts";
import type { NodeProcess } from "../../scripts/chain/nodeProcess.ts";
import { type Rehearsed, rehearse } from "../../scripts/chain/rehearsal.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { CERTIFICATE_FAULTS } from "../../src/operators/certificate.ts";

/**
 * The project on a fork of a real chain. Run by `npm run test:fork`, which sets OPS_FORK_TESTS; without it no test is
 * declared here. The chain is reached through the variable that is named; where that is not set, a local node with the
 * same chain id, in a process of its own, stands in for it.
 */

/** EigenLayer's BN254CertificateVerifier, on Ethereum mainnet and on Base. */
const EIGENLAYER_VERIFIER = "0x3F55654b2b2b86bB11bE2f72657f9C33bf88120A";

/** More than any commit with up to three of ten operators missing may cost, cold slots included. */
const COMMIT_GAS_LIMIT = 240_000n;

/** Whether a byte of addresses, times or hashes is zero moves a commit by 12 gas; a few of some 500 bytes are. */
const CALLDATA_GAS = 120;

const GAS_SNAPSHOT: GasReport = JSON.parse(
  readFileSync(new URL("../../snapshots/gas.json", import.meta.url), "utf8"),
);

/** A chain to fork. */
export interface ForkedChain {
  /** Network of the Hardhat configuration with this chain's id. */
  readonly network: "mainnet" | "base";
  readonly chainType: "l1" | "op";
  readonly chainId: bigint;
  /** Environment variable with the URL of a node. */
  readonly urlVariable: string;
}

/** Declares the tests for one chain. */
export function forkSuite(chain: ForkedChain): void {
  if (process.env.OPS_FORK_TESTS !== "1") return;
  const remoteUrl = process.env[chain.urlVariable];

  describe(`fork of ${chain.network}, from ${remoteUrl === undefined ? "a local node" : chain.urlVariable}`, function () {
    this.timeout(600_000);
    let node: NodeProcess | undefined;
    let fork: Awaited<ReturnType<typeof openFork>>;
    let rehearsed: Rehearsed;

    before(async () => {
      if (remoteUrl === undefined) {
        node = await startHardhatNode(chain.network, chain.chainType);
        await standIn(node);
      }
      fork = await openFork(chain, remoteUrl ?? node?.url ?? "");
    });
    after(async () => {
      await fork?.close();
      await node?.stop();
    });

    it("has the chain's id and goes on from its newest block", async () => {
      const { ethers } = fork;
      expect((await ethers.provider.getNetwork()).chainId).to.equal(chain.chainId);
      expect(await ethers.provider.getBlockNumber()).to.be.greaterThan(
        remoteUrl === undefined ? 1 : 20_000_000,
      );
    });

    it("deploys, enlists operators, commits with 0, 1 and 3 of them missing, and registers a policy", async () => {
      const { ethers, provider } = fork;
      const signers = await ethers.getSigners();
      rehearsed = await rehearse({
        network: chain.network,
        provider,
        ethersProvider: ethers.provider,
        signers,
      });
      expect(await rehearsed.contracts.commits.getSequenceNo()).to.equal(4n);
      for (const missing of [0, 1, 3]) {
        const used = rehearsed.gas[`commit, ${missing} of 10 missing`] ?? 0n;
        expect(used > 100_000n && used < COMMIT_GAS_LIMIT, `${used} gas`).to.equal(true);
      }
      for (const [what, used] of Object.entries(rehearsed.gas)) {
        console.log(`      ${`${used}`.padStart(10)}  ${what}`);
      }
    });

    it("costs per commit what the gas snapshot says, but for what the bytes of calldata cost", async () => {
      const latest = await fork.ethers.provider.getBlock("latest");
      const control = await simulatedControl(fork, latest?.timestamp ?? 0);
      const quorum = await openQuorumChain(100, { connection: fork, control });
      await land(quorum);
      await fillRing(quorum);
      const { n100, batch } = await benchCommits(quorum);
      const { commit, batch: snapshotBatch } = GAS_SNAPSHOT;
      for (const [measured, expected] of [
        [n100, commit.n100],
        [batch, snapshotBatch],
      ] as const) {
        for (const [what, gas] of Object.entries(measured)) {
          console.log(`      ${`${Math.round(gas)}`.padStart(10)}  ${what}`);
          const difference =
            gas - (Object.entries(expected).find(([name]) => name === what)?.[1] ?? 0);
          expect(Math.abs(difference), `${what} is ${gas}`).to.be.at.most(CALLDATA_GAS);
        }
      }
    });

    it("lets a registry judge by EigenLayer's verifier at its published address", async () => {
      const { ethers } = fork;
      expect(await ethers.provider.getCode(EIGENLAYER_VERIFIER)).not.to.equal("0x");
      const [owner] = await ethers.getSigners();
      const operatorSet = { avs: owner?.address ?? ethers.ZeroAddress, id: 0 };
      const arguments_ = [EIGENLAYER_VERIFIER, operatorSet, 0, 86_400];
      const adapter = await ethers.deployContract("EigenLayerQuorumVerifier", arguments_);
      // Nobody transported a table for this operator set: the deployed contract has to be asked to know that.
      const certificate = new Uint8Array(196).fill(1);
      const { fault } = await adapter.verify(ethers.ZeroHash, toHex(certificate));
      expect(CERTIFICATE_FAULTS[Number(fault)]).to.equal("UnknownEpoch");
    });
  });
}

/** Puts the stand-in for EigenLayer's verifier where the real one is on the real chain, and a few blocks on top. */
async function standIn(node: NodeProcess): Promise<void> {
  const { deployedBytecode } = await hre.artifacts.readArtifact(
    "EigenLayerCertificateVerifierMock",
  );
  await node.call("hardhat_setCode", [EIGENLAYER_VERIFIER, deployedBytecode]);
  await node.call("hardhat_mine", ["0x5"]);
}

async function openFork({ network, chainType, chainId }: ForkedChain, url: string) {
  return await hre.network.create({
    network,
    chainType,
    override: { chainId: Number(chainId), forking: { url } },
  });
}
