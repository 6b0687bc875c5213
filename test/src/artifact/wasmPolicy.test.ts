import { expect } from "chai";
import fc from "fast-check";
import { checkArtifact } from "../../../src/artifact/intake.ts";
import { COMPONENT_INTERFACES, WASM_LIMITS } from "../../../src/artifact/wasmPolicy.ts";
import { codeOf } from "../../helpers/codes.ts";
import {
  component,
  coreModule,
  functionImport,
  instanceImport,
  leb,
  section,
} from "../../helpers/wasmBinary.ts";

const verdict = (wasm: Uint8Array) => codeOf(() => checkArtifact("wasm-plugin", wasm));
/** A memory of `min` pages, and `max` where it is given. */
const memory = (min: number, max?: number) =>
  section(5, 1, ...(max === undefined ? [0, ...leb(min)] : [1, ...leb(min), ...leb(max)]));

describe("wasm policy", () => {
  it("GW-03: a core module imports nothing, whatever it is called", () => {
    for (const [module, field] of [
      ["env", "fetch"],
      ["wasi_snapshot_preview1", "sock_send"],
      ["", ""],
    ]) {
      const wasm = coreModule(functionImport(module ?? "", field ?? ""));
      expect(verdict(wasm)).to.equal("E_WASM_IMPORT");
    }
  });

  it("GW-03: a core module declares a memory within the runner's, and its maximum", () => {
    const { memoryPages } = WASM_LIMITS;
    expect(verdict(coreModule(memory(1, memoryPages)))).to.equal("none");
    expect(verdict(coreModule(memory(1, memoryPages + 1)))).to.equal("E_WASM_LIMIT");
    expect(verdict(coreModule(memory(1)))).to.equal("E_WASM_LIMIT");
    expect(verdict(coreModule(memory(65_536, 65_536)))).to.equal("E_WASM_LIMIT");
  });

  it("GW-03: tables and functions are bounded before anything is compiled", () => {
    const table = (min: number) => section(4, 1, 0x70, 0, ...leb(min));
    expect(verdict(coreModule(table(WASM_LIMITS.tableEntries)))).to.equal("none");
    expect(verdict(coreModule(table(WASM_LIMITS.tableEntries + 1)))).to.equal("E_WASM_LIMIT");
    const million = section(3, ...leb(1_000_000), ...new Array<number>(1_000).fill(0));
    expect(verdict(coreModule(million))).to.equal("E_WASM_LIMIT");
  });

  it("GW-03: a component imports what is on the list, in any version, and nothing else", () => {
    for (const name of COMPONENT_INTERFACES) {
      expect(verdict(component(instanceImport(`${name}@0.2.0`))), name).to.equal("none");
    }
    for (const name of [
      "wasi:http/outgoing-handler@0.2.0",
      "wasi:http/types@0.2.3",
      "wasi:sockets/tcp@0.2.0",
      "wasi:io/streamsx@0.2.0",
      "fetch",
      "",
    ]) {
      expect(verdict(component(instanceImport(name))), name).to.equal("E_WASM_IMPORT");
    }
  });

  it("GW-03: what is inside a component is bounded and valid too", () => {
    const inside = (core: Uint8Array) => component(section(1, ...core));
    expect(verdict(inside(coreModule(memory(1))))).to.equal("none");
    expect(verdict(inside(coreModule(memory(WASM_LIMITS.memoryPages + 1))))).to.equal(
      "E_WASM_LIMIT",
    );
    expect(verdict(inside(coreModule(section(3, 1, 9))))).to.equal("E_WASM_INVALID");
    const many = Array.from({ length: WASM_LIMITS.coreModules + 1 }, () =>
      section(1, ...coreModule()),
    );
    expect(verdict(component(...many))).to.equal("E_WASM_LIMIT");
    let nested = component(instanceImport("wasi:http/types@0.2.0"));
    expect(verdict(component(section(4, ...nested))), "given by the one around it").to.equal(
      "none",
    );
    for (let i = 0; i < WASM_LIMITS.componentDepth; i++) nested = component(section(4, ...nested));
    expect(verdict(nested)).to.equal("E_WASM_LIMIT");
  });

  it("GW-02: whatever bytes are changed, the answer is a name", () => {
    const sound = component(
      instanceImport("wasi:io/streams@0.2.0"),
      section(1, ...coreModule(memory(1, 2))),
    );
    const names = ["none", "E_WASM_INVALID", "E_WASM_IMPORT", "E_WASM_LIMIT"];
    const change = fc.tuple(fc.nat(sound.length - 9), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(sound.length - 8), (changes, cut) => {
        const wasm = sound.slice(0, sound.length - (changes.length === 0 ? cut : 0));
        for (const [at, byte] of changes) wasm[at + 8] = byte;
        expect(verdict(wasm)).to.be.oneOf(names);
      }),
      { numRuns: 2_000 },
    );
  });
});
