import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { report, table } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";

interface Options {
  readonly dataDir: string;
  readonly json: boolean;
}

/** Where the registry stands, what is held ahead of it, and where the gateway's replica does. */
export default async function showHead(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const workspace = await openWorkspace(hre, options.dataDir);
    return await withServices(workspace, async ({ lane, target }) => {
      await lane.sync();
      const head = await target.head();
      const { store, journal } = lane;
      const { commits, sinceSeconds } = lane.heldStatus;
      const document = {
        networkName: workspace.networkName,
        chainId: workspace.chainId,
        registry: toHex(target.registry),
        sequenceNo: head.sequenceNo,
        stateRoot: toHex(head.stateRoot),
        timestamp: head.timestamp,
        leaves: store.leafCount(),
        pending: journal.length,
        held: commits,
        ...(sinceSeconds !== undefined && { heldSince: sinceSeconds }),
      };
      const rows = Object.entries(document).map(([name, value]) => [name, String(value)]);
      return { document, text: table(rows) };
    });
  });
}
