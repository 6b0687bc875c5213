import { expect } from "chai";
import { bytes32, type StateRoot } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { commitDigest } from "../../src/commit/message.ts";
import { recoveryDigest, type StateRecovery } from "../../src/commit/recovery.ts";
import { g2Coordinates, sumG2 } from "../../src/operators/bn254.ts";
import { CERTIFICATE_FAULTS } from "../../src/operators/certificate.ts";
import {
  CHANGE_DELAY_SECONDS,
  commitArgument,
  deployQuorum,
  HEARTBEAT_SECONDS,
  type Quorum,
} from "../helpers/quorum.ts";

/** The governance of a registry that is its own verifier, with real signatures. */

async function amend(quorum: Quorum, verifier: string, quorumBps: number): Promise<void> {
  const { registry, networkHelpers } = quorum;
  const rules = { verifier, quorumBps, maxSkewSeconds: 60, heartbeatSeconds: HEARTBEAT_SECONDS };
  await registry.proposeRules(rules);
  await networkHelpers.time.increase(CHANGE_DELAY_SECONDS);
  await registry.enactRules(rules);
}

async function nextRecovery({ registry, networkHelpers }: Quorum): Promise<StateRecovery> {
  return {
    sequenceNo: (await registry.getSequenceNo()) + 1n,
    lostStateRoot: bytes32(await registry.getStateRoot()),
    newStateRoot: keccak256(tag("recovered")),
    timestamp: BigInt(await networkHelpers.time.latest()) + 1n,
    daCertHash: keccak256(tag("manifest of the recovered state")),
    reasonHash: keccak256(tag("both disks burnt")),
  };
}

function recoveryArgument(recovery: StateRecovery) {
  return {
    ...recovery,
    lostStateRoot: toHex(recovery.lostStateRoot),
    newStateRoot: toHex(recovery.newStateRoot),
    daCertHash: toHex(recovery.daCertHash),
    reasonHash: toHex(recovery.reasonHash),
  };
}

const fault = (name: (typeof CERTIFICATE_FAULTS)[number]) => CERTIFICATE_FAULTS.indexOf(name);

describe("governance of a registry that is its own verifier", function () {
  this.timeout(120_000);

  async function commitOnce(quorum: Quorum, missing: readonly number[] = []) {
    const commit = await quorum.nextCommit();
    const certificate = await quorum.certify(commit, missing);
    return await quorum.registry.commitStateRoot(commitArgument(commit), certificate);
  }

  it("OPS-12: counts a raised quorum, and not the deployment's, once it is enacted", async () => {
    const quorum = await deployQuorum(4);
    const { registry } = quorum;
    await commitOnce(quorum, [3]);
    await amend(quorum, await registry.getAddress(), 9_000);
    const before = await quorum.stateOf();
    await expect(commitOnce(quorum, [3]))
      .to.be.revertedWithCustomError(registry, "InsufficientQuorum")
      .withArgs(300, 400, 9_000);
    expect(await quorum.stateOf()).to.equal(before);
    await commitOnce(quorum);
    expect(await registry.getSequenceNo()).to.equal(2);
  });

  it("takes the certificates of another verifier, once it is in force", async () => {
    const quorum = await deployQuorum(4);
    const { registry, verifier, operatorSets } = quorum;
    await amend(quorum, await verifier.getAddress(), 6_667);
    await commitOnce(quorum);
    await commitOnce(quorum, [1]);
    expect(await registry.verifier()).to.equal(await verifier.getAddress());
    // Where the other verifier knows no epoch any more, what the registry itself knows is of no use.
    await operatorSets.removeEpochSink(verifier);
    const before = await quorum.stateOf();
    await expect(commitOnce(quorum))
      .to.be.revertedWithCustomError(registry, "CertificateRejected")
      .withArgs(fault("EpochExpired"));
    expect(await quorum.stateOf()).to.equal(before);
  });

  it("SEQ-13: recovers with the quorum's signature at both steps, in the epoch of each", async () => {
    const quorum = await deployQuorum(4);
    const { registry, operatorSets, operators, networkHelpers, chainId, certifyDigest } = quorum;
    await commitOnce(quorum);
    const recovery = await nextRecovery(quorum);
    const step = recoveryArgument(recovery);
    const domain = { chainId, registry: fromHex(await registry.getAddress()) };
    const digest = recoveryDigest(domain, recovery);
    expect(await registry.digestOfRecovery(step)).to.equal(toHex(digest));
    const before = await quorum.stateOf();
    await expect(registry.proposeRecovery(step, "0x01"))
      .to.be.revertedWithCustomError(registry, "CertificateRejected")
      .withArgs(fault("InvalidEncoding"));
    await expect(registry.proposeRecovery(step, certifyDigest(digest, [0, 1])))
      .to.be.revertedWithCustomError(registry, "InsufficientQuorum")
      .withArgs(200, 400, 6_667);
    const first = certifyDigest(digest);
    await registry.proposeRecovery(step, first);

    // One operator is thrown out before the recovery comes into force: what it signed with counts no more.
    const [thrownOut, ...stayers] = operators;
    if (thrownOut === undefined) throw new Error("operators");
    await operatorSets.setWeight(thrownOut.account, 0);
    const aggregate = sumG2(stayers.map(({ key }) => key.keyG2));
    await operatorSets.startEmergencyEpoch(g2Coordinates(aggregate));
    await networkHelpers.time.increase(CHANGE_DELAY_SECONDS);
    await expect(registry.enactRecovery(step, first))
      .to.be.revertedWithCustomError(registry, "CertificateRejected")
      .withArgs(fault("EpochExpired"));
    expect(await quorum.stateOf()).to.equal(before);

    const second = certifyDigest(digest, [], { epoch: 2, of: stayers });
    await expect(registry.enactRecovery(step, second))
      .to.emit(registry, "StateRecovered")
      .withArgs(2, step.lostStateRoot, step.newStateRoot, step.reasonHash)
      .and.to.emit(registry, "StateRootCommitted");
    expect(await registry.getStateRoot()).to.equal(step.newStateRoot);
    expect(await registry.getSequenceNo()).to.equal(2);
    expect(await registry.lastRecoveryUpTo(2)).to.equal(2);
  });

  it("SEQ-13, SEQ-18: announces a recovery as it does a commit, so that events count sequence numbers", async () => {
    const quorum = await deployQuorum(3);
    const { registry, networkHelpers, chainId, certifyDigest } = quorum;
    await commitOnce(quorum);
    const recovery = await nextRecovery(quorum);
    const domain = { chainId, registry: fromHex(await registry.getAddress()) };
    const certificate = certifyDigest(recoveryDigest(domain, recovery));
    await registry.proposeRecovery(recoveryArgument(recovery), certificate);
    await networkHelpers.time.increase(CHANGE_DELAY_SECONDS);
    // No other epoch has begun: the same certificate still proves the same.
    await registry.enactRecovery(recoveryArgument(recovery), certificate);
    await commitOnce(quorum);
    const events = await registry.queryFilter(registry.filters.StateRootCommitted());
    expect(events.map(({ args }) => args.sequenceNo)).to.deep.equal([1n, 2n, 3n]);
    expect(await registry.getSequenceNo()).to.equal(3);
  });

  it("SEQ-13: refuses a commit's certificate for a recovery to the same root, and the reverse", async () => {
    const quorum = await deployQuorum(3);
    const { registry, chainId, certifyDigest } = quorum;
    await commitOnce(quorum);
    const recovery = await nextRecovery(quorum);
    const commit = await quorum.nextCommit({
      newStateRoot: bytes32<StateRoot>(recovery.newStateRoot),
      timestamp: recovery.timestamp,
      daCertHash: recovery.daCertHash,
    });
    const domain = { chainId, registry: fromHex(await registry.getAddress()) };
    const before = await quorum.stateOf();
    const ofCommit = certifyDigest(commitDigest(domain, commit));
    await expect(registry.proposeRecovery(recoveryArgument(recovery), ofCommit))
      .to.be.revertedWithCustomError(registry, "CertificateRejected")
      .withArgs(fault("MessageMismatch"));
    const ofRecovery = certifyDigest(recoveryDigest(domain, recovery));
    await expect(registry.commitStateRoot(commitArgument(commit), ofRecovery))
      .to.be.revertedWithCustomError(registry, "CertificateRejected")
      .withArgs(fault("MessageMismatch"));
    expect(await quorum.stateOf()).to.equal(before);
    expect((await registry.proposedRecovery())[1]).to.equal(0);
  });
});
