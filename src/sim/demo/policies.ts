import { ARTIFACT_KINDS, type ArtifactKindName } from "../../artifact/kinds.ts";
import type { ContentHash } from "../../bytes/brand.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import {
  deployInstance,
  instanceFor,
  type PolicyReceipt,
  register,
  registrationOf,
} from "../../chain/registration.ts";
import { dataTemplatesOf, type PolicyBundle } from "../../policy/bundle.ts";
import { decide } from "../../policy/decide.ts";
import { contentKey } from "../../state/key.ts";
import type { StateStore } from "../../state/store.ts";
import { expectThat, type StoryStep } from "../story.ts";
import { type DemoChain, type DemoContext, noteGas } from "./context.ts";

/** Registers templates and deploys an instance of each, the client calling. */
export const registerPolicies: StoryStep<DemoContext> = {
  name: "register-policies",
  title: "register templates and instances against inclusion proofs",
  async run(context) {
    const counts: Record<PolicyReceipt["what"], number> = {
      "register data template": 0,
      "register template": 0,
      "instantiate data": 0,
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

async function onboard(
  { chain, local }: DemoChain,
  policy: PolicyBundle,
): Promise<PolicyReceipt[]> {
  const { contracts, chainId } = chain;
  const { client } = chain.parts.cast;
  const registration = registrationOf(local.lane.store, policy);
  expectThat(registration !== undefined, `an artifact of ${policy.name} is not committed`);
  const registered = await register(contracts, client, registration);
  const { id, instance } = await instanceFor(chainId, client, policy, policy.params);
  const deployed = await deployInstance(contracts, client, policy, instance);
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
