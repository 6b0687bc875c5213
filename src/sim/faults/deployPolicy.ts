import { ARTIFACT_KINDS } from "../../artifact/kinds.ts";
import { bytes32, type ContentHash } from "../../bytes/brand.ts";
import { tag } from "../../bytes/codec.ts";
import { fromHex } from "../../bytes/hex.ts";
import { instantiate, registerTemplate } from "../../chain/policies.ts";
import { type PolicyInstance, type PolicyTemplate, policyTemplateRefOf } from "../../policy/ids.ts";
import { artifactProofOf } from "../../state/artifactProof.ts";
import { expectThat } from "../story.ts";
import { type FaultContext, type FaultStep, openedParts } from "./context.ts";
import { HONEST_HASH } from "./leaves.ts";

/** Registers the honest policy, and makes an instance of it the client's current one. */
export const deployPolicy: FaultStep = {
  name: "deploy-policy",
  title: "register the policy and instantiate it for a client",
  async run(context) {
    const { local } = openedParts(context);
    const { contracts, parts } = context.chain;
    const { client } = parts.cast;
    const proof = artifactProofOf(local.lane.store, ARTIFACT_KINDS.rego.namespace, HONEST_HASH);
    expectThat(proof !== undefined, "the policy is not committed");
    const template: PolicyTemplate = {
      regoHash: HONEST_HASH,
      paramsSchemaHash: bytes32<ContentHash>(new Uint8Array(32)),
      entrypoint: "honest.allow",
      environment: 1,
      data: [],
    };
    await registerTemplate(contracts, client, template, [proof]);
    const { sequenceNo } = await local.target.head();
    const instance: PolicyInstance = {
      client: fromHex(await client.getAddress(), "client"),
      templateRef: policyTemplateRefOf(template),
      params: tag("{}"),
      dataInstances: [],
      expireAfterBlocks: 100,
    };
    await instantiate(contracts, client, instance);
    Object.assign(context, {
      policy: { template, instance, sequenceNo },
    } satisfies Partial<FaultContext>);
    return { summary: "one template, one instance", figures: { sequenceNo } };
  },
};
