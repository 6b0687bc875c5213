import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import type { PolicyAudit } from "../../src/chain/policyAudit.ts";
import type { PolicyReader } from "../../src/chain/policyReader.ts";
import { EXIT_CODES, TaskError } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";
import { printable } from "./printable.ts";
import { findEntity, readerOf, type Subject, subjectOf } from "./subject.ts";

interface Options {
  readonly subject: string;
  readonly dataDir: string;
  readonly json: boolean;
}

/** Holds bytes, proofs, refs and ids of a policy against the chain. Exit code 5 if anything differs. */
export default async function verifyPolicy(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async (progress) => {
    const subject = subjectOf(options.subject);
    const workspace = await openWorkspace(hre, options.dataDir);
    const { PolicyAudit } = await import("../../src/chain/policyAudit.ts");
    return await withServices(workspace, async ({ lane }) => {
      await lane.sync();
      const reader = await readerOf(workspace, lane.store);
      const { contracts, chainId, networkName } = workspace;
      const audit = new PolicyAudit({ contracts, reader, store: lane.store, chainId });
      progress("· bytes and proofs against the chain");
      await audit.root();
      await auditSubject(audit, reader, subject);
      const { checks } = audit;
      const ok = checks.every((check) => check.ok);
      if (!ok) process.exitCode = EXIT_CODES.integrity;
      const sequenceNo = await audit.sequenceNo();
      const rows = checks.map((check) => [
        check.ok ? "ok" : "DIFFERS",
        check.what,
        check.ok ? "" : `${check.code}: ${check.message}`,
      ]);
      return {
        document: { subject: options.subject, networkName, chainId, sequenceNo, ok, checks },
        text: printable(table(rows)),
      };
    });
  });
}

async function auditSubject(
  audit: PolicyAudit,
  reader: PolicyReader,
  subject: Subject,
): Promise<void> {
  if (subject.kind === "folder") {
    await audit.bundle(subject.policy.bundle, subject.policy.params);
    return;
  }
  const entity = await findEntity(reader, toHex(subject.id));
  if (entity.kind === "template") await audit.template(entity);
  else if (entity.kind === "instance") await audit.instance(entity);
  else if (entity.kind === "data template") await audit.data("", entity);
  else {
    const found = await reader.data(entity.ref);
    if (found === undefined) throw new TaskError("E_NOT_REGISTERED", toHex(entity.ref));
    await audit.data("", found);
  }
}
