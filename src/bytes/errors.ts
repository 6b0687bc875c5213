/**
 * Every failure of this library that a caller may want to tell apart carries a code; callers and tests branch on the
 * code, never on the sentence.
 */

/** A failure that callers tell apart by `code`. Each folder has one subclass with the union of its codes. */
export abstract class CodedError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** A byte string does not have the form its reader expects. */
export class BytesError extends CodedError<
  "E_HEX" | "E_LENGTH" | "E_RANGE" | "E_TRUNCATED" | "E_TRAILING"
> {}
