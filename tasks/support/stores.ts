import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { bytes32, type StateRoot } from "../../src/bytes/brand.ts";
import { isZero } from "../../src/bytes/compare.ts";
import { TaskError } from "./errors.ts";
import { operatorFolder, type Workspace } from "./workspace.ts";

/** A service's store of the chain's state. */
export interface LocalStore {
  /** `gateway`, or `operator-0` and so on. */
  readonly name: string;
  readonly path: string;
}

/** The stores that are in the data directory: the gateway's, then the operators'. */
export function localStores(workspace: Pick<Workspace, "dataDir">): LocalStore[] {
  const stores: LocalStore[] = [];
  const gateway = storeNamed(workspace, "gateway");
  if (existsSync(gateway.path)) stores.push(gateway);
  for (let i = 0; existsSync(operatorFolder(workspace, i)); i++) {
    const store = storeNamed(workspace, `operator-${i}`);
    if (existsSync(store.path)) stores.push(store);
  }
  return stores;
}

/** The store of a service, there or not. @throws {TaskError} `E_OPTION` */
export function storeNamed({ dataDir }: Pick<Workspace, "dataDir">, name: string): LocalStore {
  if (name !== "gateway" && !/^operator-\d{1,3}$/.test(name)) {
    throw new TaskError("E_OPTION", `--store: expected gateway or operator-<index>, got ${name}`);
  }
  return { name, path: join(dataDir, name, "state.db") };
}

/** Makes the folder that a store is to be in. */
export function makeStoreFolder({ path }: LocalStore): void {
  mkdirSync(dirname(path), { recursive: true });
}

/** Reads certified roots from the registry; nothing for a commit that it does not retain. */
export async function certifiedRoots({ contracts }: Pick<Workspace, "contracts">) {
  const { reverts } = await import("../../src/chain/contracts.ts");
  return async (sequenceNo: bigint): Promise<StateRoot | undefined> => {
    const root = await reverts.run(() => contracts.commits.tryStateRootAt(sequenceNo));
    const bytes = bytes32<StateRoot>(root, "state root");
    return isZero(bytes) ? undefined : bytes;
  };
}
