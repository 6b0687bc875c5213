import { toHex } from "../bytes/hex.ts";
import type { PolicyDataTemplate, PolicyTemplate } from "../policy/ids.ts";

/** A data template as the contracts take it. */
export function dataTemplateArgument(template: PolicyDataTemplate) {
  return {
    wasmHash: toHex(template.wasmHash),
    argsSchemaHash: toHex(template.argsSchemaHash),
    outputSchemaHash: toHex(template.outputSchemaHash),
    secretsSchemaHash: toHex(template.secretsSchemaHash),
    teeRequired: template.teeRequired,
    cleartextHash: toHex(template.cleartextHash),
  };
}

/** A template as the contracts take it. */
export function templateArgument(template: PolicyTemplate) {
  return {
    regoHash: toHex(template.regoHash),
    paramsSchemaHash: toHex(template.paramsSchemaHash),
    entrypoint: template.entrypoint,
    environment: template.environment,
    data: template.data.map(({ name, ref }) => ({ name, ref: toHex(ref) })),
  };
}
