import type { JsonValue } from "../artifact/json.ts";

/** Evaluates Rego. The one implementation here is `opaEngine.ts`. */
export interface RegoEngine {
  /** Name and version: operators that decide together run the same. */
  readonly id: string;
  /**
   * Compiles `module` and looks for its rule `entrypoint` (`package.rule`).
   * @throws {PolicyError} `E_REGO_…`
   */
  check(module: Uint8Array, entrypoint: string): Promise<void>;
  /**
   * The value of `entrypoint` over the documents.
   * @throws {PolicyError} `E_REGO_UNDEFINED` if it has none; `E_REGO_…`
   */
  evaluate(module: Uint8Array, entrypoint: string, documents: RegoDocuments): Promise<JsonValue>;
  /** Frees what the engine holds. It may be used again. */
  close(): void;
}

/** What a module reads. */
export interface RegoDocuments {
  /** The intent. */
  readonly input: JsonValue;
  /** `data.params`, and under `data.wasm` what each plugin returned. */
  readonly data: { readonly params: JsonValue; readonly wasm: JsonValue };
}
