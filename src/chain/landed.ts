import type { ContractTransactionReceipt } from "ethers";
import type { LandedCommit } from "../commit/target.ts";
import { ChainError } from "./errors.ts";

/** What a mined transaction cost and where it is. @throws {ChainError} `E_TRANSACTION` if it was replaced or dropped */
export function landed(receipt: ContractTransactionReceipt | null): LandedCommit {
  if (receipt === null) throw new ChainError("E_TRANSACTION", "the transaction has no receipt", []);
  return {
    transactionHash: receipt.hash,
    blockNumber: BigInt(receipt.blockNumber),
    gasUsed: receipt.gasUsed,
  };
}
