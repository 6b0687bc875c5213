import { expect } from "chai";

/** `list[index]`, which must be there. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  expect(item, `item ${index}`).not.to.equal(undefined);
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
