import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { ExplainedFault } from "../../src/chain/explain.ts";
import { report, table } from "../support/output.ts";
import { openWorkspace } from "../support/workspace.ts";

interface Options {
  readonly transaction: string;
  readonly dataDir: string;
  readonly json: boolean;
}

/** Says what a transaction proved, under which roots, and whom it names. */
export default async function explain(
  { transaction, dataDir, json }: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(json, async () => {
    const { contracts, provider } = await openWorkspace(hre, dataDir);
    const { explainChallenge } = await import("../../src/chain/explain.ts");
    const document = await explainChallenge(contracts, provider, transaction);
    const rows = [
      ...document.faults.flatMap((fault) => [
        ["fault", `${fault.fault} ${fault.faultId}`],
        ["about", aboutOf(fault)],
        ["credited", fault.challenger],
        ...(fault.isHookTold === undefined ? [] : [["hook", fault.isHookTold ? "told" : "failed"]]),
      ]),
      ...document.requests.map(({ step, requestId, account, deadline }) => [
        step,
        `${requestId}${account === undefined ? "" : `, by ${account}`}${deadline === undefined ? "" : `, until ${deadline}`}`,
      ]),
      ...document.roots.map(({ sequenceNo, stateRoot }) => [`root ${sequenceNo}`, stateRoot]),
      ...document.refuted.map(({ signed, actual }) => ["refuted", `${signed}, must be ${actual}`]),
      ...document.equivocators.map(({ epoch, operators }) => [
        `signed both, epoch ${epoch}`,
        operators.join(" "),
      ]),
      ...document.signers.map(({ epoch, operators, signed }) => [
        `signed ${signed}, epoch ${epoch}`,
        operators.join(" "),
      ]),
    ];
    const none = document.faults.length === 0 ? "no fault was recorded\n" : "";
    const text = `${none}${table(rows)}`.trimEnd();
    return { document: { transaction, ...document }, text };
  });
}

/** What a fault is about, with what only faults of its kind have. */
function aboutOf({ subject, sequenceNo, rule, chunkIndex }: ExplainedFault): string {
  if (rule !== undefined) return `commit ${sequenceNo}, ${rule}: ${subject}`;
  if (chunkIndex !== undefined) return `commit ${sequenceNo}, chunk ${chunkIndex}: ${subject}`;
  return subject;
}
