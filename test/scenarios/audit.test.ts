import { expect } from "chai";
import { bytes32, type ContentHash } from "../../src/bytes/brand.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import type { Contracts } from "../../src/chain/contracts.ts";
import { PolicyAudit } from "../../src/chain/policyAudit.ts";
import { PolicyReader } from "../../src/chain/policyReader.ts";
import { storedArtifacts, viewOfBundle, viewOnChain } from "../../src/chain/policyView.ts";
import {
  deployInstance,
  instanceFor,
  register,
  registrationOf,
} from "../../src/chain/registration.ts";
import { intakeArtifact } from "../../src/commit/gateway.ts";
import { differenceOf } from "../../src/policy/difference.ts";
import type { PolicyDataRef, PolicyInstanceId, PolicyTemplateRef } from "../../src/policy/ids.ts";
import { policyDataInstanceIdOf } from "../../src/policy/ids.ts";
import type { DemoPolicy } from "../../src/sim/demo/context.ts";
import type { StateStore } from "../../src/state/store.ts";
import { loadRepositoryPolicies } from "../../tasks/support/policies.ts";
import { at } from "../helpers/at.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";

/** An object that says otherwise under some names. */
function saying<T extends object>(truth: T, lies: Readonly<Record<string, unknown>>): T {
  return new Proxy(truth, {
    get: (target, name) => {
      if (typeof name === "string" && Object.hasOwn(lies, name)) return lies[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("auditing policies on a simulated chain", function () {
  this.timeout(120_000);
  let network: LocalNetwork;
  let policies: DemoPolicy[];
  let instanceId: PolicyInstanceId;
  let reader: PolicyReader;

  before(async () => {
    network = await openLocalNetwork({ operatorCount: 1 });
    policies = await loadRepositoryPolicies(["spend-limit", "treasury-pack", "time-window"]);
    const { chain, local } = network;
    const { client } = chain.parts.cast;
    for (const { bundle } of policies) {
      for (const { kind, bytes } of bundle.artifacts) intakeArtifact(local.lane, kind, bytes);
    }
    await network.nextTick();
    await local.lane.tick();
    for (const policy of policies.slice(0, 2)) {
      const registration = registrationOf(local.lane.store, policy.bundle);
      if (registration === undefined) return expect.fail("not committed");
      await register(chain.contracts, client, registration);
      const terms = { params: policy.params, expireAfterBlocks: 100 };
      const { id, instance } = await instanceFor(chain.chainId, client, policy.bundle, terms);
      await deployInstance(chain.contracts, client, instance);
      instanceId = id;
    }
    reader = readerOver();
  });
  after(() => network.close());

  const policy = (i: number) => at(policies, i);
  const readerOver = (lies: Partial<Contracts> = {}) => {
    const { contracts, parts, chainId } = network.chain;
    return new PolicyReader({ ...contracts, ...lies }, parts.ethersProvider, chainId);
  };
  const audit = (store: StateStore = network.local.lane.store) => {
    const { contracts, chainId } = network.chain;
    return new PolicyAudit({ contracts, reader, store, chainId });
  };
  /** What is wrong, as `code what`. */
  const faults = (by: PolicyAudit) =>
    by.checks.filter(({ ok }) => !ok).map(({ code, what }) => `${code} ${what.split(" 0x")[0]}`);

  it("finds templates, plugins and instances by their ids, as they were registered", async () => {
    const { bundle, params } = policy(1);
    const template = await reader.find(bundle.templateRef);
    expect(template).to.deep.include({ kind: "template", template: bundle.template });
    const { binding, template: data } = at(bundle.data, 0);
    expect(await reader.find(binding.ref)).to.deep.include({
      kind: "data template",
      template: data,
    });
    const instance = await reader.instance(instanceId);
    expect(instance).to.deep.include({ kind: "instance", isCurrent: true });
    expect(instance?.instance.params).to.deep.equal(Uint8Array.from(params));
    const client = fromHex(await network.chain.parts.cast.client.getAddress());
    const dataInstance = policyDataInstanceIdOf(network.chain.chainId, client, binding.ref);
    expect(await reader.find(dataInstance)).to.deep.include({
      kind: "data instance",
      ref: binding.ref,
    });
    expect(await reader.find(keccak256())).to.equal(undefined);
  });

  it("E_EVENT_FORGED, E_EVENTS_MISSING: takes no parts from a node that do not give the ref", async () => {
    const { templateRef, template, data } = policy(0).bundle;
    const { policies: registry, policyData } = network.chain.contracts;
    const lying = (contract: object, args: object | undefined) =>
      saying(contract, { queryFilter: async () => (args === undefined ? [] : [{ args }]) });
    const other = { ...template, environment: 2n, data: [] };
    for (const [args, code] of [
      [{ template: other }, "E_EVENT_FORGED"],
      [undefined, "E_EVENTS_MISSING"],
    ] as const) {
      const forged = readerOver({ policies: Object(lying(registry, args)) });
      expect(await asyncCodeOf(() => forged.template(templateRef))).to.equal(code);
    }
    const { binding, template: plugin } = at(data, 0);
    const args = { template: { ...plugin, teeRequired: true } };
    const forgedData = readerOver({ policyData: Object(lying(policyData, args)) });
    expect(await asyncCodeOf(() => forgedData.data(binding.ref))).to.equal("E_EVENT_FORGED");
    const forged = readerOver({ policies: Object(lying(registry, { dataInstances: [] })) });
    expect(await asyncCodeOf(() => forged.instance(instanceId))).to.equal("E_EVENT_FORGED");
  });

  it("verifies a template, an instance and a folder against the chain's root", async () => {
    const ofInstance = audit();
    await ofInstance.root();
    const instance = await reader.instance(instanceId);
    if (instance === undefined) return expect.fail();
    await ofInstance.instance(instance);
    expect(faults(ofInstance)).to.deep.equal([]);
    // Root, instance, template, Rego and its reads, schema; two plugins with two schemas each; two data instances; params.
    expect(ofInstance.checks).to.have.length(6 + 2 * 4 + 2 + 1);
    const ofFolder = audit();
    await ofFolder.bundle(policy(0).bundle, policy(0).params);
    expect(faults(ofFolder)).to.deep.equal([]);
  });

  it("names what differs: not registered, other params, other bytes on disk", async () => {
    const unregistered = audit();
    await unregistered.bundle(policy(2).bundle, policy(0).params);
    expect(faults(unregistered)).to.deep.equal([
      "E_NOT_REGISTERED template",
      "E_PARAMS_INVALID params are valid by their schema",
    ]);
    const { bundle } = policy(0);
    const drifted = {
      ...bundle.template,
      regoHash: keccak256<ContentHash>(bundle.rego, new Uint8Array(1)),
    };
    const onDisk = audit();
    const templateRef = bytes32<PolicyTemplateRef>(keccak256());
    await onDisk.bundle({ ...bundle, template: drifted, templateRef }, undefined);
    expect(faults(onDisk)).to.deep.equal(["E_NOT_REGISTERED template", "E_NOT_COMMITTED rego"]);
  });

  it("names what a store serves wrongly: bytes, flags, root, proof", async () => {
    const { store } = network.local.lane;
    const entity = await reader.template(policy(0).bundle.templateRef);
    if (entity === undefined) return expect.fail();
    const over = async (lies: Readonly<Record<string, unknown>>) => {
      const by = audit(saying(store, lies));
      await by.root();
      await by.template(entity);
      return [...new Set(faults(by).map((one) => one.split(" ")[0]))];
    };
    expect(await over({})).to.deep.equal([]);
    const leafWith = (change: object) => ({
      leaf: (key: Parameters<StateStore["leaf"]>[0]) => ({ ...store.leaf(key), ...change }),
    });
    expect(await over(leafWith({ content: Uint8Array.of(1) }))).to.deep.equal(["E_HASH_MISMATCH"]);
    expect(await over(leafWith({ header: { flags: 1 } }))).to.deep.equal(["FlagsMismatch"]);
    expect(await over(leafWith({ record: new Uint8Array(52) }))).to.deep.equal(["InvalidLeaf"]);
    expect(await over({ leaf: () => undefined })).to.deep.equal(["E_NOT_COMMITTED"]);
    expect(await over({ rootAt: () => keccak256() })).to.deep.equal(["E_ROOT_MISMATCH"]);
    // A store that is ahead, of commits that are held back, is asked for what has landed.
    const ahead = { sequenceNo: 9n, stateRoot: keccak256() };
    expect(await over({ head: ahead })).to.deep.equal([]);
    expect(await over({ prove: () => new Uint8Array(3) })).to.deep.equal(["InvalidLeaf"]);
  });

  it("names what does not belong together: bindings, data instances, a template that is gone", async () => {
    const entity = await reader.instance(instanceId);
    const template = await reader.template(policy(0).bundle.templateRef);
    if (entity === undefined || template === undefined) return expect.fail();
    const { instance } = entity;
    const instanceWith = async (change: Partial<typeof instance>) => {
      const by = audit();
      await by.instance({ ...entity, instance: { ...instance, ...change } });
      return [...new Set(faults(by).map((one) => one.split(" ")[0]))];
    };
    const dataInstances = [...instance.dataInstances].reverse();
    expect(await instanceWith({ dataInstances })).to.deep.equal(["DataInstanceMismatch"]);
    const client = fromHex(await network.chain.parts.cast.owner.getAddress());
    const refs = policy(1).bundle.template.data.map(({ ref }) => ref);
    const others = refs.map((ref) => policyDataInstanceIdOf(network.chain.chainId, client, ref));
    expect(await instanceWith({ client, dataInstances: others })).to.deep.equal([
      "UnknownDataInstance",
    ]);
    const nowhere = bytes32<PolicyTemplateRef>(keccak256());
    expect(await instanceWith({ templateRef: nowhere })).to.deep.equal(["E_NOT_REGISTERED"]);
    const unbound = audit();
    await unbound.template({ ...template, template: { ...template.template, data: [] } });
    expect(faults(unbound)).to.deep.equal(["E_BINDING_MISSING the Rego reads what is bound"]);
    const ghost = { name: "compare", ref: bytes32<PolicyDataRef>(keccak256()) };
    const absent = audit();
    await absent.template({ ...template, template: { ...template.template, data: [ghost] } });
    expect(faults(absent)).to.deep.equal(["E_NOT_REGISTERED data template compare"]);
  });

  it("compares what is on chain with a folder, and says what is not at hand", async () => {
    const { bundle, params } = policy(1);
    const instance = await reader.instance(instanceId);
    const other = await reader.template(policy(0).bundle.templateRef);
    if (instance === undefined || other === undefined) return expect.fail();
    const artifacts = storedArtifacts(network.local.lane.store);
    const onChain = await viewOnChain(reader, instance, artifacts);
    const onDisk = viewOfBundle(bundle, params);
    expect(differenceOf({ ...onChain, expireAfterBlocks: undefined }, onDisk)).to.deep.equal([]);
    const differing = differenceOf(await viewOnChain(reader, other, artifacts), onChain);
    expect(differing.map(({ part }) => part)).to.include.members([
      "rego",
      "params schema",
      "plugins",
    ]);
    const absent = () => viewOnChain(reader, instance, () => undefined);
    expect(await asyncCodeOf(absent)).to.equal("E_ARTIFACT_ABSENT");
    const ghost = {
      ...other,
      template: {
        ...other.template,
        data: [{ name: "x", ref: bytes32<PolicyDataRef>(keccak256()) }],
      },
    };
    expect(await asyncCodeOf(() => viewOnChain(reader, ghost, artifacts))).to.equal(
      "E_NOT_REGISTERED",
    );
    expect(toHex(bundle.templateRef)).to.equal(toHex(instance.instance.templateRef));
  });
});
