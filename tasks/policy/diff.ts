import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { toHex } from "../../src/bytes/hex.ts";
import { type Difference, differenceOf, type PolicyView } from "../../src/policy/difference.ts";
import { TaskError } from "../support/errors.ts";
import { report } from "../support/output.ts";
import { openWorkspace, withServices } from "../support/workspace.ts";
import { printable } from "./printable.ts";
import { findEntity, readerOf, type Subject, subjectOf } from "./subject.ts";

interface Options {
  readonly a: string;
  readonly b: string;
  readonly dataDir: string;
  readonly json: boolean;
}

/** What changed from one template, instance or folder to another. */
export default async function diffPolicies(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async () => {
    const [a, b] = [subjectOf(options.a), subjectOf(options.b)];
    const [from, to] = await viewsOf([a, b], options, hre);
    const comparable = bothOrNeither(from, to);
    const differences = differenceOf(comparable.from, comparable.to);
    const text =
      differences.length === 0 ? "nothing differs" : differences.map(textOf).join("\n\n");
    const document = { a: options.a, b: options.b, same: differences.length === 0, differences };
    return { document, text: printable(text) };
  });
}

async function viewsOf(
  subjects: readonly [Subject, Subject],
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<[PolicyView, PolicyView]> {
  const needsChain = subjects.some(({ kind }) => kind === "id");
  if (!needsChain) await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const { storedArtifacts, viewOfBundle, viewOnChain } = await import(
    "../../src/chain/policyView.ts"
  );
  const ofFolder = (subject: Subject) => {
    if (subject.kind === "id") throw new TaskError("E_OPTION", "expected a folder");
    return viewOfBundle(subject.policy.bundle, subject.policy.params);
  };
  if (!needsChain) return [ofFolder(subjects[0]), ofFolder(subjects[1])];
  const workspace = await openWorkspace(hre, options.dataDir);
  return await withServices(workspace, async ({ lane }) => {
    await lane.sync();
    const reader = await readerOf(workspace, lane.store);
    const artifacts = storedArtifacts(lane.store);
    const view = async (subject: Subject): Promise<PolicyView> => {
      if (subject.kind === "folder") return ofFolder(subject);
      const entity = await findEntity(reader, toHex(subject.id));
      if (entity.kind === "template" || entity.kind === "instance") {
        return await viewOnChain(reader, entity, artifacts);
      }
      throw new TaskError("E_OPTION", `a ${entity.kind} is no policy; name one that reads it`);
    };
    return [await view(subjects[0]), await view(subjects[1])];
  });
}

/** A template has no params: beside an instance or a folder that has some, they are left out. */
function bothOrNeither(from: PolicyView, to: PolicyView) {
  const without = (view: PolicyView, other: PolicyView): PolicyView => ({
    ...view,
    params: other.params === undefined ? undefined : view.params,
    expireAfterBlocks: other.expireAfterBlocks === undefined ? undefined : view.expireAfterBlocks,
  });
  return { from: without(from, to), to: without(to, from) };
}

function textOf(difference: Difference): string {
  const lines =
    "lines" in difference
      ? difference.lines
      : [
          ...difference.removed.map((one) => `-${one}`),
          ...difference.added.map((one) => `+${one}`),
        ];
  return [`== ${difference.part}`, ...lines].join("\n");
}
