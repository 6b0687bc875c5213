import { type JsonValue, parseJson } from "../artifact/json.ts";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../artifact/kinds.ts";
import { strictText } from "../artifact/text.ts";
import { importsOfPlugin } from "../artifact/wasmPlugin.ts";
import type { ContentHash } from "../bytes/brand.ts";
import { isZero } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import type { PluginView, PolicyView } from "../policy/difference.ts";
import type { PolicyBundle } from "../policy/folder.ts";
import type { PolicyDataTemplate, PolicyTemplate } from "../policy/ids.ts";
import { contentKey } from "../state/key.ts";
import type { StateStore } from "../state/store.ts";
import { ChainError } from "./errors.ts";
import type { EntityOf, PolicyReader } from "./policyReader.ts";

/** A policy with all its parts at hand, from a chain with a store of its state, or from a folder. */

/** Bytes of an artifact; undefined if they are not at hand. */
export type ArtifactSource = (
  kind: ArtifactKindName,
  contentHash: ContentHash,
) => Uint8Array | undefined;

/** Artifacts of the newest commit of a store; what it gives has been hashed. */
export function storedArtifacts(store: StateStore): ArtifactSource {
  return (kind, contentHash) =>
    store.leaf(contentKey(ARTIFACT_KINDS[kind].namespace, contentHash))?.content;
}

/** Artifacts of a folder. */
export function bundledArtifacts({ artifacts }: PolicyBundle): ArtifactSource {
  return (kind, contentHash) => {
    const isIt = (one: (typeof artifacts)[number]) =>
      one.kind === kind && toHex(one.contentHash) === toHex(contentHash);
    return artifacts.find(isIt)?.bytes;
  };
}

/** Templates by which a view is made: the policy's, and its plugins' by name. */
export interface ViewParts {
  readonly template: PolicyTemplate;
  readonly data: ReadonlyMap<string, PolicyDataTemplate>;
  readonly params?: Uint8Array;
  readonly expireAfterBlocks?: number;
}

/**
 * The view of a policy in a folder, instantiated with `params` if there are any.
 * @throws {ArtifactError} for params that are no JSON
 */
export function viewOfBundle(bundle: PolicyBundle, params: Uint8Array | undefined): PolicyView {
  const data = new Map(bundle.data.map(({ binding, template }) => [binding.name, template]));
  const parts = { template: bundle.template, data, ...(params === undefined ? {} : { params }) };
  return viewOf(parts, bundledArtifacts(bundle));
}

/**
 * The view of a template or instance on a chain.
 * @throws {ChainError} `E_NOT_REGISTERED`, `E_ARTIFACT_ABSENT`, and as the reader
 */
export async function viewOnChain(
  reader: PolicyReader,
  entity: EntityOf<"template"> | EntityOf<"instance">,
  artifacts: ArtifactSource,
): Promise<PolicyView> {
  if (entity.kind === "template") return viewOf(await partsOf(reader, entity.template), artifacts);
  const { templateRef, params, expireAfterBlocks } = entity.instance;
  const found = await reader.template(templateRef);
  if (found === undefined) throw notRegistered(`template ${toHex(templateRef)}`);
  const parts = await partsOf(reader, found.template);
  return viewOf({ ...parts, params, expireAfterBlocks }, artifacts);
}

/** A template with those of its plugins. @throws {ChainError} `E_NOT_REGISTERED` */
export async function partsOf(reader: PolicyReader, template: PolicyTemplate): Promise<ViewParts> {
  const data = new Map<string, PolicyDataTemplate>();
  for (const { name, ref } of template.data) {
    const found = await reader.data(ref);
    if (found === undefined) throw notRegistered(`data template ${toHex(ref)}`);
    data.set(name, found.template);
  }
  return { template, data };
}

function viewOf(
  { template, data, params, expireAfterBlocks }: ViewParts,
  artifacts: ArtifactSource,
): PolicyView {
  const json = (kind: ArtifactKindName, hash: ContentHash): JsonValue | undefined =>
    isZero(hash) ? undefined : parseJson(bytesOf(artifacts, kind, hash), kind);
  const pluginOf = (of: PolicyDataTemplate): PluginView => {
    const schemas: [string, JsonValue | undefined][] = [
      ["args", json("input-schema", of.argsSchemaHash)],
      ["output", json("output-schema", of.outputSchemaHash)],
      ["secrets", json("secrets-schema", of.secretsSchemaHash)],
    ];
    const named = schemas.flatMap(([name, schema]) =>
      schema === undefined ? [] : [[name, schema]],
    );
    const isEncrypted = !isZero(of.cleartextHash);
    return {
      wasmHash: toHex(of.wasmHash),
      imports: isEncrypted
        ? ["(encrypted)"]
        : importsOfPlugin(bytesOf(artifacts, "wasm-plugin", of.wasmHash)),
      schemas: Object.fromEntries(named),
    };
  };
  return {
    rego: strictText(bytesOf(artifacts, "rego", template.regoHash), "rego"),
    entrypoint: template.entrypoint,
    environment: template.environment,
    paramsSchema: json("input-schema", template.paramsSchemaHash),
    params: params === undefined ? undefined : parseJson(params, "params"),
    expireAfterBlocks,
    plugins: new Map([...data].map(([name, of]) => [name, pluginOf(of)])),
  };
}

function bytesOf(artifacts: ArtifactSource, kind: ArtifactKindName, hash: ContentHash): Uint8Array {
  const bytes = artifacts(kind, hash);
  if (bytes !== undefined) return bytes;
  throw new ChainError("E_ARTIFACT_ABSENT", `${kind} ${toHex(hash)} is not in the local store`, []);
}

function notRegistered(what: string): ChainError {
  return new ChainError("E_NOT_REGISTERED", `${what} is not registered on this chain`, []);
}
