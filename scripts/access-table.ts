import { writeFileSync } from "node:fs";
import type { Interface } from "ethers";
import { ACCESS_GUARDS } from "./accessGuards.ts";
import { deployableAbis } from "./interfaceAbis.ts";

/** Writes docs/AccessControl.md from the ABIs and the guards. Run by `npm run docs:access`. */

const PATH = new URL("../docs/AccessControl.md", import.meta.url);

const INTRODUCTION = `# Who may call what

Every function of every deployable that can change state, from the ABIs (\`scripts/access-table.ts\`), with what guards it
(\`scripts/accessGuards.ts\`). \`test/access.test.ts\` calls each guarded one from an account that holds no role.

No contract is behind a proxy, so nobody can change code. An owner is meant to be an account of several signers, such as a
Safe: the contracts cannot tell. They hand ownership over in two steps, and refuse to give it up (\`LastOwner\`). What an
owner can do at worst is in the column to the right; none of it moves back, rewrites or disables a committed root.

What could weaken the quorum takes two steps with a delay of 2 to 30 days between them, which the contract itself keeps,
whoever the owner is: the rules of commits, recoveries, greater weights for operators, and every set of
\`Bls12381QuorumVerifier\` but its first. A proposal that nobody enacts within 14 days of its time is void. What an owner
does at once is what safety may need at once: pausing, ejecting an operator, ending an epoch. Its price: who holds the key of
the operator sets can eject honest operators until those who are left are the quorum. So that key belongs to several signers
of whom no operator has a majority, and watchers pause commits, with the registry's key held by others, when weights fall for
no reason that they know. Lists of sinks decide only who hears of epochs; a sink adds no key and no weight, so listing one
can stop epochs but not fake a quorum.

| contract | function | who | demands | others are refused with | at worst |
| --- | --- | --- | --- | --- | --- |
`;

/** What the one who may call can do at worst, for roles that somebody holds. */
const AT_WORST: Readonly<Record<string, string>> = {
  "acceptOwnership()": "takes an offered ownership",
  "transferOwnership(address)": "offers ownership to somebody else",
  "setAddress(bytes32,address)": "misleads contracts built later, none that exist",
  "startEpoch(address[],uint128[],uint32)":
    "after the delay, appoints a quorum that signs anything",
  "proposeEpoch(address[],uint128[])": "announces such a quorum",
  "cancelEpochProposal()": "withholds a change of operators",
  "addEpochSink(address)": "lists one that refuses to hear, until it is removed: no epoch starts",
  "removeEpochSink(address)": "ends every epoch for a registry, which then takes no commit",
  "recordEpoch(uint32,uint64,uint16,bytes32)": "appoints a quorum that signs anything",
  "setWeight(address,uint128)":
    "ejects operators from the next epoch on; after the delay, gives a quorum of weight to one",
  "proposeRules((address,uint16,uint32,uint32))": "announces rules that weaken the quorum",
  "enactRules((address,uint16,uint32,uint32))":
    "lets a verifier of its choice appoint the quorum, after the delay",
  "cancelRulesProposal()": "withholds rules",
  "proposeFaultRules((address,uint96))": "announces another hook or reward",
  "enactFaultRules((address,uint96))":
    "after the delay, lets nobody be told of faults, or pays nothing for further ones; records stay",
  "cancelFaultRulesProposal()": "withholds rules",
  "proposeRecovery((uint64,bytes32,bytes32,uint64,bytes32,bytes32),bytes)":
    "announces, with the quorum, another state",
  "enactRecovery((uint64,bytes32,bytes32,uint64,bytes32,bytes32),bytes)":
    "with the quorum and after the delay, goes on from another state; earlier roots stay",
  "cancelRecoveryProposal()": "withholds a recovery",
  "startEmergencyEpoch((uint256,uint256,uint256,uint256))":
    "starts what is queued at once, ending the epoch before",
  "pauseCommits()": "stops commits; reads and challenges go on",
  "resumeCommits()": "lets commits go on",
};

/** Signatures of the functions that can change state, sorted. */
export function mutatorsOf(abi: Interface): string[] {
  const signatures: string[] = [];
  abi.forEachFunction((item) => {
    if (!item.constant) signatures.push(item.format("sighash"));
  });
  return signatures.sort();
}

/** The text of docs/AccessControl.md. @throws if a mutator has no guard, or a guard no mutator */
export async function accessTable(): Promise<string> {
  const rows: string[] = [];
  for (const [contract, abi] of await deployableAbis()) {
    const guards = ACCESS_GUARDS[contract] ?? {};
    const signatures = mutatorsOf(abi);
    const unknown = Object.keys(guards).filter((signature) => !signatures.includes(signature));
    if (unknown.length > 0) throw new Error(`${contract} has no ${unknown.join(", ")}`);
    for (const signature of signatures) {
      const guard = guards[signature];
      if (guard === undefined) throw new Error(`${contract}.${signature} has no guard`);
      const refusal = guard.refusal === undefined ? "—" : `\`${guard.refusal}\``;
      const name = signature.slice(0, signature.indexOf("("));
      const atWorst = guard.who === "anyone" ? "—" : (AT_WORST[signature] ?? "acts for itself");
      const cells = [`\`${contract}\``, `\`${name}\``, guard.who, guard.demands, refusal];
      rows.push(`| ${[...cells, atWorst].join(" | ")} |`);
    }
  }
  return `${INTRODUCTION}${rows.join("\n")}\n`;
}

if (import.meta.main) writeFileSync(PATH, await accessTable());
