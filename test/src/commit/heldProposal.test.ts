import { expect } from "chai";
import { bytes32, type DaCertHash, type StateRoot } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { CertificateJudge } from "../../../src/commit/certified.ts";
import { collectSignatures } from "../../../src/commit/collect.ts";
import { longestHeld } from "../../../src/commit/gather.ts";
import { commitDigest, quorumMessage, type StateCommit } from "../../../src/commit/message.ts";
import type { CertifiedCommit, CommitProposal } from "../../../src/commit/target.ts";
import { buildCertificate, encodeCertificate } from "../../../src/operators/certificate.ts";
import { pendingLeaf } from "../../helpers/artifacts.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import {
  keysOf,
  type MemoryNetwork,
  openMemoryNetwork,
  setOf,
} from "../../helpers/memoryNetwork.ts";

const HOLD = { maxHeldCommits: 32, maxHeldSeconds: 100_000n };
/** As `MemoryChain` has it. */
const MAX_SKEW_SECONDS = 300n;

describe("held commits in a proposal", () => {
  let network: MemoryNetwork;
  let now: bigint;

  beforeEach(async () => {
    now = 1_700_000_000n;
    network = openMemoryNetwork(() => now, HOLD);
    // Nobody but those who sign it learns of a commit, and operator 3 signs nothing.
    const [, , , last] = network.operators;
    if (last !== undefined) last.isOnline = false;
    for (const name of ["a", "b", "c"]) await commitLeaf(name);
    if (last !== undefined) last.isOnline = true;
  });

  afterEach(() => network.close());

  async function commitLeaf(name: string): Promise<void> {
    network.lane.journal.add(pendingLeaf("rego", `package ${name}\n`));
    now += 120n;
    expect((await network.lane.tick()).status).to.equal("held");
  }

  /** The operator that was away: it has neither commits nor record. */
  function newcomer() {
    const found = network.operators[3];
    return found === undefined ? expect.fail("no operator 3") : found.signer;
  }

  function held(): readonly [CertifiedCommit, CertifiedCommit, CertifiedCommit] {
    const [a, b, c] = network.held.all();
    if (a === undefined || b === undefined || c === undefined) return expect.fail("not three");
    return [a, b, c];
  }

  function certify(commit: StateCommit, count = 4, epoch = 1): CertifiedCommit {
    const set = setOf(epoch, keysOf(4));
    const message = quorumMessage(epoch, commitDigest(network.chain, commit));
    const signatures = new Map(
      keysOf(4)
        .slice(0, count)
        .map((key, i) => [i, key.sign(message)] as const),
    );
    return { commit, certificate: encodeCertificate(buildCertificate(set, message, signatures)) };
  }

  /** The code with which the newcomer refuses these; it has nothing after that. */
  async function refusal(certified: readonly CertifiedCommit[]): Promise<string> {
    const code = await asyncCodeOf(() => newcomer().hold(certified));
    expect(newcomer().store.head.sequenceNo).to.equal(0n);
    expect(await newcomer().held()).to.deep.equal([]);
    return code;
  }

  it("are kept and applied by an operator that was offline while they were held", async () => {
    await newcomer().hold(held());
    expect(await newcomer().held()).to.deep.equal(held());
    expect(newcomer().store.head).to.deep.equal(network.lane.store.head);
    const again = await newcomer().held();
    await newcomer().hold(held());
    expect(await newcomer().held()).to.deep.equal(again);
  });

  it("come with the next proposal, which is then signed by everybody", async () => {
    network.lane.journal.add(pendingLeaf("rego", "package d\n"));
    now += 120n;
    const outcome = await network.lane.tick();
    if (outcome.status !== "held") return expect.fail(outcome.status);
    expect(outcome.signatures.signers).to.deep.equal([0, 1, 2, 3]);
    expect([outcome.keepers, outcome.held.commits]).to.deep.equal([4, 4]);
  });

  it("CML7 E_HELD_CERTIFICATE: are refused when one is forged, or of no epoch, or of one that has ended", async () => {
    const [a, b, c] = held();
    const swapped = { commit: b.commit, certificate: c.certificate };
    expect(await refusal([a, swapped])).to.equal("E_HELD_CERTIFICATE");
    const flipped = b.certificate.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(await refusal([a, { ...b, certificate: flipped }])).to.equal("E_HELD_CERTIFICATE");
    expect(await refusal([a, { ...b, certificate: new Uint8Array() }])).to.equal(
      "E_HELD_CERTIFICATE",
    );
    expect(await refusal([certify(a.commit, 4, 9)])).to.equal("E_HELD_CERTIFICATE");
    network.nextEpoch();
    expect(await refusal([a])).to.equal("E_HELD_CERTIFICATE");
  });

  it("E_HELD_QUORUM: are refused when less than the quorum signed", async () => {
    const [a, b] = held();
    expect(await refusal([a, certify(b.commit, 2)])).to.equal("E_HELD_QUORUM");
    await newcomer().hold([a, certify(b.commit, 3)]);
    expect(newcomer().store.head.sequenceNo).to.equal(2n);
  });

  it("E_HELD_ORDER: are refused when one is left out, or comes twice or too early", async () => {
    const [a, b, c] = held();
    for (const list of [[b], [a, c], [b, a], [a, a], [a, b, b]]) {
      expect(await refusal(list)).to.equal("E_HELD_ORDER");
    }
    const elsewhere = { ...a.commit, prevStateRoot: b.commit.newStateRoot };
    expect(await refusal([certify(elsewhere)])).to.equal("E_HELD_ORDER");
  });

  it("E_HELD_LIMIT: are refused when there are more than one pairing can prove", async () => {
    const [a] = held();
    const many = Array.from({ length: 33 }, (_, i) => ({
      ...a,
      commit: { ...a.commit, sequenceNo: BigInt(i + 1) },
    }));
    expect(await refusal(many)).to.equal("E_HELD_LIMIT");
  });

  it("E_TIMESTAMP, E_COMMIT_VERSION, E_HEARTBEAT_NOT_DUE: are refused when no registry would take them", async () => {
    const [a] = held();
    const late = { ...a.commit, timestamp: now + MAX_SKEW_SECONDS + 1n };
    expect(await refusal([certify(late)])).to.equal("E_TIMESTAMP");
    expect(await refusal([certify({ ...a.commit, timestamp: 0n })])).to.equal("E_TIMESTAMP");
    expect(await refusal([certify({ ...a.commit, version: 1 })])).to.equal("E_COMMIT_VERSION");
    const heartbeat: StateCommit = {
      ...a.commit,
      sequenceNo: 2n,
      prevStateRoot: a.commit.newStateRoot,
      timestamp: a.commit.timestamp + 1n,
      daCertHash: bytes32<DaCertHash>(new Uint8Array(32)),
    };
    expect(await refusal([a, certify(heartbeat)])).to.equal("E_HEARTBEAT_NOT_DUE");
  });

  it("are refused when the delta is not what the quorum signed, whoever signed it", async () => {
    const [a] = held();
    const newStateRoot = keccak256<StateRoot>(tag("another root"));
    expect(await refusal([certify({ ...a.commit, newStateRoot })])).to.equal("E_ROOT_MISMATCH");
  });

  it("E_FORKED: are refused when another commit of the number is held", async () => {
    const [a] = held();
    await newcomer().hold([a]);
    const other = certify({ ...a.commit, timestamp: a.commit.timestamp + 1n });
    expect(await asyncCodeOf(() => newcomer().hold([other]))).to.equal("E_FORKED");
    expect(await newcomer().held()).to.deep.equal([a]);
  });

  function proposalOf(commit: StateCommit, more: Partial<CommitProposal> = {}): CommitProposal {
    const { chainId } = network.chain;
    const digest = commitDigest(network.chain, commit);
    return { chainId, commit, epoch: 1, digest, ...more };
  }

  it("CML9: are signed again if they are those very commits, and no others of their numbers", async () => {
    const [a, b] = held();
    const signer = network.operators[0]?.signer;
    if (signer === undefined) return expect.fail();
    network.nextEpoch();
    const proposal = proposalOf(a.commit, { epoch: 2 });
    const collected = await collectSignatures(proposal, setOf(2, keysOf(4)), [signer]);
    expect(collected.signers).to.deep.equal([0]);
    for (const change of [
      { timestamp: b.commit.timestamp + 1n },
      { daCertHash: keccak256<DaCertHash>(tag("another manifest")) },
      { newStateRoot: keccak256<StateRoot>(tag("another root")) },
    ]) {
      const other = proposalOf({ ...b.commit, ...change }, { epoch: 2 });
      expect(await asyncCodeOf(() => signer.sign(other))).to.equal("E_NOT_NEXT");
    }
    expect(await signer.held()).to.deep.equal(held());
  });

  it("E_HELD_EXPIRED: are signed again by more when the quorum was raised, and wait until they are", async () => {
    const { chain, lane, operators } = network;
    const [, , , last] = operators;
    if (last === undefined) return expect.fail();
    const before = held();
    chain.quorumBps = 10_000;
    lane.landNow();
    last.isOnline = false;
    expect(await asyncCodeOf(() => lane.tick())).to.equal("E_HELD_EXPIRED");
    expect([network.held.all(), chain.accepted]).to.deep.equal([before, []]);
    last.isOnline = true;
    const outcome = await lane.tick();
    expect([outcome.status, outcome.landed.commits]).to.deep.equal(["landed", 3]);
    expect(chain.accepted).to.deep.equal(before.map(({ commit }) => commit));
    expect(chain.transactions).to.deep.equal([3]);
  });

  it("E_TIMESTAMP, E_HEARTBEAT_NOT_DUE: are what the next commit is measured by", async () => {
    const signer = network.operators[0]?.signer;
    const [, , c] = held();
    if (signer === undefined) return expect.fail();
    await signer.hold(held());
    const next: StateCommit = {
      ...c.commit,
      sequenceNo: 4n,
      prevStateRoot: c.commit.newStateRoot,
      daCertHash: bytes32<DaCertHash>(new Uint8Array(32)),
    };
    expect(await asyncCodeOf(() => signer.sign(proposalOf(next)))).to.equal("E_TIMESTAMP");
    now += 100_000n;
    const heartbeat = proposalOf({ ...next, timestamp: now });
    expect(await asyncCodeOf(() => signer.sign(heartbeat))).to.equal("E_HEARTBEAT_NOT_DUE");
  });

  it("are taken from whoever offers the longest sound chain, and from nobody else", async () => {
    const [a, b, c] = held();
    const { chain } = network;
    const tip = await chain.head();
    const judge = new CertificateJudge(chain, tip, await chain.rules());
    const { store } = newcomer();
    const context = { tip, own: [a], store, judge, latestSeconds: now + MAX_SKEW_SECONDS };
    const offering = (...offer: readonly CertifiedCommit[]) => ({
      name: "operator",
      sign: () => expect.fail(),
      held: async () => offer,
    });
    const silent = {
      name: "silent",
      sign: () => expect.fail(),
      held: () => new Promise<never>(() => {}),
    };
    const keepsNothing = { name: "no keeper", sign: () => expect.fail() };
    const forged = { commit: c.commit, certificate: b.certificate };
    const found = await longestHeld(
      [offering(a, b, forged), silent, keepsNothing, offering(a, b), offering(b, c), offering(a)],
      context,
      200,
    );
    expect(found).to.deep.equal([a, b]);
    const other = certify({ ...a.commit, timestamp: a.commit.timestamp + 1n });
    const next = certify({ ...b.commit, timestamp: b.commit.timestamp + 2n });
    expect(await longestHeld([offering(other, next)], context)).to.deep.equal([a]);
    const weak = certify(b.commit, 2);
    expect(await longestHeld([offering(a, weak)], context)).to.deep.equal([a]);
  });
});
