import { join } from "node:path";
import { ARTIFACT_KINDS } from "../../artifact/kinds.ts";
import type { ContentHash } from "../../bytes/brand.ts";
import { tag } from "../../bytes/codec.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { toHex } from "../../bytes/hex.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import { reverts } from "../../chain/contracts.ts";
import { contentKey } from "../../state/key.ts";
import { CertifiedReader, rebuild } from "../../state/replica.ts";
import { StateStore } from "../../state/store.ts";
import { codeOfFailure, expectThat, type StoryStep } from "../story.ts";
import type { DemoChain, DemoContext } from "./context.ts";

/** A reader at an operator's replica that serves the newest root of the chain, and nothing before that matched. */
async function readerOf({ local }: DemoChain): Promise<CertifiedReader> {
  const signer = local.operators[0]?.signer;
  expectThat(signer !== undefined, "no operator runs here");
  await signer.sync();
  const reader = new CertifiedReader(signer.store);
  reader.certify(await local.target.head());
  return reader;
}

/** Reads every artifact back from an operator and has the chain check its proof. */
export const readBack: StoryStep<DemoContext> = {
  name: "read-back",
  title: "read each artifact back with its proof, verified on chain",
  async run(context) {
    const { largePlugin, policies } = context;
    const published = [
      ...policies.flatMap(({ bundle }) => bundle.artifacts),
      { kind: "wasm-plugin" as const, bytes: largePlugin.content },
    ];
    let [artifacts, readBytes] = [0, 0];
    for (const demoChain of context.chains) {
      const reader = await readerOf(demoChain);
      const { proofs } = demoChain.chain.contracts;
      for (const { kind, bytes: content } of published) {
        const key = contentKey(ARTIFACT_KINDS[kind].namespace, keccak256<ContentHash>(content));
        const leaf = reader.leaf(key);
        expectThat(
          leaf !== undefined && equalBytes(leaf.content, content),
          `${toHex(key)} differs`,
        );
        const { sequenceNo } = reader.head;
        await reverts.run(() =>
          proofs.verifyInclusion(
            sequenceNo,
            toHex(key),
            toHex(leaf.record),
            toHex(reader.prove(key)),
          ),
        );
        artifacts++;
        readBytes += content.length;
      }
    }
    return {
      summary: `${artifacts} artifacts, ${readBytes} bytes`,
      figures: { artifacts, readBytes },
    };
  },
};

/** Shows that something was never published, and that the chain does not take the opposite. */
export const proveAbsence: StoryStep<DemoContext> = {
  name: "prove-absence",
  title: "prove on chain that an artifact was never published",
  async run(context) {
    const contentHash = keccak256<ContentHash>(tag("never published"));
    const key = contentKey(ARTIFACT_KINDS.rego.namespace, contentHash);
    let proofBytes = 0;
    for (const demoChain of context.chains) {
      const reader = await readerOf(demoChain);
      const { proofs } = demoChain.chain.contracts;
      const { sequenceNo } = reader.head;
      const proof = reader.prove(key);
      await reverts.run(() => proofs.verifyAbsence(sequenceNo, toHex(key), toHex(proof)));
      const record = toHex(new Uint8Array(52));
      const code = await codeOfFailure(() =>
        reverts.run(() => proofs.verifyInclusion(sequenceNo, toHex(key), record, toHex(proof))),
      );
      expectThat(code === "InvalidLeaf", `the opposite gave ${code}`);
      proofBytes = proof.length;
    }
    return {
      summary: `absent on every chain, ${proofBytes} bytes of proof`,
      figures: { chains: context.chains.length, proofBytes },
    };
  },
};

/** Builds a replica from blobs and the chain's events alone. */
export const freshReplica: StoryStep<DemoContext> = {
  name: "fresh-replica",
  title: "rebuild a fresh replica from blobs alone",
  async run(context) {
    let leaves = 0;
    for (const demoChain of context.chains) {
      const { chain, local } = demoChain;
      const path = join(context.dataDir, chain.parts.name, "replica.db");
      const store = StateStore.open({ path, chainId: chain.chainId });
      context.closers.push(() => store.close());
      context.replicas.set(demoChain, store);
      await rebuild(store, local.da, await local.target.commitsFrom(1n));
      new CertifiedReader(store).certify(await local.target.head());
      const operator = local.operators[0]?.signer.store;
      expectThat(
        operator !== undefined && equalBytes(store.head.stateRoot, operator.head.stateRoot),
        "the replica has another root than an operator",
      );
      leaves += store.leafCount();
    }
    return {
      summary: `${context.replicas.size} replicas with ${leaves} leaves have the certified roots`,
      figures: { replicas: context.replicas.size, leaves },
    };
  },
};
