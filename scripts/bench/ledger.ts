import { ZeroAddress } from "ethers";
import { CHANGE_DELAY_SECONDS } from "./quorumChain.ts";

/** Rules of a ledger that is measured: nobody is told, and there is a reward to set aside. */
export const FAULT_RULES = { hook: ZeroAddress, rewardWei: 1n } as const;

/** What a ledger is built with that judges the commits of `registry` and needs nothing else. */
export function ledgerArguments(owner: string, registry: string) {
  return [owner, registry, FAULT_RULES, CHANGE_DELAY_SECONDS] as const;
}
