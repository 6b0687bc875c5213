import { CodedError } from "../../src/bytes/errors.ts";

/** The code with which `action` fails; `"none"` if it does not. Errors without a code pass through. */
export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return "none";
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}
