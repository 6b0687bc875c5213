import { HDNodeWallet } from "ethers";

/** The accounts that Hardhat and anvil fund by default; their keys are public and good for nothing else. */

const MNEMONIC = "test test test test test test test test test test test junk";

/** The first `count` private keys. */
export function developmentKeys(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`).privateKey,
  );
}
