import type { Bytes32, ContentHash } from "../bytes/brand.ts";
import { concatBytes, uintBytes } from "../bytes/codec.ts";
import { compareBytes, isZero } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { PolicyError } from "./errors.ts";

/**
 * Refs and ids of policies (docs/Policies.md), as `contracts/libraries/PolicyIds.sol` derives them. They are content
 * addresses: the same content has the same id on every redeploy.
 */

/** Content address of a policy data template. */
export type PolicyDataRef = Bytes32<"PolicyDataRef">;
/** Content address of a policy template. */
export type PolicyTemplateRef = Bytes32<"PolicyTemplateRef">;
/** A data template bound to a client on one chain. */
export type PolicyDataInstanceId = Bytes32<"PolicyDataInstanceId">;
/** A template bound to a client and params on one chain. */
export type PolicyInstanceId = Bytes32<"PolicyInstanceId">;

/** A plugin and its schemas. A hash of 32 zero bytes stands for an absent artifact. */
export interface PolicyDataTemplate {
  readonly wasmHash: ContentHash;
  readonly argsSchemaHash: ContentHash;
  readonly outputSchemaHash: ContentHash;
  readonly secretsSchemaHash: ContentHash;
  readonly teeRequired: boolean;
  /** Content hash of the decrypted plugin; zero iff it is stored in clear. */
  readonly cleartextHash: ContentHash;
}

/** A data template under the name by which the Rego reads it: `data.wasm.<name>`. */
export interface DataBinding {
  readonly name: string;
  readonly ref: PolicyDataRef;
}

/** A Rego module, its params schema and the data it reads. */
export interface PolicyTemplate {
  readonly regoHash: ContentHash;
  readonly paramsSchemaHash: ContentHash;
  /** `package.rule`. */
  readonly entrypoint: string;
  /** Number of the Rego environment, 16 bits. */
  readonly environment: number;
  /** In ascending order of the hash of the name, as {@link sortBindings} leaves them. */
  readonly data: readonly DataBinding[];
}

/** A template for one client with its params. */
export interface PolicyInstance {
  /** 20 bytes. */
  readonly client: Uint8Array;
  readonly templateRef: PolicyTemplateRef;
  /** JSON bytes, verbatim. */
  readonly params: Uint8Array;
  /** One per binding, in the order of the bindings. */
  readonly dataInstances: readonly PolicyDataInstanceId[];
  /** 32 bits. */
  readonly expireAfterBlocks: number;
}

/** Longest params that a registry keeps, in bytes; larger ones are a leaf of the tree. */
export const ON_CHAIN_PARAMS_MAX_BYTES = 8_192;

const DOMAIN_DATA_INSTANCE = 0x01;
const DOMAIN_INSTANCE = 0x02;
const DOMAIN_TEMPLATE = 0x03;
const DOMAIN_DATA_TEMPLATE = 0x04;

const FLAG_ENCRYPTED = 1;
const FLAG_TEE_REQUIRED = 2;

const utf8 = new TextEncoder();

/** Flags that the plugin's leaf must carry: bit 0 encrypted, bit 1 TEE required. */
export function flagsOf(
  template: Pick<PolicyDataTemplate, "cleartextHash" | "teeRequired">,
): number {
  const encrypted = isZero(template.cleartextHash) ? 0 : FLAG_ENCRYPTED;
  return encrypted | (template.teeRequired ? FLAG_TEE_REQUIRED : 0);
}

/** Ref of a data template. */
export function policyDataRefOf(template: PolicyDataTemplate): PolicyDataRef {
  return keccak256<PolicyDataRef>(
    uintBytes(DOMAIN_DATA_TEMPLATE, 1),
    template.wasmHash,
    template.argsSchemaHash,
    template.outputSchemaHash,
    template.secretsSchemaHash,
    uintBytes(flagsOf(template), 1),
    template.cleartextHash,
  );
}

/** What bindings are ordered by. */
export function nameHashOf(name: string): Bytes32 {
  return keccak256(utf8.encode(name));
}

/** `bindings` in the order in which a template lists them. */
export function sortBindings(bindings: readonly DataBinding[]): DataBinding[] {
  return [...bindings].sort((a, b) => compareBytes(nameHashOf(a.name), nameHashOf(b.name)));
}

/** Hash of a list of bindings, in the order given. @throws {PolicyError} `E_BINDING_ORDER` unless it ascends. */
export function bindingsHashOf(bindings: readonly DataBinding[]): Bytes32 {
  const words: Uint8Array[] = [];
  let last: Uint8Array = new Uint8Array(32);
  for (const { name, ref } of bindings) {
    const nameHash = nameHashOf(name);
    if (compareBytes(nameHash, last) <= 0) {
      throw new PolicyError("E_BINDING_ORDER", `binding "${name}" is out of order or repeated`);
    }
    last = nameHash;
    words.push(nameHash, ref);
  }
  return keccak256(...words);
}

/** Ref of a template. @throws {PolicyError} `E_BINDING_ORDER`; {@link BytesError} `E_RANGE` */
export function policyTemplateRefOf(template: PolicyTemplate): PolicyTemplateRef {
  return keccak256<PolicyTemplateRef>(
    uintBytes(DOMAIN_TEMPLATE, 1),
    template.regoHash,
    template.paramsSchemaHash,
    keccak256(utf8.encode(template.entrypoint)),
    uintBytes(template.environment, 2),
    bindingsHashOf(template.data),
  );
}

/** Id of `client`'s instance of a data template. @throws {PolicyError} `E_ADDRESS_LENGTH` */
export function policyDataInstanceIdOf(
  chainId: bigint,
  client: Uint8Array,
  ref: PolicyDataRef,
): PolicyDataInstanceId {
  return keccak256<PolicyDataInstanceId>(
    uintBytes(DOMAIN_DATA_INSTANCE, 1),
    uintBytes(chainId, 32),
    address(client),
    ref,
  );
}

/** Id of an instance. @throws {PolicyError} `E_ADDRESS_LENGTH`; {@link BytesError} `E_RANGE` */
export function policyInstanceIdOf(chainId: bigint, instance: PolicyInstance): PolicyInstanceId {
  return keccak256<PolicyInstanceId>(
    uintBytes(DOMAIN_INSTANCE, 1),
    uintBytes(chainId, 32),
    address(instance.client),
    instance.templateRef,
    keccak256(instance.params),
    keccak256(concatBytes(...instance.dataInstances)),
    uintBytes(instance.expireAfterBlocks, 4),
  );
}

function address(client: Uint8Array): Uint8Array {
  if (client.length !== 20) {
    throw new PolicyError("E_ADDRESS_LENGTH", `client: expected 20 bytes, got ${client.length}`);
  }
  return client;
}
