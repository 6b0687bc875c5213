import { readFileSync, statSync, writeFileSync } from "node:fs";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { checkArtifact } from "../../src/artifact/intake.ts";
import { type BlockSource, fileOfCid, parseCid } from "../../src/artifact/ipfs.ts";
import { fileSource, gatewaySource } from "../../src/artifact/ipfsSource.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/artifact/kind.ts";
import { kindNameOf } from "../../src/artifact/kinds.ts";
import { requireNoSecrets } from "../../src/artifact/secrets.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { OpaEngine } from "../../src/policy/opaEngine.ts";
import { TaskError } from "../support/errors.ts";
import { report } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";

interface Options {
  readonly cid: string;
  readonly kind: string;
  readonly from: string;
  readonly gateway: string;
  readonly out: string;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Fetches the file that a CID names, checks it block by block and by its kind, and hands it to the gateway's journal. */
export default async function importArtifact(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const kind = kindNameOf(options.kind);
    const cid = parseCid(options.cid).toString();
    const content = await fileOfCid(cid, await sourceOf(options));
    const contentHash = toHex(checkArtifact(kind, content));
    await requireNoSecrets(content, cid);
    if (options.out !== "") writeFileSync(options.out, content, { flag: "wx" });
    const found = { cid, kind, contentHash, contentBytes: content.length };
    const status = options.dryRun ? "checked" : await publish(options, hre, kind, content);
    const text = `${cid}\nis ${contentHash} (${kind}, ${content.length} bytes): ${status}`;
    return { document: { ...found, status }, text };
  });
}

async function publish(
  { dataDir }: Options,
  hre: HardhatRuntimeEnvironment,
  kind: string,
  content: Uint8Array,
): Promise<string> {
  const { admitArtifact } = await import("../../src/commit/gateway.ts");
  const workspace = await openWorkspace(hre, dataDir);
  const engine = new OpaEngine();
  try {
    return await withServices(workspace, async ({ lane }) => {
      await lane.sync();
      return (await admitArtifact(lane, kindNameOf(kind), content, engine)).status;
    });
  } finally {
    engine.close();
  }
}

/** @throws {TaskError} `E_OPTION` unless there is one source; `E_FILE_NOT_FOUND`, `E_FILE_INVALID` */
async function sourceOf({ from, gateway }: Options): Promise<BlockSource> {
  if ((from === "") === (gateway === "")) {
    throw new TaskError("E_OPTION", "expected either --from <file> or --gateway <url>");
  }
  if (gateway !== "") {
    if (!/^https?:\/\//.test(gateway)) throw new TaskError("E_OPTION", `no URL: ${gateway}`);
    return gatewaySource(gateway);
  }
  const status = statSync(from, { throwIfNoEntry: false });
  if (status === undefined) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${from}`);
  // A CAR has its blocks' CIDs besides.
  if (!status.isFile() || status.size > ARTIFACT_MAX_BYTES * 2) {
    throw new TaskError("E_FILE_INVALID", `${from}: no file, or ${status.size} bytes`);
  }
  return await fileSource(readFileSync(from));
}
