import { readFileSync } from "node:fs";
import { expect } from "chai";
import { concat, keccak256 } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";
import {
  idsOf,
  PolicySource,
  policyIdVectors,
  randomBatches,
} from "../../../scripts/vectors/policyIds.ts";
import { bytes32, type ContentHash, zero32 } from "../../../src/bytes/brand.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import {
  type DataBinding,
  type PolicyDataInstanceId,
  type PolicyDataRef,
  policyDataInstanceIdOf,
  policyDataRefOf,
  policyInstanceIdOf,
  policyTemplateRefOf,
  sortBindings,
} from "../../../src/policy/ids.ts";
import { codeOf } from "../../helpers/codes.ts";

const source = () => new PolicySource("ids.test.ts");

describe("policy ids", () => {
  it("are those of the committed vectors, which are what the generator writes", () => {
    const file = readFileSync("test/vectors/policyIds.json", "utf8");
    expect(file).to.equal(`${JSON.stringify(policyIdVectors(), null, 2)}\n`);
  });

  it("POL-06: differ from ids with chain id and client exchanged", () => {
    const { ids, swapped } = policyIdVectors().dataInstances;
    for (const [i, id] of ids.entries()) expect(id).to.not.equal(swapped[i]);
  });

  it("POL-05: are disjoint between the domains and between chains", () => {
    const random = source();
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const client = random.bytes(20);
      const ref = bytes32<PolicyDataRef>(random.word());
      seen.add(toHex(policyDataInstanceIdOf(BigInt(i), client, ref)));
      seen.add(toHex(policyDataInstanceIdOf(BigInt(i + 1_000), client, ref)));
      const instance = { ...random.instance(0, 0), client };
      seen.add(toHex(policyInstanceIdOf(BigInt(i), instance)));
      seen.add(toHex(policyInstanceIdOf(BigInt(i + 1_000), instance)));
    }
    expect(seen.size).to.equal(800);
  });

  it("POL-12: change with every byte of the params", () => {
    const instance = source().instance(100, 2);
    const id = toHex(policyInstanceIdOf(1n, instance));
    fc.assert(
      fc.property(fc.nat(99), fc.integer({ min: 1, max: 255 }), (index, mask) => {
        const params = instance.params.map((byte, i) => (i === index ? byte ^ mask : byte));
        expect(toHex(policyInstanceIdOf(1n, { ...instance, params }))).to.not.equal(id);
      }),
    );
  });

  it("ABI-07: bind where each part ends: no two splits of the same bytes have one id", () => {
    const random = source();
    const instance = random.instance(64, 2);
    const template = random.template(2);
    const bytes = random.bytes(64);
    const ids = new Set<string>();
    for (let split = 0; split <= 64; split++) {
      // Params end where the data instances begin; names end where refs and entry points begin.
      const dataInstances = Array.from({ length: Math.floor((64 - split) / 32) }, (_, i) =>
        bytes32<PolicyDataInstanceId>(bytes.slice(split + 32 * i, split + 32 * (i + 1))),
      );
      ids.add(
        toHex(
          policyInstanceIdOf(1n, { ...instance, params: bytes.slice(0, split), dataInstances }),
        ),
      );
      const name = toHex(bytes).slice(2, 2 + split);
      const entrypoint = toHex(bytes).slice(2 + split, 66);
      const data = sortBindings([{ name, ref: bytes32<PolicyDataRef>(bytes.slice(0, 32)) }]);
      ids.add(toHex(policyTemplateRefOf({ ...template, entrypoint, data })));
    }
    expect(ids.size).to.equal(2 * 65);
  });

  it("ask for bindings in ascending order, as sorting leaves them", () => {
    const binding = (name: string): DataBinding => ({
      name,
      ref: bytes32<PolicyDataRef>(new Uint8Array(32)),
    });
    const names = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(names, (list) => {
        const template = source().template(0);
        const data = sortBindings(list.map(binding));
        expect(codeOf(() => policyTemplateRefOf({ ...template, data }))).to.equal("none");
        const reversed = data.toReversed();
        expect(codeOf(() => policyTemplateRefOf({ ...template, data: reversed }))).to.equal(
          "E_BINDING_ORDER",
        );
        const twice = data.flatMap((item) => [item, item]);
        expect(codeOf(() => policyTemplateRefOf({ ...template, data: twice }))).to.equal(
          "E_BINDING_ORDER",
        );
      }),
    );
  });

  it("refuse fields that do not fit their width", () => {
    const random = source();
    const instance = random.instance(0, 0);
    const ref = bytes32<PolicyDataRef>(random.word());
    expect(codeOf(() => policyDataInstanceIdOf(1n, new Uint8Array(19), ref))).to.equal(
      "E_ADDRESS_LENGTH",
    );
    expect(
      codeOf(() => policyInstanceIdOf(1n, { ...instance, client: new Uint8Array(21) })),
    ).to.equal("E_ADDRESS_LENGTH");
    expect(codeOf(() => policyInstanceIdOf(1n << 256n, instance))).to.equal("E_RANGE");
    expect(
      codeOf(() => policyInstanceIdOf(1n, { ...instance, expireAfterBlocks: 2 ** 32 })),
    ).to.equal("E_RANGE");
    expect(
      codeOf(() => policyTemplateRefOf({ ...random.template(0), environment: 65_536 })),
    ).to.equal("E_RANGE");
  });

  it("take the flags from the template's facts", () => {
    const none = zero32<ContentHash>();
    const base = { ...source().dataTemplate(), teeRequired: false, cleartextHash: none };
    const encrypted = { ...base, cleartextHash: base.wasmHash };
    const refs = [base, encrypted, { ...encrypted, teeRequired: true }].map((t) =>
      toHex(policyDataRefOf(t)),
    );
    expect(new Set(refs).size).to.equal(3);
  });

  it("POL-05, POL-06, ABI-09: are equal in Solidity for 10,000 random parts, and those of the vectors", async () => {
    const { ethers } = await network.create("mainnet");
    const harness = await ethers.deployContract("PolicyIdsHarness");
    const derived: string[] = [];
    for (const batch of randomBatches()) {
      const chainIds = batch.map(({ chainId }) => chainId);
      const abiInstances = batch.map(({ instance }) => ({
        ...instance,
        client: toHex(instance.client),
        dataInstances: [...instance.dataInstances],
      }));
      const abiTemplates = batch.map(({ template }) => ({ ...template, data: [...template.data] }));
      const clients = batch.map(({ client }) => toHex(client));
      const refs = batch.map(({ ref }) => ref);
      const got = [
        ...(await harness.policyDataRefs(batch.map(({ dataTemplate }) => dataTemplate))),
        ...(await harness.policyTemplateRefs(abiTemplates)),
        ...(await harness.policyInstanceIds(chainIds, abiInstances)),
        ...(await harness.policyDataInstanceIds(chainIds, clients, refs)),
      ];
      expect(got).to.deep.equal(idsOf(batch).map((id) => toHex(id)));
      derived.push(...got);
    }
    const { count, digest } = policyIdVectors().random;
    expect(derived.length).to.equal(count).and.to.equal(10_000);
    expect(new Set(derived).size).to.equal(count);
    expect(keccak256(concat(derived))).to.equal(digest);
  });
});
