import { expect } from "chai";
import { getCreateAddress } from "ethers";
import { network } from "hardhat";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../src/artifact/kinds.ts";
import { bytes32, type ContentHash, type TreeKey } from "../src/bytes/brand.ts";
import { tag, uintBytes } from "../src/bytes/codec.ts";
import { keccak256 } from "../src/bytes/keccak.ts";
import { sortBindings } from "../src/policy/ids.ts";
import { contentKey } from "../src/state/key.ts";
import { encodeHeader, leafRecord } from "../src/state/leaf.ts";
import { valueHash } from "../src/tree/hasher.ts";
import { VersionedTree } from "../src/tree/versionedTree.ts";
import { at } from "./helpers/at.ts";
import { PolicyLogs } from "./helpers/policyLogs.ts";

/** Both registries know nothing that their logs do not say. */

const STEPS = 220;
const LARGE_PARAMS_BYTES = 9_000n;
const NONE = `0x${"00".repeat(32)}`;

/** Numbers that depend on the seed only. */
function randomOf(seed: string): (limit: number) => number {
  let counter = 0;
  return (limit) => {
    const word = keccak256(tag(seed), uintBytes(counter++, 4));
    return Number(BigInt(`0x${Buffer.from(word.subarray(0, 6)).toString("hex")}`) % BigInt(limit));
  };
}

/** A few leaves of every kind, plugins also encrypted, and their proofs. */
function world() {
  const tree = VersionedTree.restore(0n, []);
  const leaves = new Map<string, { header: Uint8Array; key: TreeKey; hash: ContentHash }>();
  const updates: [TreeKey, ReturnType<typeof valueHash>][] = [];
  for (const [kind, { namespace }] of Object.entries(ARTIFACT_KINDS)) {
    for (let i = 0; i < 4; i++) {
      const hash = keccak256<ContentHash>(tag(`${kind} ${i}`));
      const flags = kind === "wasm-plugin" ? ([0, 0, 1, 3][i] ?? 0) : 0;
      const contentLength = kind === "params" ? LARGE_PARAMS_BYTES : 100n;
      const header = encodeHeader({ version: 1, namespace, flags, contentLength, sequenceNo: 1n });
      const key = contentKey(namespace, hash);
      leaves.set(`${kind} ${i}`, { header, key, hash });
      updates.push([key, valueHash(leafRecord(header, hash))]);
    }
  }
  tree.commit(tree.stage(updates));
  const artifact = (kind: ArtifactKindName, i: number, sequenceNo: bigint) => {
    const leaf = leaves.get(`${kind} ${i}`);
    if (leaf === undefined) throw new Error(`${kind} ${i}`);
    const proof = { sequenceNo, header: leaf.header, proof: tree.prove(leaf.key) };
    return { hash: bytes32<ContentHash>(leaf.hash), proof };
  };
  return { root: tree.root(), artifact };
}

async function deploy(root: Uint8Array) {
  const connection = await network.create("mainnet");
  const { ethers } = connection;
  const accounts = (await ethers.getSigners()).slice(0, 6);
  const owner = at(accounts, 0);
  const roots = await ethers.deployContract("RetainedRootsMock");
  const provider = await ethers.deployContract("AddressesProvider", [owner.address]);
  await provider.setAddress(ethers.id("STATE_COMMIT_REGISTRY"), roots);
  const nonce = await ethers.provider.getTransactionCount(owner);
  const dataRegistry = await ethers.deployContract("PolicyDataRegistry", [
    provider,
    getCreateAddress({ from: owner.address, nonce: nonce + 2 }),
  ]);
  await provider.setAddress(ethers.id("POLICY_DATA_REGISTRY"), dataRegistry);
  const registry = await ethers.deployContract("PolicyRegistry", [provider]);
  await roots.setRoot(1n, root);
  return { ...connection, accounts, roots, dataRegistry, registry };
}

type Chain = Awaited<ReturnType<typeof deploy>>;

/** Plays random transactions, some of which the registries refuse, and says what has been done how often. */
class Play {
  readonly #chain: Chain;
  readonly #artifact: ReturnType<typeof world>["artifact"];
  readonly #below = randomOf("policy logs");
  readonly done: Record<string, number> = {};
  readonly #dataRefs: string[] = [];
  readonly #templates: { ref: string; dataRefs: readonly string[] }[] = [];
  readonly #root: Uint8Array;
  #newest = 1n;

  constructor(chain: Chain, { root, artifact }: ReturnType<typeof world>) {
    this.#chain = chain;
    this.#root = root;
    this.#artifact = artifact;
  }

  async step(): Promise<void> {
    const actions = [
      () => this.#registerData(),
      () => this.#registerTemplate(),
      () => this.#instantiate("instantiate"),
      () => this.#instantiate("instantiateBundle"),
      () => this.#instantiateLeaf(),
      () => this.#move(),
      () => (this.#below(3) === 0 ? this.#deprecate() : this.#instantiateBundle()),
      () => this.#commit(),
    ];
    await this.#pick(actions)();
  }

  #instantiateBundle() {
    return this.#instantiate("instantiateBundle");
  }

  #pick<T>(list: readonly T[]): T {
    return at([...list], this.#below(list.length));
  }

  /** Counts what goes through; a refusal leaves nothing, logs included. */
  async #send(what: string, sending: Promise<{ wait(): Promise<unknown> }>): Promise<void> {
    try {
      await (await sending).wait();
    } catch {
      this.done.refused = (this.done.refused ?? 0) + 1;
      return;
    }
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  async #registerData(): Promise<void> {
    const { dataRegistry, accounts } = this.#chain;
    const plugin = this.#below(4);
    const wasm = this.#artifact("wasm-plugin", plugin, this.#newest);
    const output = this.#artifact("output-schema", this.#below(4), this.#newest);
    const template = {
      wasmHash: wasm.hash,
      argsSchemaHash: NONE,
      outputSchemaHash: output.hash,
      secretsSchemaHash: NONE,
      teeRequired: plugin === 3,
      cleartextHash: plugin > 1 ? keccak256(tag(`clear ${this.#below(3)}`)) : NONE,
    };
    const ref = await dataRegistry.policyDataRefOf(template);
    const caller = dataRegistry.connect(this.#pick(accounts));
    const proofs = [wasm.proof, output.proof];
    await this.#send("data", caller.registerPolicyData(ref, template, proofs));
    if (!this.#dataRefs.includes(ref)) this.#dataRefs.push(ref);
  }

  async #registerTemplate(): Promise<void> {
    const { registry, accounts } = this.#chain;
    const rego = this.#artifact("rego", this.#below(4), this.#newest);
    const names = ["a", "b", "c"].slice(0, Math.min(this.#below(4), this.#dataRefs.length));
    const data = sortBindings(
      names.map((name) => ({
        name,
        ref: bytes32(Buffer.from(this.#pick(this.#dataRefs).slice(2), "hex")),
      })),
    );
    const template = {
      regoHash: rego.hash,
      paramsSchemaHash: NONE,
      entrypoint: `p.rule${this.#below(3)}`,
      environment: this.#below(3),
      data,
    };
    const ref = await registry.policyTemplateRefOf(template);
    const caller = registry.connect(this.#pick(accounts));
    await this.#send("template", caller.registerTemplate(ref, template, [rego.proof]));
    const dataRefs = data.map((binding) => `0x${Buffer.from(binding.ref).toString("hex")}`);
    this.#templates.push({ ref, dataRefs });
  }

  async #terms() {
    const client = this.#pick(this.#chain.accounts);
    const { ref, dataRefs } = this.#pick(
      this.#templates.length === 0 ? [{ ref: NONE, dataRefs: [] }] : this.#templates,
    );
    const dataInstances = await Promise.all(
      dataRefs.map((dataRef) => this.#chain.dataRegistry.policyDataInstanceIdOf(client, dataRef)),
    );
    const expireAfterBlocks = this.#below(2);
    return { client, terms: { client, templateRef: ref, dataInstances, expireAfterBlocks } };
  }

  async #instantiate(way: "instantiate" | "instantiateBundle"): Promise<void> {
    const { client, terms } = await this.#terms();
    const params = this.#below(4) === 0 ? "0x" : tag(`{"n":${this.#below(4)}}`);
    const registry = this.#chain.registry.connect(client);
    await this.#send(way, registry[way]({ ...terms, params }));
  }

  async #instantiateLeaf(): Promise<void> {
    const { client, terms } = await this.#terms();
    const { hash, proof } = this.#artifact("params", this.#below(4), this.#newest);
    const registry = this.#chain.registry.connect(client);
    await this.#send(
      "leaf",
      registry.instantiateWithParamsLeaf({ ...terms, paramsHash: hash }, proof),
    );
  }

  async #move(): Promise<void> {
    const { registry, accounts } = this.#chain;
    const client = this.#pick(accounts);
    const ids = await registry.policyInstanceIds(client, 0, 256);
    const id = ids.length === 0 || this.#below(6) === 0 ? NONE : this.#pick(ids);
    await this.#send("move", registry.connect(client).moveCurrentPolicyInstance(client, id));
  }

  async #deprecate(): Promise<void> {
    const { registry, dataRegistry, accounts } = this.#chain;
    const [template] = this.#templates;
    const dataRef = this.#dataRefs[this.#below(Math.max(1, this.#dataRefs.length))] ?? NONE;
    const caller = this.#pick(accounts);
    await this.#send(
      "deprecate data",
      dataRegistry.connect(caller).deprecatePolicyData(dataRef, "a better one"),
    );
    await this.#send(
      "deprecate",
      registry.connect(caller).deprecateTemplate(template?.ref ?? NONE, "superseded"),
    );
  }

  async #commit(): Promise<void> {
    this.#newest++;
    await this.#chain.roots.setRoot(this.#newest, this.#root);
  }
}

describe("the logs of the policy registries", function () {
  this.timeout(300_000);

  it("POL-11: are enough to rebuild everything that both show, every ref re-derived from its parts", async () => {
    const stage = world();
    const chain = await deploy(stage.root);
    const play = new Play(chain, stage);
    for (let i = 0; i < STEPS; i++) await play.step();
    for (const what of ["data", "template", "instantiate", "instantiateBundle", "leaf", "move"]) {
      expect(play.done[what], what).to.be.greaterThan(2);
    }
    expect(play.done.refused).to.be.greaterThan(5);
    expect((play.done["deprecate data"] ?? 0) + (play.done.deprecate ?? 0)).to.be.greaterThan(0);

    const { registry, dataRegistry, ethers, networkHelpers } = chain;
    const logs = await PolicyLogs.read(ethers.provider, registry, dataRegistry);
    await networkHelpers.mine();
    await logs.expectData(dataRegistry);
    await logs.expectTemplates(registry);
    await logs.expectInstances(registry);
    const clients = chain.accounts.map(({ address }) => address);
    await logs.expectPointers(registry, clients, await ethers.provider.getBlockNumber());
  });
});
