import { expect } from "chai";
import { compileWasm, wasmFunction, wasmMemory } from "../../../src/bytes/wasm.ts";

/** The smallest module there is: its magic number and version. */
const EMPTY_MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]).toString("base64");

describe("WebAssembly exports", () => {
  const instance = new WebAssembly.Instance(compileWasm(EMPTY_MODULE));

  it("refuses a function that is not exported", () => {
    expect(() => wasmFunction(instance, "absent")).to.throw(TypeError);
  });

  it("refuses a memory that is not exported", () => {
    expect(() => wasmMemory(instance)).to.throw(TypeError);
  });
});
