import type { Provider } from "ethers";
import { bytes32, type ContentHash, type TreeKey } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import {
  type PolicyDataInstanceId,
  type PolicyDataRef,
  type PolicyDataTemplate,
  type PolicyInstance,
  type PolicyInstanceId,
  type PolicyTemplate,
  type PolicyTemplateRef,
  policyDataRefOf,
  policyInstanceIdOf,
  policyTemplateRefOf,
} from "../policy/ids.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import { LOG_WINDOW_BLOCKS, type LogQuery, logsIn } from "./logs.ts";
import { paramsOf } from "./policies.ts";

/**
 * What a chain says of a policy: the registries' views for what they keep, their events for the rest. A node is not believed:
 * refs and ids are derived again from the parts that an event tells.
 */

/** Who registered a template, and when. */
export interface Registered {
  readonly owner: string;
  /** Seconds since 1970. */
  readonly registeredAt: bigint;
  readonly isDeprecated: boolean;
}

/** What a 32-byte id stands for on a chain. */
export type PolicyEntity =
  | ({
      readonly kind: "template";
      readonly ref: PolicyTemplateRef;
      readonly template: PolicyTemplate;
    } & Registered)
  | ({
      readonly kind: "data template";
      readonly ref: PolicyDataRef;
      readonly template: PolicyDataTemplate;
    } & Registered)
  | {
      readonly kind: "instance";
      readonly id: PolicyInstanceId;
      readonly instance: PolicyInstance;
      readonly deployedAt: bigint;
      /** Whether it decides for its client now. */
      readonly isCurrent: boolean;
    }
  | {
      readonly kind: "data instance";
      readonly id: PolicyDataInstanceId;
      readonly ref: PolicyDataRef;
      readonly client: string;
    };

/** A kind of entity. */
export type EntityOf<Kind extends PolicyEntity["kind"]> = Extract<
  PolicyEntity,
  { readonly kind: Kind }
>;

/** Reads policies of one chain. Everything rejects with a {@link ChainError}. */
export class PolicyReader {
  readonly #contracts: Contracts;
  readonly #provider: Provider;
  readonly #chainId: bigint;
  readonly #contentAt: (key: TreeKey) => Uint8Array | undefined;

  /** `contentAt` gives the content of a leaf, where params are too large for the chain. */
  constructor(
    contracts: Contracts,
    provider: Provider,
    chainId: bigint,
    contentAt: (key: TreeKey) => Uint8Array | undefined = () => undefined,
  ) {
    this.#contracts = contracts;
    this.#provider = provider;
    this.#chainId = chainId;
    this.#contentAt = contentAt;
  }

  /** What `id` stands for; undefined if the registries do not know it. */
  async find(id: Uint8Array): Promise<PolicyEntity | undefined> {
    return (
      (await this.template(bytes32<PolicyTemplateRef>(id))) ??
      (await this.instance(bytes32<PolicyInstanceId>(id))) ??
      (await this.data(bytes32<PolicyDataRef>(id))) ??
      (await this.dataInstance(bytes32<PolicyDataInstanceId>(id)))
    );
  }

  /** @throws {ChainError} `E_EVENTS_MISSING`, `E_EVENT_FORGED` */
  async template(ref: PolicyTemplateRef): Promise<EntityOf<"template"> | undefined> {
    return await reverts.run(async () => {
      const { policies } = this.#contracts;
      const { owner, registeredAt, isDeprecated } = await policies.policyTemplate(toHex(ref));
      if (registeredAt === 0n) return undefined;
      const filter = policies.filters.PolicyTemplateRegistered(toHex(ref));
      const { args } = await this.#eventAt(registeredAt, ref, (from, to) =>
        policies.queryFilter(filter, from, to),
      );
      const { regoHash, paramsSchemaHash, entrypoint, environment, data } = args.template;
      const template = {
        regoHash: bytes32<ContentHash>(regoHash),
        paramsSchemaHash: bytes32<ContentHash>(paramsSchemaHash),
        entrypoint,
        environment: Number(environment),
        data: data.map((one) => ({ name: one.name, ref: bytes32<PolicyDataRef>(one.ref) })),
      };
      requireSame(policyTemplateRefOf(template), ref, "template");
      return { kind: "template", ref, template, owner, registeredAt, isDeprecated } as const;
    });
  }

  /** @throws {ChainError} `E_EVENTS_MISSING`, `E_EVENT_FORGED` */
  async data(ref: PolicyDataRef): Promise<EntityOf<"data template"> | undefined> {
    return await reverts.run(async () => {
      const { policyData } = this.#contracts;
      const { owner, registeredAt, isDeprecated } = await policyData.policyData(toHex(ref));
      if (registeredAt === 0n) return undefined;
      const filter = policyData.filters.PolicyDataRegistered(toHex(ref));
      const { args } = await this.#eventAt(registeredAt, ref, (from, to) =>
        policyData.queryFilter(filter, from, to),
      );
      const hash = (text: string) => bytes32<ContentHash>(text);
      const template = {
        wasmHash: hash(args.template.wasmHash),
        argsSchemaHash: hash(args.template.argsSchemaHash),
        outputSchemaHash: hash(args.template.outputSchemaHash),
        secretsSchemaHash: hash(args.template.secretsSchemaHash),
        teeRequired: args.template.teeRequired,
        cleartextHash: hash(args.template.cleartextHash),
      };
      requireSame(policyDataRefOf(template), ref, "data template");
      return { kind: "data template", ref, template, owner, registeredAt, isDeprecated } as const;
    });
  }

  /** @throws {ChainError} `E_EVENTS_MISSING`, `E_EVENT_FORGED`, `ParamsInLeaf` */
  async instance(id: PolicyInstanceId): Promise<EntityOf<"instance"> | undefined> {
    return await reverts.run(async () => {
      const { policies } = this.#contracts;
      const record = await policies.policyInstance(toHex(id));
      const { client, deployedAt, expireAfterBlocks, templateRef } = record;
      if (deployedAt === 0n) return undefined;
      const { leaf } = await policies.policyParamsPlace(toHex(id));
      const { PolicyInstantiated, PolicyInstantiatedWithParamsLeaf } = policies.filters;
      const inLeaf = PolicyInstantiatedWithParamsLeaf(toHex(id));
      const onChain = PolicyInstantiated(toHex(id));
      const { args } = await this.#eventAt(deployedAt, id, async (from, to) =>
        BigInt(leaf) === 0n
          ? await policies.queryFilter(onChain, from, to)
          : await policies.queryFilter(inLeaf, from, to),
      );
      const instance = {
        client: fromHex(client),
        templateRef: bytes32<PolicyTemplateRef>(templateRef),
        params: await this.params(id),
        dataInstances: args.dataInstances.map((one) => bytes32<PolicyDataInstanceId>(one)),
        expireAfterBlocks: Number(expireAfterBlocks),
      };
      requireSame(policyInstanceIdOf(this.#chainId, instance), id, "instance");
      const isCurrent = (await policies.currentPolicyInstance(client)) === toHex(id);
      return { kind: "instance", id, instance, deployedAt, isCurrent } as const;
    });
  }

  /** Which data template a data instance binds to whom. */
  async dataInstance(id: PolicyDataInstanceId): Promise<EntityOf<"data instance"> | undefined> {
    return await reverts.run(async () => {
      const [ref, client] = await this.#contracts.policyData.policyDataInstance(toHex(id));
      if (BigInt(client) === 0n) return undefined;
      return { kind: "data instance", id, ref: bytes32<PolicyDataRef>(ref), client } as const;
    });
  }

  /** Params of an instance, verbatim. @throws {ChainError} `UnknownInstance`; `ParamsInLeaf` if the leaf is not at hand */
  async params(id: PolicyInstanceId): Promise<Uint8Array> {
    return await paramsOf(this.#contracts, id, this.#contentAt);
  }

  /** The one event about `id` in the blocks of the second `timestamp`, found without asking for all logs there are. */
  async #eventAt<T>(timestamp: bigint, id: Uint8Array, query: LogQuery<T>): Promise<T> {
    const first = await this.#firstBlockAt(timestamp);
    const toBlock = first + LOG_WINDOW_BLOCKS - 1;
    const [event] = await logsIn(query, { fromBlock: first, toBlock });
    if (event !== undefined) return event;
    const message = `the node has no event about ${toHex(id)} from block ${first} on`;
    throw new ChainError("E_EVENTS_MISSING", message, []);
  }

  /** The first block that is not older than `timestamp`: block times never fall. */
  async #firstBlockAt(timestamp: bigint): Promise<number> {
    let [low, high] = [0, await this.#provider.getBlockNumber()];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const block = await this.#provider.getBlock(middle);
      if (block === null) {
        throw new ChainError("E_EVENTS_MISSING", `the node has no block ${middle}`, []);
      }
      if (BigInt(block.timestamp) < timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function requireSame(derived: Uint8Array, id: Uint8Array, what: string): void {
  if (equalBytes(derived, id)) return;
  const message = `the node's event gives ${what} ${toHex(derived)}, not ${toHex(id)}`;
  throw new ChainError("E_EVENT_FORGED", message, []);
}
