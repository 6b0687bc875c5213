import { bytes32, type ContentHash, type StateRoot } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { dataTemplateArgument, templateArgument } from "../../src/chain/policyArgument.ts";
import {
  type PolicyDataRef,
  type PolicyDataTemplate,
  type PolicyInstanceId,
  type PolicyTemplate,
  policyDataInstanceIdOf,
  policyDataRefOf,
  policyTemplateRefOf,
  sortBindings,
} from "../../src/policy/ids.ts";
import { contentKey } from "../../src/state/key.ts";
import { encodeHeader, HEADER_VERSION, leafRecord } from "../../src/state/leaf.ts";
import { valueHash } from "../../src/tree/hasher.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";
import type { deployPolicyRegistries } from "./policyGas.ts";
import { type QuorumChain, RETAINED_COUNT } from "./quorumChain.ts";

/** A policy of the largest legal size, on a chain of which roots can be planted. */

/** Data templates that a template can read. */
export const MAX_BINDINGS = 16;

const REGO = 0x04;
const WASM = 0x06;
const PARAMS = 0x09;
const RING_SLOT = 5n;
const NO_HASH = bytes32<ContentHash>(new Uint8Array(32));
const CONTENT = keccak256<ContentHash>(tag("largest content"));
const LARGE_PARAMS = keccak256<ContentHash>(tag("large params"));

type Policies = Awaited<ReturnType<typeof deployPolicyRegistries>>;

/** Both registries of policies. */
interface Registries {
  readonly policies: Policies["policies"];
  readonly policyData: Policies["data"];
}

/** Puts `root` in the place of that after commit `sequenceNo`. */
export async function plant(
  chain: QuorumChain,
  sequenceNo: bigint,
  root: StateRoot,
): Promise<void> {
  const slot = RING_SLOT + (sequenceNo % BigInt(RETAINED_COUNT));
  await chain.networkHelpers.setStorageAt(await chain.registry.getAddress(), slot, toHex(root));
}

/**
 * The largest template that can be registered, registered, one of its data templates, an instance of it with a params leaf,
 * and the keys of an artifact of each; all proven under a root planted as that of commit `sequenceNo`.
 */
export async function registerLargest(
  chain: QuorumChain,
  contracts: Registries,
  sequenceNo: bigint,
) {
  const hashes = Array.from({ length: MAX_BINDINGS }, (_, i) =>
    keccak256<ContentHash>(tag(`wasm ${i}`)),
  );
  const leafOf = (namespace: number, contentHash: ContentHash) => {
    const parts = {
      version: HEADER_VERSION,
      flags: 0,
      contentLength: 9_000n,
      namespace,
      sequenceNo: 1n,
    };
    const header = encodeHeader(parts);
    const key = contentKey(namespace, contentHash);
    return { key, header, value: valueHash(leafRecord(header, contentHash)) };
  };
  const leaves = [
    leafOf(REGO, CONTENT),
    ...hashes.map((hash) => leafOf(WASM, hash)),
    leafOf(PARAMS, LARGE_PARAMS),
  ];
  const tree = VersionedTree.restore(
    sequenceNo,
    leaves.map(({ key, value }) => [key, value] as const),
  );
  await plant(chain, sequenceNo, tree.root());
  const proofs = leaves.map(({ key, header }) => ({
    sequenceNo,
    header: toHex(header),
    proof: toHex(tree.prove(key)),
  }));
  const data: { name: string; ref: PolicyDataRef; template: PolicyDataTemplate }[] = [];
  for (const [i, wasmHash] of hashes.entries()) {
    const proof = proofs[i + 1];
    if (proof === undefined) throw new RangeError("no proof");
    const absent = {
      argsSchemaHash: NO_HASH,
      outputSchemaHash: NO_HASH,
      secretsSchemaHash: NO_HASH,
    };
    const template = { ...absent, wasmHash, teeRequired: false, cleartextHash: NO_HASH };
    await chain.tick();
    const ref = policyDataRefOf(template);
    const argument = dataTemplateArgument(template);
    await (await contracts.policyData.registerPolicyData(toHex(ref), argument, [proof])).wait();
    data.push({ name: `${i}`.padEnd(64, "n"), ref, template });
  }
  const template: PolicyTemplate = {
    regoHash: CONTENT,
    paramsSchemaHash: NO_HASH,
    entrypoint: "e".repeat(128),
    environment: 0xffff,
    data: sortBindings(data.map(({ name, ref }) => ({ name, ref }))),
  };
  await chain.tick();
  const ref = toHex(policyTemplateRefOf(template));
  const argument = templateArgument(template);
  await (await contracts.policies.registerTemplate(ref, argument, proofs.slice(0, 1))).wait();
  const [first] = data;
  const paramsProof = proofs.at(-1);
  if (first === undefined || paramsProof === undefined) throw new RangeError("no data template");
  const policyInstanceId = await instantiateLeaf(chain, contracts, template, paramsProof);
  const keys = {
    rego: contentKey(REGO, CONTENT),
    wasm: contentKey(WASM, first.template.wasmHash),
    params: contentKey(PARAMS, LARGE_PARAMS),
  };
  return { template, dataTemplate: first.template, policyInstanceId, keys };
}

/** An instance of `template` for an operator's account, whose params are proven to be a leaf. */
async function instantiateLeaf(
  chain: QuorumChain,
  { policies }: Registries,
  template: PolicyTemplate,
  proof: { readonly sequenceNo: bigint; readonly header: string; readonly proof: string },
): Promise<PolicyInstanceId> {
  const account = await chain.account(0);
  const client = await account.getAddress();
  const instance = {
    client,
    templateRef: toHex(policyTemplateRefOf(template)),
    paramsHash: toHex(LARGE_PARAMS),
    dataInstances: template.data.map(({ ref }) =>
      toHex(policyDataInstanceIdOf(chain.chainId, fromHex(client), ref)),
    ),
    expireAfterBlocks: 1,
  };
  await chain.tick();
  await (await policies.connect(account).instantiateWithParamsLeaf(instance, proof)).wait();
  return bytes32(fromHex(await policies.hashedPolicyInstanceIdOf(instance)));
}
