import { checkSchema, SCHEMA_MAX_BYTES } from "./jsonSchema.ts";
import type { ArtifactKind } from "./kind.ts";

export const OUTPUT_SCHEMA = {
  namespace: 0x07,
  title: "JSON Schema of a plugin's output",
  maxBytes: SCHEMA_MAX_BYTES,
  mayBeEncrypted: false,
  check: (bytes) => {
    checkSchema(bytes, "output schema");
  },
} as const satisfies ArtifactKind;
