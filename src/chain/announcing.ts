import { AbiCoder, keccak256, type Provider } from "ethers";
import type { AnnouncementFolder, AnnouncementNote } from "../challenge/announcementFolder.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import { landed } from "./landed.ts";
import { LEDGERS, type LedgerName } from "./ledgers.ts";

/** Announcing faults before their evidence is public, and claiming those that a copy came first with (docs/Challenges.md). */

/** What announcing needs. */
export interface Announcer {
  readonly contracts: Contracts;
  readonly provider: Provider;
  /** Account to credit. */
  readonly challenger: string;
  readonly isDryRun: boolean;
  /** Where salts are kept; without it nothing is announced or claimed. */
  readonly announcements?: AnnouncementFolder;
  /** Claim what was announced, and announce nothing more. */
  readonly isClaimingOnly?: boolean;
}

/** A fault that was recorded for somebody else, and is claimed by who announced it earlier. */
export interface Claim {
  readonly what: "claim";
  readonly ledger: LedgerName;
  readonly faultId: string;
  /** None if this is a dry run. */
  readonly transactionHash?: string;
}

/** Notes serve for the day in which a fault may be claimed; a reorganization may set it back a little. */
const FORGOTTEN_AFTER_SECONDS = 172_800n;

/** What is announced for a note: `keccak256(abi.encode(faultId, challenger, salt))`. */
export function commitmentOf({ faultId, challenger, salt }: AnnouncementNote): string {
  const types = ["bytes32", "address", "bytes32"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [faultId, challenger, salt]));
}

/**
 * Announces a fault, its salt being on disk before. When this resolves the announcement is in a block, and whatever is sent from
 * now on is in a later one. Gives the transaction; nothing if the fault is announced already, or not to be announced.
 * @throws {ChainError} {ChallengeError} {DurableError}
 */
export async function announce(
  { contracts, challenger, isDryRun, announcements, isClaimingOnly }: Announcer,
  name: LedgerName,
  faultId: string,
): Promise<string | undefined> {
  if (announcements === undefined || isClaimingOnly || isDryRun) return undefined;
  const ledger = contracts[name];
  const address = await ledger.getAddress();
  const note = announcements.noteFor({ ledger: address, faultId, challenger });
  try {
    return await reverts.run(async () => {
      const call = await ledger.announceFault(commitmentOf(note));
      return landed(await call.wait()).transactionHash;
    });
  } catch (error) {
    // By a pass that did not come to its end, or by whoever saw this one: it names the same account.
    if (error instanceof ChainError && error.code === "AlreadyAnnounced") return undefined;
    throw error;
  }
}

/** Claims every announced fault that somebody else is credited with, as far as the ledgers agree. @throws as {@link announce} */
export async function claimAnnounced(announcer: Announcer): Promise<readonly Claim[]> {
  const { contracts, provider, announcements } = announcer;
  const notes = announcements?.all() ?? [];
  if (notes.length === 0) return [];
  const block = await reverts.run(() => provider.getBlock("latest"));
  const now = BigInt(block?.timestamp ?? 0);
  const claims: Claim[] = [];
  for (const name of LEDGERS) {
    const address = (await contracts[name].getAddress()).toLowerCase();
    for (const note of notes.filter(({ ledger }) => ledger === address)) {
      const claim = await claimed(announcer, name, note, now);
      if (claim !== undefined) claims.push(claim);
    }
  }
  return claims;
}

async function claimed(
  { contracts, isDryRun, announcements }: Announcer,
  name: LedgerName,
  note: AnnouncementNote,
  now: bigint,
): Promise<Claim | undefined> {
  const ledger = contracts[name];
  const { faultId, challenger, salt } = note;
  const { recordedAt, challenger: credited } = await reverts.run(() => ledger.faultRecord(faultId));
  if (recordedAt === 0n) return undefined;
  if (now > recordedAt + FORGOTTEN_AFTER_SECONDS) {
    if (!isDryRun) announcements?.forget(note);
    return undefined;
  }
  if (credited.toLowerCase() === challenger) return undefined;
  const claim = { what: "claim", ledger: name, faultId } as const;
  try {
    return await reverts.run(async () => {
      await ledger.claimFault.staticCall(faultId, challenger, salt);
      if (isDryRun) return claim;
      const call = await ledger.claimFault(faultId, challenger, salt);
      return { ...claim, transactionHash: landed(await call.wait()).transactionHash };
    });
  } catch (error) {
    const isTooLate = error instanceof ChainError && CLAIM_REFUSALS.has(error.code);
    if (isTooLate) return undefined;
    throw error;
  }
}

/** Somebody announced it earlier still, or the day is over. */
const CLAIM_REFUSALS: ReadonlySet<string> = new Set(["NotAnnouncedEarlier", "PriorityClosed"]);
