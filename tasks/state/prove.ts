import { writeFileSync } from "node:fs";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { kindOf } from "../../src/artifact/kinds.ts";
import { bytes32, type ContentHash, type TreeKey } from "../../src/bytes/brand.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { contentKey } from "../../src/state/key.ts";
import { TaskError } from "../support/errors.ts";
import { report, toJson } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";
import type { ProofFile } from "./proofFile.ts";

interface Options {
  readonly hash: string;
  readonly kind: string;
  readonly out: string;
  readonly dataDir: string;
  readonly json: boolean;
}

/** Proof that an artifact, or a tree key, is in the newest committed state, or that it is not. */
export default async function proveState(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const key =
      options.kind === ""
        ? bytes32<TreeKey>(options.hash, "tree key")
        : contentKey(
            kindNamespace(options.kind),
            bytes32<ContentHash>(options.hash, "content hash"),
          );
    const workspace = await openWorkspace(hre, options.dataDir);
    return await withServices(workspace, async ({ lane, target }) => {
      await lane.sync();
      const { store } = lane;
      // What is held is ahead of what the chain can check a proof against.
      const { sequenceNo } = await target.head();
      if (sequenceNo === 0n) throw new TaskError("E_NOT_COMMITTED", "nothing is committed yet");
      const leaf = store.leaf(key, sequenceNo);
      const document: ProofFile = {
        chainId: String(workspace.chainId),
        registry: toHex(target.registry),
        sequenceNo: String(sequenceNo),
        key: toHex(key),
        present: leaf !== undefined,
        record: leaf === undefined ? "0x" : toHex(leaf.record),
        proof: toHex(store.prove(key, sequenceNo)),
      };
      if (options.out !== "") writeFileSync(options.out, `${toJson(document)}\n`);
      const found = document.present ? "is" : "is not";
      const where = options.out === "" ? "" : `; proof written to ${options.out}`;
      return {
        document,
        text: `${document.key} ${found} in the state after commit ${sequenceNo}${where}`,
      };
    });
  });
}

function kindNamespace(kind: string): number {
  return kindOf(kind).namespace;
}
