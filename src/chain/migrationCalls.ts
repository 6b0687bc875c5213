import { Interface, type InterfaceAbi } from "ethers";
import {
  IPolicyDataRegistry__factory,
  IPolicyRegistry__factory,
} from "../../typechain-types/index.js";
import { fromHex, toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { PolicyBundle } from "../policy/folder.ts";
import { type PolicyInstance, policyDataInstanceIdOf, policyInstanceIdOf } from "../policy/ids.ts";
import type { ArtifactProof } from "../state/artifactProof.ts";
import type { Deployment } from "./deployment.ts";
import { isParamsLeaf, type Registration } from "./registration.ts";

/** The calls by which a policy comes onto a chain: its data templates, its template, then an instance for each client. */

/** A policy as it is to be migrated. */
export interface MigratedPolicy {
  readonly name: string;
  readonly bundle: PolicyBundle;
  readonly params: Uint8Array;
  /** Accounts that it is to decide for; the Safe acts for each. */
  readonly clients: readonly string[];
}

/** Where and how. */
export interface CallContext {
  readonly chainId: bigint;
  readonly deployment: Pick<Deployment, "policyDataRegistry" | "policyRegistry">;
  readonly expireAfterBlocks: number;
}

/** Proofs of what a policy consists of. */
export interface ProofSources {
  readonly registration: Registration;
  /** Of params that are a leaf. */
  readonly params: ArtifactProof | undefined;
}

/** One call without its proofs. */
export interface MigrationCall {
  readonly policy: string;
  readonly what: string;
  readonly to: string;
  /** The proofs that the call takes. */
  proofsFrom(sources: ProofSources): readonly ArtifactProof[];
  /** Calldata; `proofs` are left out of calls that take none. */
  encode(proofs: readonly unknown[]): string;
  /** The proofs in calldata of this function, as the ABI has them; undefined for that of another function. */
  proofsIn(data: string): readonly unknown[] | undefined;
}

const DATA_REGISTRY = abiOf(IPolicyDataRegistry__factory.abi);
const REGISTRY = abiOf(IPolicyRegistry__factory.abi);

/** An instance that a migration deploys. */
export interface PlannedInstance {
  readonly client: string;
  readonly id: string;
  readonly instance: PolicyInstance;
}

/** The instances of `policy`, in the order of its clients. */
export function instancesOf(policy: MigratedPolicy, context: CallContext): PlannedInstance[] {
  const { chainId, expireAfterBlocks } = context;
  return policy.clients.map((client) => {
    const address = fromHex(client, "client");
    const instance: PolicyInstance = {
      client: address,
      templateRef: policy.bundle.templateRef,
      params: policy.params,
      dataInstances: policy.bundle.template.data.map(({ ref }) =>
        policyDataInstanceIdOf(chainId, address, ref),
      ),
      expireAfterBlocks,
    };
    return { client, id: toHex(policyInstanceIdOf(chainId, instance)), instance };
  });
}

/** The calls of `policy`, in order. */
export function callsOf(policy: MigratedPolicy, context: CallContext): MigrationCall[] {
  const { name } = policy;
  const { data, template, templateRef } = policy.bundle;
  const inData = { abi: DATA_REGISTRY, to: context.deployment.policyDataRegistry, policy: name };
  const inPolicies = { abi: REGISTRY, to: context.deployment.policyRegistry, policy: name };
  const registrations = data.map(({ binding, template: of }, i) =>
    callOf({
      ...inData,
      what: `register plugin ${binding.name}`,
      method: "registerPolicyData",
      head: [binding.ref, of],
      proofsFrom: (of) => of.registration.data[i]?.proofs ?? [],
    }),
  );
  const registration = callOf({
    ...inPolicies,
    what: "register template",
    method: "registerTemplate",
    head: [templateRef, template],
    proofsFrom: (of) => of.registration.proofs,
  });
  return [...registrations, registration, ...instanceCalls(policy, context, inPolicies)];
}

/** For each client the instance with its data instances, by one call. */
function instanceCalls(
  policy: MigratedPolicy,
  context: CallContext,
  inPolicies: Registry,
): MigrationCall[] {
  return instancesOf(policy, context).map(({ client, instance }) => {
    if (!isParamsLeaf(instance.params)) {
      const terms = { ...instance, client };
      const method = "instantiateBundle";
      return callOf({
        ...inPolicies,
        what: "instantiate",
        method,
        head: [terms],
        proofsFrom: () => [],
      });
    }
    const hashed = { ...instance, client, paramsHash: keccak256(instance.params) };
    return callOf({
      ...inPolicies,
      what: "instantiate with a params leaf",
      method: "instantiateWithParamsLeaf",
      head: [hashed],
      proofsFrom: ({ params }) => (params === undefined ? [] : [params]),
      takesOneProof: true,
    });
  });
}

/** Calls of several policies, in order; what one has asked for already is not asked for again. */
export function distinctCalls(
  policies: readonly MigratedPolicy[],
  context: CallContext,
): MigrationCall[] {
  const seen = new Set<string>();
  return policies
    .flatMap((policy) => callsOf(policy, context))
    .filter((call) => {
      const key = `${call.to} ${call.encode([])}`;
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
}

/** Proofs as the ABI takes them. */
export function proofArguments(proofs: readonly ArtifactProof[]): unknown[] {
  return proofs.map(({ sequenceNo, header, proof }) => ({ sequenceNo, header, proof }));
}

/** Whom a call goes to, and for which policy. */
interface Registry {
  readonly abi: Interface;
  readonly to: string;
  readonly policy: string;
}

interface CallParts extends Registry {
  readonly what: string;
  readonly method: string;
  readonly head: readonly unknown[];
  readonly proofsFrom: MigrationCall["proofsFrom"];
  /** Whether the last argument is one proof, not a list. */
  readonly takesOneProof?: boolean;
}

function callOf({ abi, method, head, takesOneProof = false, ...rest }: CallParts): MigrationCall {
  const takesProofs = (abi.getFunction(method)?.inputs.length ?? 0) > head.length;
  return {
    ...rest,
    encode: (proofs) => {
      const given = takesOneProof ? (proofs[0] ?? NO_PROOF) : proofs;
      return abi.encodeFunctionData(method, takesProofs ? [...head, given] : [...head]);
    },
    proofsIn: (data) => {
      try {
        const decoded: unknown = abi.decodeFunctionData(method, data).at(-1);
        if (takesOneProof) return [decoded];
        return takesProofs && Array.isArray(decoded) ? decoded : [];
      } catch {
        return undefined;
      }
    },
  };
}

/** Stands where a proof will be. */
const NO_PROOF = { sequenceNo: 0n, header: new Uint8Array(20), proof: new Uint8Array() };

function abiOf(abi: InterfaceAbi): Interface {
  return Interface.from(abi);
}
