import { toQuantity } from "ethers";
import type { EthereumProvider } from "hardhat/types/providers";
import type { NodeProcess } from "./nodeProcess.ts";

/** Plays the blocks of one chain again on another EVM: same senders, data, gas limits and times. */

/** A transaction on both chains. */
export interface Replayed {
  readonly block: number;
  readonly to: string | null;
  readonly data: string;
  /** Gas used, status and number of logs, on the chain it came from and where it was replayed. */
  readonly original: Outcome;
  readonly replayed: Outcome;
}

/** What a receipt says. */
export interface Outcome {
  readonly gasUsed: bigint;
  readonly succeeded: boolean;
  /** Topics and data of all logs. */
  readonly logs: string;
  readonly contract: string | null;
}

/** Blocks 1 to the newest of `from`, replayed on `onto`, a fresh simulated network. */
export async function replayAll(from: NodeProcess, onto: EthereumProvider): Promise<Replayed[]> {
  const newest = Number(await from.call("eth_blockNumber"));
  const replayed: Replayed[] = [];
  await onto.request({ method: "evm_setAutomine", params: [false] });
  for (let number = 1; number <= newest; number++) {
    const block = await from.call("eth_getBlockByNumber", [toQuantity(number), true]);
    replayed.push(...(await replayBlock(from, onto, number, block)));
  }
  return replayed;
}

async function replayBlock(
  from: NodeProcess,
  onto: EthereumProvider,
  number: number,
  block: unknown,
): Promise<Replayed[]> {
  const transactions: unknown = Reflect.get(Object(block), "transactions");
  if (!Array.isArray(transactions)) throw new Error(`block ${number} has no transactions`);
  const timestamp = text(block, "timestamp");
  const sent: { hash: string; original: string; to: string | null; data: string }[] = [];
  for (const transaction of transactions) {
    const sender = text(transaction, "from");
    const to: unknown = Reflect.get(Object(transaction), "to");
    const data = text(transaction, "input");
    await onto.request({ method: "hardhat_impersonateAccount", params: [sender] });
    // Fees are not compared, so nobody may lack money for them.
    await onto.request({
      method: "hardhat_setBalance",
      params: [sender, toQuantity(10n ** 24n)],
    });
    const call = {
      from: sender,
      ...(typeof to === "string" ? { to } : {}),
      data,
      value: text(transaction, "value"),
      gas: text(transaction, "gas"),
      nonce: text(transaction, "nonce"),
    };
    const hash = await onto.request({ method: "eth_sendTransaction", params: [call] });
    const original = text(transaction, "hash");
    sent.push({ hash: `${hash}`, original, to: typeof to === "string" ? to : null, data });
  }
  await onto.request({ method: "evm_setNextBlockTimestamp", params: [timestamp] });
  await onto.request({ method: "evm_mine", params: [] });
  const outcomes: Replayed[] = [];
  for (const { hash, original, to, data } of sent) {
    const receipt = await onto.request({ method: "eth_getTransactionReceipt", params: [hash] });
    outcomes.push({
      block: number,
      to,
      data,
      original: outcomeOf(await from.call("eth_getTransactionReceipt", [original])),
      replayed: outcomeOf(receipt),
    });
  }
  return outcomes;
}

function outcomeOf(receipt: unknown): Outcome {
  const logs: unknown = Reflect.get(Object(receipt), "logs");
  const contract: unknown = Reflect.get(Object(receipt), "contractAddress");
  const flat = (Array.isArray(logs) ? logs : []).map((log: unknown) => {
    const topics: unknown = Reflect.get(Object(log), "topics");
    return `${text(log, "address")}:${topics}:${text(log, "data")}`;
  });
  return {
    gasUsed: BigInt(text(receipt, "gasUsed")),
    succeeded: text(receipt, "status") === "0x1",
    logs: flat.join("\n"),
    contract: typeof contract === "string" ? contract : null,
  };
}

function text(value: unknown, field: string): string {
  const found: unknown = Reflect.get(Object(value), field);
  if (typeof found !== "string") throw new Error(`the node's answer has no ${field}`);
  return found;
}
