import { expect } from "chai";
import fc from "fast-check";
import { bytes32, type Digest, type StateRoot } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import {
  contestedIn,
  equivocationsIn,
  type LandedRoots,
  MAX_PAIRS,
} from "../../../src/challenge/equivocation.ts";
import type { CertifiedCommit, EquivocationEvidence } from "../../../src/challenge/evidence.ts";
import { commitObservation, digestsOf } from "../../../src/challenge/observation.ts";
import { commitDigest } from "../../../src/commit/message.ts";

const DOMAIN = { chainId: 31337n, registry: new Uint8Array(20).fill(7) };
const ZERO = bytes32<Digest>(new Uint8Array(32));

function rootOf(name: string): StateRoot {
  return keccak256<StateRoot>(tag(name));
}

/** How somebody saw one number's root signed. */
interface Seen {
  readonly number: number;
  readonly timestamp: number;
  readonly certificateBytes: number;
  readonly before: number;
}

function certifiedOf(
  { number, timestamp, certificateBytes, before }: Seen,
  root: StateRoot,
): CertifiedCommit {
  const commit = {
    version: 2,
    sequenceNo: BigInt(number),
    prevStateRoot: rootOf(`root before ${number}`),
    newStateRoot: root,
    timestamp: BigInt(timestamp),
    daCertHash: bytes32<CertifiedCommit["commit"]["daCertHash"]>(keccak256(tag(`${timestamp}`))),
    pcr0Commitment: bytes32<CertifiedCommit["commit"]["pcr0Commitment"]>(new Uint8Array(32)),
  };
  const certificate = new Uint8Array(certificateBytes).fill(timestamp & 0xff);
  return { commit, before: Array(before).fill(ZERO), behind: [], certificate };
}

const NUMBERS = 12;
const seen = fc.record({
  number: fc.integer({ min: 1, max: NUMBERS }),
  timestamp: fc.integer({ min: 1, max: 1_000 }),
  certificateBytes: fc.integer({ min: 1, max: 300 }),
  before: fc.integer({ min: 0, max: 3 }),
});

/** How each number came to be on chain, and what was seen of the certificates. */
const history = fc.record({
  /** Commits on chain; those behind are certified and held. */
  landed: fc.integer({ min: 0, max: NUMBERS }),
  /** Numbers that a recovery took, whose own commit was certified and never landed. */
  recovered: fc.uniqueArray(fc.integer({ min: 1, max: NUMBERS }), { maxLength: 3 }),
  /** Numbers whose commit changed nothing. */
  heartbeats: fc.uniqueArray(fc.integer({ min: 1, max: NUMBERS }), { maxLength: 4 }),
  seen: fc.array(seen, { maxLength: 24 }),
});

type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** The one root that honest operators sign under a number. */
function signedRoot({ heartbeats }: History, number: number): StateRoot {
  let last = number;
  while (last > 1 && heartbeats.includes(last)) last--;
  return rootOf(`root ${last}`);
}

function landedIn(past: History): LandedRoots {
  return (sequenceNo) => {
    const number = Number(sequenceNo);
    if (number > past.landed) return undefined;
    return past.recovered.includes(number) ? rootOf("recovered") : signedRoot(past, number);
  };
}

/** What the watcher makes of it: the landed commit comes with its certificate, unless a recovery or a relay landed it. */
function accusations(
  observed: readonly CertifiedCommit[],
  landed: LandedRoots,
  certificateAt: (sequenceNo: bigint) => CertifiedCommit | undefined,
): readonly (readonly EquivocationEvidence[])[] {
  return contestedIn(observed, landed).flatMap((contested) => {
    const own = certificateAt(contested.sequenceNo);
    const certified = own === undefined ? contested.certified : [own, ...contested.certified];
    return equivocationsIn(contested, certified);
  });
}

function certificateIn(past: History): (sequenceNo: bigint) => CertifiedCommit | undefined {
  return (sequenceNo) => {
    const number = Number(sequenceNo);
    if (number > past.landed || past.recovered.includes(number)) return undefined;
    const landed = { number, timestamp: 5, certificateBytes: 200, before: 0 };
    return certifiedOf(landed, signedRoot(past, number));
  };
}

describe("equivocations among what is observed", () => {
  it("CHV26 CHL-03: accuses nobody in 1,000 honest histories, with holds, batches, signing again and recoveries", () => {
    fc.assert(
      fc.property(history, (past) => {
        const observed = past.seen.map((one) => certifiedOf(one, signedRoot(past, one.number)));
        const found = accusations(observed, landedIn(past), certificateIn(past));
        expect(found).to.deep.equal([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("CHL-11: finds one rival root among honest observations, and shows it with the least that is there", () => {
    fc.assert(
      fc.property(history, seen, (past, rival) => {
        const isShown =
          certificateIn(past)(BigInt(rival.number)) !== undefined ||
          past.seen.some(({ number }) => number === rival.number);
        const observed = past.seen.map((one) => certifiedOf(one, signedRoot(past, one.number)));
        const forked = certifiedOf(rival, rootOf("fork"));
        const found = accusations([...observed, forked], landedIn(past), certificateIn(past));
        expect(found.length).to.equal(isShown ? 1 : 0);
        const sizes = found.flat().map(({ one, other }) => {
          expect(one.commit.sequenceNo).to.equal(other.commit.sequenceNo);
          expect(toHex(one.commit.newStateRoot)).not.to.equal(toHex(other.commit.newStateRoot));
          expect([one, other]).to.include(forked);
          return sizeOf(one) + sizeOf(other);
        });
        expect(sizes).to.deep.equal([...sizes].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  it("tries a bounded number of pairs for one pair of roots", () => {
    const many = Array.from({ length: 40 }, (_, i) => ({
      number: 1,
      timestamp: i + 1,
      certificateBytes: 300 - i,
      before: 0,
    }));
    const certified = [
      ...many.map((one) => certifiedOf(one, rootOf("one"))),
      ...many.map((one) => certifiedOf(one, rootOf("other"))),
    ];
    const [pairs, ...more] = equivocationsIn({ landedRoot: rootOf("other") }, certified);
    expect(more).to.deep.equal([]);
    expect(pairs?.length).to.equal(MAX_PAIRS);
    const [first] = pairs ?? [];
    expect(first?.one.commit.newStateRoot).to.deep.equal(rootOf("other"));
    expect([first?.one.certificate.length, first?.other.certificate.length]).to.deep.equal([
      261, 261,
    ]);
  });

  it("puts a commit of a batch in its place among the others", () => {
    const { commit, certificate } = certifiedOf(
      { number: 3, timestamp: 9, certificateBytes: 4, before: 0 },
      rootOf("batched"),
    );
    const own = commitDigest(DOMAIN, commit);
    const others = [1, 2].map((byte) => bytes32<Digest>(new Uint8Array(32).fill(byte)));
    const [first, last] = others;
    if (first === undefined || last === undefined) return expect.fail("no digests");
    const batched = commitObservation(DOMAIN, {
      commit,
      digests: [first, own, last],
      certificate,
    });
    expect([batched.before, batched.behind]).to.deep.equal([[first], [last]]);
    expect(digestsOf(DOMAIN, batched)).to.deep.equal([first, own, last]);
    const alone = commitObservation(DOMAIN, { commit, digests: [], certificate });
    expect(digestsOf(DOMAIN, alone)).to.deep.equal([own]);
  });
});

function sizeOf({ certificate, before, behind }: CertifiedCommit): number {
  return certificate.length + 32 * (before.length + behind.length);
}
