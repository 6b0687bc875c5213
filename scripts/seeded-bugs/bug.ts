/** One bug, made on purpose: where it goes in and what it changes. Its test is the one docs/Invariants.md names. */
export interface SeededBug {
  /** The invariant it breaks. */
  readonly id: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in `file`. */
  readonly find: string;
  readonly replace: string;
}
