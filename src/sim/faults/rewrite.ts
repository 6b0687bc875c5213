import { ARTIFACT_KINDS } from "../../artifact/kinds.ts";
import type { FaultStep } from "./context.ts";
import { corruptCommit } from "./corruptCommit.ts";
import { honestCommit } from "./honestCommit.ts";
import { HONEST_KEY, replacementAt } from "./leaves.ts";

/** The honest policy's leaf gets other content. */
export const REWRITE: readonly FaultStep[] = [
  honestCommit,
  corruptCommit("rewrite", "rewrite", (sequenceNo) =>
    replacementAt(HONEST_KEY, ARTIFACT_KINDS.rego.namespace, sequenceNo),
  ),
];
