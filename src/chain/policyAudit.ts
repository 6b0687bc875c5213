import { checkArtifact } from "../artifact/intake.ts";
import { parseJsonObject } from "../artifact/json.ts";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../artifact/kinds.ts";
import { checkRegoEntrypoint } from "../artifact/rego.ts";
import { pluginsRead } from "../artifact/regoText.ts";
import { faultsBySchema } from "../artifact/schemaValidator.ts";
import type { ContentHash } from "../bytes/brand.ts";
import { equalBytes, isZero } from "../bytes/compare.ts";
import { CodedError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { PolicyBundle } from "../policy/folder.ts";
import {
  flagsOf,
  type PolicyDataTemplate,
  type PolicyInstance,
  type PolicyTemplate,
  policyDataInstanceIdOf,
} from "../policy/ids.ts";
import { contentKey } from "../state/key.ts";
import type { StateStore } from "../state/store.ts";
import { certifiedRoots } from "./certifiedRoots.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import type { EntityOf, PolicyReader } from "./policyReader.ts";

/**
 * Holds a policy's bytes, proofs, refs and ids against the chain: every artifact is hashed again and its proof is judged by
 * `StateProofVerifier` against a root that the chain retains. Bytes come from a store that nobody has to trust.
 */

/** One thing that was looked at. */
export interface AuditCheck {
  readonly what: string;
  readonly ok: boolean;
  /** Name of the rule that is broken. */
  readonly code?: string;
  readonly message?: string;
}

/** Where a policy is looked up. */
export interface AuditSources {
  readonly contracts: Contracts;
  readonly reader: PolicyReader;
  readonly store: StateStore;
  readonly chainId: bigint;
}

/** Looks everything over that a policy consists of. Only what is no verdict (a node that is gone) is thrown. */
export class PolicyAudit {
  readonly #sources: AuditSources;
  readonly #checks: AuditCheck[] = [];

  constructor(sources: AuditSources) {
    this.#sources = sources;
  }

  /** What was looked at so far, in order. */
  get checks(): readonly AuditCheck[] {
    return this.#checks;
  }

  /** The commit that proofs are made against: the newest that both store and chain have. */
  async sequenceNo(): Promise<bigint> {
    const { store, contracts } = this.#sources;
    const landed = await reverts.run(() => contracts.commits.getSequenceNo());
    return landed < store.head.sequenceNo ? landed : store.head.sequenceNo;
  }

  /** The root that proofs are made against must be the chain's. */
  async root(): Promise<void> {
    const { store, contracts } = this.#sources;
    const sequenceNo = await this.sequenceNo();
    await this.#check(`root of commit ${sequenceNo}`, async () => {
      const stateRoot = store.rootAt(sequenceNo);
      const certified = await certifiedRoots(contracts)(sequenceNo);
      if (certified !== undefined && equalBytes(certified, stateRoot)) return;
      const said = certified === undefined ? "none" : toHex(certified);
      throw broken("E_ROOT_MISMATCH", `the store has ${toHex(stateRoot)}, the chain ${said}`);
    });
  }

  /** A template on chain, and the data templates and artifacts that it names. */
  async template(entity: EntityOf<"template">): Promise<void> {
    this.#ok(`template ${toHex(entity.ref)} derives from its parts`);
    await this.#parts(entity.template);
  }

  /** A data template on chain, and its artifacts. */
  async data(name: string, { ref, template }: EntityOf<"data template">): Promise<void> {
    this.#ok(`data template ${name} ${toHex(ref)} derives from its parts`);
    await this.#dataArtifacts(name, template);
  }

  /** An instance on chain, its data instances and its template. */
  async instance({ id, instance }: EntityOf<"instance">): Promise<void> {
    this.#ok(`instance ${toHex(id)} derives from its parts`);
    const { reader } = this.#sources;
    const found = await reader.template(instance.templateRef);
    if (found === undefined) {
      this.#fail(
        `template ${toHex(instance.templateRef)}`,
        broken("E_NOT_REGISTERED", "not on this chain"),
      );
      return;
    }
    await this.template(found);
    await this.#dataInstances(instance, found.template);
    await this.#params(instance.params, found.template);
  }

  /** A policy as it is on disk: its artifacts are those of the state, and its templates those of the chain. */
  async bundle(bundle: PolicyBundle, params: Uint8Array | undefined): Promise<void> {
    const { reader } = this.#sources;
    for (const { binding, template } of bundle.data) {
      await this.#check(`data template ${binding.name} ${toHex(binding.ref)}`, async () => {
        const found = await reader.data(binding.ref);
        if (found === undefined) throw broken("E_NOT_REGISTERED", "not on this chain");
      });
      await this.#dataArtifacts(binding.name, template);
    }
    await this.#check(`template ${toHex(bundle.templateRef)}`, async () => {
      const found = await reader.template(bundle.templateRef);
      if (found === undefined) throw broken("E_NOT_REGISTERED", "not on this chain");
    });
    await this.#templateArtifacts(bundle.template);
    if (params !== undefined) await this.#params(params, bundle.template);
  }

  async #parts(template: PolicyTemplate): Promise<void> {
    await this.#templateArtifacts(template);
    for (const { name, ref } of template.data) {
      const found = await this.#sources.reader.data(ref);
      if (found !== undefined) await this.data(name, found);
      else this.#fail(`data template ${name}`, broken("E_NOT_REGISTERED", toHex(ref)));
    }
  }

  async #templateArtifacts(template: PolicyTemplate): Promise<void> {
    const rego = await this.#artifact("rego", template.regoHash, 0);
    if (rego !== undefined) {
      await this.#check("the Rego reads what is bound", () => {
        const read = pluginsRead(checkRegoEntrypoint(rego, template.entrypoint));
        const bound = template.data.map(({ name }) => name);
        const odd = [...bound.filter((name) => !read.delete(name)), ...read];
        if (odd.length > 0) throw broken("E_BINDING_MISSING", `either bound or read: ${odd}`);
      });
    }
    await this.#artifact("input-schema", template.paramsSchemaHash, 0);
  }

  async #dataArtifacts(name: string, template: PolicyDataTemplate): Promise<void> {
    await this.#artifact("wasm-plugin", template.wasmHash, flagsOf(template), name);
    await this.#artifact("input-schema", template.argsSchemaHash, 0, name);
    await this.#artifact("output-schema", template.outputSchemaHash, 0, name);
    await this.#artifact("secrets-schema", template.secretsSchemaHash, 0, name);
  }

  async #dataInstances(instance: PolicyInstance, template: PolicyTemplate): Promise<void> {
    const { chainId, reader } = this.#sources;
    for (const [i, { name, ref }] of template.data.entries()) {
      await this.#check(`data instance ${name}`, async () => {
        const expected = policyDataInstanceIdOf(chainId, instance.client, ref);
        const given = instance.dataInstances[i];
        if (given === undefined || !equalBytes(given, expected)) {
          throw broken("DataInstanceMismatch", `expected ${toHex(expected)}`);
        }
        const found = await reader.dataInstance(expected);
        if (found === undefined || !equalBytes(found.ref, ref)) {
          throw broken("UnknownDataInstance", `${toHex(expected)} is not deployed`);
        }
      });
    }
  }

  async #params(params: Uint8Array, { paramsSchemaHash }: PolicyTemplate): Promise<void> {
    if (isZero(paramsSchemaHash)) return;
    const { namespace } = ARTIFACT_KINDS["input-schema"];
    await this.#check("params are valid by their schema", () => {
      const leaf = this.#sources.store.leaf(contentKey(namespace, paramsSchemaHash));
      if (leaf === undefined) throw broken("E_NOT_COMMITTED", "the schema is not in the state");
      const schema = parseJsonObject(leaf.content, "params schema");
      const [fault] = faultsBySchema(schema, parseJsonObject(params, "params"));
      if (fault !== undefined) throw broken("E_PARAMS_INVALID", fault);
    });
  }

  /** The artifact's bytes, if it is in the state under its own hash and the chain takes the proof. */
  async #artifact(
    kind: ArtifactKindName,
    contentHash: ContentHash,
    flags: number,
    plugin = "",
  ): Promise<Uint8Array | undefined> {
    if (isZero(contentHash)) return undefined;
    const { store, contracts } = this.#sources;
    let bytes: Uint8Array | undefined;
    const whose = plugin === "" ? kind : `${kind} of ${plugin}`;
    await this.#check(`${whose} ${toHex(contentHash)}`, async () => {
      const key = contentKey(ARTIFACT_KINDS[kind].namespace, contentHash);
      const sequenceNo = await this.sequenceNo();
      const leaf = store.leaf(key, sequenceNo);
      if (leaf === undefined) throw broken("E_NOT_COMMITTED", `not in commit ${sequenceNo}`);
      if (!equalBytes(keccak256(leaf.content), contentHash)) {
        throw broken("E_HASH_MISMATCH", "the stored bytes are others");
      }
      if (leaf.header.flags !== flags) {
        throw broken("FlagsMismatch", `expected flags ${flags}, got ${leaf.header.flags}`);
      }
      checkArtifact(kind, leaf.content, { contentHash, isEncrypted: flags !== 0 });
      const [record, proof] = [toHex(leaf.record), toHex(store.prove(key, sequenceNo))];
      await reverts.run(() =>
        contracts.proofs.verifyInclusion(sequenceNo, toHex(key), record, proof),
      );
      bytes = leaf.content;
    });
    return bytes;
  }

  #ok(what: string): void {
    this.#checks.push({ what, ok: true });
  }

  #fail(what: string, { code, message }: CodedError): void {
    this.#checks.push({ what, ok: false, code, message });
  }

  async #check(what: string, run: () => Promise<void> | void): Promise<void> {
    try {
      await run();
      this.#ok(what);
    } catch (error) {
      const isVerdict = error instanceof CodedError && !NO_VERDICT.has(error.code);
      if (!isVerdict) throw error;
      this.#fail(what, error);
    }
  }
}

/** Failures that say nothing of the policy. */
const NO_VERDICT: ReadonlySet<string> = new Set([
  "E_UNREACHABLE",
  "E_TRANSACTION",
  "E_STORE_IO",
  "E_STORE_CLOSED",
]);

function broken(code: string, message: string): ChainError {
  return new ChainError(code, message, []);
}
