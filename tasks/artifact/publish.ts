import { existsSync, readFileSync, statSync } from "node:fs";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { checkArtifact } from "../../src/artifact/intake.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/artifact/kind.ts";
import { type ArtifactKindName, kindNameOf } from "../../src/artifact/kinds.ts";
import { requireNoSecrets } from "../../src/artifact/secrets.ts";
import { toHex } from "../../src/bytes/hex.ts";
import type { Finding } from "../../src/policy/finding.ts";
import { TaskError } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";
import { inspect } from "./check.ts";

interface Options {
  readonly path: string;
  readonly kind: string;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

interface Artifact {
  readonly kind: ArtifactKindName;
  readonly content: Uint8Array;
  /** Of its leaf: encrypted, TEE required. */
  readonly flags: number;
}

/** Checks one file, or every artifact of a policy folder, and hands it to the gateway's journal. */
export default async function publishArtifact(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const artifacts = await artifactsAt(options.path, options.kind);
    const { intakeArtifact } = await import("../../src/commit/gateway.ts");
    if (options.dryRun) {
      for (const { kind, content, flags } of artifacts) {
        checkArtifact(kind, content, { isEncrypted: flags !== 0 });
      }
      const kinds = artifacts.map(({ kind, content }) => ({ kind, contentBytes: content.length }));
      return {
        document: { artifacts: kinds, dryRun: true },
        text: `${kinds.length} artifacts are fit to publish`,
      };
    }
    const workspace = await openWorkspace(hre, options.dataDir);
    return await withServices(workspace, async ({ lane }) => {
      await lane.sync();
      const receipts = artifacts.map(({ kind, content, flags }) =>
        intakeArtifact(lane, kind, content, flags),
      );
      const document = receipts.map(
        ({ chainId, kind, contentHash, key, contentBytes, status }) => ({
          chainId,
          kind,
          contentHash: toHex(contentHash),
          key: toHex(key),
          contentBytes,
          status,
        }),
      );
      const rows = document.map(({ status, kind, contentHash, contentBytes }) => [
        status,
        kind,
        contentHash,
        `${contentBytes} bytes`,
      ]);
      return { document: { artifacts: document }, text: table(rows) };
    });
  });
}

/**
 * What is to be published, all of it checked.
 * @throws {TaskError} `E_FILE_NOT_FOUND`, `E_FILE_INVALID`, `E_CHECK_FAILED`; {ArtifactError} `E_KIND_UNKNOWN`, `E_SECRET`
 */
async function artifactsAt(path: string, kind: string): Promise<readonly Artifact[]> {
  if (!existsSync(path)) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${path}`);
  const status = statSync(path);
  if (status.isDirectory()) {
    const { bundle, findings } = await inspect(path);
    if (bundle === undefined || findings.length > 0) throw checkFailed(findings);
    return bundle.artifacts.map(({ kind: of, bytes, flags }) => ({
      kind: of,
      content: bytes,
      flags,
    }));
  }
  if (!status.isFile() || status.size > ARTIFACT_MAX_BYTES) {
    const limit = `a regular file of at most ${ARTIFACT_MAX_BYTES} bytes`;
    throw new TaskError("E_FILE_INVALID", `${path}: expected ${limit}, got ${status.size} bytes`);
  }
  const artifact = { kind: kindNameOf(kind), content: readFileSync(path), flags: 0 };
  await requireNoSecrets(artifact.content, path);
  return [artifact];
}

/** One finding is the failure; several are told together. */
function checkFailed(findings: readonly Finding[]): TaskError {
  const lines = findings.map(({ code, file, message }) => `${file}: ${code}: ${message}`);
  return new TaskError("E_CHECK_FAILED", `${findings.length} findings\n${lines.join("\n")}`);
}
