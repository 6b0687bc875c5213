import type { TracedCommit } from "./gas.ts";

/** Where the gas of one transaction went, from the simulated chain's own trace of it. */

/** Gas by use; the sum is the gas of the transaction. */
export interface GasUse {
  readonly transaction: number;
  readonly calldata: {
    /** Selector, offset and length of the certificate, and the zeros behind it. */
    readonly frame: number;
    readonly commit: number;
    /** Epoch, hint and signature. */
    readonly signature: number;
    readonly aggregateKey: number;
  };
  /** The precompile's price, and the call to it. */
  readonly pairing: number;
  readonly storage: {
    /** Reading and writing the head. */
    readonly head: number;
    readonly ring: number;
    /** Reading the epoch's entry. */
    readonly epoch: number;
  };
  readonly event: number;
  readonly opcodes: {
    readonly hashes: number;
    /** JUMP, JUMPI, JUMPDEST. */
    readonly branches: number;
    /** Loads, stores and copies of memory and calldata. */
    readonly memory: number;
    /** Everything else: stack and arithmetic. */
    readonly arithmetic: number;
  };
}

interface Step {
  readonly op: string;
  readonly gas: number;
  readonly depth: number;
  readonly stack: readonly string[];
}

const HEAD_SLOT = 4n;
const RING_SLOTS = [5n, 724n] as const;
const TRANSACTION_GAS = 21_000;
const CERTIFICATE_OFFSET = 4 + 9 * 32;

/** What the traced commit's gas was used for. @throws {Error} if the parts do not add up */
export async function gasUse({ chain, hash }: TracedCommit): Promise<GasUse> {
  const transaction = await chain.ethers.provider.getTransaction(hash);
  const receipt = await chain.ethers.provider.getTransactionReceipt(hash);
  if (transaction === null || receipt === null) throw new Error("no transaction");
  const steps = await traceOf(chain.provider, hash);
  const spent = new Map<string, number>();
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1];
    if (next === undefined) continue;
    const use = useOf(step);
    spent.set(use, (spent.get(use) ?? 0) + step.gas - next.gas);
  }
  const of = (use: string) => spent.get(use) ?? 0;
  const use = {
    transaction: TRANSACTION_GAS,
    calldata: calldataUse(transaction.data),
    pairing: of("pairing"),
    storage: { head: of("head"), ring: of("ring"), epoch: of("epoch") },
    event: of("event"),
    opcodes: {
      hashes: of("hashes"),
      branches: of("branches"),
      memory: of("memory"),
      arithmetic: of("arithmetic"),
    },
  };
  const total = sumOf(use);
  if (total !== Number(receipt.gasUsed)) {
    throw new Error(`parts of ${total} gas in a transaction of ${receipt.gasUsed}`);
  }
  return use;
}

/** Sum of all numbers in `use`. */
export function sumOf(use: object): number {
  return Object.values(use).reduce<number>(
    (sum, part) => sum + (typeof part === "number" ? part : sumOf(part)),
    0,
  );
}

async function traceOf(
  provider: TracedCommit["chain"]["provider"],
  hash: string,
): Promise<readonly Step[]> {
  const trace: unknown = await provider.request({
    method: "debug_traceTransaction",
    params: [hash, { disableStorage: true, disableMemory: true }],
  });
  const logs = Reflect.get(Object(trace), "structLogs");
  if (!Array.isArray(logs)) throw new Error("a trace without steps");
  return logs.map((log) => ({
    op: String(Reflect.get(log, "op")),
    gas: Number(Reflect.get(log, "gas")),
    depth: Number(Reflect.get(log, "depth")),
    stack: [...Reflect.get(log, "stack")].map(String),
  }));
}

/** Precompiles have no steps of their own: what a call took is the difference to the next step. */
function useOf({ op, stack }: Step): string {
  if (op === "STATICCALL") return "pairing";
  if (op === "SLOAD" || op === "SSTORE") {
    const slot = BigInt(stack.at(-1) ?? "0");
    if (slot === HEAD_SLOT) return "head";
    return slot >= RING_SLOTS[0] && slot <= RING_SLOTS[1] ? "ring" : "epoch";
  }
  if (op.startsWith("LOG")) return "event";
  if (op === "KECCAK256") return "hashes";
  if (op.startsWith("JUMP")) return "branches";
  return /^(MLOAD|MSTORE8?|MCOPY|CALLDATALOAD|CALLDATACOPY|CODECOPY)$/.test(op)
    ? "memory"
    : "arithmetic";
}

function calldataUse(data: string): GasUse["calldata"] {
  const bytes = Buffer.from(data.slice(2), "hex");
  const gas = (from: number, to: number) =>
    bytes.subarray(from, to).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
  const key = CERTIFICATE_OFFSET + 101;
  return {
    frame: gas(0, 4) + gas(4 + 7 * 32, CERTIFICATE_OFFSET) + gas(key + 128, bytes.length),
    commit: gas(4, 4 + 7 * 32),
    signature: gas(CERTIFICATE_OFFSET, key),
    aggregateKey: gas(key, key + 128),
  };
}
