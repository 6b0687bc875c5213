import { expect } from "chai";
import {
  type Contract,
  type Interface,
  keccak256,
  type LogDescription,
  type Provider,
} from "ethers";
import { ARTIFACT_KINDS } from "../../src/artifact/kinds.ts";
import { bytes32, type ContentHash } from "../../src/bytes/brand.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { contentKey } from "../../src/state/key.ts";

/** What the registries' state must be by their logs alone, and the times of their blocks. */

const NONE = `0x${"00".repeat(32)}`;
const NOBODY = `0x${"00".repeat(20)}`;
const PAGE = 3;

/** What is read of a registry: any view, by name. */
interface Registry {
  readonly interface: Interface;
  getAddress(): Promise<string>;
  getFunction(name: string): Contract["getFunction"] extends (name: string) => infer F ? F : never;
}

interface Template {
  readonly owner: string;
  readonly registeredAt: bigint;
  readonly sequenceNo: bigint;
  readonly parts: unknown;
  readonly dataCount: bigint;
  isDeprecated: boolean;
}

interface Instance {
  readonly client: string;
  readonly deployedAt: bigint;
  readonly expireAfterBlocks: bigint;
  readonly templateRef: string;
  readonly paramsHash: string;
  /** Zero unless they are a leaf. */
  readonly sequenceNo: bigint;
  /** Undefined if they are a leaf. */
  readonly params: string | undefined;
}

/** The state of both registries, rebuilt. */
export class PolicyLogs {
  readonly #data = new Map<string, Template>();
  readonly #dataInstances = new Map<string, { ref: string; client: string }>();
  readonly #templates = new Map<string, Template>();
  readonly #instances = new Map<string, Instance>();
  readonly #moves: { client: string; block: number; oldId: string; newId: string }[] = [];

  /** Reads every log that both have left. */
  static async read(provider: Provider, ...registries: readonly Registry[]): Promise<PolicyLogs> {
    const rebuilt = new PolicyLogs();
    const byAddress = new Map<string, Interface>();
    for (const each of registries) byAddress.set(await each.getAddress(), each.interface);
    const logs = await provider.getLogs({ address: [...byAddress.keys()], fromBlock: 0 });
    for (const log of logs) {
      const parsed = byAddress.get(log.address)?.parseLog(log);
      const block = await provider.getBlock(log.blockNumber);
      if (parsed === null || parsed === undefined || block === null) throw new Error("unknown log");
      rebuilt.#apply(parsed, log.blockNumber, BigInt(block.timestamp));
    }
    return rebuilt;
  }

  #apply({ name, args }: LogDescription, block: number, time: bigint): void {
    if (name === "PolicyDataRegistered" || name === "PolicyTemplateRegistered") {
      const { ref, owner, template, sequenceNo } = args;
      const record = {
        owner,
        registeredAt: time,
        sequenceNo,
        parts: template.toArray(true),
        isDeprecated: false,
      };
      const isData = name === "PolicyDataRegistered";
      const dataCount = isData ? 0n : BigInt(template.data.length);
      (isData ? this.#data : this.#templates).set(ref, { ...record, dataCount });
    } else if (name === "PolicyDataDeprecated" || name === "PolicyTemplateDeprecated") {
      const list = name === "PolicyDataDeprecated" ? this.#data : this.#templates;
      const record = list.get(args.ref);
      if (record === undefined) throw new Error("deprecated before it was registered");
      record.isDeprecated = true;
    } else if (name === "PolicyDataInstantiated") {
      this.#dataInstances.set(args.id, { ref: args.ref, client: args.client });
    } else if (name === "CurrentPolicyInstanceMoved") {
      const { client, oldId, newId } = args;
      this.#moves.push({ client, block, oldId, newId });
    } else {
      const { id, client, templateRef, expireAfterBlocks } = args;
      const isLeaf = name === "PolicyInstantiatedWithParamsLeaf";
      const params: string | undefined = isLeaf ? undefined : args.params;
      const paramsHash = params === undefined ? args.paramsHash : keccak256(params);
      const sequenceNo = isLeaf ? args.sequenceNo : 0n;
      const terms = { client, templateRef, expireAfterBlocks, paramsHash, params, sequenceNo };
      this.#instances.set(id, { ...terms, deployedAt: time });
    }
  }

  /** Data templates, their list, and data instances. */
  async expectData(registry: Registry): Promise<void> {
    const view = (name: string, ...args: unknown[]) => registry.getFunction(name)(...args);
    expect(await view("policyDataCount")).to.equal(BigInt(this.#data.size));
    await expectPages([...this.#data.keys()], (offset) => view("policyDataRefs", offset, PAGE));
    for (const [ref, wanted] of this.#data) {
      expect(await view("policyDataRefOf", wanted.parts)).to.equal(ref);
      const { owner, registeredAt, sequenceNo, isDeprecated } = wanted;
      const record = [owner, registeredAt, sequenceNo, isDeprecated];
      expect([...(await view("policyData", ref))]).to.deep.equal(record);
    }
    for (const [id, { ref, client }] of this.#dataInstances) {
      expect([...(await view("policyDataInstance", id))]).to.deep.equal([ref, client]);
      expect(await view("policyDataInstanceIdOf", client, ref)).to.equal(id);
    }
    expect([...(await view("policyDataInstance", NONE))]).to.deep.equal([NONE, NOBODY]);
  }

  /** Templates and their list. */
  async expectTemplates(registry: Registry): Promise<void> {
    const view = (name: string, ...args: unknown[]) => registry.getFunction(name)(...args);
    expect(await view("policyTemplateCount")).to.equal(BigInt(this.#templates.size));
    await expectPages([...this.#templates.keys()], (offset) =>
      view("policyTemplateRefs", offset, PAGE),
    );
    for (const [ref, wanted] of this.#templates) {
      expect(await view("policyTemplateRefOf", wanted.parts)).to.equal(ref);
      const { owner, registeredAt, sequenceNo, isDeprecated, dataCount } = wanted;
      const record = [owner, registeredAt, sequenceNo, isDeprecated, dataCount];
      expect([...(await view("policyTemplate", ref))]).to.deep.equal(record);
    }
  }

  /** Instances and where their params are. */
  async expectInstances(registry: Registry): Promise<void> {
    const view = (name: string, ...args: unknown[]) => registry.getFunction(name)(...args);
    for (const [id, wanted] of this.#instances) {
      const { client, deployedAt, expireAfterBlocks, templateRef, paramsHash, params } = wanted;
      const terms = [client, deployedAt, expireAfterBlocks, templateRef, paramsHash];
      const record = [...terms, wanted.sequenceNo];
      expect([...(await view("policyInstance", id))]).to.deep.equal(record);
      const [code, leaf] = await view("policyParamsPlace", id);
      if (params === undefined) {
        const hash = bytes32<ContentHash>(fromHex(paramsHash));
        expect(leaf).to.equal(toHex(contentKey(ARTIFACT_KINDS.params.namespace, hash)));
        expect(code).to.equal(NOBODY);
        continue;
      }
      expect(leaf).to.equal(NONE);
      expect(code === NOBODY).to.equal(params === "0x");
      expect(await view("policyParams", id)).to.equal(params);
    }
  }

  /** Each client's instances and its pointer, now and at the end of every past block. */
  async expectPointers(
    registry: Registry,
    clients: readonly string[],
    head: number,
  ): Promise<void> {
    const view = (name: string, ...args: unknown[]) => registry.getFunction(name)(...args);
    for (const client of clients) {
      const own = [...this.#instances].filter(([, instance]) => instance.client === client);
      expect(await view("policyInstanceCount", client)).to.equal(BigInt(own.length));
      await expectPages(
        own.map(([id]) => id),
        (offset) => view("policyInstanceIds", client, offset, PAGE),
      );
      const moves = this.#moves.filter((move) => move.client === client);
      for (const [i, { oldId }] of moves.entries()) {
        expect(oldId).to.equal(moves[i - 1]?.newId ?? NONE);
      }
      expect(await view("currentPolicyInstance", client)).to.equal(moves.at(-1)?.newId ?? NONE);
      for (let block = 0; block < head; block++) {
        const last = moves.findLast((move) => move.block <= block);
        expect(await view("policyInstanceAt", client, block)).to.equal(last?.newId ?? NONE);
      }
    }
  }
}

/** Every page of a list, up to one behind its end. */
async function expectPages(
  wanted: readonly string[],
  pageAt: (offset: number) => Promise<Iterable<string>>,
): Promise<void> {
  for (let offset = 0; offset <= wanted.length; offset += PAGE) {
    expect([...(await pageAt(offset))]).to.deep.equal(wanted.slice(offset, offset + PAGE));
  }
}
