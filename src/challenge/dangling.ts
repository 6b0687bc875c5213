import { ARTIFACT_KINDS, type ArtifactKindName } from "../artifact/kinds.ts";
import type { ContentHash } from "../bytes/brand.ts";
import { equalBytes, isZero } from "../bytes/compare.ts";
import type { PolicyDataTemplate, PolicyInstanceId, PolicyTemplate } from "../policy/ids.ts";
import { contentKey } from "../state/key.ts";
import type {
  DanglingDataEvidence,
  DanglingParamsEvidence,
  DanglingTemplateEvidence,
  LaterLeaf,
  RewriteEvidence,
} from "./evidence.ts";

/** Which registrations a lost leaf leaves dangling. */

/** A registered template, or an instance whose params are a leaf, and the newest commit at its registration. */
export type Registered =
  | { readonly of: "template"; readonly template: PolicyTemplate; readonly sequenceNo: bigint }
  | { readonly of: "data"; readonly template: PolicyDataTemplate; readonly sequenceNo: bigint }
  | {
      readonly of: "instance";
      readonly policyInstanceId: PolicyInstanceId;
      readonly paramsHash: ContentHash;
      readonly sequenceNo: bigint;
    };

/** See the types. */
export type DanglingEvidence =
  | DanglingTemplateEvidence
  | DanglingDataEvidence
  | DanglingParamsEvidence;

/** Artifacts of a registration, in the order of their indices. */
function artifactsOf(
  registered: Registered,
): readonly (readonly [kind: ArtifactKindName, contentHash: ContentHash])[] {
  if (registered.of === "instance") return [["params", registered.paramsHash]];
  if (registered.of === "template") {
    const { regoHash, paramsSchemaHash } = registered.template;
    return [
      ["rego", regoHash],
      ["input-schema", paramsSchemaHash],
    ];
  }
  const { wasmHash, argsSchemaHash, outputSchemaHash, secretsSchemaHash } = registered.template;
  return [
    ["wasm-plugin", wasmHash],
    ["input-schema", argsSchemaHash],
    ["output-schema", outputSchemaHash],
    ["secrets-schema", secretsSchemaHash],
  ];
}

/** Evidence that artifact `artifactIndex` of a registration, or an instance's only one, is what `later` shows. */
export function danglingEvidence(
  registered: Registered,
  artifactIndex: number,
  later: LaterLeaf,
): DanglingEvidence {
  if (registered.of === "instance") {
    return { kind: "dangling-params", policyInstanceId: registered.policyInstanceId, later };
  }
  if (registered.of === "template") {
    return { kind: "dangling-template", template: registered.template, artifactIndex, later };
  }
  return { kind: "dangling-data", template: registered.template, artifactIndex, later };
}

/**
 * Evidence of every registration that names the leaf lost by `loss`, the newest first: what a recovery explains of an older
 * one it may not explain of that. One artifact is one fault: any piece of evidence that proves it does so for all.
 */
export function danglingBy(
  loss: RewriteEvidence,
  registrations: readonly Registered[],
): readonly DanglingEvidence[] {
  const later: LaterLeaf = {
    sequenceNo: loss.laterSequenceNo,
    record: loss.laterRecord,
    proof: loss.laterProof,
  };
  return registrations
    .filter(({ sequenceNo }) => sequenceNo < loss.laterSequenceNo)
    .sort((a, b) => Number(b.sequenceNo - a.sequenceNo))
    .flatMap((registered) =>
      artifactsOf(registered).flatMap(([kind, contentHash], artifactIndex) => {
        const { namespace } = ARTIFACT_KINDS[kind];
        const isLost =
          !isZero(contentHash) && equalBytes(contentKey(namespace, contentHash), loss.key);
        return isLost ? [danglingEvidence(registered, artifactIndex, later)] : [];
      }),
    );
}
