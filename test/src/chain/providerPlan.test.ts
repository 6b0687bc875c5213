import { expect } from "chai";
import fc from "fast-check";
import { CONSUMERS, type ConsumerRow } from "../../../src/chain/consumers.ts";
import {
  type Change,
  MAX_CHANGES,
  type ProviderPlan,
  type ProviderState,
  planChanges,
} from "../../../src/chain/providerPlan.ts";
import { codeOf } from "../../helpers/codes.ts";

/** Those of the chain that others copy from, and one that nobody copies. */
const ROWS: readonly ConsumerRow[] = [
  ...CONSUMERS.slice(0, 6),
  { id: "CHALLENGE_VERIFIER", contract: "ChallengeVerifier", reads: ["STATE_COMMIT_REGISTRY"] },
];

const address = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;

/** A directory in which everybody copied what is there. */
function soundState(rows: readonly ConsumerRow[], others: readonly string[] = []): ProviderState {
  const names = [...new Set([...rows.map(({ id }) => id), ...others])];
  const entries = new Map(names.map((name, i) => [name, address(i + 1)]));
  const consumers = rows.map((row) => ({
    ...row,
    copies: new Map(
      [...row.reads, ...(row.announces ?? [])].map((read) => [read, entries.get(read) ?? ""]),
    ),
  }));
  return { entries, consumers, rows };
}

const set = (id: string, n: number): Change => ({ kind: "set", id, address: address(n) });
const remove = (id: string): Change => ({ kind: "remove", id });
const deploy = (id: string, reads?: readonly string[]): Change =>
  reads === undefined ? { kind: "deploy", id } : { kind: "deploy", id, reads };

const messageOf = (run: () => unknown): string => {
  try {
    run();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
};

describe("provider plan", () => {
  const state = soundState(ROWS);

  it("adds whoever must be redeployed when an entry changes, each behind what it copies from", () => {
    const plan = planChanges(state, [set("STATE_COMMIT_REGISTRY", 99)]);
    expect(plan.redeploy).to.deep.equal([
      "STATE_PROOF_VERIFIER",
      "POLICY_DATA_REGISTRY",
      "CHALLENGE_VERIFIER",
      "POLICY_REGISTRY",
    ]);
    expect(plan.steps[0]?.dangling.map(({ consumer }) => consumer)).to.have.members([
      "STATE_PROOF_VERIFIER",
      "POLICY_DATA_REGISTRY",
      "POLICY_REGISTRY",
      "CHALLENGE_VERIFIER",
    ]);
    expect(plan.steps.at(-1)?.dangling).to.deep.equal([]);
    expect(planChanges(state, [set("POLICY_DATA_REGISTRY", 99)]).redeploy).to.deep.equal([
      "POLICY_REGISTRY",
    ]);
    // Each names the other: the data registry goes first, and announces the address of the other.
    expect(planChanges(state, [set("POLICY_REGISTRY", 99)]).redeploy).to.deep.equal([
      "POLICY_DATA_REGISTRY",
      "POLICY_REGISTRY",
    ]);
    expect(planChanges(state, [set("OPERATOR_SET_REGISTRY", 99)]).redeploy[0]).to.be.oneOf([
      "QUORUM_VERIFIER",
      "STATE_COMMIT_REGISTRY",
    ]);
    expect(planChanges(state, [set("OPERATOR_SET_REGISTRY", 99)]).redeploy).to.have.length(6);
    expect(planChanges(state, [set("CHALLENGE_VERIFIER", 99)]).redeploy).to.deep.equal([]);
  });

  it("takes what a contract says that it copied, over what it should have", () => {
    const copiesAt = new Map([[address(99), new Map([["STATE_COMMIT_REGISTRY", address(77)]])]]);
    const wrong = { ...state, copiesAt };
    const change = [set("CHALLENGE_VERIFIER", 99)];
    expect(planChanges(wrong, change).redeploy).to.deep.equal(["CHALLENGE_VERIFIER"]);
  });

  it("waits for what a new data registry announces, and takes no other in its place", () => {
    const said = new Map([
      ["STATE_COMMIT_REGISTRY", state.entries.get("STATE_COMMIT_REGISTRY") ?? ""],
      ["POLICY_REGISTRY", address(98)],
    ]);
    const announced = { ...state, copiesAt: new Map([[address(97), said]]) };
    const data = set("POLICY_DATA_REGISTRY", 97);
    expect(planChanges(announced, [data]).redeploy).to.deep.equal(["POLICY_REGISTRY"]);
    expect(planChanges(announced, [data, set("POLICY_REGISTRY", 98)]).redeploy).to.deep.equal([]);
    expect(planChanges(announced, [data, set("POLICY_REGISTRY", 96)]).redeploy).to.deep.equal([
      "POLICY_DATA_REGISTRY",
      "POLICY_REGISTRY",
    ]);
    const both = [remove("POLICY_REGISTRY"), remove("POLICY_DATA_REGISTRY")];
    expect(planChanges(state, both).redeploy).to.deep.equal([]);
    expect(codeOf(() => planChanges(state, both.slice(0, 1)))).to.equal("E_DANGLING_CONSUMER");
    const alone = [deploy("POLICY_REGISTRY")];
    expect(codeOf(() => planChanges(state, alone))).to.equal("E_DANGLING_CONSUMER");
  });

  describe("two deprecated ids are removed before the registries that follow them are added", () => {
    const legacy: ConsumerRow = {
      id: "TASK_MANAGER",
      contract: "TaskManager",
      reads: ["POLICY_FACTORY", "POLICY_DATA_FACTORY"],
    };
    const successors = ["POLICY_DATA_REGISTRY", "POLICY_REGISTRY"];
    const before = ROWS.filter(({ id }) => !successors.includes(id));
    const old = soundState([...before, legacy], legacy.reads);
    const removals = legacy.reads.map(remove);
    const additions = successors.map((id, i) => set(id, 90 + i));

    it("E_DANGLING_CONSUMER: while a consumer still copies them", () => {
      const order = [...removals, ...additions];
      expect(codeOf(() => planChanges(old, order))).to.equal("E_DANGLING_CONSUMER");
      const message = messageOf(() => planChanges(old, order));
      expect(message).to.contain("step 1, remove:POLICY_FACTORY: TASK_MANAGER copied");
      expect(message).to.contain("before it, remove TASK_MANAGER, or build what does not read");
    });

    it("E_DANGLING_CONSUMER: when the consumer is built for registries that are not there yet", () => {
      const order = [deploy("TASK_MANAGER", successors), ...removals, ...additions];
      expect(codeOf(() => planChanges(old, order))).to.equal("E_DANGLING_CONSUMER");
      expect(messageOf(() => planChanges(old, order))).to.contain(
        "the directory has no POLICY_DATA_REGISTRY, POLICY_REGISTRY then",
      );
    });

    it("is in order when nobody copies them, or when the consumer goes first", () => {
      const unread = { ...old, consumers: old.consumers.filter(({ id }) => id !== legacy.id) };
      expect(planChanges(unread, [...removals, ...additions]).redeploy).to.deep.equal([]);
      const order = [remove("TASK_MANAGER"), ...removals, ...additions];
      expect(planChanges(old, order).steps.map(({ dangling }) => dangling.length)).to.deep.equal(
        order.map(() => 0),
      );
    });

    it("is in order when the registries are added first and the consumer is built from them", () => {
      const order = [...additions, deploy("TASK_MANAGER", successors), ...removals];
      expect(planChanges(old, order).redeploy).to.deep.equal(["TASK_MANAGER"]);
    });
  });

  it("E_DANGLING_CONSUMER: a complete order that forgets a consumer, or builds it too early", () => {
    const change = set("STATE_COMMIT_REGISTRY", 99);
    const forgets = [change, deploy("STATE_PROOF_VERIFIER")];
    expect(codeOf(() => planChanges(state, forgets))).to.equal("E_DANGLING_CONSUMER");
    expect(messageOf(() => planChanges(state, forgets))).to.match(
      /behind the last step: deploy:POLICY_DATA_REGISTRY, deploy:CHALLENGE_VERIFIER, deploy:POLICY_REGISTRY$/,
    );
    const all = planChanges(state, [change]).redeploy.map((id) => deploy(id));
    expect(planChanges(state, [change, ...all]).steps).to.have.length(5);
    expect(codeOf(() => planChanges(state, [...all, change]))).to.equal("E_DANGLING_CONSUMER");
    // The policy registry before the data registry that it copies.
    const swapped = [change, ...[...all].reverse()];
    expect(messageOf(() => planChanges(state, swapped))).to.contain(
      "POLICY_REGISTRY copied POLICY_DATA_REGISTRY",
    );
  });

  it("E_CHANGE_INVALID: what changes nothing, or what nobody can build", () => {
    const changes: Change[][] = [
      [remove("NOBODY")],
      [deploy("NOBODY")],
      [set("QUORUM_VERIFIER", 2)],
      Array.from({ length: MAX_CHANGES + 1 }, (_, i) => set("OTHER", i + 1)),
    ];
    for (const order of changes) {
      expect(codeOf(() => planChanges(state, order))).to.equal("E_CHANGE_INVALID");
    }
    const circle = soundState([
      { id: "A", contract: "A", reads: ["B"] },
      { id: "B", contract: "B", reads: ["A"] },
    ]);
    expect(codeOf(() => planChanges(circle, [set("A", 9)]))).to.equal("E_CHANGE_INVALID");
  });

  it("leaves nobody dangling, deploys nobody twice and nobody in vain, whatever changes", () => {
    const graph = fc
      .array(fc.uniqueArray(fc.nat(7), { maxLength: 4 }), { minLength: 1, maxLength: 8 })
      .map((reads) =>
        reads.map((list, i) => ({
          id: `N${i}`,
          contract: `N${i}`,
          reads: list.filter((j) => j < i).map((j) => `N${j}`),
        })),
      );
    const order = fc.array(fc.tuple(fc.nat(7), fc.boolean()), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(graph, order, (rows, picks) => {
        const before = soundState(rows);
        const changes = picks.map(([pick, isSet], i) => {
          const id = `N${pick % rows.length}`;
          return isSet ? set(id, 1_000 + i) : remove(id);
        });
        let plan: ProviderPlan;
        try {
          plan = planChanges(before, changes);
        } catch {
          // Only a removal is ever refused here: a reader was in the way, or it was gone already.
          return changes.some(({ kind }) => kind === "remove");
        }
        const last = plan.steps.at(-1)?.dangling.length ?? 0;
        const isOnce = new Set(plan.redeploy).size === plan.redeploy.length;
        // Without any one of the deployments somebody would dangle.
        const isNeeded = plan.redeploy.every((_, skip) => {
          const rest = plan.steps.map(({ change }) => change);
          rest.splice(changes.length + skip, 1);
          if (!rest.some(({ kind }) => kind === "deploy")) return true;
          return messageOf(() => planChanges(before, rest)) !== "";
        });
        return last === 0 && isOnce && isNeeded;
      }),
    );
  });
});
