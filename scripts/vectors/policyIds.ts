import { writeFileSync } from "node:fs";
import { AbiCoder } from "ethers";
import { bytes32, type ContentHash, zero32 } from "../../src/bytes/brand.ts";
import { bytesToUint, concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import {
  type DataBinding,
  type PolicyDataInstanceId,
  type PolicyDataRef,
  type PolicyDataTemplate,
  type PolicyInstance,
  type PolicyTemplate,
  type PolicyTemplateRef,
  policyDataInstanceIdOf,
  policyDataRefOf,
  policyInstanceIdOf,
  policyTemplateRefOf,
  sortBindings,
} from "../../src/policy/ids.ts";

/**
 * Writes test/vectors/policyIds.json: templates and instances as their ABI encoding, with refs and ids. `swapped` holds
 * what the ids would be with chain id and client exchanged: no id may equal it. Of 10,000 random refs and ids, which would be
 * megabytes, it has the hash of all of them, one behind the other; the parts come from their seed.
 */

const RANDOM_COUNT = 24;
const MAX_BINDINGS = 16;

const DATA_TEMPLATE_ABI =
  "tuple(bytes32 wasmHash, bytes32 argsSchemaHash, bytes32 outputSchemaHash, bytes32 secretsSchemaHash, bool teeRequired, bytes32 cleartextHash)";
const TEMPLATE_ABI =
  "tuple(bytes32 regoHash, bytes32 paramsSchemaHash, string entrypoint, uint16 environment, tuple(string name, bytes32 ref)[] data)";
const INSTANCE_ABI =
  "tuple(address client, bytes32 templateRef, bytes params, bytes32[] dataInstances, uint32 expireAfterBlocks)";

/** Random templates and instances that depend on `seed` only. */
export class PolicySource {
  readonly #seed: Uint8Array;
  #counter = 0;

  constructor(seed: string) {
    this.#seed = tag(seed);
  }

  word(): Uint8Array {
    return keccak256(this.#seed, uintBytes(this.#counter++, 4));
  }

  /** A number below `limit`, at most 2^32. */
  below(limit: number): number {
    return Number(bytesToUint(this.word()) % BigInt(limit));
  }

  bytes(length: number): Uint8Array {
    const words = Array.from({ length: Math.ceil(length / 32) }, () => this.word());
    return concatBytes(...words).slice(0, length);
  }

  hashOrNone(): ContentHash {
    return this.below(3) === 0 ? zero32<ContentHash>() : bytes32<ContentHash>(this.word());
  }

  chainId(): bigint {
    return this.below(2) === 0 ? BigInt(this.below(2 ** 20)) : bytesToUint(this.word());
  }

  text(maxChars: number): string {
    const alphabet = "abcdefghijklmnopqrstuvwxyz_.é\u{1F512}";
    const letters = [...alphabet];
    const length = 1 + this.below(maxChars);
    return Array.from({ length }, () => letters[this.below(letters.length)] ?? "a").join("");
  }

  dataTemplate(): PolicyDataTemplate {
    const cleartextHash = this.hashOrNone();
    return {
      wasmHash: bytes32<ContentHash>(this.word()),
      argsSchemaHash: this.hashOrNone(),
      outputSchemaHash: this.hashOrNone(),
      secretsSchemaHash: this.hashOrNone(),
      teeRequired: this.below(2) === 0,
      cleartextHash,
    };
  }

  template(bindingCount: number): PolicyTemplate {
    const data: DataBinding[] = Array.from({ length: bindingCount }, (_, i) => ({
      name: `${this.text(12)}${i}`,
      ref: bytes32<PolicyDataRef>(this.word()),
    }));
    return {
      regoHash: bytes32<ContentHash>(this.word()),
      paramsSchemaHash: this.hashOrNone(),
      entrypoint: this.text(40),
      environment: this.below(2 ** 16),
      data: sortBindings(data),
    };
  }

  instance(paramsBytes: number, dataCount: number): PolicyInstance {
    const dataInstances = Array.from({ length: dataCount }, () =>
      bytes32<PolicyDataInstanceId>(this.word()),
    );
    return {
      client: this.bytes(20),
      templateRef: bytes32<PolicyTemplateRef>(this.word()),
      params: this.bytes(paramsBytes),
      dataInstances,
      expireAfterBlocks: this.below(2 ** 32),
    };
  }
}

function dataTemplates(source: PolicySource): PolicyDataTemplate[] {
  const none = zero32<ContentHash>();
  const empty: PolicyDataTemplate = {
    wasmHash: none,
    argsSchemaHash: none,
    outputSchemaHash: none,
    secretsSchemaHash: none,
    teeRequired: false,
    cleartextHash: none,
  };
  const full = bytes32<ContentHash>(new Uint8Array(32).fill(0xff));
  const edges = [
    empty,
    { ...empty, teeRequired: true },
    { ...empty, wasmHash: full },
    { ...empty, argsSchemaHash: full },
    { ...empty, outputSchemaHash: full },
    { ...empty, secretsSchemaHash: full },
    { ...empty, cleartextHash: full },
    { ...empty, cleartextHash: full, teeRequired: true },
  ];
  return [...edges, ...Array.from({ length: RANDOM_COUNT }, () => source.dataTemplate())];
}

function templates(source: PolicySource): PolicyTemplate[] {
  const plain = source.template(0);
  const edges = [
    { ...plain, entrypoint: "" },
    { ...plain, entrypoint: "x".repeat(128) },
    { ...plain, environment: 0 },
    { ...plain, environment: 0xffff },
    source.template(1),
    source.template(MAX_BINDINGS),
  ];
  const random = Array.from({ length: RANDOM_COUNT }, () =>
    source.template(source.below(MAX_BINDINGS + 1)),
  );
  return [...edges, ...random];
}

function instances(source: PolicySource): PolicyInstance[] {
  const plain = source.instance(2, 0);
  const edges = [
    { ...plain, client: new Uint8Array(20) },
    { ...plain, params: new Uint8Array(0) },
    { ...plain, expireAfterBlocks: 0 },
    { ...plain, expireAfterBlocks: 0xffffffff },
    // The same JSON, its keys in another order: other bytes, another id.
    { ...plain, params: tag('{"a":1,"b":2}') },
    { ...plain, params: tag('{"b":2,"a":1}') },
    source.instance(8192, 1),
    source.instance(31, MAX_BINDINGS),
  ];
  const random = Array.from({ length: RANDOM_COUNT }, () =>
    source.instance(source.below(300), source.below(5)),
  );
  return [...edges, ...random];
}

/** As many of each of the four sorts as make 10,000. */
const RANDOM_BATCHES = 5;
const BATCH_ITEMS = 500;

/** Random parts of one ref or id of each sort. */
export interface RandomParts {
  readonly chainId: bigint;
  readonly client: Uint8Array;
  readonly ref: PolicyDataRef;
  readonly dataTemplate: PolicyDataTemplate;
  readonly template: PolicyTemplate;
  readonly instance: PolicyInstance;
}

/** The parts of 10,000 refs and ids, in batches, the same in every run. */
export function randomBatches(): RandomParts[][] {
  const random = new PolicySource("10,000 refs and ids");
  return Array.from({ length: RANDOM_BATCHES }, () =>
    Array.from({ length: BATCH_ITEMS }, () => ({
      chainId: random.chainId(),
      client: random.bytes(20),
      ref: bytes32<PolicyDataRef>(random.word()),
      dataTemplate: random.dataTemplate(),
      template: random.template(random.below(4)),
      instance: random.instance(random.below(80), random.below(4)),
    })),
  );
}

/** Refs and ids of a batch: of data templates, of templates, of instances, of data instances. */
export function idsOf(batch: readonly RandomParts[]): Uint8Array[] {
  return [
    ...batch.map(({ dataTemplate }) => policyDataRefOf(dataTemplate)),
    ...batch.map(({ template }) => policyTemplateRefOf(template)),
    ...batch.map(({ chainId, instance }) => policyInstanceIdOf(chainId, instance)),
    ...batch.map(({ chainId, client, ref }) => policyDataInstanceIdOf(chainId, client, ref)),
  ];
}

function swappedDataInstanceId(chainId: bigint, client: Uint8Array, ref: PolicyDataRef) {
  return keccak256(uintBytes(0x01, 1), client, uintBytes(chainId, 32), ref);
}

/** The ABI encodings that `PolicyIds.sol` takes. */
export const encode = {
  dataTemplate: (template: PolicyDataTemplate) =>
    AbiCoder.defaultAbiCoder().encode([DATA_TEMPLATE_ABI], [template]),
  template: (template: PolicyTemplate) =>
    AbiCoder.defaultAbiCoder().encode([TEMPLATE_ABI], [template]),
  instance: (instance: PolicyInstance) =>
    AbiCoder.defaultAbiCoder().encode(
      [INSTANCE_ABI],
      [{ ...instance, client: toHex(instance.client) }],
    ),
};

/** What test/vectors/policyIds.json holds. */
export function policyIdVectors() {
  const source = new PolicySource("policyIds.json");
  const dataList = dataTemplates(source);
  const templateList = templates(source);
  const bound = instances(source).map((instance) => ({ instance, chainId: source.chainId() }));
  const data = Array.from({ length: RANDOM_COUNT }, () => ({
    chainId: source.chainId(),
    client: source.bytes(20),
    ref: bytes32<PolicyDataRef>(source.word()),
  }));
  return {
    dataTemplates: {
      encoded: dataList.map(encode.dataTemplate),
      refs: dataList.map((template) => toHex(policyDataRefOf(template))),
    },
    templates: {
      encoded: templateList.map(encode.template),
      refs: templateList.map((template) => toHex(policyTemplateRefOf(template))),
    },
    instances: {
      encoded: bound.map(({ instance }) => encode.instance(instance)),
      chainIds: bound.map(({ chainId }) => toHex(uintBytes(chainId, 32))),
      ids: bound.map(({ instance, chainId }) => toHex(policyInstanceIdOf(chainId, instance))),
    },
    dataInstances: {
      chainIds: data.map(({ chainId }) => toHex(uintBytes(chainId, 32))),
      clients: data.map(({ client }) => toHex(concatBytes(new Uint8Array(12), client))),
      refs: data.map(({ ref }) => toHex(ref)),
      ids: data.map(({ chainId, client, ref }) =>
        toHex(policyDataInstanceIdOf(chainId, client, ref)),
      ),
      swapped: data.map(({ chainId, client, ref }) =>
        toHex(swappedDataInstanceId(chainId, client, ref)),
      ),
    },
    random: {
      count: 4 * RANDOM_BATCHES * BATCH_ITEMS,
      digest: toHex(keccak256(...randomBatches().flatMap(idsOf))),
    },
  };
}

if (import.meta.main) {
  const path = new URL("../../test/vectors/policyIds.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(policyIdVectors(), null, 2)}\n`);
}
