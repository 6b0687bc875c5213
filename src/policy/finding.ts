import { CodedError } from "../bytes/errors.ts";

/** What a check has against a file of a policy folder. */
export interface Finding {
  /** Name of the rule that is broken, `E_…`. */
  readonly code: string;
  readonly file: string;
  readonly message: string;
}

/** Faults of the machine, which say nothing of the policy. */
const MACHINE: ReadonlySet<string> = new Set([
  "E_PLUGIN_ENGINE",
  "E_PLUGIN_TIMEOUT",
  "E_REGO_ENGINE",
  "E_REGO_TIMEOUT",
]);

/**
 * Runs `check`; what it refuses becomes a finding about `file`. Faults of the machine and errors without a code pass
 * through.
 */
export async function findingsIn(
  file: string,
  check: () => void | Promise<void>,
): Promise<Finding[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (!(error instanceof CodedError) || MACHINE.has(error.code)) throw error;
    return [findingOf(file, error)];
  }
}

/** `error` as a finding about `file`. */
export function findingOf(file: string, { code, message }: CodedError): Finding {
  return { code, file, message };
}
