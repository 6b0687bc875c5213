import { expect } from "chai";
import { ethers } from "ethers";
import { decisionVectors } from "../../../scripts/vectors/decision.ts";
import { bytes32, type ContentHash } from "../../../src/bytes/brand.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { type Decision, decisionDigest, decisionOf } from "../../../src/challenge/decision.ts";
import {
  type PolicyDataRef,
  type PolicyInstance,
  type PolicyTemplate,
  policyDataInstanceIdOf,
  policyInstanceIdOf,
  policyTemplateRefOf,
} from "../../../src/policy/ids.ts";
import { codeOf } from "../../helpers/codes.ts";
import { vectorText } from "../../helpers/vectors.ts";

const CHAIN_ID = 31337n;
const CLIENT = new Uint8Array(20).fill(0xc1);
const DOMAIN = { chainId: CHAIN_ID, policyRegistry: new Uint8Array(20).fill(0xee) };
const FIELDS =
  "bytes32 taskId,address client,bytes32 policyInstanceId,bytes32 policyTemplateRef,bytes32 paramsHash,bytes32[] policyDataInstanceIds,uint32 expireAfterBlocks,bytes32 regoHash,bytes32 paramsSchemaHash,bytes32 entrypointHash,uint16 environment,bytes32[] bindingNameHashes,bytes32[] policyDataRefs,uint64 referenceBlock,bool isAllowed";
const TYPES = {
  Decision: FIELDS.split(",").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  }),
};

function word(byte: number) {
  return bytes32(new Uint8Array(32).fill(byte));
}

function someDecision(bindings: 0 | 1): Decision {
  const template: PolicyTemplate = {
    regoHash: bytes32<ContentHash>(word(1)),
    paramsSchemaHash: bytes32<ContentHash>(word(2)),
    entrypoint: "policy.allow",
    environment: 1,
    data: bindings === 0 ? [] : [{ name: "only", ref: bytes32<PolicyDataRef>(word(3)) }],
  };
  const instance: PolicyInstance = {
    client: CLIENT,
    templateRef: policyTemplateRefOf(template),
    params: new TextEncoder().encode("{}"),
    dataInstances: template.data.map(({ ref }) => policyDataInstanceIdOf(CHAIN_ID, CLIENT, ref)),
    expireAfterBlocks: 100,
  };
  const task = { taskId: word(9), referenceBlock: 77n, isAllowed: true };
  const decision = decisionOf(CHAIN_ID, template, instance, task);
  expect(decision.policyInstanceId).to.deep.equal(policyInstanceIdOf(CHAIN_ID, instance));
  return decision;
}

describe("decision", () => {
  it("has vectors that its generator writes", () => {
    const written = `${JSON.stringify(decisionVectors(), null, 2)}\n`;
    expect(written === vectorText("decision")).to.equal(true);
  });

  it("ABI-09: is the EIP-712 digest of ethers", () => {
    const shown = {
      name: "PolicyDecision",
      version: "1",
      chainId: CHAIN_ID,
      verifyingContract: toHex(DOMAIN.policyRegistry),
    };
    for (const bindings of [0, 1] as const) {
      const decision = someDecision(bindings);
      const plain = { ...decision, client: toHex(CLIENT) };
      const expected = ethers.TypedDataEncoder.hash(shown, TYPES, plain);
      expect(toHex(decisionDigest(DOMAIN, decision))).to.equal(expected);
    }
  });

  it("has another digest when any field, chain or registry is another", () => {
    const decision = someDecision(1);
    const others: Partial<Decision>[] = [
      { taskId: word(8) },
      { client: new Uint8Array(20) },
      { paramsHash: word(8) },
      { policyDataInstanceIds: [] },
      { expireAfterBlocks: 101 },
      { entrypointHash: word(8) },
      { environment: 2 },
      { bindingNameHashes: [word(8)] },
      { policyDataRefs: [] },
      { referenceBlock: 78n },
      { isAllowed: false },
    ];
    const digests = [
      decisionDigest(DOMAIN, decision),
      decisionDigest({ ...DOMAIN, chainId: 1n }, decision),
      decisionDigest({ ...DOMAIN, policyRegistry: new Uint8Array(20) }, decision),
      ...others.map((change) => decisionDigest(DOMAIN, { ...decision, ...change })),
    ].map((digest) => toHex(digest));
    expect(new Set(digests).size).to.equal(digests.length);
  });

  it("E_RANGE, E_LENGTH: refuses what does not fit its field", async () => {
    const codeWith = async (change: Partial<Decision>) =>
      await codeOf(() => decisionDigest(DOMAIN, { ...someDecision(0), ...change }));
    expect(await codeWith({ environment: 0x10000 })).to.equal("E_RANGE");
    expect(await codeWith({ referenceBlock: 1n << 64n })).to.equal("E_RANGE");
    expect(await codeWith({ client: new Uint8Array(19) })).to.equal("E_LENGTH");
  });
});
