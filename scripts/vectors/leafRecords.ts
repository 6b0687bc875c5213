import { writeFileSync } from "node:fs";
import { bytes32, type ContentHash, type TreeKey } from "../../src/bytes/brand.ts";
import { concatBytes, tag } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { contentKey, treeKeyOf } from "../../src/state/key.ts";
import {
  encodeHeader,
  LEAF_FAULTS,
  type LeafFault,
  type LeafHeader,
  leafRecord,
} from "../../src/state/leaf.ts";
import { valueHash } from "../../src/tree/hasher.ts";

/**
 * Writes test/vectors/leafRecords.json: leaf records that keep every rule, and records with one rule broken, or several, of
 * which the first counts.
 */

interface Case {
  readonly name: string;
  readonly key: TreeKey;
  readonly record: Uint8Array;
  readonly provedUnder: bigint;
  readonly fault: LeafFault;
}

const U64_MAX = 2n ** 64n - 1n;
const content = tag("content");
const contentHash = keccak256<ContentHash>(content);
const id = keccak256(tag("an id"));

function keyOf(namespace: number): TreeKey {
  return namespace >= 4 ? contentKey(namespace, contentHash) : treeKeyOf(namespace, id);
}

function make(name: string, changed: Partial<LeafHeader>, rest: Partial<Case> = {}): Case {
  const header = {
    version: 1,
    namespace: 6,
    flags: 0,
    contentLength: 7n,
    sequenceNo: 5n,
    ...changed,
  };
  const known = header.namespace >= 1 && header.namespace <= 9;
  return {
    name,
    key: keyOf(known ? header.namespace : 6),
    record: leafRecord(encodeHeader(header), contentHash),
    provedUnder: 5n,
    fault: "None",
    ...rest,
  };
}

function validCases(): Case[] {
  return [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((namespace) =>
      make(`namespace ${namespace}`, { namespace }),
    ),
    make("encrypted", { flags: 1 }),
    make("encrypted, TEE required", { flags: 3 }),
    make("one byte of content", { contentLength: 1n }),
    make("most content", { contentLength: U64_MAX }),
    make("written by commit 1, proved much later", { sequenceNo: 1n }, { provedUnder: U64_MAX }),
    make("written last", { sequenceNo: U64_MAX }, { provedUnder: U64_MAX }),
    make("keyed by any id", { namespace: 3 }, { key: treeKeyOf(3, keccak256(tag("other"))) }),
  ];
}

function brokenCases(): Case[] {
  const { record } = make("", {});
  const length = (name: string, bytes: Uint8Array) =>
    make(name, {}, { record: bytes, fault: "RecordLength" });
  const other = bytes32<ContentHash>(keccak256(tag("other content")));
  const lastByte = Uint8Array.from(keyOf(6));
  lastByte[31] = (lastByte[31] ?? 0) ^ 1;
  return [
    length("nothing", new Uint8Array()),
    length("51 bytes", record.subarray(0, 51)),
    length("53 bytes", concatBytes(record, Uint8Array.of(0))),
    length("header alone", record.subarray(0, 20)),
    ...[0, 2, 255].map((version) =>
      make(`version ${version}`, { version }, { fault: "HeaderVersion" }),
    ),
    ...[0, 10, 255].map((namespace) =>
      make(`namespace ${namespace}`, { namespace }, { fault: "UnknownNamespace" }),
    ),
    make("JMT-11 0x04 under 0x06", { namespace: 4 }, { key: keyOf(6), fault: "NamespaceMismatch" }),
    make("JMT-11 0x01 under 0x04", { namespace: 1 }, { key: keyOf(4), fault: "NamespaceMismatch" }),
    ...[2, 4, 5, 8, 0x100, 0x8000, 0xffff].map((flags) =>
      make(`flags ${flags}`, { flags }, { fault: "ReservedFlags" }),
    ),
    make("no content", { contentLength: 0n }, { fault: "EmptyContent" }),
    make("commit 0", { sequenceNo: 0n }, { fault: "SequenceOutOfRange" }),
    make("a later commit", { sequenceNo: 6n }, { fault: "SequenceOutOfRange" }),
    make("the last commit", { sequenceNo: U64_MAX }, { fault: "SequenceOutOfRange" }),
    make("proved under commit 0", {}, { provedUnder: 0n, fault: "SequenceOutOfRange" }),
    make("another content", {}, { key: contentKey(6, other), fault: "KeyMismatch" }),
    make("last key byte", {}, { key: bytes32<TreeKey>(lastByte), fault: "KeyMismatch" }),
    make(
      "raw content hash as key",
      { namespace: contentHash[0] ?? 0 },
      { key: bytes32<TreeKey>(contentHash), fault: "UnknownNamespace" },
    ),
  ];
}

/** Everything after a rule is broken as well: the first in the order of the enum is named. */
function orderCases(): Case[] {
  const worst = { version: 9, namespace: 10, flags: 9, contentLength: 0n, sequenceNo: 0n };
  const steps: [LeafFault, Partial<LeafHeader>][] = [
    ["HeaderVersion", worst],
    ["UnknownNamespace", { ...worst, version: 1 }],
    ["NamespaceMismatch", { ...worst, version: 1, namespace: 5 }],
    ["ReservedFlags", { ...worst, version: 1, namespace: 6 }],
    ["EmptyContent", { ...worst, version: 1, namespace: 6, flags: 0 }],
    ["SequenceOutOfRange", { sequenceNo: 0n }],
    ["KeyMismatch", {}],
  ];
  const key = contentKey(6, bytes32<ContentHash>(id));
  return steps.map(([fault, header]) =>
    make(`${fault} before what follows`, header, { key, fault }),
  );
}

/** The file's text. */
export function generate(): string {
  const cases = [...validCases(), ...brokenCases(), ...orderCases()];
  const file = {
    names: cases.map(({ name }) => name),
    keys: cases.map(({ key }) => toHex(key)),
    records: cases.map(({ record }) => toHex(record)),
    provedUnder: cases.map(({ provedUnder }) => `${provedUnder}`),
    valueHashes: cases.map(({ record }) => toHex(valueHash(record))),
    faults: cases.map(({ fault }) => LEAF_FAULTS.indexOf(fault)),
    faultNames: cases.map(({ fault }) => fault),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

if (import.meta.main) writeFileSync("test/vectors/leafRecords.json", generate());
