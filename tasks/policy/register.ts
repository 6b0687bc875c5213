import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { TaskError } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { loadPolicy } from "../support/policies.ts";
import { accountOf, openWorkspace, withServices } from "../support/workspace.ts";

interface Options {
  readonly folder: string;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Registers a policy's data templates and its template, as the client account. */
export default async function registerPolicy(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const { name, bundle } = loadPolicy(options.folder);
    const workspace = await openWorkspace(hre, options.dataDir);
    const { register, registrationOf } = await import("../../src/chain/registration.ts");
    return await withServices(workspace, async ({ lane, contracts }) => {
      await lane.sync();
      const registration = registrationOf(lane.store, bundle);
      if (registration === undefined) {
        throw new TaskError("E_NOT_COMMITTED", `an artifact of ${name} is not committed yet`);
      }
      const { ref, data } = registration;
      const refs = { policy: toHex(ref), data: data.map((entry) => toHex(entry.ref)) };
      if (options.dryRun) {
        return { document: { ...refs, dryRun: true }, text: `would register ${refs.policy}` };
      }
      // The proofs are of the newest root, which may be held back: who registers waits for it.
      await lane.landHeld();
      const client = accountOf(workspace, "client");
      const receipts = await register(contracts, client, registration);
      const rows = receipts.map(({ what, gasUsed }) => [what, `${gasUsed} gas`]);
      return { document: { ...refs, receipts }, text: table([...rows, ["template", refs.policy]]) };
    });
  });
}
