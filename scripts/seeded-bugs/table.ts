import type { SeededBug } from "./bug.ts";
import { LIBRARY_BUGS } from "./library.ts";
import { SOLIDITY_BUGS } from "./solidity.ts";
import { TRANSITION_BUGS } from "./transitions.ts";

/** One bug for every invariant of docs/Invariants.md; those that need no compilation first. */
export const SEEDED_BUGS: readonly SeededBug[] = [
  ...LIBRARY_BUGS,
  ...SOLIDITY_BUGS,
  ...TRANSITION_BUGS,
];
