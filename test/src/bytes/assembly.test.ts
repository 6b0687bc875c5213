import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { ASSEMBLY_MODULES, compileAssembly } from "../../../scripts/assembly.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

describe("WebAssembly modules", () => {
  for (const module of ASSEMBLY_MODULES) {
    it(`${module.output} is what the compiler makes of ${module.source}, byte for byte`, async function () {
      this.timeout(120_000);
      const committed = readFileSync(resolve(ROOT, module.output), "utf8");
      expect(committed === (await compileAssembly(module))).to.equal(true);
    });
  }
});
