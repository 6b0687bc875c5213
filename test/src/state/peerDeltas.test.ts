import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import type { DaCertHash } from "../../../src/bytes/brand.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { FsDataAvailability } from "../../../src/state/daFs.ts";
import { MemoryDataAvailability } from "../../../src/state/daMemory.ts";
import { assertBlob, type GetOptions } from "../../../src/state/dataAvailability.ts";
import { DaError } from "../../../src/state/errors.ts";
import type { DeltaSource } from "../../../src/state/fetch.ts";
import { MAX_DELTA_PEERS, PeerDeltas } from "../../../src/state/peerDeltas.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { temporaryFolder } from "../../helpers/localNetwork.ts";

const BLOB = new TextEncoder().encode("what the commit names");
const HASH = keccak256<DaCertHash>(BLOB);
const OPTIONS: GetOptions = {
  expected: { scheme: "keccak256", digest: HASH },
  maxBytes: 1_000,
};

/** How a source answers. */
const BEHAVIOURS = {
  right: () => BLOB,
  wrong: () => Uint8Array.from(BLOB).fill(0),
  cut: () => BLOB.subarray(1),
  empty: () => new Uint8Array(0),
  long: () => new Uint8Array(10_000),
  missing: () => fails("E_DA_NOT_FOUND"),
  unreadable: () => fails("E_DA_READONLY"),
  broken: () => fails("E_DA_IO"),
} as const;

type Behaviour = keyof typeof BEHAVIOURS;

function fails(code: DaError["code"]): never {
  throw new DaError(code, "no");
}

/** Answers so, whether or not it says that it has checked what it gives. */
function source(behaviour: Behaviour, isChecking = false): DeltaSource {
  const answer = async (options: GetOptions): Promise<Uint8Array> => {
    const bytes = BEHAVIOURS[behaviour]();
    if (isChecking) assertBlob(bytes, options);
    return bytes;
  };
  return {
    get: async (_pointer, options) => await answer(options),
    manifest: async () => await answer(OPTIONS),
  };
}

const ALL: readonly Behaviour[] = [
  ...(["right", "wrong", "cut", "empty", "long", "missing", "unreadable", "broken"] as const),
];
const behaviour = fc.constantFrom(...ALL);
const answering = fc.tuple(behaviour, fc.boolean());

describe("deltas of several parties", () => {
  it("CHV27 DA-02: finds the right bytes of one source whatever others serve", async () => {
    await fc.assert(
      fc.asyncProperty(
        answering,
        fc.array(answering, { maxLength: MAX_DELTA_PEERS }),
        async (own, peers) => {
          const all = new PeerDeltas(
            source(...own),
            peers.map((peer) => source(...peer)),
          );
          const isThere = [own, ...peers].some(([how]) => how === "right");
          for (const ask of [() => all.get(HASH, OPTIONS), () => all.manifest(HASH)]) {
            if (isThere) expect(await ask()).to.deep.equal(BLOB);
            else expect(await asyncCodeOf(ask)).not.to.equal("none");
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  for (const [how, code] of [
    ["missing", "E_DA_NOT_FOUND"],
    ["wrong", "E_BLOB_HASH"],
    ["broken", "E_DA_IO"],
  ] as const) {
    it(`DA-06: says ${code} when the own source is ${how} and no peer has it, whatever is wrong with them`, async () => {
      const peers = (["missing", "unreadable", "broken", "wrong"] as const).map((one) =>
        source(one),
      );
      const all = new PeerDeltas(source(how), peers);
      expect(await asyncCodeOf(() => all.get(HASH, OPTIONS))).to.equal(code);
      expect(await asyncCodeOf(() => all.manifest(HASH))).to.equal(code);
    });
  }

  it("asks no peer when the own source has it, and none after it is aborted", async () => {
    const asked: string[] = [];
    const peer: DeltaSource = {
      get: async () => {
        asked.push("peer");
        return BLOB;
      },
      manifest: async () => BLOB,
    };
    await new PeerDeltas(source("right"), [peer]).get(HASH, OPTIONS);
    const aborted = new PeerDeltas(source("missing"), [peer]);
    const outcome = await aborted
      .get(HASH, { ...OPTIONS, signal: AbortSignal.abort() })
      .then(() => "done")
      .catch((error: Error) => error.name);
    expect([outcome, asked]).to.deep.equal(["AbortError", []]);
  });

  it("is refused with more peers than are asked", () => {
    const peers = Array.from({ length: MAX_DELTA_PEERS + 1 }, () => source("right"));
    expect(() => new PeerDeltas(source("right"), peers)).to.throw(RangeError);
  });

  it("changes nothing in the folder of a peer, and does not wait for a pipe in it", async () => {
    const folder = join(temporaryFolder(), "da");
    const absent = FsDataAvailability.reader(folder);
    expect(await asyncCodeOf(() => absent.get(HASH, OPTIONS))).to.equal("E_DA_NOT_FOUND");
    mkdirSync(folder);
    const name = toHex(HASH).slice(2);
    execFileSync("mkfifo", [join(folder, name)]);
    writeFileSync(join(folder, "left.tmp"), "");
    const peer = FsDataAvailability.reader(folder);
    expect(await asyncCodeOf(() => peer.get(HASH, OPTIONS))).to.equal("E_DA_IO");
    expect(readdirSync(folder).sort()).to.deep.equal([name, "left.tmp"].sort());
    const other = new MemoryDataAvailability();
    await other.put(BLOB);
    const both = new PeerDeltas(peer, [other]);
    expect(await both.get(HASH, OPTIONS)).to.deep.equal(BLOB);
  });
});
