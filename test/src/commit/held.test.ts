import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { bytes32, type StateRoot } from "../../../src/bytes/brand.ts";
import { HeldCommits, MAX_HELD_COMMITS } from "../../../src/commit/held.ts";
import { checkedHoldRules, isRipe, statusOf } from "../../../src/commit/holdRules.ts";
import { COMMIT_VERSION } from "../../../src/commit/message.ts";
import type { CertifiedCommit } from "../../../src/commit/target.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { temporaryFolder } from "../../helpers/localNetwork.ts";

function filled(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

/** Commit `n` of a chain on which commit `n` leads to the root of n bytes. */
function certified(n: number, certificate = Uint8Array.of(n)): CertifiedCommit {
  const commit = {
    version: COMMIT_VERSION,
    sequenceNo: BigInt(n),
    prevStateRoot: bytes32<StateRoot>(filled(n - 1)),
    newStateRoot: bytes32<StateRoot>(filled(n)),
    timestamp: 1_000n + BigInt(n),
    daCertHash: bytes32<CertifiedCommit["commit"]["daCertHash"]>(filled(100)),
    pcr0Commitment: bytes32<CertifiedCommit["commit"]["pcr0Commitment"]>(filled(0)),
  };
  return { commit, certificate };
}

describe("HeldCommits", () => {
  let path: string;
  let held: HeldCommits;

  beforeEach(() => {
    path = join(temporaryFolder(), "held.db");
    held = HeldCommits.open(path);
  });

  afterEach(() => held.close());

  function reopen(): void {
    held.close();
    held = HeldCommits.open(path);
  }

  /** The code with which `certified` is refused; nothing has changed then. */
  async function refusal(entry: CertifiedCommit): Promise<string> {
    const before = held.all();
    const code = await asyncCodeOf(() => held.put(entry));
    expect(held.all()).to.deep.equal(before);
    return code;
  }

  it("gives commits and certificates back in order, also after a restart", () => {
    for (const n of [255, 256, 257]) held.put(certified(n));
    reopen();
    expect(held.all().map(({ commit }) => commit.sequenceNo)).to.deep.equal([255n, 256n, 257n]);
    expect(held.all()[0]).to.deep.equal(certified(255));
    expect(held.length).to.equal(3);
  });

  it("forgets what the chain has, and nothing behind it", () => {
    for (const n of [5, 6, 7]) held.put(certified(n));
    held.dropThrough(6n);
    reopen();
    expect(held.all()).to.deep.equal([certified(7)]);
    held.dropThrough(100n);
    expect(held.length).to.equal(0);
  });

  it("takes another certificate of the same commit in the place of the first", () => {
    for (const n of [5, 6]) held.put(certified(n));
    held.put(certified(5, Uint8Array.of(9, 9)));
    expect(held.all()).to.deep.equal([certified(5, Uint8Array.of(9, 9)), certified(6)]);
  });

  it("E_FORKED: refuses another commit of a number that is held", async () => {
    for (const n of [5, 6]) held.put(certified(n));
    const { commit, certificate } = certified(6);
    const later = { commit: { ...commit, timestamp: commit.timestamp + 1n }, certificate };
    expect(await refusal(later)).to.equal("E_FORKED");
  });

  it("E_HELD_ORDER: refuses a gap, another base, and a time that does not rise", async () => {
    held.put(certified(5));
    const { commit, certificate } = certified(6);
    expect(await refusal(certified(7))).to.equal("E_HELD_ORDER");
    expect(await refusal(certified(4))).to.equal("E_HELD_ORDER");
    const rootless = { ...commit, prevStateRoot: bytes32<StateRoot>(filled(77)) };
    expect(await refusal({ commit: rootless, certificate })).to.equal("E_HELD_ORDER");
    const early = { ...commit, timestamp: certified(5).commit.timestamp };
    expect(await refusal({ commit: early, certificate })).to.equal("E_HELD_ORDER");
  });

  it("E_HELD_LIMIT: holds no more than one pairing can prove", async () => {
    for (let n = 1; n <= MAX_HELD_COMMITS; n++) held.put(certified(n));
    expect(await refusal(certified(MAX_HELD_COMMITS + 1))).to.equal("E_HELD_LIMIT");
  });

  it("E_HELD_CORRUPT: names an entry that is not what was written", async () => {
    held.put(certified(5));
    held.close();
    const file = new DatabaseSync(path);
    file.exec("UPDATE held SET certificate = x'06'");
    file.close();
    held = HeldCommits.open(path);
    expect(await asyncCodeOf(() => held.all())).to.equal("E_HELD_CORRUPT");
  });

  it("E_LOCKED: is open in one place at a time", async () => {
    expect(await asyncCodeOf(() => HeldCommits.open(path))).to.equal("E_LOCKED");
  });
});

describe("hold rules", () => {
  const rules = { maxHeldCommits: 3, maxHeldSeconds: 60n };

  it("E_HOLD_RULES: are refused outside 1 to 32 commits, or with an age below zero", async () => {
    for (const maxHeldCommits of [0, 33, 1.5, Number.NaN]) {
      const code = await asyncCodeOf(() => checkedHoldRules({ ...rules, maxHeldCommits }));
      expect(code, String(maxHeldCommits)).to.equal("E_HOLD_RULES");
    }
    const code = await asyncCodeOf(() => checkedHoldRules({ ...rules, maxHeldSeconds: -1n }));
    expect(code).to.equal("E_HOLD_RULES");
    for (const maxHeldCommits of [1, 32]) {
      expect(checkedHoldRules({ ...rules, maxHeldCommits }).maxHeldCommits).to.equal(
        maxHeldCommits,
      );
    }
  });

  it("are met by the number of commits or by the age of the oldest", () => {
    const [one, two, three] = [certified(1), certified(2), certified(3)];
    expect(isRipe(rules, statusOf([]), 10n ** 9n)).to.equal(false);
    expect(isRipe(rules, statusOf([one, two]), 1_060n)).to.equal(false);
    expect(isRipe(rules, statusOf([one, two]), 1_061n)).to.equal(true);
    expect(isRipe(rules, statusOf([one, two, three]), 1_003n)).to.equal(true);
  });
});
