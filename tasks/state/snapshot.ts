import { existsSync } from "node:fs";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { writeSnapshot } from "../../src/state/snapshotFolder.ts";
import { StateStore } from "../../src/state/store.ts";
import { TaskError } from "../support/errors.ts";
import { report } from "../support/output.ts";
import { storeNamed } from "../support/stores.ts";
import { openWorkspace } from "../support/workspace.ts";

interface Options {
  readonly out: string;
  readonly store: string;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Writes the newest commit of a store to a folder that others can restore from. */
export default async function snapshotState(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    if (options.out === "") throw new TaskError("E_OPTION", "--out: expected a folder");
    const workspace = await openWorkspace(hre, options.dataDir);
    const { path, name } = storeNamed(workspace, options.store);
    if (!existsSync(path)) throw new TaskError("E_NOT_COMMITTED", `${name} has no store yet`);
    const store = StateStore.open({ path, chainId: workspace.chainId });
    try {
      const { dryRun, out } = options;
      const { sequenceNo, ...counts } = await writeSnapshot(store, out, { dryRun });
      const stateRoot = toHex(store.rootAt(sequenceNo));
      const { leafCount, contents, contentBytes, chunks } = counts;
      const where = dryRun ? "would be written to" : "written to";
      return {
        document: { folder: out, sequenceNo, stateRoot, ...counts, dryRun },
        text: `commit ${sequenceNo} ${where} ${out}: ${leafCount} leaves in ${chunks} chunks, ${contents} contents of ${contentBytes} bytes`,
      };
    } finally {
      store.close();
    }
  });
}
