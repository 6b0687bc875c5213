import { expect } from "chai";
import { Interface } from "ethers";
import { CodedError } from "../../../src/bytes/errors.ts";
import { ChainError, RevertDecoder } from "../../../src/chain/errors.ts";
import { CommitError } from "../../../src/commit/errors.ts";

const ABI = ["error SequenceGap(uint64 expected, uint64 got)"];
const decoder = new RevertDecoder([ABI]);
const data = Interface.from(ABI).encodeErrorResult("SequenceGap", [2n, 4n]);

describe("RevertDecoder", () => {
  it("names a custom error and its arguments, wherever the provider put the data", () => {
    const shapes = [
      { data },
      { error: { data } },
      { info: { error: { data } } },
      { cause: { data } },
    ];
    for (const shape of shapes) {
      const error = decoder.decode(Object.assign(new Error("reverted"), shape));
      expect(error.code).to.equal("SequenceGap");
      expect(error instanceof ChainError && error.args).to.deep.equal([2n, 4n]);
    }
  });

  it("E_REVERTED: says so where no known contract explains the data", () => {
    const error = decoder.decode(Object.assign(new Error("reverted"), { data: "0xdeadbeef" }));
    expect(error.code).to.equal("E_REVERTED");
  });

  it("E_UNREACHABLE: tells a node that does not answer from one that refuses", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    expect(decoder.decode({ cause: refused }).code).to.equal("E_UNREACHABLE");
  });

  it("E_TRANSACTION: keeps one line of whatever else went wrong, at most 300 characters", () => {
    const error = decoder.decode(new Error(`nonce too low ${"x".repeat(400)}\n    at stack`));
    expect(error.code).to.equal("E_TRANSACTION");
    expect(error.message.length).to.equal(300);
    expect(error.message).not.to.include("stack");
  });

  it("lets an error with a code of this project through", () => {
    const cause = new CommitError("E_NOT_NEXT", "expected 1");
    expect(decoder.decode(cause)).to.equal(cause);
  });

  it("ends on an error that is its own cause", () => {
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    expect(decoder.decode(loop)).to.be.instanceOf(CodedError);
  });
});
