import { CodedError } from "../../src/bytes/errors.ts";

/** Code of the {@link CodedError} that `work` throws; "none" if it returns. Other errors pass through. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return "none";
}
