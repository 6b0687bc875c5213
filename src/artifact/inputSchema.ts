import { checkSchema, SCHEMA_MAX_BYTES } from "./jsonSchema.ts";
import type { ArtifactKind } from "./kind.ts";

export const INPUT_SCHEMA = {
  namespace: 0x05,
  title: "JSON Schema of params or call arguments",
  maxBytes: SCHEMA_MAX_BYTES,
  mayBeEncrypted: false,
  check: (bytes) => {
    checkSchema(bytes, "input schema");
  },
} as const satisfies ArtifactKind;
