import { type Signer, Wallet } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { tag, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";

/** A connection to a chain of any type; a node that keeps its own time has no network helpers. */
export interface Connection extends Pick<NetworkConnection, "ethers" | "provider"> {
  readonly networkHelpers: Pick<
    NetworkConnection["networkHelpers"],
    "time" | "setBalance" | "setStorageAt"
  >;
}

/** What a bench may do with a chain beside sending transactions: choose block times, and have funded accounts. */
export interface ChainControl {
  /** Time, in seconds since 1970, at which what follows may be dated: the next block's, or earlier. */
  tick(seconds?: number): Promise<number>;
  /** A funded account, the same for one `index` in every run. */
  account(index: number): Promise<Signer>;
}

const FUNDS_WEI = 10n ** 18n;
const COMMIT_SECONDS = 120;
/** Between the times that {@link liveControl} gives: room for the commits of a batch, each a second later. */
const LIVE_TICK_SECONDS = 40;
/** More than what all ticks of a bench sum up to. */
const LIVE_HEADROOM_SECONDS = 10_000;

/** Of a simulated chain: block times are fixed, from `startSeconds` on, and accounts are anybody's. */
export async function simulatedControl(
  { ethers, networkHelpers }: Connection,
  startSeconds: number,
): Promise<ChainControl> {
  let clock = startSeconds;
  return {
    async tick(seconds = COMMIT_SECONDS) {
      clock += seconds;
      await networkHelpers.time.setNextBlockTimestamp(clock);
      return clock;
    },
    async account(index) {
      const address = toHex(keccak256(tag("operator"), uintBytes(index, 2)).slice(12));
      await networkHelpers.setBalance(address, FUNDS_WEI);
      return await ethers.getImpersonatedSigner(address);
    },
  };
}

/** Of a node that keeps its own time: `payer` funds accounts with keys, and times are given out from the past. */
export async function liveControl({ ethers }: Connection, payer: Signer): Promise<ChainControl> {
  const latest = await ethers.provider.getBlock("latest");
  let clock = (latest?.timestamp ?? 0) - LIVE_HEADROOM_SECONDS;
  return {
    async tick() {
      clock += LIVE_TICK_SECONDS;
      return clock;
    },
    async account(index) {
      const key = toHex(keccak256(tag("operator key"), uintBytes(index, 2)));
      const wallet = new Wallet(key, ethers.provider);
      await (await payer.sendTransaction({ to: wallet.address, value: FUNDS_WEI / 10n })).wait();
      return wallet;
    },
  };
}
