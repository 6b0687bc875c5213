import { treeKeyOf } from "../../state/key.ts";
import { KEYED_NAMESPACES } from "../../state/namespace.ts";
import type { FaultStep } from "./context.ts";
import { corruptCommit } from "./corruptCommit.ts";
import { honestCommit } from "./honestCommit.ts";
import { HONEST_HASH, replacementAt } from "./leaves.ts";

const SECRET_KEY = treeKeyOf(KEYED_NAMESPACES.secrets, HONEST_HASH);

/** A private leaf says that it is of another namespace than its key. */
export const MALFORMED_LEAF: readonly FaultStep[] = [
  honestCommit,
  corruptCommit("malformed-leaf", "malformed-leaf", (sequenceNo) =>
    replacementAt(SECRET_KEY, KEYED_NAMESPACES.identity, sequenceNo),
  ),
];
