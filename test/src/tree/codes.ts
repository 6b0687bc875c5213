import { expect } from "chai";
import { CodedError } from "../../../src/bytes/errors.ts";

/** The code of what `run` throws; fails if it throws nothing or something without a code. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

/** As {@link codeOf}, for what is awaited. */
export async function asyncCodeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

/** `list[index]`, which must be there. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  expect(item, `item ${index}`).not.to.equal(undefined);
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
