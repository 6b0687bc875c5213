import { CodedError } from "../../src/bytes/errors.ts";

/** Code of the {@link CodedError} that `run` throws; "none" if it returns. Errors without a code pass through. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return codeIn(error);
  }
  return "none";
}

/** As {@link codeOf}, for what is awaited. */
export async function asyncCodeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return codeIn(error);
  }
  return "none";
}

function codeIn(error: unknown): string {
  if (error instanceof CodedError) return error.code;
  throw error;
}
