import { writeFileSync } from "node:fs";
import type { Interface } from "ethers";
import { ACCESS_GUARDS } from "./accessGuards.ts";
import { deployableAbis } from "./interfaceAbis.ts";

/** Writes docs/AccessControl.md from the ABIs and the guards. Run by `npm run docs:access`. */

const PATH = new URL("../docs/AccessControl.md", import.meta.url);

const INTRODUCTION = `# Who may call what

Every function of every deployable that can change state, from the ABIs (\`scripts/access-table.ts\`), with what guards it
(\`scripts/accessGuards.ts\`). \`test/access.test.ts\` calls each guarded one from an account that holds no role.

No contract is behind a proxy, so nobody can change code. An owner is meant to be a timelock or an account of several
signers: the contracts cannot tell, and hand ownership over in two steps only. What an owner can do at worst is in the
column to the right; none of it moves or rewrites a committed root.

| contract | function | who | demands | others are refused with | at worst |
| --- | --- | --- | --- | --- | --- |
`;

/** What the one who may call can do at worst, for roles that somebody holds. */
const AT_WORST: Readonly<Record<string, string>> = {
  "acceptOwnership()": "takes an offered ownership",
  "renounceOwnership()": "leaves the contract without an owner, for ever",
  "transferOwnership(address)": "offers ownership to somebody else",
  "setAddress(bytes32,address)": "misleads contracts built later, none that exist",
  "startEpoch(address[],uint128[],uint32)": "appoints a quorum that signs anything",
  "setWeight(address,uint128)": "gives a quorum of weight to one operator from the next epoch on",
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
