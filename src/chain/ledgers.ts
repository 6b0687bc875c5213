/** The contracts that keep proven faults as an `IFaultLedger`: with announcements, claims and rewards. */
export const LEDGERS = ["challenges", "decisions", "transitions", "dataRequests"] as const;

/** Name of a ledger among the contracts. */
export type LedgerName = (typeof LEDGERS)[number];
