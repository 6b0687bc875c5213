/** The contracts that keep proven faults as an `IFaultLedger`: with announcements, claims and rewards. */
export const LEDGERS = ["challenges", "decisions"] as const;

/** Name of a ledger among the contracts. */
export type LedgerName = (typeof LEDGERS)[number];

/** Whether `name` is a ledger on which faults are announced, claimed and rewarded. */
export function isLedgerName(name: string): name is LedgerName {
  return LEDGERS.some((ledger) => ledger === name);
}
