import { readFileSync } from "node:fs";
import { expect } from "chai";
import { selectorSnapshot } from "../scripts/selectors.ts";

describe("selectors", () => {
  it("ABI-10: are those of snapshots/selectors.json", async () => {
    const text = readFileSync(new URL("../snapshots/selectors.json", import.meta.url), "utf8");
    expect(JSON.parse(text)).to.deep.equal(await selectorSnapshot());
  });

  it("ABI-10: belong to one signature each, over all interfaces", async () => {
    const owners = new Map<string, string>();
    const shared: string[] = [];
    for (const { functions, errors, events } of Object.values(await selectorSnapshot())) {
      // Functions, errors and events live apart, but a reader of raw data cannot tell: none may be taken for another.
      for (const [signature, selector] of Object.entries({ ...functions, ...errors, ...events })) {
        const short = selector.slice(0, 10);
        const owner = owners.get(short) ?? signature;
        if (owner !== signature) shared.push(`${owner} and ${signature}`);
        owners.set(short, owner);
      }
    }
    expect(owners.size).to.be.greaterThan(150);
    expect(shared).to.deep.equal([]);
  });
});
