import { expect } from "chai";
import { ARTIFACT_KINDS } from "../../src/artifact/kinds.ts";
import { bytes32, type ContentHash, type StateRoot, type TreeKey } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { judge } from "../../src/chain/challenges.ts";
import { explainChallenge } from "../../src/chain/explain.ts";
import { instantiateWithParamsLeaf, registerTemplate } from "../../src/chain/policies.ts";
import { paramsProofOf } from "../../src/chain/registration.ts";
import type { Watch } from "../../src/chain/watch.ts";
import type { CertifiedCommit, Evidence } from "../../src/challenge/evidence.ts";
import {
  type PolicyInstanceId,
  policyInstanceIdOf,
  policyTemplateRefOf,
} from "../../src/policy/ids.ts";
import { CorruptQuorum } from "../../src/sim/corruptQuorum.ts";
import { artifactProofOf } from "../../src/state/artifactProof.ts";
import { contentKey } from "../../src/state/key.ts";
import type { StateStore } from "../../src/state/store.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import type { LocalNetwork } from "../helpers/localNetwork.ts";
import { openWatchedChain, type WatchedChain } from "../helpers/watchedChain.ts";

const HONEST = "package honest\n\ndefault allow := false\n";
const OTHER = "package other\n";
const HASH = keccak256<ContentHash>(tag(HONEST));
const KEY = contentKey(ARTIFACT_KINDS.rego.namespace, HASH);
const PARAMS = JSON.stringify({ list: "x".repeat(9_000) });
const PARAMS_KEY = contentKey(ARTIFACT_KINDS.params.namespace, keccak256(tag(PARAMS)));

describe("a challenger that watches a chain", () => {
  let watched: WatchedChain;
  let network: LocalNetwork;
  let store: StateStore;
  const pass = (change?: Partial<Watch>) => watched.pass(change);

  beforeEach(async () => {
    watched = await openWatchedChain(HONEST, OTHER);
    ({ network, store } = watched);
  });

  afterEach(() => watched.close());

  async function register() {
    const { namespace } = ARTIFACT_KINDS.rego;
    const proof = artifactProofOf(network.local.lane.store, namespace, HASH);
    if (proof === undefined) return expect.fail("the policy is not committed");
    const template = {
      regoHash: HASH,
      paramsSchemaHash: bytes32<ContentHash>(new Uint8Array(32)),
      entrypoint: "honest.allow",
      environment: 1,
      data: [],
    };
    const { contracts, parts } = network.chain;
    await registerTemplate(contracts, parts.cast.client, template, [proof]);
    return policyTemplateRefOf(template);
  }

  /** Commits params, and deploys instances of the honest policy with their leaf, each by another number of blocks. */
  async function deployWithLeaf(...expireAfterBlocks: readonly number[]) {
    const templateRef = await register();
    const { lane } = network.local;
    lane.journal.add(pendingLeaf("params", PARAMS));
    await network.nextTick();
    expect((await lane.tick()).status).to.equal("committed");
    const proof = paramsProofOf(lane.store, tag(PARAMS));
    if (proof === undefined) return expect.fail("the params are not committed");
    const { contracts, parts, chainId } = network.chain;
    const client = fromHex(await parts.cast.client.getAddress());
    const terms = { client, templateRef, params: tag(PARAMS), dataInstances: [] };
    const instances = expireAfterBlocks.map((count) => ({ ...terms, expireAfterBlocks: count }));
    for (const instance of instances) {
      await instantiateWithParamsLeaf(contracts, parts.cast.client, instance, proof);
    }
    return instances.map((instance) => policyInstanceIdOf(chainId, instance));
  }

  async function remove(key: TreeKey): Promise<void> {
    await pass();
    await network.nextTick();
    const { target, da } = network.local;
    const corrupt = new CorruptQuorum(network.keys, target, da, store);
    await corrupt.commit([{ operation: "delete", key }], network.clock.now());
  }

  const removeHonest = () => remove(KEY);

  it("CHV1: follows an honest chain, and finds nothing", async () => {
    const nothing = { findings: [], requests: [], collected: [], warnings: [] };
    expect(await pass()).to.deep.equal({ followedTo: 1n, ...nothing });
    expect(await pass()).to.deep.equal({ followedTo: 1n, ...nothing });
    expect(await network.chain.contracts.challenges.faultCount()).to.equal(0n);
  });

  it("proves a removal and the registration that it leaves dangling, once", async () => {
    await register();
    await removeHonest();
    const { followedTo, findings } = await pass();
    expect(followedTo).to.equal(1n);
    const kinds = findings.map(({ evidence, verdict }) => `${evidence.kind} ${verdict}`);
    expect(kinds).to.deep.equal(["rewrite Proven", "dangling-template Proven"]);
    for (const { estimatedGas, transactionHash } of findings) {
      expect(estimatedGas ?? 0n).to.be.greaterThan(21_000n);
      expect(transactionHash).to.match(/^0x/);
    }
    const again = (await pass()).findings.map(({ verdict }) => verdict);
    expect(again).to.deep.equal(["AlreadyRecorded", "AlreadyRecorded"]);
    expect(await network.chain.contracts.challenges.faultCount()).to.equal(2n);
  });

  it("CHV25 CHL-02: proves a lost params leaf by itself, once for both instances that have it", async () => {
    const ids = await deployWithLeaf(10, 20);
    await remove(PARAMS_KEY);
    const { followedTo, findings } = await pass();
    expect(followedTo).to.equal(2n);
    const kinds = findings.map(({ evidence, verdict }) => `${evidence.kind} ${verdict}`);
    expect(kinds).to.deep.equal(["rewrite Proven", "dangling-params Proven"]);
    const { contracts, parts } = network.chain;
    const lost = findings[1];
    const hash = lost?.transactionHash ?? "";
    const { faults, roots } = await explainChallenge(contracts, parts.ethersProvider, hash);
    expect(
      faults.map(({ fault, subject, sequenceNo }) => [fault, subject, sequenceNo]),
    ).to.deep.equal([["DanglingRegistration", toHex(PARAMS_KEY), 3n]]);
    expect(roots.map(({ sequenceNo }) => sequenceNo)).to.deep.equal([3n]);
    const found = lost?.evidence;
    if (found?.kind !== "dangling-params") return expect.fail("no evidence of the params");
    for (const policyInstanceId of ids) {
      const { verdict, faultId } = await judge(contracts, { ...found, policyInstanceId });
      expect([verdict, faultId]).to.deep.equal(["AlreadyRecorded", lost?.faultId]);
    }
    const again = (await pass()).findings.map(({ verdict }) => verdict);
    expect(again).to.deep.equal(["AlreadyRecorded", "AlreadyRecorded"]);
    expect(await contracts.challenges.faultCount()).to.equal(2n);
  });

  it("CHV25 CHL-03: finds nothing of params that are still there, whatever is lost beside them", async () => {
    const [policyInstanceId] = await deployWithLeaf(10);
    await remove(contentKey(ARTIFACT_KINDS.rego.namespace, keccak256(tag(OTHER))));
    const { findings } = await pass();
    const kinds = findings.map(({ evidence, verdict }) => `${evidence.kind} ${verdict}`);
    expect(kinds).to.deep.equal(["rewrite Proven"]);
    const record = store.leaf(PARAMS_KEY)?.record;
    if (policyInstanceId === undefined || record === undefined) return expect.fail("no params");
    const { contracts } = network.chain;
    const proof = store.prove(PARAMS_KEY);
    const before = { sequenceNo: 2n, record, proof };
    const evidence = { kind: "dangling-params", policyInstanceId, later: before } as const;
    expect((await judge(contracts, evidence)).verdict).to.equal("SequenceOrder");
    const absent = keccak256<PolicyInstanceId>(policyInstanceId);
    const unknown = { ...evidence, policyInstanceId: absent };
    expect((await judge(contracts, unknown)).verdict).to.equal("UnknownRegistration");
    const after = { ...evidence, later: { ...before, sequenceNo: 3n } };
    expect((await judge(contracts, after)).verdict).to.equal("InvalidLaterProof");
    expect(await contracts.challenges.faultCount()).to.equal(1n);
  });

  it("submits nothing in a dry run, and says what it would cost", async () => {
    await removeHonest();
    const { findings } = await pass({ isDryRun: true });
    const [finding] = findings;
    expect(finding?.verdict).to.equal("Proven");
    expect(finding?.estimatedGas ?? 0n).to.be.greaterThan(21_000n);
    expect(finding?.transactionHash).to.equal(undefined);
    expect(await network.chain.contracts.challenges.faultCount()).to.equal(0n);
  });

  it("explains what a transaction proved, and under which roots", async () => {
    await removeHonest();
    const [finding] = (await pass()).findings;
    const { contracts, parts } = network.chain;
    const explain = async (hash: string) =>
      await explainChallenge(contracts, parts.ethersProvider, hash);
    const { faults, roots, signers } = await explain(finding?.transactionHash ?? "");
    expect(faults.map(({ fault, sequenceNo }) => [fault, sequenceNo])).to.deep.equal([
      ["LeafRemoved", 2n],
    ]);
    expect(faults[0]?.challenger).to.equal(await parts.cast.challenger.getAddress());
    expect(roots.map(({ sequenceNo }) => sequenceNo)).to.deep.equal([1n, 2n]);
    expect(roots[1]?.stateRoot).to.equal(await contracts.commits.tryStateRootAt(2n));
    expect(signers).to.deep.equal([]);
    const absent = `0x${"11".repeat(32)}`;
    expect(await asyncCodeOf(() => explain(absent))).to.equal("E_TRANSACTION");
  });

  it("CHL-11: proves an equivocation that is handed in, and names who signed both roots", async () => {
    await pass();
    const [commit] = await network.local.target.commitsFrom(1n);
    if (commit === undefined) return expect.fail("no commit");
    const rival = { ...commit, newStateRoot: keccak256<StateRoot>(commit.newStateRoot) };
    const { target, da } = network.local;
    const corrupt = new CorruptQuorum(network.keys, target, da, store);
    const certified = async (one: typeof commit): Promise<CertifiedCommit> => ({
      commit: one,
      before: [],
      behind: [],
      certificate: await corrupt.certifyCommit(one),
    });
    const evidence: Evidence = {
      kind: "equivocation",
      one: await certified(commit),
      other: await certified(rival),
    };
    const { findings } = await pass({ handedIn: [evidence] });
    expect(findings.map(({ verdict }) => verdict)).to.deep.equal(["Proven"]);
    const { contracts, parts } = network.chain;
    const hash = findings[0]?.transactionHash ?? "";
    const { equivocators, signers } = await explainChallenge(contracts, parts.ethersProvider, hash);
    const accounts = await Promise.all(
      parts.cast.operators.slice(0, 3).map((operator) => operator.getAddress()),
    );
    expect(equivocators.map(({ epoch, operators }) => [epoch, operators])).to.deep.equal([
      [1, accounts],
    ]);
    expect(signers.length).to.equal(2);
  });
});
