import { createCipheriv, randomBytes } from "node:crypto";
import { expect } from "chai";
import { getCreateAddress } from "ethers";
import { network } from "hardhat";
import { SCHEMA_DIALECT } from "../src/artifact/jsonSchema.ts";
import { kindOf } from "../src/artifact/kinds.ts";
import { bytes32, type ContentHash, type TreeKey, zero32 } from "../src/bytes/brand.ts";
import { tag, uintBytes } from "../src/bytes/codec.ts";
import { fromHex, toHex } from "../src/bytes/hex.ts";
import { keccak256 } from "../src/bytes/keccak.ts";
import { connectContracts } from "../src/chain/contracts.ts";
import {
  instantiate,
  paramsOf,
  registerPolicyData,
  registerTemplate,
} from "../src/chain/policies.ts";
import { deployInstance, instanceFor, isParamsLeaf } from "../src/chain/registration.ts";
import { type BundleArtifact, loadPolicyFolder, type PolicyBundle } from "../src/policy/folder.ts";
import {
  type PolicyDataTemplate,
  policyDataInstanceIdOf,
  policyDataRefOf,
  policyInstanceIdOf,
} from "../src/policy/ids.ts";
import { contentKey } from "../src/state/key.ts";
import { encodeHeader, leafRecord } from "../src/state/leaf.ts";
import { valueHash } from "../src/tree/hasher.ts";
import { VersionedTree } from "../src/tree/versionedTree.ts";
import { at } from "./helpers/at.ts";
import { asyncCodeOf } from "./helpers/codes.ts";
import { loadPolicies, type PolicySample } from "./helpers/policyFolders.ts";

/** Other leaves in the tree, so that proofs have the depth of a tree in use. */
const NEIGHBOURS = 2_000;
const CHAIN_ID = 1n;
const EXPIRE_AFTER_BLOCKS = 300;

/** Header and key of an artifact's leaf, written by commit 1. */
function leafOf({ kind, bytes, contentHash, flags }: BundleArtifact) {
  const { namespace } = kindOf(kind);
  const header = encodeHeader({
    version: 1,
    namespace,
    flags,
    contentLength: BigInt(bytes.length),
    sequenceNo: 1n,
  });
  return { header, key: contentKey(namespace, contentHash) };
}

/** A policy whose only plugin is ciphertext for enclaves. */
function sealedPolicy(): PolicySample {
  const utf8 = new TextEncoder();
  const clear = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const cipher = createCipheriv("aes-256-gcm", randomBytes(32), randomBytes(12));
  const sealed = Buffer.concat([cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
  const encrypted = { cleartextHash: toHex(keccak256(clear)), teeRequired: true };
  const manifest = {
    name: "sealed",
    rego: "p.rego",
    paramsSchema: "s.json",
    entrypoint: "sealed.allow",
    environment: 1,
    data: [{ name: "one", wasm: "p.sealed", encrypted }],
  };
  const files = new Map<string, Uint8Array>([
    ["policy.json", utf8.encode(JSON.stringify(manifest))],
    ["p.rego", utf8.encode("package sealed\ndefault allow := false\nallow if data.wasm.one.x\n")],
    ["s.json", utf8.encode(JSON.stringify({ $schema: SCHEMA_DIALECT, title: "sealed" }))],
    ["p.sealed", sealed],
  ]);
  return { name: "sealed", files, bundle: loadPolicyFolder(files), params: {}, intents: [] };
}

/** A tree with all artifacts of the bundles and many others. */
function treeOf(bundles: readonly PolicyBundle[]): VersionedTree {
  const tree = VersionedTree.restore(0n, []);
  const artifacts = bundles.flatMap((bundle) => bundle.artifacts);
  const updates = new Map<string, readonly [TreeKey, ReturnType<typeof valueHash>]>();
  for (const artifact of artifacts) {
    const { header, key } = leafOf(artifact);
    updates.set(toHex(key), [key, valueHash(leafRecord(header, artifact.contentHash))]);
  }
  for (let i = 0; i < NEIGHBOURS; i++) {
    const key = contentKey(4 + (i % 5), keccak256<ContentHash>(tag("neighbour"), uintBytes(i, 4)));
    updates.set(toHex(key), [key, valueHash(key)]);
  }
  tree.commit(tree.stage(updates.values()));
  return tree;
}

import { NOWHERE } from "./helpers/nowhere.ts";

describe("registering the policies", () => {
  let policies: PolicySample[];

  before(async function () {
    this.timeout(60_000);
    policies = [...(await loadPolicies()), sealedPolicy()];
  });

  /** Registries over a tree that holds the bundles; `proofs` proves a bundle's artifacts by their hash. */
  async function fixture() {
    const { ethers } = await network.create("mainnet");
    const [owner, author, client] = await ethers.getSigners();
    if (owner === undefined || author === undefined || client === undefined)
      throw new Error("no accounts");
    const roots = await ethers.deployContract("RetainedRootsMock");
    const provider = await ethers.deployContract("AddressesProvider", [owner.address]);
    await provider.setAddress(ethers.id("STATE_COMMIT_REGISTRY"), roots);
    const nonce = await ethers.provider.getTransactionCount(owner);
    // After the registry of data and its entry in the directory.
    const policyRegistry = getCreateAddress({ from: owner.address, nonce: nonce + 2 });
    const dataRegistry = await ethers.deployContract("PolicyDataRegistry", [
      provider,
      policyRegistry,
    ]);
    await provider.setAddress(ethers.id("POLICY_DATA_REGISTRY"), dataRegistry);
    const registry = await ethers.deployContract("PolicyRegistry", [provider]);
    const tree = treeOf(policies.map(({ bundle }) => bundle));
    await roots.setRoot(1n, tree.root());
    const proofOf = (bundle: PolicyBundle, kind: string, contentHash: ContentHash) => {
      const artifact = at(
        bundle.artifacts.filter(
          (one) => one.kind === kind && toHex(one.contentHash) === toHex(contentHash),
        ),
        0,
      );
      const { header, key } = leafOf(artifact);
      return { sequenceNo: 1n, header, proof: tree.prove(key) };
    };
    const dataProofs = (bundle: PolicyBundle, template: PolicyDataTemplate) => {
      const named: [string, ContentHash][] = [
        ["wasm-plugin", template.wasmHash],
        ["input-schema", template.argsSchemaHash],
        ["output-schema", template.outputSchemaHash],
        ["secrets-schema", template.secretsSchemaHash],
      ];
      const present = named.filter(([, hash]) => hash.some((byte) => byte !== 0));
      return present.map(([kind, hash]) => proofOf(bundle, kind, hash));
    };
    const templateProofs = (bundle: PolicyBundle) => [
      proofOf(bundle, "rego", bundle.template.regoHash),
      proofOf(bundle, "input-schema", bundle.template.paramsSchemaHash),
    ];
    return {
      ethers,
      author,
      client,
      roots,
      dataRegistry,
      registry,
      tree,
      dataProofs,
      templateProofs,
    };
  }

  it("POL-10: registers each with the proofs of its artifacts, and instantiates it for a client", async () => {
    const { author, client, dataRegistry, registry, dataProofs, templateProofs } = await fixture();
    for (const { bundle, files } of policies) {
      for (const { binding, template: dataTemplate } of bundle.data) {
        await dataRegistry
          .connect(author)
          .registerPolicyData(binding.ref, dataTemplate, dataProofs(bundle, dataTemplate));
      }
      const template = { ...bundle.template, data: [...bundle.template.data] };
      await registry
        .connect(author)
        .registerTemplate(bundle.templateRef, template, templateProofs(bundle));
      expect((await registry.policyTemplate(bundle.templateRef)).owner).to.equal(author.address);

      const address = fromHex(client.address);
      const dataInstances = bundle.data.map(({ binding }) => {
        return policyDataInstanceIdOf(CHAIN_ID, address, binding.ref);
      });
      for (const { binding } of bundle.data) {
        await dataRegistry.connect(client).instantiatePolicyData(client, binding.ref);
      }
      const params = files.get("params.json") ?? new Uint8Array(0);
      const instance = {
        client: address,
        templateRef: bundle.templateRef,
        params,
        dataInstances,
        expireAfterBlocks: EXPIRE_AFTER_BLOCKS,
      };
      await registry
        .connect(client)
        .instantiate({ ...instance, client: client.address, dataInstances });
      const id = toHex(policyInstanceIdOf(CHAIN_ID, instance));
      expect(await registry.currentPolicyInstance(client)).to.equal(id);
      expect(await registry.policyParams(id)).to.equal(toHex(params));
    }
  });

  it("POL-10: refuses each when one of its artifacts was changed by a bit", async () => {
    const { dataRegistry, registry, dataProofs, templateProofs } = await fixture();
    const flip = (hash: ContentHash) =>
      bytes32<ContentHash>(hash.map((byte, i) => byte ^ Number(i === 20)));
    for (const { bundle } of policies) {
      for (const { template } of bundle.data) {
        const other = { ...template, wasmHash: flip(template.wasmHash) };
        const ref = policyDataRefOf(other);
        await expect(dataRegistry.registerPolicyData(ref, other, dataProofs(bundle, template)))
          .to.be.revertedWithCustomError(dataRegistry, "DanglingArtifact")
          .withArgs(0, toHex(other.wasmHash), 10, 0);
        expect((await dataRegistry.policyData(ref)).registeredAt).to.equal(0);
      }

      const changed = { ...bundle.template, data: [], regoHash: flip(bundle.template.regoHash) };
      const templateRef = await registry.policyTemplateRefOf(changed);
      await expect(registry.registerTemplate(templateRef, changed, templateProofs(bundle)))
        .to.be.revertedWithCustomError(registry, "DanglingArtifact")
        .withArgs(0, toHex(changed.regoHash), 10, 0);
      expect((await registry.policyTemplate(templateRef)).registeredAt).to.equal(0);
    }
  });

  it("registers a plugin sealed by its author, and no template that makes another thing of it", async () => {
    const { author, dataRegistry, dataProofs } = await fixture();
    const { bundle } = at(policies, policies.length - 1);
    const { template } = at(bundle.data, 0);
    expect(template.teeRequired).to.equal(true);
    const proofs = dataProofs(bundle, template);
    const owner = dataRegistry.connect(author);
    const others = [
      [{ ...template, teeRequired: false }, 1],
      [{ ...template, teeRequired: false, cleartextHash: zero32<ContentHash>() }, 0],
    ] as const;
    for (const [other, flags] of others) {
      const ref = policyDataRefOf(other);
      await expect(owner.registerPolicyData(ref, other, proofs))
        .to.be.revertedWithCustomError(dataRegistry, "FlagsMismatch")
        .withArgs(flags, 3);
      expect((await dataRegistry.policyData(ref)).registeredAt).to.equal(0);
    }
    const ref = policyDataRefOf(template);
    await owner.registerPolicyData(ref, template, proofs);
    expect((await dataRegistry.policyData(ref)).owner).to.equal(author.address);
  });

  it("POL-12: deploys with params of a leaf, reads them back, and needs the proof", async () => {
    const { author, client, dataRegistry, registry, dataProofs, templateProofs, tree, roots } =
      await fixture();
    const contracts = connectContracts(
      {
        ...NOWHERE,
        policyDataRegistry: await dataRegistry.getAddress(),
        policyRegistry: await registry.getAddress(),
      },
      author,
    );
    const { bundle } = at(policies, 0);
    for (const { template } of bundle.data) {
      await registerPolicyData(contracts, author, template, dataProofs(bundle, template));
    }
    await registerTemplate(contracts, author, bundle.template, templateProofs(bundle));
    const params = tag(JSON.stringify({ padding: "x".repeat(9_000) }));
    expect(isParamsLeaf(params)).to.equal(true);
    const contentHash = keccak256<ContentHash>(params);
    const { header, key } = leafOf({
      file: "",
      kind: "params",
      bytes: params,
      contentHash,
      flags: 0,
    });
    tree.commit(tree.stage([[key, valueHash(leafRecord(header, contentHash))]]));
    await roots.setRoot(2n, tree.root());
    const terms = { params, expireAfterBlocks: EXPIRE_AFTER_BLOCKS };
    const { id, instance } = await instanceFor(CHAIN_ID, client, bundle, terms);
    expect(
      await asyncCodeOf(async () => await deployInstance(contracts, client, instance)),
    ).to.equal("ParamsTooLarge");
    const proof = { sequenceNo: 2n, header, proof: tree.prove(key) };
    const [receipt] = await deployInstance(contracts, client, instance, proof);
    expect(receipt?.what).to.equal("instantiate and move pointer");
    expect(await registry.currentPolicyInstance(client)).to.equal(toHex(id));
    const contentAt = (asked: TreeKey) => (toHex(asked) === toHex(key) ? params : undefined);
    expect(await paramsOf(contracts, id, contentAt)).to.deep.equal(params);
    expect(await asyncCodeOf(async () => await paramsOf(contracts, id, () => undefined))).to.equal(
      "ParamsInLeaf",
    );
    // Small ones, the data instances being there, by either way.
    const small = { params: tag("{}"), expireAfterBlocks: EXPIRE_AFTER_BLOCKS };
    const other = await instanceFor(CHAIN_ID, client, bundle, small);
    await instantiate(contracts, client, other.instance);
    expect(await paramsOf(contracts, other.id, () => undefined)).to.deep.equal(small.params);
  });

  it("POL-01: refuses a ref that differs by a bit from that of the parts", async () => {
    const { registry, templateProofs } = await fixture();
    const { bundle } = at(policies, 0);
    const given = bundle.templateRef.map((byte, i) => byte ^ Number(i === 0));
    const template = { ...bundle.template, data: [...bundle.template.data] };
    await expect(registry.registerTemplate(given, template, templateProofs(bundle)))
      .to.be.revertedWithCustomError(registry, "PolicyTemplateRefMismatch")
      .withArgs(toHex(bundle.templateRef), toHex(given));
    expect((await registry.policyTemplate(given)).registeredAt).to.equal(0);
  });
});
