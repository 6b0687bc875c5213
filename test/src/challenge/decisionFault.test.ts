import { expect } from "chai";
import fc from "fast-check";
import { bytes32, type ContentHash } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { type Decision, decisionOf } from "../../../src/challenge/decision.ts";
import { decisionFaults, hasRightIdentity } from "../../../src/challenge/decisionFault.ts";
import {
  type PolicyDataRef,
  type PolicyInstance,
  type PolicyInstanceId,
  type PolicyTemplate,
  policyDataInstanceIdOf,
  policyInstanceIdOf,
  policyTemplateRefOf,
  sortBindings,
} from "../../../src/policy/ids.ts";

const CHAIN_ID = 31337n;
const CLIENT = new Uint8Array(20).fill(0xc1);

function wordOf(name: string) {
  return keccak256(tag(name));
}

function honest(bindingCount: number, name: string): Decision {
  const names = Array.from({ length: bindingCount }, (_, i) => `data${i}`);
  const template: PolicyTemplate = {
    regoHash: bytes32<ContentHash>(wordOf(name)),
    paramsSchemaHash: bytes32<ContentHash>(wordOf("schema")),
    entrypoint: "policy.allow",
    environment: 1,
    data: sortBindings(
      names.map((one) => ({ name: one, ref: bytes32<PolicyDataRef>(wordOf(one)) })),
    ),
  };
  const instance: PolicyInstance = {
    client: CLIENT,
    templateRef: policyTemplateRefOf(template),
    params: tag(name),
    dataInstances: template.data.map(({ ref }) => policyDataInstanceIdOf(CHAIN_ID, CLIENT, ref)),
    expireAfterBlocks: 100,
  };
  const task = { taskId: wordOf("task"), referenceBlock: 77n, isAllowed: true };
  const decision = decisionOf(CHAIN_ID, template, instance, task);
  expect(decision.policyInstanceId).to.deep.equal(policyInstanceIdOf(CHAIN_ID, instance));
  return decision;
}

const decisions = fc
  .tuple(fc.integer({ min: 0, max: 16 }), fc.string({ minLength: 1, maxLength: 8 }))
  .map(([count, name]) => honest(count, name));

describe("faults of a decision", () => {
  it("CHL-03: are none in 1,000 honest decisions, whether their block is past or not", () => {
    fc.assert(
      fc.property(decisions, fc.boolean(), (decision, isPast) => {
        const then = isPast ? decision.policyInstanceId : undefined;
        expect(decisionFaults(decision, CHAIN_ID, then)).to.deep.equal([]);
      }),
      { numRuns: 1_000 },
    );
  });

  const other = bytes32<ContentHash>(wordOf("another"));
  const changes: Readonly<Record<string, (decision: Decision) => Decision>> = {
    policyTemplateRef: (one) => ({ ...one, policyTemplateRef: bytes32(other) }),
    policyInstanceId: (one) => ({ ...one, policyInstanceId: bytes32(other) }),
    regoHash: (one) => ({ ...one, regoHash: other }),
    paramsSchemaHash: (one) => ({ ...one, paramsSchemaHash: other }),
    entrypointHash: (one) => ({ ...one, entrypointHash: other }),
    environment: (one) => ({ ...one, environment: 2 }),
    paramsHash: (one) => ({ ...one, paramsHash: other }),
    client: (one) => ({ ...one, client: new Uint8Array(20) }),
    expireAfterBlocks: (one) => ({ ...one, expireAfterBlocks: 101 }),
    "a binding's name": (one) => ({ ...one, bindingNameHashes: [other] }),
    "a data ref": (one) => ({ ...one, policyDataRefs: [bytes32(other)] }),
    "a data instance": (one) => ({ ...one, policyDataInstanceIds: [bytes32(other)] }),
    "the length of a list": (one) => ({ ...one, bindingNameHashes: [] }),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`CHL-01: are of identity when ${what} is another`, () => {
      const decision = change(honest(1, "policy"));
      expect(decisionFaults(decision, CHAIN_ID, decision.policyInstanceId)).to.deep.equal([
        "wrong-identity",
      ]);
    });
  }

  it("are of identity on another chain, and beyond 16 bindings", () => {
    expect(hasRightIdentity(honest(0, "policy"), CHAIN_ID + 1n)).to.equal(false);
    const many = honest(17, "policy");
    expect(hasRightIdentity(many, CHAIN_ID)).to.equal(false);
  });

  it("CHL-01: are of staleness when the client had another instance then, and of both where both are", () => {
    const decision = honest(1, "policy");
    const then = bytes32<PolicyInstanceId>(other);
    expect(decisionFaults(decision, CHAIN_ID, then)).to.deep.equal(["stale-instance"]);
    expect(decisionFaults({ ...decision, regoHash: other }, CHAIN_ID, then)).to.deep.equal([
      "wrong-identity",
      "stale-instance",
    ]);
  });
});
