import { ArtifactError } from "../artifact/errors.ts";
import { checkArtifact } from "../artifact/intake.ts";
import type { ArtifactKindName } from "../artifact/kinds.ts";
import { checkRegoEntrypoint } from "../artifact/rego.ts";
import { pluginsRead } from "../artifact/regoText.ts";
import { type ContentHash, zero32 } from "../bytes/brand.ts";
import { PolicyError } from "./errors.ts";
import {
  type DataBinding,
  flagsOf,
  type PolicyDataTemplate,
  type PolicyTemplate,
  type PolicyTemplateRef,
  policyDataRefOf,
  policyTemplateRefOf,
  sortBindings,
} from "./ids.ts";
import { type PolicyManifest, parseManifest } from "./manifest.ts";

/** A policy as its author keeps it: a folder, given as a map from file name to bytes (policies/README.md). */

/** The file that names all others. */
export const MANIFEST_FILE = "policy.json";

/** A file of the folder that is stored as an artifact. */
export interface BundleArtifact {
  /** Name in the folder. */
  readonly file: string;
  readonly kind: ArtifactKindName;
  readonly bytes: Uint8Array;
  readonly contentHash: ContentHash;
  /** Flags of its leaf: encrypted, TEE required. */
  readonly flags: number;
}

/** A plugin of the bundle. */
export interface BundleData {
  readonly binding: DataBinding;
  readonly template: PolicyDataTemplate;
  /** Ciphertext if the template has a hash of the cleartext. */
  readonly wasm: Uint8Array;
}

/** A policy that can be stored and registered. */
export interface PolicyBundle {
  readonly manifest: PolicyManifest;
  /** Everything that must be in the tree, each content once per kind. */
  readonly artifacts: readonly BundleArtifact[];
  readonly rego: Uint8Array;
  /** In the order of the template's bindings. */
  readonly data: readonly BundleData[];
  readonly template: PolicyTemplate;
  readonly templateRef: PolicyTemplateRef;
}

/**
 * The policy in `files`. Files that the manifest does not name (tests, samples, sources) are left alone.
 * @throws {PolicyError} `E_FILE_MISSING`, `E_MANIFEST_INVALID`; `E_BINDING_UNUSED` and `E_BINDING_MISSING` unless the
 *   plugins bound are the plugins read; `E_BINDING_NAME` for a name twice
 * @throws {ArtifactError} for a file that intake refuses
 */
export function loadPolicyFolder(files: ReadonlyMap<string, Uint8Array>): PolicyBundle {
  const manifest = parseManifest(fileOf(files, MANIFEST_FILE));
  const artifacts = new ArtifactList(files);
  const rego = fileOf(files, manifest.rego);
  const regoHash = artifacts.add("rego", manifest.rego);
  const paramsSchemaHash = artifacts.add("input-schema", manifest.paramsSchema);
  requireSamePlugins(rego, manifest);

  const byName = new Map<string, BundleData>();
  for (const entry of manifest.data) {
    const { cleartextHash = zero32<ContentHash>(), teeRequired = false } = entry.encrypted ?? {};
    const template: PolicyDataTemplate = {
      wasmHash: artifacts.add("wasm-plugin", entry.wasm, flagsOf({ cleartextHash, teeRequired })),
      argsSchemaHash: artifacts.add("input-schema", entry.argsSchema),
      outputSchemaHash: artifacts.add("output-schema", entry.outputSchema),
      secretsSchemaHash: artifacts.add("secrets-schema", entry.secretsSchema),
      teeRequired,
      cleartextHash,
    };
    const binding = { name: entry.name, ref: policyDataRefOf(template) };
    byName.set(entry.name, { binding, template, wasm: fileOf(files, entry.wasm) });
  }
  const bindings = sortBindings([...byName.values()].map(({ binding }) => binding));
  const { entrypoint, environment } = manifest;
  const template = { regoHash, paramsSchemaHash, entrypoint, environment, data: bindings };
  return {
    manifest,
    artifacts: artifacts.all(),
    rego,
    data: bindings.flatMap(({ name }) => byName.get(name) ?? []),
    template,
    templateRef: policyTemplateRefOf(template),
  };
}

/** Collects artifacts as the manifest names them. */
class ArtifactList {
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #artifacts: BundleArtifact[] = [];

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.#files = files;
  }

  /** Checks and adds a file; the zero hash if none is named. */
  add(kind: ArtifactKindName, file: string | undefined, flags = 0): ContentHash {
    if (file === undefined) return zero32<ContentHash>();
    const bytes = fileOf(this.#files, file);
    const contentHash = intake(kind, file, bytes, flags);
    const same = this.#artifacts.find((artifact) => {
      return artifact.kind === kind && Buffer.compare(artifact.contentHash, contentHash) === 0;
    });
    if (same === undefined) this.#artifacts.push({ file, kind, bytes, contentHash, flags });
    else if (same.flags !== flags) {
      // One leaf has one set of flags.
      throw new PolicyError(
        "E_MANIFEST_INVALID",
        `${file}: encrypted in one place, not in another`,
      );
    }
    return contentHash;
  }

  all(): readonly BundleArtifact[] {
    return this.#artifacts;
  }
}

function intake(
  kind: ArtifactKindName,
  file: string,
  bytes: Uint8Array,
  flags: number,
): ContentHash {
  try {
    return checkArtifact(kind, bytes, { isEncrypted: flags !== 0 });
  } catch (cause) {
    if (!(cause instanceof ArtifactError)) throw cause;
    throw new ArtifactError(cause.code, `${file}: ${cause.message}`, { cause });
  }
}

function requireSamePlugins(rego: Uint8Array, manifest: PolicyManifest): void {
  const read = pluginsRead(checkRegoEntrypoint(rego, manifest.entrypoint));
  for (const { name } of manifest.data) {
    if (!read.delete(name)) {
      throw new PolicyError("E_BINDING_UNUSED", `data "${name}" is bound, but not read`);
    }
  }
  for (const name of read) {
    throw new PolicyError("E_BINDING_MISSING", `data.wasm.${name} is read, but not bound`);
  }
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw new PolicyError("E_FILE_MISSING", `no file "${name}"`);
  return bytes;
}
