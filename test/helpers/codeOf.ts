import { CodedError } from "../../src/bytes/errors.ts";

/** The code of the error that `act` throws, or nothing if it throws none. Any other error passes on. */
export function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return undefined;
}
