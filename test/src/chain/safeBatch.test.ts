import { expect } from "chai";
import fc from "fast-check";
import {
  BATCH_MAX_BYTES,
  BATCH_MAX_TRANSACTIONS,
  checksumOf,
  decodeSafeBatch,
  encodeSafeBatch,
  type SafeBatch,
  safeBatchChecksum,
} from "../../../src/chain/safeBatch.ts";
import { codeOf } from "../../helpers/codes.ts";

const ADDRESS = "0x49d4450977E2c95362C13D3a31a09311E0Ea26A6";
const SAFE = "0xDF8a1Ce35c9a6ACE153B4e0767942f1E2291a1Aa";
const text = new TextDecoder();
const utf8 = new TextEncoder();

/**
 * The sample of the Transaction Builder's own test: `apps/tx-builder/src/lib/checksum.test.js` in
 * github.com/safe-global/safe-react-apps, commit 81f2251. Its checksum is computed while there is an empty one in the file.
 */
const PUBLISHED = {
  version: "1.0",
  chainId: "4",
  createdAt: 1646321521061,
  meta: {
    name: "test batch file",
    txBuilderVersion: "1.4.0",
    checksum: "",
    createdFromSafeAddress: SAFE,
    createdFromOwnerAddress: ADDRESS,
  },
  transactions: [
    {
      to: ADDRESS,
      value: "0",
      contractMethod: {
        inputs: [{ internalType: "address", name: "paramAddress", type: "address" }],
        name: "testAddress",
        payable: false,
      },
      contractInputsValues: { paramAddress: ADDRESS },
    },
    {
      to: ADDRESS,
      value: "0",
      contractMethod: {
        inputs: [{ internalType: "bool", name: "paramBool", type: "bool" }],
        name: "testBool",
        payable: false,
      },
      contractInputsValues: { paramAddress: "", paramBool: "false" },
    },
    {
      to: ADDRESS,
      value: "2000000000000000000",
      data: "0x42f4579000000000000000000000000049d4450977e2c95362c13d3a31a09311e0ea26a6",
    },
  ],
};
const PUBLISHED_CHECKSUM = "0x4ecbfd364aa6759983915644e73f8bd411e85a2dc306f252a387c2728c4db64c";

const BATCH: SafeBatch = {
  chainId: 1n,
  createdAtMs: 1_790_000_000_000,
  name: "stage 1",
  description: "a, b",
  safe: SAFE,
  transactions: [
    { to: ADDRESS, value: "0", data: "0x01" },
    { to: ADDRESS, value: "0", data: "0x02" },
  ],
};

describe("Safe batch", () => {
  it("has the checksum that the Transaction Builder publishes for its sample, whatever the order of the keys", () => {
    expect(checksumOf(PUBLISHED)).to.equal(PUBLISHED_CHECKSUM);
    const { meta, ...rest } = PUBLISHED;
    const reversed = { ...Object.fromEntries(Object.entries(rest).reverse()), meta };
    expect(checksumOf(reversed)).to.equal(PUBLISHED_CHECKSUM);
    const swapped = { ...PUBLISHED, transactions: [...PUBLISHED.transactions].reverse() };
    expect(checksumOf(swapped)).not.to.equal(PUBLISHED_CHECKSUM);
  });

  it("is written with every field that the app reads, and read back", () => {
    const bytes = encodeSafeBatch(BATCH);
    const file = JSON.parse(text.decode(bytes));
    expect(file).to.have.keys(["version", "chainId", "createdAt", "meta", "transactions"]);
    expect(file.meta).to.have.keys([
      "name",
      "description",
      "txBuilderVersion",
      "createdFromSafeAddress",
      "createdFromOwnerAddress",
      "checksum",
    ]);
    expect(file.meta.checksum).to.equal(safeBatchChecksum(BATCH));
    // What the app does to validate: the checksum is deleted, then computed over the rest.
    const { checksum, ...meta } = file.meta;
    expect(checksumOf({ ...file, meta })).to.equal(checksum);
    expect(decodeSafeBatch(bytes, "batch")).to.deep.equal(BATCH);
    expect(encodeSafeBatch(BATCH)).to.deep.equal(bytes);
  });

  it("E_BATCH_CHECKSUM: refuses a file in which anything but the name was changed", () => {
    const file = JSON.parse(text.decode(encodeSafeBatch(BATCH)));
    const decode = (change: object) =>
      codeOf(() => decodeSafeBatch(utf8.encode(JSON.stringify({ ...file, ...change })), "batch"));
    expect(decode({})).to.equal("none");
    expect(decode({ meta: { ...file.meta, name: "other" } })).to.equal("none");
    const changes = [
      { chainId: "10" },
      { createdAt: 1 },
      { more: 1 },
      { meta: { ...file.meta, createdFromSafeAddress: ADDRESS } },
      { meta: { ...file.meta, checksum: PUBLISHED_CHECKSUM } },
      { transactions: file.transactions.slice(1) },
      { transactions: [...file.transactions].reverse() },
    ];
    for (const change of changes) expect(decode(change)).to.equal("E_BATCH_CHECKSUM");
  });

  it("E_BATCH_CHECKSUM: no byte of the calls can be changed", () => {
    const bytes = encodeSafeBatch(BATCH);
    const start = text.decode(bytes).indexOf('"transactions"');
    fc.assert(
      fc.property(
        fc.integer({ min: start, max: bytes.length - 2 }),
        fc.integer({ min: 33, max: 126 }),
        (i, char) => {
          const changed = Uint8Array.from(bytes);
          changed[i] = char;
          const before = text.decode(bytes);
          const code = codeOf(() => decodeSafeBatch(changed, "batch"));
          if (text.decode(changed) === before) return code === "none";
          // Space between the tokens may become a letter, which is no JSON.
          return ["E_BATCH_CHECKSUM", "E_BATCH_INVALID"].includes(code);
        },
      ),
    );
  });

  it("E_BATCH_INVALID: refuses what is no file of the app, or leaves a call to be encoded", () => {
    const sealed = (file: object) => {
      const { meta, ...rest } = { meta: {}, ...file };
      const checksum = checksumOf(JSON.parse(JSON.stringify({ ...rest, meta })));
      return utf8.encode(JSON.stringify({ ...rest, meta: { ...meta, checksum } }));
    };
    const { checksum: _, ...meta } = PUBLISHED.meta;
    const call = { to: ADDRESS, value: "0", data: "0x01" };
    const sound = { ...PUBLISHED, meta, transactions: [call] };
    expect(decodeSafeBatch(sealed(sound), "batch").transactions).to.have.length(1);
    const files = [
      PUBLISHED.transactions,
      { ...sound, version: "2.0" },
      { ...sound, chainId: 4 },
      { ...sound, chainId: "0x4" },
      { ...sound, createdAt: "now" },
      { ...sound, meta: { ...meta, createdFromSafeAddress: "0x1" } },
      { ...sound, transactions: PUBLISHED.transactions },
      { ...sound, transactions: [{ ...call, data: "0x" }] },
      { ...sound, transactions: [{ ...call, value: 0 }] },
      { ...sound, transactions: [{ ...call, to: "0x49" }] },
      { ...sound, transactions: Array.from({ length: BATCH_MAX_TRANSACTIONS + 1 }, () => call) },
    ];
    for (const [i, file] of files.entries()) {
      const bytes = Array.isArray(file) ? utf8.encode(JSON.stringify(file)) : sealed(file);
      expect(
        codeOf(() => decodeSafeBatch(bytes, "batch")),
        `${i}`,
      ).to.equal("E_BATCH_INVALID");
    }
    const large = new Uint8Array(BATCH_MAX_BYTES + 1).fill(0x20);
    expect(codeOf(() => decodeSafeBatch(large, "batch"))).to.equal("E_BATCH_INVALID");
  });
});
