import { ArtifactError } from "./errors.ts";
import { ARTIFACT_MAX_BYTES, type ArtifactKind } from "./kind.ts";
import { checkComponent, checkCoreModule, importsOf } from "./wasmPolicy.ts";

/** Which of the two binary formats a plugin has. */
export type WasmForm = "core module" | "component";

/** "\0asm", then version 1 in layer 0, or version 13 in layer 1 (the component model's binary format). */
const CORE_MODULE_HEAD = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const COMPONENT_HEAD = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** The form of `bytes` by their first 8 bytes. @throws {ArtifactError} `E_WASM_INVALID` for any other head */
export function wasmFormOf(bytes: Uint8Array): WasmForm {
  if (startsWith(bytes, CORE_MODULE_HEAD)) return "core module";
  if (startsWith(bytes, COMPONENT_HEAD)) return "component";
  throw new ArtifactError("E_WASM_INVALID", "wasm plugin: neither a core module nor a component");
}

/** What a plugin in clear asks of its host, in order of the names. @throws {ArtifactError} `E_WASM_INVALID` */
export function importsOfPlugin(bytes: Uint8Array): string[] {
  return importsOf(bytes, wasmFormOf(bytes));
}

/** @throws {ArtifactError} `E_WASM_INVALID`, `E_WASM_IMPORT`, `E_WASM_LIMIT` */
function check(bytes: Uint8Array): void {
  if (wasmFormOf(bytes) === "component") {
    checkComponent(bytes);
    return;
  }
  // First what is cheap: a valid module of a million functions takes long to find valid.
  checkCoreModule(bytes);
  if (!WebAssembly.validate(Uint8Array.from(bytes))) {
    throw new ArtifactError("E_WASM_INVALID", "wasm plugin: not a valid core module");
  }
}

function startsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  return head.every((byte, i) => bytes[i] === byte);
}

export const WASM_PLUGIN = {
  namespace: 0x06,
  title: "WASM plugin",
  maxBytes: ARTIFACT_MAX_BYTES,
  mayBeEncrypted: true,
  check,
} as const satisfies ArtifactKind;
