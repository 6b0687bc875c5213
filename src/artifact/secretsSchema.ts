import { checkSchema, SCHEMA_MAX_BYTES } from "./jsonSchema.ts";
import type { ArtifactKind } from "./kind.ts";

export const SECRETS_SCHEMA = {
  namespace: 0x08,
  title: "JSON Schema of secrets",
  maxBytes: SCHEMA_MAX_BYTES,
  mayBeEncrypted: false,
  check: (bytes) => {
    checkSchema(bytes, "secrets schema");
  },
} as const satisfies ArtifactKind;
