import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Provider, Signer } from "ethers";
import type { EthereumProvider } from "hardhat/types/providers";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { type Contracts, connectContracts } from "../../src/chain/contracts.ts";
import { type Deployment, resolveDeployment } from "../../src/chain/deployment.ts";
import { registerOperator, setOperatorWeight, startEpoch } from "../../src/chain/operatorSets.ts";
import {
  deployInstance,
  instanceFor,
  register,
  registrationOf,
} from "../../src/chain/registration.ts";
import { intakeArtifact } from "../../src/commit/gateway.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import type { DemoPolicy } from "../../src/sim/demo/context.ts";
import { LocalChain } from "../../src/sim/localChain.ts";
import { expectThat } from "../../src/sim/story.ts";
import { runDeployScripts } from "../../tasks/support/deploy.ts";
import { loadRepositoryPolicies } from "../../tasks/support/policies.ts";
import { seededBytes } from "../vectors/seededBytes.ts";

/**
 * The same story on any chain behind JSON-RPC: deployment, ten operators, commits with 0, 1 and 3 of them missing, and a
 * policy from registration to the client's pointer. Keys and contents are fixed; only times and addresses differ.
 */

const OPERATOR_COUNT = 10;
const NON_SIGNERS = [0, 1, 3] as const;
const POLICY = "spend-limit";
const EXPIRE_AFTER_BLOCKS = 100;

/** A chain and who acts on it. */
export interface Stage {
  /** Name in the Hardhat configuration, for the deploy scripts. */
  readonly network: string;
  readonly provider: EthereumProvider;
  readonly ethersProvider: Provider;
  /** Deployer, owner, client, and ten operators; funded, in the order of the deploy scripts' named accounts. */
  readonly signers: readonly Signer[];
}

/** What the story left behind. */
export interface Rehearsed {
  readonly deployment: Deployment;
  readonly contracts: Contracts;
  readonly chainId: bigint;
  /** Gas by what was done. */
  readonly gas: Readonly<Record<string, bigint>>;
}

/** Plays the whole story. Fails at the first thing that is not as it must be. */
export async function rehearse(stage: Stage): Promise<Rehearsed> {
  const { ethersProvider, signers } = stage;
  const [deployer, owner, client, ...operators] = signers;
  expectThat(deployer !== undefined && owner !== undefined && client !== undefined, "accounts");
  expectThat(operators.length >= OPERATOR_COUNT, `${signers.length} accounts are too few`);
  const { addressesProvider, gasUsed } = await runDeployScripts(stage.provider, stage.network, {
    saveDeployments: false,
  });
  const gas: Record<string, bigint> = {};
  for (const [name, amount] of Object.entries(gasUsed)) gas[`deploy ${name}`] = amount;
  const deployment = await resolveDeployment(ethersProvider, addressesProvider);
  const contracts = connectContracts(deployment, deployer);
  const { chainId } = await ethersProvider.getNetwork();

  const keys = await enlist(contracts, chainId, owner, operators.slice(0, OPERATOR_COUNT), gas);
  const dataDir = mkdtempSync(join(tmpdir(), "ops-rehearsal-"));
  const clock = { seconds: 0n };
  const local = await LocalChain.open({
    dataDir,
    contracts,
    provider: ethersProvider,
    operatorKeys: keys,
    now: () => clock.seconds,
  });
  try {
    const policy = await commitPolicy(local, ethersProvider, clock, gas);
    for (const { what, gasUsed: used } of await onboard(
      contracts,
      chainId,
      client,
      local,
      policy,
    )) {
      gas[what] = used;
    }
  } finally {
    local.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { deployment, contracts, chainId, gas };
}

async function enlist(
  contracts: Contracts,
  chainId: bigint,
  owner: Signer,
  operators: readonly Signer[],
  gas: Record<string, bigint>,
): Promise<KeyPair[]> {
  const keys: KeyPair[] = [];
  for (const [index, signer] of operators.entries()) {
    const key = KeyPair.generate(seededBytes(`rehearsal operator ${index}`));
    const { gasUsed } = await registerOperator(contracts, chainId, signer, key);
    gas["register an operator"] = gasUsed;
    await setOperatorWeight(contracts, owner, await signer.getAddress(), 1n);
    keys.push(key);
  }
  gas["start an epoch of 10"] = (await startEpoch(contracts, owner)).gasUsed;
  return keys;
}

/** Commits with 0, 1 and 3 operators missing; the first holds a policy's artifacts. */
async function commitPolicy(
  local: LocalChain,
  provider: Provider,
  clock: { seconds: bigint },
  gas: Record<string, bigint>,
): Promise<DemoPolicy> {
  const [policy] = await loadRepositoryPolicies([POLICY]);
  expectThat(policy !== undefined, `no policy ${POLICY}`);
  for (const { kind, bytes, flags } of policy.bundle.artifacts) {
    intakeArtifact(local.lane, kind, bytes, flags);
  }
  // A first commit writes slots for the first time; the steady state begins with the second.
  for (const missing of [NON_SIGNERS[0], ...NON_SIGNERS]) {
    const { sequenceNo } = await local.target.head();
    if (sequenceNo > 0n) {
      const note = `package note${sequenceNo}\ndefault allow := false\n`;
      intakeArtifact(local.lane, "rego", new TextEncoder().encode(note));
    }
    local.setOffline(missing);
    const block = await provider.getBlock("latest");
    clock.seconds = BigInt(block?.timestamp ?? 0);
    const outcome = await local.lane.tick();
    expectThat(outcome.status === "committed", `commit without ${missing}: ${outcome.status}`);
    const name = sequenceNo === 0n ? "first commit" : `commit, ${missing} of 10 missing`;
    gas[name] = outcome.landed.gasUsed;
  }
  return policy;
}

async function onboard(
  contracts: Contracts,
  chainId: bigint,
  client: Signer,
  { lane }: LocalChain,
  policy: DemoPolicy,
) {
  const registration = registrationOf(lane.store, policy.bundle);
  expectThat(registration !== undefined, `an artifact of ${policy.name} is not committed`);
  const registered = await register(contracts, client, registration);
  const { instance } = await instanceFor(chainId, client, policy.bundle, {
    params: policy.params,
    expireAfterBlocks: EXPIRE_AFTER_BLOCKS,
  });
  return [...registered, ...(await deployInstance(contracts, client, instance))];
}

/** A digest of the deployed contracts' code, to compare chains by. */
export async function codeHash(provider: Provider, addresses: readonly string[]): Promise<string> {
  const codes = await Promise.all(addresses.map((address) => provider.getCode(address)));
  return Buffer.from(keccak256(new TextEncoder().encode(codes.join()))).toString("hex");
}
