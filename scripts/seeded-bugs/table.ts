import type { SeededBug } from "./bug.ts";
import { CHALLENGE_BUGS } from "./challenges.ts";
import { GOVERNANCE_BUGS } from "./governance.ts";
import { INCIDENT_BUGS } from "./incidents.ts";
import { LIBRARY_BUGS } from "./library.ts";
import { POLICY_BUGS } from "./policies.ts";
import { SOLIDITY_BUGS } from "./solidity.ts";
import { TRANSITION_BUGS } from "./transitions.ts";

/** One bug for every invariant of docs/Invariants.md; those that need no compilation first. */
export const SEEDED_BUGS: readonly SeededBug[] = [
  ...LIBRARY_BUGS,
  ...SOLIDITY_BUGS,
  ...GOVERNANCE_BUGS,
  ...POLICY_BUGS,
  ...CHALLENGE_BUGS,
  ...TRANSITION_BUGS,
  ...INCIDENT_BUGS,
];
