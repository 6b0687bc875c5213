import { expect } from "chai";
import { seededBytes } from "../../scripts/vectors/seededBytes.ts";
import { g1Coordinates, g2Coordinates } from "../../src/operators/bn254.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { provePossession } from "../../src/operators/possession.ts";
import {
  commitArgument,
  deployQuorum,
  expectRejected,
  MIN_EPOCH_SECONDS,
  OVERLAP_SECONDS,
  possessionArgument,
} from "../helpers/quorum.ts";

describe("epochs on chain", function () {
  this.timeout(120_000);

  it("OPS-03, OPS-04: takes the last epoch's certificates through its overlap and not a second longer", async () => {
    const quorum = await deployQuorum(3);
    const { operatorSets, operators, registry, networkHelpers, nextCommit, certify } = quorum;
    const leaver = operators[2];
    if (leaver === undefined) throw new Error("operators");
    const { time } = networkHelpers;
    await time.increase(MIN_EPOCH_SECONDS);
    await operatorSets.connect(leaver.account).deregister();
    const stayers = operators.slice(0, 2);
    await quorum.startEpoch(stayers.map(({ key }) => key.keyG2));
    const { expiresAt } = await operatorSets.epochOf(1);
    expect(expiresAt).to.equal(BigInt(await time.latest()) + BigInt(OVERLAP_SECONDS));

    const inOverlap = await nextCommit({ timestamp: expiresAt - 1n });
    await time.setNextBlockTimestamp(expiresAt);
    await registry.commitStateRoot(commitArgument(inOverlap), await certify(inOverlap));

    const late = await nextCommit({ timestamp: expiresAt });
    await time.setNextBlockTimestamp(expiresAt + 1n);
    await time.increaseTo(expiresAt + 1n);
    await expectRejected(quorum, late, await certify(late), "EpochExpired");
    const certificate = await certify(late, [], { epoch: 2, of: stayers });
    await registry.commitStateRoot(commitArgument(late), certificate);
  });

  it("OPS-11: refuses certificates of a slashed set from the emergency on", async () => {
    const quorum = await deployQuorum(3);
    const { operatorSets, operators, registry, nextCommit, certify } = quorum;
    const slashed = operators[0];
    if (slashed === undefined) throw new Error("operators");
    const commit = await nextCommit();
    const signedBefore = await certify(commit);
    await operatorSets.setWeight(slashed.account, 0);
    const of = operators.slice(1);
    const aggregate = of.map(({ key }) => key.keyG2).reduce((a, b) => a.add(b));
    await operatorSets.startEmergencyEpoch(g2Coordinates(aggregate));
    await expectRejected(quorum, commit, signedBefore, "EpochExpired");
    await registry.commitStateRoot(
      commitArgument(commit),
      await certify(commit, [], { epoch: 2, of }),
    );
  });

  it("OPS-13: refuses a certificate for an epoch that this chain has not reached", async () => {
    const quorum = await deployQuorum(3);
    const commit = await quorum.nextCommit();
    await expectRejected(
      quorum,
      commit,
      await quorum.certify(commit, [], { epoch: 2 }),
      "UnknownEpoch",
    );
  });

  it("KEY-03: counts the old key until the next epoch, and only the new one from then on", async () => {
    const quorum = await deployQuorum(3);
    const { operatorSets, operators, registry, networkHelpers, domainOf, nextCommit, certify } =
      quorum;
    const [rotating, ...others] = operators;
    if (rotating === undefined) throw new Error("operators");
    const { account } = rotating;
    const key = KeyPair.generate(seededBytes("rotated"));
    await expect(
      operatorSets
        .connect(account)
        .rotateKey(
          g1Coordinates(key.keyG1),
          g2Coordinates(key.keyG2),
          possessionArgument(provePossession(domainOf(account), key)),
        ),
    ).to.emit(operatorSets, "KeyRotationQueued");
    const first = await nextCommit();
    await registry.commitStateRoot(commitArgument(first), await certify(first));

    await networkHelpers.time.increase(MIN_EPOCH_SECONDS);
    const of = [{ account, key }, ...others];
    await quorum.startEpoch(of.map((operator) => operator.key.keyG2));
    const second = await nextCommit();
    await expectRejected(
      quorum,
      second,
      await certify(second, [], { epoch: 2 }),
      "AggregateKeyMismatch",
    );
    await registry.commitStateRoot(
      commitArgument(second),
      await certify(second, [], { epoch: 2, of }),
    );
    const listed = await operatorSets.operatorsOf(1);
    expect(listed[0]?.keyG1.x).to.equal(g1Coordinates(rotating.key.keyG1).x);
    expect(listed[0]?.operator).to.equal(account.address);
  });

  it("OPS-09: charges commits and epochs nothing for accounts without weight", async () => {
    const gasOf = async (weightless: number) => {
      const quorum = await deployQuorum(3);
      for (let i = 0; i < weightless; i++) {
        const account = quorum.accounts[6 + i];
        if (account === undefined) throw new Error("accounts");
        await quorum.register(account, KeyPair.generate(seededBytes(`weightless ${i}`)));
      }
      await quorum.networkHelpers.time.increase(MIN_EPOCH_SECONDS);
      const epoch = await (await quorum.startEpoch()).wait();
      const commit = await quorum.nextCommit({ timestamp: 1n });
      const certificate = await quorum.certify(commit, [], { epoch: 2 });
      const gas = await quorum.registry.commitStateRoot.estimateGas(
        commitArgument(commit),
        certificate,
      );
      // Calldata differs in its zero bytes with the timestamp and the signature only; both are fixed here.
      return { epoch: epoch?.gasUsed, commit: gas };
    };
    expect(await gasOf(12)).to.deep.equal(await gasOf(0));
  });
});
