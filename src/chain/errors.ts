import { Interface, type InterfaceAbi } from "ethers";
import { CodedError } from "../bytes/errors.ts";

/**
 * A failure at the border to a chain. `code` is the name of the contract's custom error (`SequenceGap`,
 * `InsufficientQuorum`, …) or one of `E_UNREACHABLE`, `E_NO_CODE`, `E_REVERTED` (revert data no known contract explains),
 * `E_TRANSACTION`.
 */
export class ChainError extends CodedError {
  /** Arguments of the custom error, in order; empty for other codes. */
  readonly args: readonly unknown[];

  constructor(code: string, message: string, args: readonly unknown[], options?: ErrorOptions) {
    super(code, message, options);
    this.args = args;
  }
}

/** Codes by which providers say that nobody answers. */
const UNREACHABLE = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "TIMEOUT"]);

/** Turns whatever a provider throws into a {@link ChainError}, decoding custom errors of the given contracts. */
export class RevertDecoder {
  readonly #interfaces: readonly Interface[];

  constructor(abis: readonly InterfaceAbi[]) {
    this.#interfaces = abis.map((abi) => Interface.from(abi));
  }

  /** `cause` as a {@link ChainError}; an error that has a code of this project passes through. */
  decode(cause: unknown): CodedError {
    if (cause instanceof CodedError) return cause;
    const data = revertDataOf(cause);
    if (data !== undefined && data !== "0x") {
      for (const abi of this.#interfaces) {
        const parsed = abi.parseError(data);
        if (parsed === null) continue;
        const args = [...parsed.args];
        const shown = args.map((arg) => String(arg)).join(", ");
        return new ChainError(parsed.name, `the contract refused: ${parsed.name}(${shown})`, args, {
          cause,
        });
      }
      return new ChainError(
        "E_REVERTED",
        `the contract reverted with ${data.slice(0, 74)}`,
        [data],
        {
          cause,
        },
      );
    }
    if (isUnreachable(cause)) {
      return new ChainError("E_UNREACHABLE", "no node answers at the network's address", [], {
        cause,
      });
    }
    const said = cause instanceof Error ? firstLine(cause.message) : String(cause);
    return new ChainError("E_TRANSACTION", said, [], { cause });
  }

  /** The result of `action`; rejects with a {@link ChainError}. */
  async run<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw this.decode(cause);
    }
  }
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 300);
}

/** Walks an error and its causes, at most `MAX_CAUSES` deep, as providers nest them in different places. */
function* causesOf(error: unknown): Generator<Record<string, unknown>> {
  const MAX_CAUSES = 10;
  const queue: unknown[] = [error];
  for (let seen = 0; queue.length > 0 && seen < MAX_CAUSES; seen++) {
    const next = queue.shift();
    if (typeof next !== "object" || next === null) continue;
    const record: Record<string, unknown> = { ...next };
    // `cause` and `code` may be inherited or hidden from spreading.
    for (const key of ["cause", "code", "data", "error", "info"])
      record[key] = Reflect.get(next, key);
    yield record;
    queue.push(record.cause, record.error, record.info, record.data);
  }
}

function revertDataOf(error: unknown): string | undefined {
  for (const record of causesOf(error)) {
    if (typeof record.data === "string" && /^0x([0-9a-fA-F]{2})*$/.test(record.data)) {
      return record.data;
    }
  }
  return undefined;
}

function isUnreachable(error: unknown): boolean {
  for (const record of causesOf(error)) {
    if (typeof record.code === "string" && UNREACHABLE.has(record.code)) return true;
    if (record.name === "ConnectionRefusedError") return true;
  }
  return false;
}
