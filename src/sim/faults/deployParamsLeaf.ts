import type { ContentHash } from "../../bytes/brand.ts";
import { tag } from "../../bytes/codec.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import { instantiateWithParamsLeaf } from "../../chain/policies.ts";
import { paramsProofOf } from "../../chain/registration.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { ON_CHAIN_PARAMS_MAX_BYTES, policyInstanceIdOf } from "../../policy/ids.ts";
import { expectThat } from "../story.ts";
import { deployedPolicy, type FaultContext, type FaultStep, openedParts } from "./context.ts";
import { followHonest } from "./honestCommit.ts";

const LARGE_PARAMS = tag(JSON.stringify({ list: "x".repeat(ON_CHAIN_PARAMS_MAX_BYTES) }));

/** Makes an instance of the deployed policy, with params that are too large for the chain, the client's current one. */
export const deployParamsLeaf: FaultStep = {
  name: "deploy-params-leaf",
  title: "commit params that are too large for the chain; the client instantiates with their leaf",
  async run(context) {
    const { local } = openedParts(context);
    const { contracts, chainId, parts } = context.chain;
    intakeArtifact(local.lane, "params", LARGE_PARAMS);
    const sequenceNo = await followHonest(context);
    const proof = paramsProofOf(local.lane.store, LARGE_PARAMS);
    expectThat(proof !== undefined, "the params are not committed");
    const instance = { ...deployedPolicy(context).instance, params: LARGE_PARAMS };
    await instantiateWithParamsLeaf(contracts, parts.cast.client, instance, proof);
    const instanceOfLeaf = {
      of: "instance",
      policyInstanceId: policyInstanceIdOf(chainId, instance),
      paramsHash: keccak256<ContentHash>(LARGE_PARAMS),
      sequenceNo,
    } as const;
    Object.assign(context, { instanceOfLeaf } satisfies Partial<FaultContext>);
    const paramsBytes = LARGE_PARAMS.length;
    return { summary: `${paramsBytes} bytes of params`, figures: { paramsBytes, sequenceNo } };
  },
};
