import { CodedError } from "../../src/bytes/errors.ts";

/** A task was called in a way it cannot serve. `next` is what the caller can do about it. */
export class TaskError extends CodedError<
  | "E_FILE_NOT_FOUND"
  | "E_FILE_INVALID"
  | "E_CHECK_FAILED"
  | "E_OPTION"
  | "E_NO_DEPLOYMENT"
  | "E_NO_OPERATORS"
  | "E_NO_ACCOUNT"
  | "E_NOT_COMMITTED"
  | "E_NOT_REGISTERED"
  | "E_PROOF_REFUSED"
  | "E_QUORUM_NOT_REACHED"
> {}

/** Exit codes by class of error. 0 is success; 1 is a fault of the program itself. */
export const EXIT_CODES = {
  unexpected: 1,
  input: 2,
  environment: 3,
  refused: 4,
  integrity: 5,
} as const;

const CLASS_OF_CODE: Readonly<Record<string, keyof typeof EXIT_CODES>> = {
  E_NO_DEPLOYMENT: "environment",
  E_NO_OPERATORS: "environment",
  E_NO_ACCOUNT: "environment",
  E_UNREACHABLE: "environment",
  E_CID_SOURCE: "environment",
  E_CID_MISMATCH: "integrity",
  E_HASH_MISMATCH: "integrity",
  E_NO_CODE: "environment",
  E_LOCKED: "environment",
  E_STORE_FULL: "environment",
  E_STORE_IO: "environment",
  E_STORE_READONLY: "environment",
  E_PROOF_REFUSED: "refused",
  E_QUORUM_NOT_REACHED: "refused",
  E_HELD_EXPIRED: "refused",
  E_HELD_CORRUPT: "integrity",
  E_REVERTED: "refused",
  E_TRANSACTION: "refused",
  E_NOT_COMMITTED: "refused",
  E_DANGLING_CONSUMER: "refused",
  E_STAGE_FAILED: "refused",
  E_NOT_REGISTERED: "refused",
  E_EVENTS_MISSING: "environment",
  E_EVENT_FORGED: "integrity",
  E_ARTIFACT_ABSENT: "refused",
  E_STAGE_GAS: "refused",
  E_STAGE_UNVERIFIED: "integrity",
  E_DRIFT: "integrity",
  E_BATCH_CHECKSUM: "integrity",
  E_STORE_CORRUPT: "integrity",
  E_STORE_UNREADABLE: "integrity",
  E_CORRUPT_LEAF: "integrity",
  E_JOURNAL_CORRUPT: "integrity",
  E_ROOT_MISMATCH: "integrity",
  E_NO_PEER: "integrity",
  E_REPAIR_INCOMPLETE: "integrity",
  E_NOT_CERTIFIED: "integrity",
  E_RPC_DISAGREE: "integrity",
};

const NEXT_STEPS: Readonly<Record<string, string>> = {
  E_FILE_NOT_FOUND: "check the path; it is relative to where you run the command",
  E_FILE_MISSING: "if it is a plugin, build it with `npm run -s plugins`",
  E_CHECK_FAILED: "mend what is named; `npx hardhat artifact check <folder>` says when it is done",
  E_KIND_UNKNOWN: "name one of the kinds listed above",
  E_CID_MISMATCH: "ask another gateway, or take a CAR file from a node of your own",
  E_NO_DEPLOYMENT: "run `npx hardhat deploy --network <network> --skip-prompts` first",
  E_NO_OPERATORS: "run `npx hardhat operators register --network <network>` first",
  E_NO_ACCOUNT: "give the network more accounts, or ask for fewer operators",
  E_UNREACHABLE: "start a node (`npx hardhat node --network mainnet`) or set the network's URL",
  E_STORE_CORRUPT: "run `npx hardhat state fsck --repair --network <network>`",
  E_STORE_UNREADABLE: "run `npx hardhat state fsck --repair --network <network>`",
  E_CORRUPT_LEAF: "run `npx hardhat state fsck --repair --network <network>`",
  E_NO_PEER: "name folders with other snapshots, or take a new one from a sound store",
  E_RPC_DISAGREE: "find out which of the nodes lies, or lags behind, before you restore anything",
  E_STORE_EXISTS:
    "`state fsck --repair` repairs a store; only where there is none can one be restored",
  E_LOCKED: "wait for the other process, or name another folder with --data-dir",
  E_NOT_COMMITTED: "run `npx hardhat state commit --network <network>`, then try again",
  E_DANGLING_CONSUMER:
    "change the order; `npx hardhat provider plan` with the `set:` changes alone adds the deployments that are missing",
  E_CHANGE_INVALID: "write changes as set:NAME=0x…, remove:NAME or deploy:NAME, in their order",
  E_DRIFT:
    "find out what changed since the plan was made; then plan anew with `npx hardhat policy migrate --plan`",
  E_BATCH_CHECKSUM: "take the file again from whoever made the plan, or plan anew",
  E_STAGES: "give --stages numbers that add up to the policies, such as --stages 3,5,6",
  E_STAGE_GAS: "plan anew with more stages, such as --stages 3,3,3,3,2",
  E_STAGE_FAILED: "nothing of the stage has happened; mend what is named and plan anew",
  E_NOT_REGISTERED:
    "check the ref and the network; `npx hardhat policy register <folder>` registers a policy",
  E_HELD_EXPIRED: "bring operators back and run the command again: nothing was lost",
  E_HELD_CORRUPT: "remove the file held.db: the operators have what it held",
  E_QUORUM_NOT_REACHED: "bring operators back and run the command again: nothing was lost",
};

/** The exit code for a failure. Custom errors of contracts, whose codes do not start with `E_`, count as refusals. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof CodedError)) return EXIT_CODES.unexpected;
  const known = CLASS_OF_CODE[error.code];
  if (known !== undefined) return EXIT_CODES[known];
  return error.code.startsWith("E_") ? EXIT_CODES.input : EXIT_CODES.refused;
}

/** What the caller can do about a failure, if there is something. */
export function nextStepOf(error: CodedError): string | undefined {
  return NEXT_STEPS[error.code];
}
