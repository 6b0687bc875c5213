import { parseJsonObject } from "../../artifact/json.ts";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../../artifact/kinds.ts";
import type { ContentHash } from "../../bytes/brand.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import {
  deployInstance,
  instanceFor,
  type PolicyReceipt,
  register,
  registrationOf,
} from "../../chain/registration.ts";
import { decide } from "../../policy/evaluate.ts";
import type { PolicyBundle } from "../../policy/folder.ts";
import { contentKey } from "../../state/key.ts";
import type { StateStore } from "../../state/store.ts";
import { expectThat, type StoryStep } from "../story.ts";
import { type DemoChain, type DemoContext, type DemoPolicy, noteGas } from "./context.ts";

/** How long a decision of the demo's client stays valid. */
const EXPIRE_AFTER_BLOCKS = 100;

/** Registers templates and deploys an instance of each, the client calling. */
export const registerPolicies: StoryStep<DemoContext> = {
  name: "register-policies",
  title: "register templates and instances against inclusion proofs",
  async run(context) {
    const counts: Record<PolicyReceipt["what"], number> = {
      "register data template": 0,
      "register template": 0,
      "instantiate and move pointer": 0,
    };
    for (const demoChain of context.chains) {
      for (const policy of context.policies) {
        for (const { what, gasUsed } of await onboard(demoChain, policy)) {
          noteGas(context, demoChain.chain.parts.name, what, gasUsed);
          counts[what]++;
        }
      }
    }
    const [dataTemplates, templates] = [
      counts["register data template"],
      counts["register template"],
    ];
    const instances = counts["instantiate and move pointer"];
    return {
      summary: `${dataTemplates} data templates, ${templates} templates, ${instances} instances`,
      figures: { dataTemplates, templates, instances },
    };
  },
};

async function onboard({ chain, local }: DemoChain, policy: DemoPolicy): Promise<PolicyReceipt[]> {
  const { contracts, chainId } = chain;
  const { client } = chain.parts.cast;
  const registration = registrationOf(local.lane.store, policy.bundle);
  expectThat(registration !== undefined, `an artifact of ${policy.name} is not committed`);
  const registered = await register(contracts, client, registration);
  const { id, instance } = await instanceFor(chainId, client, policy.bundle, {
    params: policy.params,
    expireAfterBlocks: EXPIRE_AFTER_BLOCKS,
  });
  const deployed = await deployInstance(contracts, client, instance);
  const current = await contracts.policies.currentPolicyInstance(await client.getAddress());
  expectThat(current === toHex(id), `the client's current instance is ${current}`);
  return [...registered, ...deployed];
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
    const stored = storedPolicy(
      local.operators[0]?.signer.store ?? local.lane.store,
      policy.bundle,
    );
    const decisions: string[] = [];
    for (const wanted of [true, false]) {
      const sample = policy.samples.find(({ allowed }) => allowed === wanted);
      expectThat(sample !== undefined, `${policy.name} has no sample with allowed = ${wanted}`);
      const { allowed } = await decide(context.deciders, {
        rego: stored.rego,
        entrypoint: policy.bundle.manifest.entrypoint,
        intent: sample.intent,
        params: parseJsonObject(params, "params"),
        plugins: stored.plugins.map(({ name, wasm, outputSchema }) => ({
          name,
          wasm,
          outputSchema,
          args: sample.args[name] ?? null,
        })),
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
    rego: read("rego", policy.template.regoHash),
    plugins: policy.data.map(({ binding, template }) => ({
      name: binding.name,
      wasm: read("wasm-plugin", template.wasmHash),
      outputSchema: read("output-schema", template.outputSchemaHash),
    })),
  };
}
