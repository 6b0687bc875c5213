import {
  Contract,
  isAddress,
  isHexString,
  id as keccakOf,
  type Provider,
  ZeroAddress,
} from "ethers";
import { IAddressesProvider__factory } from "../../typechain-types/index.js";
import { CONSUMERS, COPY_GETTERS, type ConsumerRow } from "./consumers.ts";
import { reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import {
  type Change,
  type LiveConsumer,
  ProviderPlanError,
  type ProviderState,
} from "./providerPlan.ts";

/** What a directory says, and what its consumers say they copied. */

/** The 32-byte id of an entry: `keccak256` of its name, or the id itself where that was given. */
export function directoryId(name: string): string {
  return isHexString(name, 32) ? name : keccakOf(name);
}

/**
 * The directory at `provider`, as far as `changes` and `others`, consumers beside those of this project, are concerned. What
 * a consumer does not say it copied is taken to be what the directory has now.
 * @throws {ChainError} `E_NO_CODE`, `E_UNREACHABLE`
 * @throws {ProviderPlanError} `E_CHANGE_INVALID` for an address that is none, or without a contract
 */
export async function readProvider(
  runner: Provider,
  addressesProvider: string,
  changes: readonly Change[],
  others: readonly ConsumerRow[] = [],
): Promise<ProviderState> {
  return await reverts.run(async () => {
    if ((await runner.getCode(addressesProvider)) === "0x") {
      throw new ChainError("E_NO_CODE", `no contract at ${addressesProvider}: another chain?`, []);
    }
    const rows = [...CONSUMERS.filter((row) => !others.some(({ id }) => id === row.id)), ...others];
    const directory = IAddressesProvider__factory.connect(addressesProvider, runner);
    const entries = new Map<string, string>();
    const names = rows.flatMap(({ id, reads }) => [id, ...reads]);
    for (const name of new Set([...names, ...changes.map(({ id }) => id)])) {
      const address = await directory.tryGetAddress(directoryId(name));
      if (address !== ZeroAddress) entries.set(name, address);
    }
    const consumers: LiveConsumer[] = [];
    for (const row of rows) {
      const address = entries.get(row.id);
      if (address === undefined) continue;
      const reads = readsOf(row);
      const said = await copiesOf(runner, address, reads);
      const copies = new Map(
        reads.map((read) => [read, said.get(read) ?? entries.get(read) ?? "nothing"]),
      );
      const pending: string[] = [];
      for (const read of row.announces ?? []) {
        if ((await runner.getCode(copies.get(read) ?? ZeroAddress)) === "0x") pending.push(read);
      }
      consumers.push({ ...row, copies, pending });
    }
    return { entries, consumers, rows, copiesAt: await copiesAtNew(runner, rows, changes) };
  });
}

/** What the contracts say that changes would enter. */
async function copiesAtNew(
  runner: Provider,
  rows: readonly ConsumerRow[],
  changes: readonly Change[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const change of changes) {
    if (change.kind !== "set") continue;
    const { id, address } = change;
    // The provider itself refuses an address without code.
    if (!isAddress(address) || (await runner.getCode(address)) === "0x") {
      throw new ProviderPlanError("E_CHANGE_INVALID", `set:${id}: no contract at ${address}`);
    }
    const row = rows.find((one) => one.id === id);
    const reads = row === undefined ? [] : readsOf(row);
    const copies = await copiesOf(runner, address, reads);
    if (copies.size === reads.length) found.set(address.toLowerCase(), copies);
  }
  return found;
}

function readsOf({ reads, announces = [] }: ConsumerRow): readonly string[] {
  return [...reads, ...announces];
}

async function copiesOf(
  runner: Provider,
  address: string,
  reads: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const copies = new Map<string, string>();
  for (const read of reads) {
    const getter = COPY_GETTERS[read];
    if (getter === undefined) continue;
    const consumer = new Contract(address, [`function ${getter}() view returns (address)`], runner);
    const copy: unknown = await consumer
      .getFunction(getter)()
      .catch((cause: unknown) => {
        // A contract without the view says nothing; a node that is gone is another matter.
        const failure = reverts.decode(cause);
        if (failure.code === "E_UNREACHABLE") throw failure;
        return undefined;
      });
    if (typeof copy === "string") copies.set(read, copy);
  }
  return copies;
}
