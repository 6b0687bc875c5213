import type { FaultStep } from "./context.ts";
import { corruptCommit } from "./corruptCommit.ts";
import { honestCommit } from "./honestCommit.ts";
import { HONEST_KEY } from "./leaves.ts";

/** The honest policy's leaf is gone. */
export const REMOVAL: readonly FaultStep[] = [
  honestCommit,
  corruptCommit("removal", "rewrite", () => ({ operation: "delete", key: HONEST_KEY })),
];
