import { type ContractTransactionResponse, getCreateAddress } from "ethers";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../../src/artifact/kinds.ts";
import { bytes32, type ContentHash, type TreeKey } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { commitArgument } from "../../src/chain/commitArgument.ts";
import { encodeCertificate } from "../../src/operators/certificate.ts";
import type { PolicyDataRef } from "../../src/policy/ids.ts";
import {
  policyDataInstanceIdOf,
  policyDataRefOf,
  policyTemplateRefOf,
} from "../../src/policy/ids.ts";
import { contentKey } from "../../src/state/key.ts";
import { encodeHeader, leafRecord } from "../../src/state/leaf.ts";
import { valueHash } from "../../src/tree/hasher.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";
import { certify, gasOf, nextCommits, openQuorumChain, type QuorumChain } from "./quorumChain.ts";

/** Gas of a policy's way onto a chain, whole transactions, beside that of the same where each policy is a contract. */

/** A policy with one plugin; params of 200 bytes unless said otherwise; proofs at depth 20. */
export interface PolicyGas {
  /** With four artifacts and four proofs. */
  readonly registerData: number;
  /** With a Rego module, a params schema and one binding. */
  readonly registerTemplate: number;
  /** A client's first: data instance, instance and pointer. */
  readonly bundle: number;
  /** A client's second, with other params; the data instance is there. */
  readonly instantiate: number;
  /** The same params as another client's. */
  readonly instantiateShared: number;
  /** With params that are a leaf, whatever their length. */
  readonly instantiateLeaf: number;
  readonly movePointer: number;
  /** A contract per policy and plugin, text in storage, pointer and params in two transactions. */
  readonly contracts: {
    readonly deployData: number;
    readonly deployPolicy: number;
    /** A client's first. */
    readonly setAddress: number;
    readonly setPolicy: number;
    /** Later ones. */
    readonly setOtherAddress: number;
    readonly setPolicyAgain: number;
  };
}

const DEPTH = 20;
const OPERATORS = 10;
const PARAMS_BYTES = 200;
const LARGE_PARAMS_BYTES = 20_000n;
const EXPIRE_AFTER_BLOCKS = 100;
const KINDS = [
  "wasm-plugin",
  "input-schema",
  "output-schema",
  "secrets-schema",
  "rego",
  "params",
] as const satisfies readonly ArtifactKindName[];

/** Measures on a chain of its own, the same in every run. */
export async function policyGas(): Promise<PolicyGas> {
  const chain = await openQuorumChain(OPERATORS);
  const artifacts = treeOf();
  await landRoot(chain, artifacts.root);
  const own = await registryGas(chain, artifacts);
  return { ...own, contracts: await contractGas(chain) };
}

/** Two artifacts of every kind, each behind 20 siblings. */
function treeOf() {
  const leaves = new Map<string, { hash: ContentHash; header: Uint8Array; key: TreeKey }>();
  const tree = VersionedTree.restore(0n, []);
  const updates: [TreeKey, ReturnType<typeof valueHash>][] = [];
  for (const kind of KINDS) {
    const { namespace } = ARTIFACT_KINDS[kind];
    for (const i of [0, 1]) {
      const hash = keccak256<ContentHash>(tag(`${kind} ${i}`));
      const contentLength = kind === "params" ? LARGE_PARAMS_BYTES : 5_000n;
      const fields = { version: 1, namespace, flags: 0, contentLength, sequenceNo: 1n };
      const header = encodeHeader(fields);
      const key = contentKey(namespace, hash);
      const value = valueHash(leafRecord(header, hash));
      leaves.set(`${kind} ${i}`, { hash, header, key });
      updates.push([key, value]);
      for (let bit = 0; bit < DEPTH; bit++) updates.push([flipped(key, bit), value]);
    }
  }
  tree.commit(tree.stage(new Map(updates.map((update) => [toHex(update[0]), update])).values()));
  const named = (kind: (typeof KINDS)[number], i: number) => {
    const leaf = leaves.get(`${kind} ${i}`);
    if (leaf === undefined) throw new Error(kind);
    const { hash, header, key } = leaf;
    return { hash, proof: { sequenceNo: 1n, header, proof: tree.prove(key) } };
  };
  return { root: tree.root(), named };
}

function flipped(key: TreeKey, bit: number): TreeKey {
  const other = Uint8Array.from(key);
  other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return bytes32<TreeKey>(other);
}

/** Lands commit 1 with this root. */
async function landRoot(chain: QuorumChain, newStateRoot: ReturnType<VersionedTree["root"]>) {
  const [next] = await nextCommits(chain, 1);
  if (next === undefined) throw new Error("no commit");
  const commit = { ...next, newStateRoot };
  const certificate = certify(chain, await chain.registry.getAddress(), commit);
  const call = chain.registry.commitStateRoot(
    commitArgument(commit),
    toHex(encodeCertificate(certificate)),
  );
  await (await call).wait();
}

async function deployRegistries({ ethers, owner, registry, tick }: QuorumChain) {
  await tick();
  const provider = await ethers.deployContract("AddressesProvider", [owner]);
  await tick();
  await provider.setAddress(ethers.id("STATE_COMMIT_REGISTRY"), registry);
  const from = await owner.getAddress();
  const nonce = await ethers.provider.getTransactionCount(owner);
  await tick();
  const policyRegistry = getCreateAddress({ from, nonce: nonce + 2 });
  const data = await ethers.deployContract("PolicyDataRegistry", [provider, policyRegistry]);
  await tick();
  await provider.setAddress(ethers.id("POLICY_DATA_REGISTRY"), data);
  await tick();
  return { data, policies: await ethers.deployContract("PolicyRegistry", [provider]) };
}

/** The second of everything that is registered: the first one makes the lists. */
async function registryGas(
  chain: QuorumChain,
  { named }: ReturnType<typeof treeOf>,
): Promise<Omit<PolicyGas, "contracts">> {
  const { chainId } = chain;
  const { data, policies } = await deployRegistries(chain);
  const [alice, bob] = [await chain.account(100), await chain.account(101)];
  const gas = async (send: () => Promise<ContractTransactionResponse>) => {
    return gasOf(await (await send()).wait());
  };

  let [registerData, registerTemplate] = [0, 0];
  let [dataRef, templateRef] = [bytes32<PolicyDataRef>(new Uint8Array(32)), ""];
  for (const i of [0, 1]) {
    const [wasm, args] = [named("wasm-plugin", i), named("input-schema", i)];
    const [output, secrets] = [named("output-schema", i), named("secrets-schema", i)];
    const dataTemplate = {
      wasmHash: wasm.hash,
      argsSchemaHash: args.hash,
      outputSchemaHash: output.hash,
      secretsSchemaHash: secrets.hash,
      teeRequired: false,
      cleartextHash: bytes32<ContentHash>(new Uint8Array(32)),
    };
    dataRef = policyDataRefOf(dataTemplate);
    const dataProofs = [wasm.proof, args.proof, output.proof, secrets.proof];
    registerData = await gas(() => data.registerPolicyData(dataRef, dataTemplate, dataProofs));
    const rego = named("rego", i);
    const template = {
      regoHash: rego.hash,
      paramsSchemaHash: args.hash,
      entrypoint: "policy.allow",
      environment: 1,
      data: [{ name: "plugin", ref: dataRef }],
    };
    templateRef = toHex(policyTemplateRefOf(template));
    const proofs = [rego.proof, args.proof];
    registerTemplate = await gas(() => policies.registerTemplate(templateRef, template, proofs));
  }

  const instanceOf = async (who: typeof alice, params: Uint8Array) => {
    const client = await who.getAddress();
    const dataInstances = [policyDataInstanceIdOf(chainId, fromHex(client), dataRef)];
    return { client, templateRef, params, dataInstances, expireAfterBlocks: EXPIRE_AFTER_BLOCKS };
  };
  const [first, second] = [paramsOf(1), paramsOf(2)];
  const own = policies.connect(alice);
  const [one, two] = [await instanceOf(alice, first), await instanceOf(alice, second)];
  const bundle = await gas(() => own.instantiateBundle(one));
  const instantiate = await gas(() => own.instantiate(two));
  const id = await policies.policyInstanceIdOf(one);
  const movePointer = await gas(() => own.moveCurrentPolicyInstance(one.client, id));
  const { params: _, ...terms } = one;
  const large = named("params", 0);
  const instantiateLeaf = await gas(() =>
    own.instantiateWithParamsLeaf({ ...terms, paramsHash: large.hash }, large.proof),
  );
  const bobs = await instanceOf(bob, first);
  const instantiateShared = await gas(() => policies.connect(bob).instantiateBundle(bobs));
  return {
    registerData,
    registerTemplate,
    bundle,
    instantiate,
    instantiateShared,
    instantiateLeaf,
    movePointer,
  };
}

/** The same policy where it is a contract; a CID of version 1 has 59 characters. */
async function contractGas({ ethers, owner, tick }: QuorumChain): Promise<PolicyGas["contracts"]> {
  const gas = async (send: () => Promise<ContractTransactionResponse>) => {
    await tick();
    return gasOf(await (await send()).wait());
  };
  await tick();
  const factory = await ethers.deployContract("PolicyContractFactoryMock");
  await tick();
  const client = await ethers.deployContract("PointingClientMock");
  const cid = (i: number) =>
    `bafkrei${"abcdefghijklmnopqrstuvwxyz234567".repeat(2).slice(i, i + 52)}`;
  const policies: string[] = [];
  let [deployData, deployPolicy] = [0, 0];
  for (const i of [0, 1]) {
    const dataParts = {
      wasmCid: cid(i),
      secretsSchemaCid: cid(i + 2),
      metadataCid: cid(i + 4),
      expireAfterBlocks: EXPIRE_AFTER_BLOCKS,
      owner,
    };
    const plugin = await factory.deployPolicyData.staticCall(dataParts);
    deployData = await gas(() => factory.deployPolicyData(dataParts));
    const parts = {
      entrypoint: "policy.allow",
      policyCid: cid(i + 6),
      schemaCid: cid(i + 8),
      metadataCid: cid(i + 10),
      policyData: [plugin],
      codeHash: keccak256(tag(`rego ${i}`)),
      owner,
    };
    policies.push(await factory.deployPolicy.staticCall(parts));
    deployPolicy = await gas(() => factory.deployPolicy(parts));
  }
  const config = (i: number) => ({
    params: paramsOf(i),
    expireAfterBlocks: EXPIRE_AFTER_BLOCKS,
  });
  const [one = "", other = ""] = policies;
  const setAddress = await gas(() => client.setPolicyAddress(one));
  const setPolicy = await gas(() => client.setPolicy(config(1)));
  const setOtherAddress = await gas(() => client.setPolicyAddress(other));
  const setPolicyAgain = await gas(() => client.setPolicy(config(2)));
  return { deployData, deployPolicy, setAddress, setPolicy, setOtherAddress, setPolicyAgain };
}

/** 200 bytes without a zero. */
function paramsOf(i: number): Uint8Array {
  return new Uint8Array(PARAMS_BYTES).map((_, at) => 0x21 + ((at * 7 + i) % 90));
}
