/** Attack cases that cannot be made here, and why. Every other case of these groups has a test. */
export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  "OPS-06":
    "Nobody dates a set: an epoch begins at the block time of the transaction that starts it.",
  "OPS-08": "Weights come one by one (`setWeight`), in no list that could have another length.",
  "OPS-14":
    "A set is read by the number of its epoch, from code that never changes: no block can be the wrong one.",
  "SEQ-16":
    "No reads are served from here; how old the newest commit is says `lastCommitTimes` to whoever reads the chain.",
  "ACL-01": "No contract has an initializer: constructors set everything.",
  "ACL-02": "Deployment and initialization are one transaction: constructors set everything.",
  "ACL-03": "No contract can be upgraded.",
  "ACL-04": "No contract can be upgraded, so no slot can move under one.",
  "ACL-12": "No contract is behind a proxy, and none makes a delegatecall.",
  "GAS-05":
    "No path on chain depends on the number of leaves: a proof's cost goes by its own length, which is bounded.",
  "ABI-08":
    "What is deployed is what is tested: one compiler version and one setting, pinned, and the older ones refused by the pragma.",
};

/** Groups whose cases are all accounted for, with the number of the last. */
export const COMPLETE_GROUPS: Readonly<Record<string, number>> = {
  BLS: 20,
  OPS: 15,
  SEQ: 18,
  POL: 16,
  ACL: 12,
  GAS: 10,
  ABI: 10,
};
