import { parseJsonObject } from "./json.ts";
import type { ArtifactKind } from "./kind.ts";

/** Params of one instance that are too large for the chain: `PolicyRegistry` keeps up to 8,192 bytes itself. */
export const PARAMS = {
  namespace: 0x09,
  title: "JSON params of a policy",
  /** 1 MiB: operators parse them anew for every decision. */
  maxBytes: 1_048_576,
  mayBeEncrypted: false,
  check: (bytes) => {
    parseJsonObject(bytes, "params");
  },
} as const satisfies ArtifactKind;
