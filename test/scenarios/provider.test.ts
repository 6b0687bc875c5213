import { expect } from "chai";
import { ethers as ethersLibrary } from "ethers";
import hre from "hardhat";
import { CONSUMERS } from "../../src/chain/consumers.ts";
import { planChanges } from "../../src/chain/providerPlan.ts";
import { directoryId, readProvider } from "../../src/chain/providerReader.ts";
import type { SimulatedChain } from "../../src/sim/simulatedChain.ts";
import { openSimulatedChain } from "../../tasks/support/simulated.ts";
import { asyncCodeOf } from "../helpers/codes.ts";

/** Seconds; the least that a contract keeps. */
const DELAY = 2 * 86_400;

/** The table of consumers against what is really deployed, and plans against what really happens. */
describe("provider on a deployed chain", () => {
  let chain: SimulatedChain;
  const read = (changes: Parameters<typeof readProvider>[2] = []) =>
    readProvider(chain.parts.ethersProvider, chain.deployment.addressesProvider, changes);

  beforeEach(async () => {
    ({ chain } = await openSimulatedChain(hre, "mainnet"));
  });

  it("every consumer has in its code the addresses that the table says, and no other of the directory", async () => {
    const { entries } = await read();
    expect([...entries.keys()]).to.deep.equal(CONSUMERS.map(({ id }) => id));
    for (const { id, contract, reads, announces = [] } of CONSUMERS) {
      const address = entries.get(id) ?? "";
      const code = await chain.parts.ethersProvider.getCode(address);
      const copied = [...entries].filter(([name, entry]) => {
        return name !== id && code.includes(entry.slice(2).toLowerCase());
      });
      expect(copied.map(([name]) => name).sort(), contract).to.deep.equal(
        [...reads, ...announces].sort(),
      );
      // Nobody reads the provider again.
      expect(code).not.to.contain(chain.deployment.addressesProvider.slice(2).toLowerCase());
    }
  });

  it("reads what each says that it copied, and finds that all agree", async () => {
    const state = await read();
    expect(state.consumers.map(({ id }) => id)).to.deep.equal(CONSUMERS.map(({ id }) => id));
    const policies = state.consumers.find(({ id }) => id === "POLICY_REGISTRY");
    expect(Object.fromEntries(policies?.copies ?? [])).to.deep.equal({
      STATE_COMMIT_REGISTRY: chain.deployment.stateCommitRegistry,
      POLICY_DATA_REGISTRY: chain.deployment.policyDataRegistry,
    });
    expect(planChanges(state, [])).to.deep.equal({ dangling: [], steps: [], redeploy: [] });
  });

  it("a plan that is carried out leaves nobody dangling, and half of it does", async () => {
    const { owner, deployer } = chain.parts.cast;
    const build = async (contract: string, ...args: unknown[]) => {
      const { abi, bytecode } = await hre.artifacts.readArtifact(contract);
      const factory = new ethersLibrary.ContractFactory(abi, bytecode, deployer);
      const built = await factory.deploy(...args);
      return await (await built.waitForDeployment()).getAddress();
    };
    const { abi } = await hre.artifacts.readArtifact("AddressesProvider");
    const provider = new ethersLibrary.Contract(chain.deployment.addressesProvider, abi, owner);
    const enter = async (id: string, address: string) =>
      await (await provider.getFunction("setAddress")(directoryId(id), address)).wait();

    const { addressesProvider, stateCommitRegistry, operatorSetRegistry } = chain.deployment;
    const dangling = async () =>
      planChanges(await read(), []).dangling.map(({ consumer }) => consumer);
    const from = await deployer.getAddress();
    const nonce = (await deployer.getNonce()) + 1;
    const announced = ethersLibrary.getCreateAddress({ from, nonce });
    const data = await build("PolicyDataRegistry", addressesProvider, announced);
    const change = { kind: "set", id: "POLICY_DATA_REGISTRY", address: data } as const;
    const plan = planChanges(await read([change]), [change]);
    const verifiers = ["CHALLENGE_VERIFIER", "DECISION_CHALLENGE_VERIFIER"];
    expect(plan.redeploy).to.deep.equal(["POLICY_REGISTRY", ...verifiers]);
    await enter("POLICY_DATA_REGISTRY", data);
    // The challenge verifier says whose policies it judges, and not whose data.
    expect(await dangling()).to.deep.equal(["POLICY_DATA_REGISTRY", "POLICY_REGISTRY"]);
    // What the data registry has announced is not there yet.
    expect(planChanges(await read(), []).redeploy).to.deep.equal(plan.redeploy);
    const policies = await build("PolicyRegistry", addressesProvider);
    await enter("POLICY_REGISTRY", policies);
    expect(await dangling()).to.deep.equal(verifiers);
    const rules = { hook: ethersLibrary.ZeroAddress, rewardWei: 0n };
    const sources = [from, stateCommitRegistry, policies, operatorSetRegistry];
    await enter("CHALLENGE_VERIFIER", await build("ChallengeVerifier", ...sources, rules, DELAY));
    expect(await dangling()).to.deep.equal(["DECISION_CHALLENGE_VERIFIER"]);
    const decisions = await build("DecisionChallengeVerifier", ...sources, rules, DELAY);
    await enter("DECISION_CHALLENGE_VERIFIER", decisions);
    expect(await dangling()).to.deep.equal([]);
  });

  it("takes a contract that does not say what it copied to have copied what there is", async () => {
    const address = chain.deployment.policyRegistry;
    const change = { kind: "set", id: "POLICY_DATA_REGISTRY", address } as const;
    expect(planChanges(await read([change]), [change]).redeploy).to.deep.equal([
      "POLICY_REGISTRY",
      "CHALLENGE_VERIFIER",
      "DECISION_CHALLENGE_VERIFIER",
    ]);
  });

  it("E_CHANGE_INVALID: an address without a contract; E_NO_CODE: a chain without the directory", async () => {
    const address = `0x${"11".repeat(20)}`;
    const change = { kind: "set", id: "POLICY_REGISTRY", address } as const;
    expect(await asyncCodeOf(() => read([change]))).to.equal("E_CHANGE_INVALID");
    const nowhere = () => readProvider(chain.parts.ethersProvider, address, []);
    expect(await asyncCodeOf(nowhere)).to.equal("E_NO_CODE");
  });
});
