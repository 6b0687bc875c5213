import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { bytes32, type ContentHash, type StateRoot } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { commitArgument } from "../../src/chain/commitArgument.ts";
import { explainChallenge } from "../../src/chain/explain.ts";
import { MAX_SCANNED_BLOCKS } from "../../src/chain/observedCalls.ts";
import { instantiate } from "../../src/chain/policies.ts";
import { WatchMemory } from "../../src/chain/watchMemory.ts";
import { type Decision, decisionDigest } from "../../src/challenge/decision.ts";
import type { Evidence } from "../../src/challenge/evidence.ts";
import type { CommitObservation, Observation } from "../../src/challenge/observation.ts";
import { OBSERVATIONS_FOLDER, readHandedIn } from "../../src/challenge/observationFolder.ts";
import type { StateCommit } from "../../src/commit/message.ts";
import { CorruptQuorum } from "../../src/sim/corruptQuorum.ts";
import type { FaultContext } from "../../src/sim/faults/context.ts";
import { HONEST_POLICY } from "../../src/sim/faults/context.ts";
import { honestDecision } from "../../src/sim/faults/decisions.ts";
import { deployPolicy } from "../../src/sim/faults/deployPolicy.ts";
import { LocalChain } from "../../src/sim/localChain.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { type LocalNetwork, temporaryFolder } from "../helpers/localNetwork.ts";
import { openWatchedChain, type WatchedChain } from "../helpers/watchedChain.ts";

const FORK = keccak256<StateRoot>(tag("fork"));

describe("a challenger that is handed observations", function () {
  this.timeout(300_000);
  let watched: WatchedChain;
  let network: LocalNetwork;

  beforeEach(async () => {
    watched = await openWatchedChain(new TextDecoder().decode(HONEST_POLICY));
    ({ network } = watched);
  });

  afterEach(() => watched.close());

  function quorum(): CorruptQuorum {
    return new CorruptQuorum(network.keys, network.local.target, network.local.da, watched.store);
  }

  async function seen(commit: StateCommit): Promise<CommitObservation> {
    const certificate = await quorum().certifyCommit(commit);
    return { kind: "certified-commit", commit, before: [], behind: [], certificate };
  }

  async function landedCommit(): Promise<StateCommit> {
    const [commit] = await network.local.target.commitsFrom(1n);
    return commit ?? expect.fail("no commit");
  }

  const faultCount = async () => await network.chain.contracts.challenges.faultCount();
  const blockNumber = async () => await network.chain.parts.ethersProvider.getBlockNumber();

  describe("of commits", () => {
    it("CHL-11: finds the two roots that two gateways have had certified for one number", async () => {
      const dataDir = temporaryFolder();
      // The same keys under another vote log: operators that vote twice.
      const fork = await LocalChain.open({
        dataDir,
        contracts: network.chain.contracts,
        provider: network.chain.parts.ethersProvider,
        operatorKeys: network.keys,
        now: network.clock.now,
        hold: { maxHeldCommits: 3, maxHeldSeconds: 3_600n },
        isObserved: true,
      });
      const copied = await network.local.da.manifest((await landedCommit()).daCertHash);
      await fork.da.put(copied);
      for (const name of readdirSync(join(network.dataDir, "da"))) {
        const blob = await network.local.da.get(fromHex(`0x${name}`), {
          expected: { scheme: "keccak256", digest: bytes32(fromHex(`0x${name}`)) },
          maxBytes: 1_000_000,
        });
        await fork.da.put(blob);
      }
      fork.lane.journal.add(pendingLeaf("rego", "package fork\n"));
      network.local.lane.journal.add(pendingLeaf("rego", "package main\n"));
      await network.nextTick();
      expect((await fork.lane.tick()).status).to.equal("held");
      fork.close();
      expect((await network.local.lane.tick()).status).to.equal("committed");

      const folder = join(dataDir, OBSERVATIONS_FOLDER);
      const handedIn = readHandedIn(folder).pieces;
      expect(handedIn.map(({ kind }) => kind)).to.deep.equal(["certified-commit"]);
      const { followedTo, findings } = await watched.pass({ handedIn });
      expect(followedTo).to.equal(2n);
      const kinds = findings.map(({ evidence, verdict }) => `${evidence.kind} ${verdict}`);
      expect(kinds).to.deep.equal(["equivocation Proven"]);
      const [found] = findings;
      expect(found?.estimatedGas ?? 0n).to.be.greaterThan(21_000n);
      const { contracts, parts } = network.chain;
      const hash = found?.transactionHash ?? "";
      const { equivocators } = await explainChallenge(contracts, parts.ethersProvider, hash);
      expect(equivocators.map(({ operators }) => operators.length)).to.deep.equal([3]);
      const again = (await watched.pass({ handedIn })).findings;
      expect(again.map(({ verdict }) => verdict)).to.deep.equal(["AlreadyRecorded"]);
      expect(await faultCount()).to.equal(1n);
    });

    it("CHL-03: accuses nobody by what honest operators sign: again, later, behind the chain's head", async () => {
      const landed = await landedCommit();
      const next = { ...landed, sequenceNo: 2n, prevStateRoot: landed.newStateRoot };
      const handedIn = [
        await seen(landed),
        await seen({ ...landed, timestamp: landed.timestamp + 1n }),
        await seen({ ...next, newStateRoot: FORK }),
        await seen({ ...next, newStateRoot: FORK, timestamp: landed.timestamp + 9n }),
      ];
      const before = await blockNumber();
      const { findings, warnings } = await watched.pass({ handedIn });
      expect([findings, warnings]).to.deep.equal([[], []]);
      expect([await faultCount(), await blockNumber()]).to.deep.equal([0n, before]);
    });

    it("CHL-11: proves two roots of a number that has not landed yet", async () => {
      const landed = await landedCommit();
      const next = { ...landed, sequenceNo: 2n, prevStateRoot: landed.newStateRoot };
      const handedIn = [
        await seen({ ...next, newStateRoot: FORK }),
        await seen({ ...next, newStateRoot: keccak256<StateRoot>(FORK) }),
      ];
      const { findings } = await watched.pass({ handedIn });
      expect(findings.map(({ verdict }) => verdict)).to.deep.equal(["Proven"]);
    });

    it("CHL-05: lets no forged certificate, however small, accuse anybody or hide a real one", async () => {
      const landed = await landedCommit();
      const rival = { ...landed, newStateRoot: FORK };
      const real = await seen(rival);
      const forged = Array.from({ length: 40 }, (_, i) => ({
        ...real,
        certificate: real.certificate.slice(0, i + 1),
      }));
      const alone = await watched.pass({ handedIn: forged });
      expect([alone.findings, alone.warnings]).to.deep.equal([[], []]);
      const memory = new WatchMemory();
      for (const expected of ["Proven", "AlreadyRecorded"]) {
        const { findings } = await watched.pass({ handedIn: [...forged, real], memory });
        expect(findings.map(({ verdict }) => verdict)).to.deep.equal([expected]);
      }
      expect(await faultCount()).to.equal(1n);
    });

    it("goes on behind evidence that cannot be judged, and names a fault that it cannot pay to prove", async () => {
      const broken: Evidence = {
        kind: "malformed-leaf",
        key: bytes32(new Uint8Array(32)),
        sequenceNo: 2n ** 64n,
        record: Uint8Array.of(1),
        proof: Uint8Array.of(1),
      };
      const rival = await seen({ ...(await landedCommit()), newStateRoot: FORK });
      const poor = Wallet.createRandom(network.chain.parts.ethersProvider);
      const asPoor = { contracts: network.chain.as(poor), challenger: poor.address };
      const { followedTo, findings, warnings } = await watched.pass({
        ...asPoor,
        handedIn: [broken, rival],
      });
      const named = findings.map(({ verdict, transactionHash }) => [verdict, transactionHash]);
      expect([followedTo, named]).to.deep.equal([1n, [["Proven", undefined]]]);
      expect(warnings.map(({ source, code }) => [source, code])).to.deep.equal([
        ["malformed-leaf", "E_TRANSACTION"],
        ["equivocation", "E_TRANSACTION"],
      ]);
      expect(await faultCount()).to.equal(0n);
    });

    it("changes nothing in a dry run, on chain or on disk", async () => {
      const rival = await seen({ ...(await landedCommit()), newStateRoot: FORK });
      const before = await blockNumber();
      const { findings } = await watched.pass({ handedIn: [rival], isDryRun: true });
      expect(
        findings.map(({ verdict, transactionHash }) => [verdict, transactionHash]),
      ).to.deep.equal([["Proven", undefined]]);
      expect([await faultCount(), await blockNumber()]).to.deep.equal([0n, before]);
      expect(existsSync(join(network.dataDir, "challenger"))).to.equal(false);
    });
  });

  describe("by calls of the registry", () => {
    /** Sends a call that the registry refuses, and has it mined. */
    async function sendRefused(data: string): Promise<void> {
      const { deployer } = network.chain.parts.cast;
      const to = await network.chain.contracts.commits.getAddress();
      const outcome = await deployer
        .sendTransaction({ to, data, gasLimit: 1_000_000n })
        .then(async (sent) => (await sent.wait())?.status ?? 0)
        .catch(() => 0);
      expect(outcome).to.equal(0);
    }

    async function calldata(...commits: readonly StateCommit[]): Promise<string> {
      const registry = network.chain.contracts.commits.interface;
      const [first] = commits;
      if (first === undefined) return expect.fail("no commit");
      const certificate = toHex(await quorum().certifyCommit(first));
      const [argument] = commits.map(commitArgument);
      if (argument === undefined) return expect.fail("no commit");
      return registry.encodeFunctionData("commitStateRoot", [argument, certificate]);
    }

    it("CHL-11: finds the certificate of a fork in a call that was refused", async () => {
      const memory = new WatchMemory();
      const landed = await landedCommit();
      expect((await watched.pass({ memory })).findings).to.deep.equal([]);
      expect(memory.scannedTo).to.equal(await blockNumber());
      await sendRefused(await calldata({ ...landed, newStateRoot: FORK }));
      const { findings } = await watched.pass({ memory });
      const kinds = findings.map(({ evidence, verdict }) => `${evidence.kind} ${verdict}`);
      expect(kinds).to.deep.equal(["equivocation Proven"]);
    });

    it("CHL-03: takes a lost race, and calls that are none, for nothing", async () => {
      const landed = await landedCommit();
      await sendRefused(await calldata(landed));
      const { commits } = network.chain.contracts;
      const selector = commits.interface.getFunction("commitStateRoots").selector;
      await sendRefused(`${selector}${"ff".repeat(100)}`);
      await sendRefused("0x12345678");
      const { findings, warnings } = await watched.pass();
      expect([findings, warnings]).to.deep.equal([[], []]);
      expect(await faultCount()).to.equal(0n);
    });

    it("starts so many blocks back, looks through so many in one pass, and goes on where it was", async () => {
      await sendRefused(await calldata({ ...(await landedCommit()), newStateRoot: FORK }));
      const sentIn = await blockNumber();
      const mine = async (count: number) =>
        await network.chain.parts.provider.request({
          method: "hardhat_mine",
          params: [`0x${count.toString(16)}`],
        });
      await mine(MAX_SCANNED_BLOCKS);
      expect((await watched.pass()).findings).to.deep.equal([]);
      const memory = new WatchMemory();
      memory.scannedTo = sentIn - 1;
      await mine(5);
      const { findings } = await watched.pass({ memory, isDryRun: true });
      expect(findings.map(({ verdict }) => verdict)).to.deep.equal(["Proven"]);
      expect(memory.scannedTo).to.equal(sentIn - 1 + MAX_SCANNED_BLOCKS);
      await watched.pass({ memory, isDryRun: true });
      expect(memory.scannedTo).to.equal(await blockNumber());
    });
  });

  describe("of decisions", () => {
    let context: FaultContext;

    beforeEach(async () => {
      const { chain, clock, dataDir, keys, local } = network;
      context = { chain, clock, dataDir, closers: [], keys, local, challenger: watched.store };
      await deployPolicy.run(context);
    });

    async function decided(decision: Decision): Promise<Observation> {
      const { chain, clock } = network;
      const policyRegistry = fromHex(await chain.contracts.policies.getAddress());
      const digest = decisionDigest({ chainId: chain.chainId, policyRegistry }, decision);
      const certificate = await quorum().certify(digest);
      await chain.mineAt(clock.nextTick(120n));
      return { kind: "decision", decision, certificate };
    }

    const verdictsOf = async (...handedIn: readonly Observation[]) =>
      (await watched.pass({ handedIn })).findings.map(
        ({ evidence, verdict }) => `${evidence.kind} ${verdict}`,
      );

    it("CHL-01 CHL-03: puts each to the judge of its fault, and honest ones to none", async () => {
      const honest = await honestDecision(context);
      const right = await decided(honest);
      expect(await verdictsOf(right)).to.deep.equal([]);
      const regoHash = keccak256<ContentHash>(tag("another module"));
      const wrong = await decided({ ...honest, regoHash });
      expect(await verdictsOf(right, wrong)).to.deep.equal(["wrong-identity Proven"]);

      const { contracts, parts } = network.chain;
      const { policy } = context;
      if (policy === undefined) return expect.fail("no policy");
      const moved = { ...policy.instance, params: tag('{"limit":1}') };
      await instantiate(contracts, parts.cast.client, moved);
      const stale = await decided(await honestDecision(context));
      expect(await verdictsOf(right, wrong, stale)).to.deep.equal([
        "wrong-identity AlreadyRecorded",
        "stale-instance Proven",
      ]);
      expect(await contracts.decisions.faultCount()).to.equal(2n);
    });

    it("CHL-03: waits with a decision whose block is not past, and drops one that nobody signed", async () => {
      const honest = await honestDecision(context);
      const future = await decided({ ...honest, referenceBlock: 1_000_000n });
      const forged: Observation = {
        kind: "decision",
        decision: { ...honest, expireAfterBlocks: 7 },
        certificate: Uint8Array.of(1),
      };
      expect(await verdictsOf(future, forged)).to.deep.equal([]);
      expect(await network.chain.contracts.decisions.faultCount()).to.equal(0n);
    });
  });
});
