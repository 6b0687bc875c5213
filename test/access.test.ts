import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type ParamType, ZeroAddress } from "ethers";
import hre from "hardhat";
import { accessTable, mutatorsOf } from "../scripts/access-table.ts";
import { ACCESS_GUARDS } from "../scripts/accessGuards.ts";
import { rehearse } from "../scripts/chain/rehearsal.ts";
import { deployableAbis } from "../scripts/interfaceAbis.ts";
import { toHex } from "../src/bytes/hex.ts";
import { loadRepositoryPolicies } from "../tasks/support/policies.ts";

/** A value of an ABI type, all zero or empty. */
function zeroOf(type: ParamType): unknown {
  if (type.isArray()) return [];
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.type === "address") return ZeroAddress;
  if (type.type === "bool") return false;
  if (type.type === "string") return "";
  if (type.type === "bytes") return "0x";
  if (type.type.startsWith("bytes")) return `0x${"00".repeat(Number(type.type.slice(5)))}`;
  return 0n;
}

async function deployEverything() {
  const connection = await hre.network.create({ network: "mainnet", chainType: "l1" });
  const { ethers, provider } = connection;
  const signers = await ethers.getSigners();
  const { deployment } = await rehearse({
    network: "mainnet",
    provider,
    ethersProvider: ethers.provider,
    signers,
  });
  const [policy] = await loadRepositoryPolicies(["spend-limit"]);
  const [, owner] = signers;
  const stranger = signers.at(-1);
  if (policy === undefined || owner === undefined || stranger === undefined) throw new Error();
  const bls12381 = await ethers.deployContract("Bls12381QuorumVerifier", [owner, 172_800]);
  const addresses: Record<string, string> = {
    AddressesProvider: deployment.addressesProvider,
    Bls12381QuorumVerifier: await bls12381.getAddress(),
    BlsQuorumVerifier: deployment.quorumVerifier,
    BlsStateCommitRegistry: deployment.stateCommitRegistry,
    ChallengeVerifier: deployment.challengeVerifier,
    DecisionChallengeVerifier: deployment.decisionChallengeVerifier,
    DataAvailabilityChallenge: deployment.dataAvailabilityChallenge,
    OperatorSetRegistry: deployment.operatorSetRegistry,
    PolicyDataRegistry: deployment.policyDataRegistry,
    PolicyRegistry: deployment.policyRegistry,
    StateCommitRegistry: deployment.stateCommitRegistry,
    TransitionVerifier: deployment.transitionVerifier,
  };
  /** Where a call with zeros would fail before it comes to the guard. */
  const refs: Record<string, string | undefined> = {
    deprecateTemplate: toHex(policy.bundle.templateRef),
    deprecatePolicyData: policy.bundle.data.map(({ binding }) => toHex(binding.ref))[0],
  };
  return { ethers, stranger, addresses, refs };
}

describe("access control", function () {
  this.timeout(180_000);

  it("ACL-10: has a row for every mutator in docs/AccessControl.md", async () => {
    const document = readFileSync(new URL("../docs/AccessControl.md", import.meta.url), "utf8");
    expect(document).to.equal(await accessTable());
  });

  it("ACL-11: has no mutator that could disable, replace or move back a root", async () => {
    const abi = (await deployableAbis()).get("BlsStateCommitRegistry");
    if (abi === undefined) throw new Error("BlsStateCommitRegistry");
    const names = mutatorsOf(abi).map((signature) => signature.slice(0, signature.indexOf("(")));
    // The first three write a root, each the next one; the others touch rules, proposals, owner, pause and epochs.
    expect(names).to.have.members([
      "commitStateRoot",
      "commitStateRoots",
      "enactRecovery",
      "acceptOwnership",
      "cacheSubset",
      "cancelRecoveryProposal",
      "cancelRulesProposal",
      "enactRules",
      "pauseCommits",
      "proposeRecovery",
      "proposeRules",
      "recordEpoch",
      "resumeCommits",
      "transferOwnership",
    ]);
  });

  it("ACL-09: refuses every guarded mutator to an account without a role, by name", async () => {
    const { ethers, stranger, addresses, refs } = await deployEverything();
    let called = 0;
    for (const [name, abi] of await deployableAbis()) {
      for (const signature of mutatorsOf(abi)) {
        const refusal = ACCESS_GUARDS[name]?.[signature]?.refusal;
        if (refusal === undefined) continue;
        const fragment = abi.getFunction(signature);
        const to = addresses[name];
        if (fragment === null || to === undefined) throw new Error(`${name}.${signature}`);
        const ref = refs[fragment.name];
        const values = fragment.inputs.map(zeroOf);
        if (ref !== undefined) values[0] = ref;
        const data = abi.encodeFunctionData(fragment, values);
        const contract = await ethers.getContractAt(name, to);
        await expect(
          stranger.sendTransaction({ to, data, gasLimit: 1_000_000n }),
          `${name}.${signature}`,
        ).to.be.revertedWithCustomError(contract, refusal);
        called++;
      }
    }
    expect(called).to.be.greaterThan(20);
  });
});
