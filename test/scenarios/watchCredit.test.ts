import { randomBytes } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ARTIFACT_KINDS } from "../../src/artifact/kinds.ts";
import type { ContentHash } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { announce } from "../../src/chain/announcing.ts";
import type { Watch } from "../../src/chain/watch.ts";
import { WatchMemory } from "../../src/chain/watchMemory.ts";
import { AnnouncementFolder } from "../../src/challenge/announcementFolder.ts";
import { CorruptQuorum } from "../../src/sim/corruptQuorum.ts";
import { contentKey } from "../../src/state/key.ts";
import { type LocalNetwork, temporaryFolder } from "../helpers/localNetwork.ts";
import { openWatchedChain, type WatchedChain } from "../helpers/watchedChain.ts";

const HONEST = "package honest\n\ndefault allow := false\n";
const KEY = contentKey(ARTIFACT_KINDS.rego.namespace, keccak256<ContentHash>(tag(HONEST)));
const DAY_SECONDS = 86_400n;

describe("a challenger that is owed something", function () {
  this.timeout(300_000);
  let watched: WatchedChain;
  let network: LocalNetwork;
  let challenger: string;
  let folder: string;
  let announcements: AnnouncementFolder;

  beforeEach(async () => {
    watched = await openWatchedChain(HONEST, "package other\n");
    ({ network } = watched);
    challenger = await network.chain.parts.cast.challenger.getAddress();
    folder = join(temporaryFolder(), "announced");
    announcements = new AnnouncementFolder(folder, (length) => randomBytes(length));
  });

  afterEach(() => watched.close());

  async function removeHonest(): Promise<void> {
    await watched.pass();
    await network.nextTick();
    const { target, da } = network.local;
    const corrupt = new CorruptQuorum(network.keys, target, da, watched.store);
    await corrupt.commit([{ operation: "delete", key: KEY }], network.clock.now());
  }

  /** Whoever copies evidence, under an account of its own. */
  async function copier(): Promise<Partial<Watch>> {
    const { client } = network.chain.parts.cast;
    return { contracts: network.chain.as(client), challenger: await client.getAddress() };
  }

  async function creditedWith(faultId: string): Promise<string> {
    return (await network.chain.contracts.challenges.faultRecord(faultId)).challenger;
  }

  async function passTime(seconds: bigint): Promise<void> {
    await network.chain.mineAt(network.clock.advance(seconds));
  }

  const faultIdOf = async () => {
    const [dry] = (await watched.pass({ isDryRun: true })).findings;
    return dry?.faultId ?? expect.fail("no finding");
  };

  it("CHL-05: announces before it submits, its salt on disk, and the block of the announcement is the earlier", async () => {
    await removeHonest();
    const dry = await watched.pass({ announcements, isDryRun: true });
    expect(dry.findings[0]?.announcementHash).to.equal(undefined);
    expect(announcements.all()).to.deep.equal([]);
    const { findings, collected } = await watched.pass({ announcements });
    const [found] = findings;
    const provider = network.chain.parts.ethersProvider;
    const announced = await provider.getTransactionReceipt(found?.announcementHash ?? "");
    const submitted = await provider.getTransactionReceipt(found?.transactionHash ?? "");
    expect(announced?.blockNumber ?? 0).to.be.below(submitted?.blockNumber ?? 0);
    expect(announcements.all().map(({ faultId }) => faultId)).to.deep.equal([found?.faultId]);
    expect(collected).to.deep.equal([]);
    expect(await creditedWith(found?.faultId ?? "")).to.equal(challenger);
  });

  it("CHL-05: claims a fault that a copy of its evidence came first with, once, and forgets it in time", async () => {
    await removeHonest();
    const faultId = await faultIdOf();
    const { contracts } = network.chain;
    const own = {
      contracts: network.chain.as(network.chain.parts.cast.challenger),
      provider: network.chain.parts.ethersProvider,
      challenger,
      isDryRun: false,
      announcements,
    };
    expect(await announce(own, "challenges", faultId)).to.match(/^0x/);
    // After a crash between announcement and evidence: the same note, and no second announcement.
    expect(await announce(own, "challenges", faultId)).to.equal(undefined);
    await watched.pass(await copier());
    expect(await creditedWith(faultId)).not.to.equal(challenger);

    const unannounced = await watched.pass();
    expect(unannounced.collected).to.deep.equal([]);
    const dry = await watched.pass({ announcements, isClaimingOnly: true, isDryRun: true });
    const claim = { what: "claim", ledger: "challenges", faultId } as const;
    expect(dry.collected).to.deep.equal([claim]);
    expect(await creditedWith(faultId)).not.to.equal(challenger);
    const { findings, collected } = await watched.pass({ announcements, isClaimingOnly: true });
    expect(findings.map(({ verdict }) => verdict)).to.deep.equal(["AlreadyRecorded"]);
    expect(collected.map(({ what }) => what)).to.deep.equal(["claim"]);
    expect(collected[0]?.transactionHash).to.match(/^0x/);
    expect(await creditedWith(faultId)).to.equal(challenger);
    expect((await watched.pass({ announcements })).collected).to.deep.equal([]);
    await passTime(3n * DAY_SECONDS);
    await watched.pass({ announcements });
    expect(announcements.all()).to.deep.equal([]);
    expect(await contracts.challenges.faultCount()).to.equal(1n);
  });

  it("CHL-04: leaves a fault that somebody announced earlier, or when the day is over", async () => {
    await removeHonest();
    const faultId = await faultIdOf();
    const provider = network.chain.parts.ethersProvider;
    const other = await copier();
    const theirs = new AnnouncementFolder(temporaryFolder(), (length) => randomBytes(length));
    await watched.pass({ ...other, announcements: theirs });
    const own = { contracts: network.chain.contracts, provider, challenger, isDryRun: false };
    await announce({ ...own, announcements }, "challenges", faultId);
    expect((await watched.pass({ announcements })).collected).to.deep.equal([]);
    await passTime(DAY_SECONDS + 60n);
    expect((await watched.pass({ announcements })).collected).to.deep.equal([]);
    expect(await creditedWith(faultId)).not.to.equal(challenger);
  });

  it("announces nothing where it only claims", async () => {
    await removeHonest();
    const [found] = (await watched.pass({ announcements, isClaimingOnly: true })).findings;
    expect([found?.verdict, found?.announcementHash]).to.deep.equal(["Proven", undefined]);
    expect(announcements.all()).to.deep.equal([]);
  });

  it("E_ANNOUNCEMENT_FILE: proves with a damaged note in its folder, and says so", async () => {
    await removeHonest();
    announcements.noteFor({ ledger: ZeroAddress, faultId: `0x${"11".repeat(32)}`, challenger });
    const [name = ""] = readdirSync(folder);
    writeFileSync(join(folder, name), "{");
    const { findings, warnings } = await watched.pass({ announcements });
    expect(findings.map(({ verdict }) => verdict)).to.deep.equal(["Proven"]);
    expect(warnings.map(({ source, code }) => [source, code])).to.deep.equal([
      ["collect", "E_ANNOUNCEMENT_FILE"],
    ]);
  });

  it("has each reward paid when it is due, once, and not in a dry run", async () => {
    await watched.pass();
    const { owner } = network.chain.parts.cast;
    const { challenges } = network.chain.as(owner);
    const { rewardWei } = await challenges.faultRules();
    expect(rewardWei).to.be.greaterThan(0n);
    await (await challenges.fundPool({ value: 10n * rewardWei })).wait();
    await removeHonest();
    const memory = new WatchMemory();
    const [found] = (await watched.pass({ memory })).findings;
    const faultId = found?.faultId ?? "";
    expect((await watched.pass({ memory })).collected).to.deep.equal([]);
    await passTime(DAY_SECONDS + 60n);
    const reward = { what: "reward", ledger: "challenges", faultId, amountWei: rewardWei };
    expect((await watched.pass({ memory, isDryRun: true })).collected).to.deep.equal([reward]);
    const { collected } = await watched.pass({ memory });
    expect(collected.length).to.equal(1);
    expect(collected[0]).to.include(reward);
    const address = await challenges.getAddress();
    const left = await network.chain.parts.ethersProvider.getBalance(address);
    expect(left).to.equal(9n * rewardWei);
    expect((await watched.pass({ memory })).collected).to.deep.equal([]);
    expect((await watched.pass()).collected).to.deep.equal([]);
  });
});
