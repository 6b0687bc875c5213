import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { agreedRoot, type RootSource } from "../../src/state/certifiedRoot.ts";
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

/** Certified roots: what the network's node says, and those at `urls`, separated by commas, all say too. */
export async function certifiedRootsOf(
  { addresses, chainId, contracts }: Pick<Workspace, "addresses" | "chainId" | "contracts">,
  urls: string,
): Promise<{ readonly root: RootSource; readonly close: () => void }> {
  const { certifiedRoots, certifiedRootsAt } = await import("../../src/chain/certifiedRoots.ts");
  const others = urls
    .split(",")
    .filter((url) => url !== "")
    .map((url) => certifiedRootsAt(url, chainId, addresses));
  return {
    root: agreedRoot(certifiedRoots(contracts), ...others.map(({ roots }) => roots)),
    close: () => {
      for (const { close } of others) close();
    },
  };
}
