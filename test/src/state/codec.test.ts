import { constants, zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import { CODECS, pack, RAW_DELTA_BYTES, unpack } from "../../../src/state/codec.ts";
import { codeOf } from "../../helpers/codes.ts";
import { noise } from "./fixtures.ts";

describe("codec", () => {
  it("packs what compresses, leaves what does not, and gives back both", () => {
    const text = new Uint8Array(100_000).fill(7);
    const packed = pack(text);
    expect(packed.codec).to.equal(CODECS.zstd);
    expect(packed.payload.length).to.be.lessThan(200);
    expect(unpack(packed, text.length)).to.deep.equal(text);
    const random = noise(100_000);
    expect(pack(random)).to.deep.equal({ codec: CODECS.none, payload: random });
    expect(unpack(pack(random), random.length)).to.deep.equal(random);
  });

  it("CHL-13: leaves a delta raw that a contract must be able to read, and compresses one byte more", () => {
    const small = new Uint8Array(RAW_DELTA_BYTES).fill(7);
    expect(pack(small)).to.deep.equal({ codec: CODECS.none, payload: small });
    expect(pack(new Uint8Array(RAW_DELTA_BYTES + 1)).codec).to.equal(CODECS.zstd);
  });

  it("DA-09: stops a bomb at the announced length, without the memory it would take", () => {
    const bomb = zstdCompressSync(new Uint8Array(256 * 2 ** 20));
    expect(bomb.length).to.be.lessThan(50_000);
    const before = process.memoryUsage().rss;
    const code = codeOf(() => unpack({ codec: CODECS.zstd, payload: bomb }, 100_000));
    expect(code).to.equal("E_DECOMPRESS_LIMIT");
    expect(process.memoryUsage().rss - before).to.be.lessThan(32 * 2 ** 20);
  });

  it("DA-09: refuses a frame that asks for a larger window than it may have", () => {
    const params = { [constants.ZSTD_c_windowLog]: 27 };
    const payload = zstdCompressSync(new Uint8Array(40 * 2 ** 20), { params });
    const code = codeOf(() => unpack({ codec: CODECS.zstd, payload }, 40 * 2 ** 20));
    expect(code).to.equal("E_DECOMPRESS_LIMIT");
  });

  it("refuses another length, damage, bytes behind the frame, and unknown codecs", () => {
    const { codec, payload } = pack(new Uint8Array(100_000));
    const code = (bytes: Uint8Array, length = 100_000) =>
      codeOf(() => unpack({ codec, payload: bytes }, length));
    expect(code(payload, 100_001)).to.equal("E_LENGTH");
    expect(code(payload, 99_999)).to.equal("E_DECOMPRESS_LIMIT");
    expect(code(payload.subarray(0, -1))).to.equal("E_DECOMPRESS");
    expect(code(noise(30))).to.equal("E_DECOMPRESS");
    expect(code(new Uint8Array())).to.equal("E_DECOMPRESS");
    expect(code(Uint8Array.of(...payload, 0))).to.equal("E_LENGTH");
    expect(code(Uint8Array.of(...payload, ...payload))).to.equal("E_LENGTH");
    expect(codeOf(() => unpack({ codec: 2, payload }, 100_000))).to.equal("E_CODEC");
    expect(codeOf(() => unpack({ codec: 0, payload }, 100_000))).to.equal("E_LENGTH");
  });
});
