import type { Signer } from "ethers";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../../artifact/kinds.ts";
import type { ContentHash } from "../../bytes/brand.ts";
import { isZero } from "../../bytes/compare.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import {
  instantiate,
  instantiatePolicyData,
  registerPolicyData,
  registerTemplate,
} from "../../chain/policies.ts";
import {
  dataTemplatesOf,
  type NamedDataTemplate,
  type PolicyBundle,
  templateOf,
} from "../../policy/bundle.ts";
import { decide } from "../../policy/decide.ts";
import {
  type PolicyDataInstanceId,
  type PolicyInstance,
  policyDataInstanceIdOf,
  policyTemplateRefOf,
} from "../../policy/ids.ts";
import { type ArtifactProof, artifactProofOf } from "../../state/artifactProof.ts";
import { contentKey } from "../../state/key.ts";
import type { StateStore } from "../../state/store.ts";
import { expectThat, type StoryStep } from "../story.ts";
import { type DemoChain, type DemoContext, noteGas } from "./context.ts";

/** Proofs of those of `artifacts` that are named (not zero), in their order. */
function proofsOf(
  store: StateStore,
  artifacts: readonly (readonly [ArtifactKindName, ContentHash])[],
): ArtifactProof[] {
  const proofs: ArtifactProof[] = [];
  for (const [kind, contentHash] of artifacts) {
    if (isZero(contentHash)) continue;
    const proof = artifactProofOf(store, ARTIFACT_KINDS[kind].namespace, contentHash);
    expectThat(proof !== undefined, `${kind} ${toHex(contentHash)} is not in the tree`);
    proofs.push(proof);
  }
  return proofs;
}

/** Registers templates and deploys an instance of each, the client calling. */
export const registerPolicies: StoryStep<DemoContext> = {
  name: "register-policies",
  title: "register templates and instances against inclusion proofs",
  async run(context) {
    let [templates, dataTemplates, instances] = [0, 0, 0];
    for (const demoChain of context.chains) {
      for (const policy of context.policies) {
        const data = dataTemplatesOf(policy);
        for (const entry of data) await registerData(context, demoChain, entry);
        dataTemplates += data.length;
        await registerPolicy(context, demoChain, policy);
        templates++;
        await deployInstance(context, demoChain, policy);
        instances++;
      }
    }
    return {
      summary: `${dataTemplates} data templates, ${templates} templates, ${instances} instances`,
      figures: { dataTemplates, templates, instances },
    };
  },
};

async function registerData(
  context: DemoContext,
  { chain, local }: DemoChain,
  { template }: NamedDataTemplate,
): Promise<void> {
  const proofs = proofsOf(local.lane.store, [
    ["wasm-plugin", template.wasmHash],
    ["input-schema", template.argsSchemaHash],
    ["output-schema", template.outputSchemaHash],
    ["secrets-schema", template.secretsSchemaHash],
  ]);
  const { gasUsed } = await registerPolicyData(clientContracts(chain), template, proofs);
  noteGas(context, chain.parts.name, "register data template", gasUsed);
}

async function registerPolicy(
  context: DemoContext,
  { chain, local }: DemoChain,
  policy: PolicyBundle,
): Promise<void> {
  const template = templateOf(policy);
  const proofs = proofsOf(local.lane.store, [
    ["rego", template.regoHash],
    ["input-schema", template.paramsSchemaHash],
  ]);
  const { gasUsed } = await registerTemplate(clientContracts(chain), template, proofs);
  noteGas(context, chain.parts.name, "register template", gasUsed);
}

async function deployInstance(
  context: DemoContext,
  demoChain: DemoChain,
  policy: PolicyBundle,
): Promise<void> {
  const { chain } = demoChain;
  const contracts = clientContracts(chain);
  const client = await addressOf(chain.parts.cast.client);
  const dataInstances: PolicyDataInstanceId[] = [];
  for (const { ref } of templateOf(policy).data) {
    const { gasUsed } = await instantiatePolicyData(contracts, client, ref);
    noteGas(context, chain.parts.name, "instantiate data", gasUsed);
    dataInstances.push(policyDataInstanceIdOf(chain.chainId, client, ref));
  }
  const { gasUsed } = await instantiate(contracts, instanceOf(policy, client, dataInstances));
  noteGas(context, chain.parts.name, "instantiate and move pointer", gasUsed);
}

function instanceOf(
  policy: PolicyBundle,
  client: Uint8Array,
  dataInstances: readonly PolicyDataInstanceId[],
): PolicyInstance {
  return {
    client,
    templateRef: policyTemplateRefOf(templateOf(policy)),
    params: policy.params,
    dataInstances,
    expireAfterBlocks: policy.expireAfterBlocks,
  };
}

function clientContracts(chain: DemoChain["chain"]) {
  return chain.as(chain.parts.cast.client);
}

async function addressOf(signer: Signer): Promise<Uint8Array> {
  return fromHex(await signer.getAddress());
}

/** Decides intents with bytes read back from the state and params read back from the chain. */
export const evaluate: StoryStep<DemoContext> = {
  name: "evaluate",
  title: "evaluate an allowed and a denied intent with OPA, from the stored bytes",
  async run(context) {
    const [demoChain] = context.chains;
    // The last policy's instance is the client's current one.
    const policy = context.policies.at(-1);
    expectThat(demoChain !== undefined && policy !== undefined, "nothing to evaluate");
    const { chain, local } = demoChain;
    const client = await chain.parts.cast.client.getAddress();
    const { policies } = chain.contracts;
    const params = fromHex(
      await policies.policyParams(await policies.currentPolicyInstance(client)),
    );
    const stored = storedPolicy(local.operators[0]?.signer.store ?? local.lane.store, policy);
    const decisions: string[] = [];
    for (const wanted of [true, false]) {
      const sample = policy.intents.find(({ expected }) => expected.allowed === wanted);
      expectThat(sample !== undefined, `${policy.name} has no sample with allowed = ${wanted}`);
      const { allowed } = await decide(context.engines, {
        rego: stored.rego,
        entrypoint: policy.entrypoint,
        intent: sample.intent,
        params: JSON.parse(new TextDecoder().decode(params)),
        data: stored.data.map(({ name, wasm }) => ({ name, wasm, args: sample.args[name] })),
      });
      expectThat(allowed === wanted, `${sample.name}: expected ${wanted}, got ${allowed}`);
      decisions.push(`${sample.name}: ${allowed ? "allowed" : "denied"}`);
    }
    return { summary: decisions.join("; "), figures: { allowed: 1, denied: 1 } };
  },
};

/** Rego and plugins as an operator's replica serves them, content checked against its hash. */
function storedPolicy(store: StateStore, policy: PolicyBundle) {
  const read = (kind: ArtifactKindName, contentHash: ContentHash): Uint8Array => {
    const leaf = store.leaf(contentKey(ARTIFACT_KINDS[kind].namespace, contentHash));
    expectThat(leaf !== undefined, `${kind} ${toHex(contentHash)} is not in the state`);
    return leaf.content;
  };
  return {
    rego: read("rego", keccak256<ContentHash>(policy.rego)),
    data: dataTemplatesOf(policy).map(({ name, template }) => ({
      name,
      wasm: read("wasm-plugin", template.wasmHash),
    })),
  };
}
