/** Places of contract code that a test suite can reach or miss. */

/**
 * - function: a function, modifier or constructor
 * - line: a line on which a statement begins
 * - branch: one way out of a condition: each operand of `&&` and `||` is a condition with two ways, as is what `if`, a
 *   loop, a ternary or `require` asks; each case of a switch and each clause of a `try`
 * - error: a statement that throws a custom error
 */
export type PlaceKind = "function" | "line" | "branch" | "error";

/** One place, which is covered once its marker was hit. */
export interface Place {
  readonly kind: PlaceKind;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** What it is, e.g. `x == 1 is false`. */
  readonly what: string;
  /** Tag of the marker; several places can share one. */
  readonly marker: number;
  /** The declaration of the error that an `error` throws: the compiler's id of it. */
  readonly errorId?: number;
}

/** An error that a file declares. */
export interface DeclaredError {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** The compiler's id, to which {@link Place.errorId} refers. */
  readonly errorId: number;
}
