import { mkdirSync, writeFileSync } from "node:fs";
import { benchGas, type GasReport } from "./bench/gas.ts";
import { type GasUse, gasUse, sumOf } from "./bench/gasTrace.ts";

/** Writes docs/Gas.md and snapshots/gas.json from one run of the gas bench: `npx node scripts/gas-report.ts`. */

/** What one run found. */
export interface GasRun {
  readonly report: GasReport;
  /** Of the commit that `report.commit.n100.ns0` measures. */
  readonly use: GasUse;
}

/**
 * The least that one pairing, one slot and one event with one topic and one word can cost: a key that never changes, in the
 * code; no fields beyond the root; no epoch, weights, quorum, ring or pause. Measured on a contract that does just that.
 */
const ARITHMETIC_FLOOR = {
  transaction: 21_000,
  calldata: 2_240,
  pairing: 113_100,
  storage: 5_000,
  event: 1_006,
  opcodes: 784,
} as const;

/** Runs the bench and looks into its first commit. */
export async function runGas(): Promise<GasRun> {
  let use: GasUse | undefined;
  const report = await benchGas(async (traced) => {
    use = await gasUse(traced);
  });
  if (use === undefined) throw new Error("no trace");
  return { report, use };
}

/** Text of snapshots/gas.json. */
export function gasSnapshot({ report }: GasRun): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Text of docs/Gas.md. */
export function gasDocument(run: GasRun): string {
  return [
    INTRODUCTION,
    resultTable(run.report),
    "## From the arithmetic floor to a commit",
    floorTable(run.use),
    FLOOR_REMARKS,
    "## Changing operators",
    rotationTable(run.report),
    ROTATION_REMARKS,
    "## Proofs",
    proofTable(run.report),
    proofRemarks(run.report),
    severalTable(run.report),
    SEVERAL_REMARKS,
    "## Policies",
    policyTable(run.report),
    POLICY_REMARKS,
    contractTable(run.report),
    CONTRACT_REMARKS,
    "## Challenges",
    challengeTable(run.report),
    CHALLENGE_REMARKS,
    deltaTable(run.report),
    "",
  ].join("\n\n");
}

const INTRODUCTION = `# Gas

Written by \`npx node scripts/gas-report.ts\` from one run of \`npm run bench -- gas\`, and held to it by \`test/gas.test.ts\`,
together with \`snapshots/gas.json\`. Whole transactions under Osaka's rules, as \`gasUsed\` of the receipt, in steady state: all
720 roots are in place and every slot was written before. Keys, addresses and block times are fixed, so figures are exact.

Every commit carries seven fields, is signed for its chain, registry and epoch, is weighed against the quorum, retained
in the ring of 720 roots, and can be paused. What is not measured here varies with the bytes: a zero byte of calldata costs 4
gas and any other 16, which moves a commit by some 30 gas.`;

const FLOOR_REMARKS = `What was done about each line:

- **Storage.** The head is one slot: sequence number, both times, pause, and 16 bytes of the root's hash, so that the
  previous root is checked without reading the ring. An epoch is one slot in the registry's own storage, written by the
  operator set registry when the epoch starts or ends, so that a commit calls no other account; a second account would
  cost 2,600 for its code and 2,100 for its slot. \`seam.ns0\` above is what a commit costs with a verifier of its own.
- **Calldata.** The aggregate key, 128 bytes, is the dearest field that the floor lacks. It is compared with 25 bytes of
  its hash; to read it from code would cost 2,600 for the account.
- **Opcodes.** The usual commit is recognised by one expression without branches (\`CommitWords\`), and a valid certificate
  is proven on one short way (\`BlsCertificate\`). Whatever that way does not accept is judged again, rule by rule, by plain
  Solidity that names what is wrong; tests hold both to the same verdicts.
- **Access lists** were measured and are not used: no cold account is left but the keys of an epoch, when somebody is
  missing, and listing that one saves 100 gas.`;

const ROTATION_REMARKS = `\`startEpoch\` pays for the code that holds the keys, 80 bytes per operator at 200 gas each, and for reading them from storage.
The second and later epochs are measured at 10 and 100 operators, the first at 256. With one more sink an epoch costs about
30,000 gas more. \`cacheSubset\` is paid once per epoch and set of absentees: with one absentee it has paid for itself after
12 commits.`;

function resultTable({ commit: { n10, n100, n256 }, batch, seam }: GasReport): string {
  const rows: [string, number][] = [
    ["commit, 100 operators, nobody missing", n100.ns0],
    ["… 1 missing", n100.ns1],
    ["… 10 missing", n100.ns10],
    ["… 33 missing", n100.ns33],
    ["… 1 missing, subset cached", n100.cached1],
    ["… 10 missing, subset cached", n100.cached10],
    ["… 33 missing, subset cached", n100.cached33],
    ["commit, 10 operators, nobody missing", n10.ns0],
    ["… 1 missing", n10.ns1],
    ["… 3 missing", n10.ns3],
    ["commit, 256 operators, 85 missing", n256.ns85],
    ["commit in a batch of 4, 100 operators", batch.k4],
    ["commit in a batch of 12, 100 operators", batch.k12],
    ["commit, 100 operators, verifier in a contract of its own", seam.ns0],
  ];
  const marginal = Math.round((n100.ns33 - n100.ns1) / 32);
  return `## Commits\n\n${table(["transaction", "gas"], rows)}\n\nOne more missing operator costs ${marginal} gas.`;
}

function floorTable(use: GasUse): string {
  const floor = ARITHMETIC_FLOOR;
  const lines: [string, number, number][] = [
    ["transaction", use.transaction, floor.transaction],
    ["calldata: signature, hint, epoch", use.calldata.signature, 1_660],
    ["calldata: commit, seven fields", use.calldata.commit, 516],
    ["calldata: aggregate key", use.calldata.aggregateKey, 0],
    ["calldata: selector, offset, length, padding", use.calldata.frame, 64],
    ["pairing of two pairs, and the call", use.pairing, floor.pairing],
    ["head: sequence number, times, pause, root's mark", use.storage.head, 0],
    ["root in the ring", use.storage.ring, floor.storage],
    ["epoch: key hash, count, expiry", use.storage.epoch, 0],
    ["event: 3 indexed fields and 3 others", use.event, floor.event],
    ["opcodes: hashes", use.opcodes.hashes, 0],
    ["opcodes: branches", use.opcodes.branches, 0],
    ["opcodes: memory and calldata", use.opcodes.memory, 0],
    ["opcodes: stack and arithmetic", use.opcodes.arithmetic, floor.opcodes],
  ];
  const total = (column: 1 | 2) => lines.reduce((sum, line) => sum + line[column], 0);
  const [here, there] = [total(1), total(2)];
  if (here !== sumOf(use) || there !== sumOf(floor)) throw new Error("lines do not add up");
  const rows = [...lines, ["sum", here, there] as const].map(
    ([name, gas, least]): Row => [name, gas, least, gas - least],
  );
  return table(["", "commit", "floor", "difference"], rows);
}

function rotationTable({ rotation, cacheSubset }: GasReport): string {
  return table(
    ["transaction", "gas"],
    [
      ["`register`, with proof of possession", rotation.register],
      ["`startEpoch`, 10 operators", rotation.startEpoch10],
      ["`startEpoch`, 100 operators", rotation.startEpoch100],
      ["`startEpoch`, 256 operators, the first", rotation.startEpoch256],
      ["`cacheSubset`, 1 of 100 missing, the first of its epoch", cacheSubset.ns1],
      ["`cacheSubset`, 10 of 100 missing", cacheSubset.ns10],
      ["`cacheSubset`, 33 of 100 missing", cacheSubset.ns33],
    ],
  );
}

function proofTable({ prove }: GasReport): string {
  return table(
    ["proof at depth 20", "gas"],
    [
      ["inclusion, the library alone", prove.inclusion20],
      ["absence, the library alone", prove.absence20],
      ["inclusion, a whole transaction", prove.inclusion20Transaction],
      ["absence, a whole transaction", prove.absence20Transaction],
      ["OpenZeppelin's `MerkleProof`, the library alone", prove.openZeppelin20],
      ["… a whole transaction, the leaf's hash given", prove.openZeppelin20Transaction],
      [
        "… a whole transaction, the leaf hashed from key and value",
        prove.openZeppelinLeaf20Transaction,
      ],
    ],
  );
}

function proofRemarks({ prove }: GasReport): string {
  const { ratio, openZeppelin20Transaction: theirs, inclusion20Transaction: ours } = prove;
  return `An inclusion proof costs ${ratio} times what OpenZeppelin's verifier does with as many siblings, in whole transactions of
harnesses of one shape. Both pay the floor of EIP-7623, 40 gas for each byte of calldata that is not zero and 10 for each that
is, which exceeds what they execute; the ${(ours - theirs).toLocaleString("en-US")} gas between them are the value hash, which OpenZeppelin's caller has hashed into
the leaf, and the header and bitmap, without the length that their array has. Execution is dearer, because a sibling's side
comes from the key and an empty sibling from the bitmap, and cannot show in a transaction that does nothing else.`;
}

function severalTable({ several }: GasReport): string {
  const counts = [1, 4, 16, 64] as const;
  const row = (name: string, read: (gas: GasReport["several"]["k1"]) => number): Row => [
    name,
    ...counts.map((count) => read(several[`k${count}`])),
  ];
  return table(
    ["leaves in a tree of 100,000", ...counts.map(String)],
    [
      row("multiproof, the library alone", (gas) => gas.multiProof),
      row("a proof for each, the library alone", (gas) => gas.singles),
      row("multiproof, a whole transaction", (gas) => gas.multiProofTransaction),
      row("a proof for each, a whole transaction", (gas) => gas.singlesTransaction),
      row("update, the library alone", (gas) => gas.update),
      row("update, a whole transaction", (gas) => gas.updateTransaction),
    ],
  );
}

const SEVERAL_REMARKS = `Half of the keys are absent. An update removes every other present key and writes all others. Keys are spread over the tree;
those of one namespace or range share more, and cost less. A multiproof hashes less than single proofs and does more to find out
what goes with what; what it saves is calldata, which is what transactions with proofs pay for.`;

function policyTable({ policy }: GasReport): string {
  return table(
    ["transaction", "gas"],
    [
      ["register a data template: plugin and three schemas, four proofs", policy.registerData],
      [
        "register a template: Rego, params schema, one binding, two proofs",
        policy.registerTemplate,
      ],
      ["`instantiateBundle`: data instance, instance, pointer; a client's first", policy.bundle],
      ["… with params that another client has, too", policy.instantiateShared],
      ["`instantiate`: a client's second, with other params", policy.instantiate],
      ["`instantiateWithParamsLeaf`, whatever their length", policy.instantiateLeaf],
      ["`moveCurrentPolicyInstance`", policy.movePointer],
    ],
  );
}

const POLICY_REMARKS = `Params have 200 bytes where not said otherwise, proofs 20 siblings, and everything that is listed is the second on its list.
What each pays for being on a list that can be paged is one slot more and the list's length, 27,100 gas. Params are the code of a
contract at an address that follows from them: 32,000 gas and 200 for each byte, paid by the first client that has them.`;

function contractTable({ policy }: GasReport): string {
  const { contracts: theirs } = policy;
  return table(
    ["the same policy", "registries", "a contract each"],
    [
      ["plugin", policy.registerData, theirs.deployData],
      ["policy", policy.registerTemplate, theirs.deployPolicy],
      [
        "a client's first: point to it with params",
        policy.bundle,
        theirs.setAddress + theirs.setPolicy,
      ],
      [
        "sum",
        policy.registerData + policy.registerTemplate + policy.bundle,
        theirs.deployData + theirs.deployPolicy + theirs.setAddress + theirs.setPolicy,
      ],
      ["other params", policy.instantiate, theirs.setPolicyAgain],
      ["back to what was", policy.movePointer, theirs.setOtherAddress + theirs.setPolicyAgain],
    ],
  );
}

const CONTRACT_REMARKS = `The usual way, measured on \`contracts/mocks/PolicyContract*\` and \`PointingClientMock\`: each plugin and each policy is a contract,
deployed by a factory that lists it, with the content identifiers of its parts (59 characters each) as text in storage; a client
points to a policy in one transaction and sets its params in a second, under an id that is new every time, even for what it had
before. The mocks are minimal clones, the cheapest contracts there are, and check nothing, which flatters them: the registries
verify for the same or less that every part is in the state tree, keep the first owner, and make the client's change in one
transaction.`;

function challengeTable({ challenge }: GasReport): string {
  return table(
    ["proven challenge, at the largest legal size", "gas"],
    [
      ["rewrite: two records of 4,096 bytes under 256 siblings", challenge.rewrite],
      ["malformed leaf: one of them", challenge["malformed-leaf"]],
      ["dangling template: one, and 16 bindings", challenge["dangling-template"]],
      ["dangling data template: one", challenge["dangling-data"]],
      ["dangling params: one", challenge["dangling-params"]],
      ["equivocation: two batches of 32", challenge.equivocation],
      ["wrong identity: lists of 16", challenge["wrong-identity"]],
      ["stale instance: lists of 16", challenge["stale-instance"]],
    ],
  );
}

const CHALLENGE_REMARKS = `Certificates are of 256 operators without 85. A leaf as the rules have it has a record of 52 bytes, and some 20 siblings:
that costs a tenth. A hook costs what it uses, at most 500,000, and its caller 8,000 that are not used and come back.`;

function deltaTable({ transition, request }: GasReport): string {
  const judged = Object.entries(transition).map(([name, { gas, calldataBytes }]): Row => {
    const [, leaves, content] = /^n(\d+)c(\d+)$/.exec(name) ?? [];
    return [
      `${leaves} leaves of ${Number(content).toLocaleString("en-US")} bytes`,
      gas,
      calldataBytes,
    ];
  });
  const asked: Row[] = [
    ["`requestData`, the longest manifest", request.request],
    ["`drawSegments`, 8 of 3,969", request.draw],
    ["`serveSegments`, 8 of 3,969", request.serve],
    ["`concludeRequest`", request.conclude],
    ["`withdraw`", request.withdraw],
    ["`attestCommit`", request.attest],
  ];
  return [
    "## Deltas",
    table(["`challengeTransition`", "gas", "bytes of calldata"], judged),
    TRANSITION_REMARKS,
    table(["withheld data", "gas"], asked),
  ].join("\n\n");
}

const TRANSITION_REMARKS = `Without the certificate, in a tree of 100,000 leaves spread evenly; half of the leaves are new, the others written again or
removed. A contract takes at most 320 leaves and 65,536 bytes of delta ([Transitions](Transitions.md#bounds)).`;

type Row = readonly [string, ...number[]];

function table(heads: readonly string[], rows: readonly Row[]): string {
  const cells = rows.map(([name, ...numbers]) => [
    name,
    ...numbers.map((each) => each.toLocaleString("en-US", { maximumFractionDigits: 0 })),
  ]);
  const rule = heads.map((_, i) => (i === 0 ? "---" : "---:"));
  return [heads, rule, ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

if (import.meta.main) {
  const run = await runGas();
  const root = new URL("../", import.meta.url);
  mkdirSync(new URL("snapshots/", root), { recursive: true });
  writeFileSync(new URL("docs/Gas.md", root), gasDocument(run));
  writeFileSync(new URL("snapshots/gas.json", root), gasSnapshot(run));
}
