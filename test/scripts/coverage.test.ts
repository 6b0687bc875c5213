import { expect } from "chai";
import { Interface } from "ethers";
import { network } from "hardhat";
import { readTrees } from "../../scripts/coverage/ast.ts";
import { declaredErrors } from "../../scripts/coverage/declared.ts";
import { MARKER_LIBRARY, MARKER_SOURCE } from "../../scripts/coverage/marker.ts";
import { type CoverageReport, type Exception, report } from "../../scripts/coverage/report.ts";
import { rewrite } from "../../scripts/coverage/rewrite.ts";
import { compile } from "../../scripts/coverage/solc.ts";
import { tableOf } from "../../scripts/coverage/table.ts";

const FILE = "contracts/Sample.sol";
const LIBRARY_FILE = `contracts/${MARKER_LIBRARY}.sol`;

/** One of everything that branches, with letters that take more than one byte before it. */
const SAMPLE = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Grüße: 2⁸ bytes.
error TooLarge(uint256 value);
error Unused();

function larger(uint256 a, uint256 b) pure returns (uint256) {
    return a > b ? a : b;
}

interface Theirs {
    error Foreign();
}

contract Sample {
    uint256 private _stored;

    constructor() {}

    modifier small(uint256 x) {
        if (x > 1000) revert TooLarge(x);
        _;
    }

    function chain(uint256 x) external pure small(x) returns (uint256 y) {
        if (x == 1) y = 10;
        else if (x == 2) {
            y = 20;
        } else y = 30;
        unchecked {
            y += 1;
        }
    }

    function logic(bool a, bool b, bool c) external pure returns (bool) {
        bool all = a && (b || !c);
        return all;
    }

    function sum(uint256 n) external pure returns (uint256 total) {
        for (uint256 i = 0; i < n; ++i) total += larger(i, 3);
        while (total > 100) total -= 100;
    }

    function limited(uint256 x) external pure returns (uint256) {
        require(x < 5, TooLarge(x));
        return x;
    }

    function tried(uint256 x) external view returns (uint256) {
        try this.limited(x) returns (uint256 y) {
            return y;
        } catch {}
        return 99;
    }

    function inYul(uint256 x) external pure returns (uint256 y) {
        assembly ("memory-safe") {
            if gt(x, 7) {
                y := 1
            }
            switch and(x, 3)
            case 0 {
                y := add(y, 10)
            }
            case 1 {
                y := add(y, 20)
            }
            for { let i := 0 } lt(i, x) { i := add(i, 1) } {
                y := add(y, 100)
            }
        }
    }

    /// Keeps a word behind the free memory pointer and one in scratch space, across statements.
    function workspace(uint256 x) external pure returns (uint256 y, uint256 z) {
        assembly ("memory-safe") {
            mstore(0x00, x)
            mstore(mload(0x40), add(x, 1))
        }
        if (x > 3) x = 0;
        assembly ("memory-safe") {
            y := mload(0x00)
            z := mload(mload(0x40))
        }
    }
}
`;

/** Calls that together reach every place but those that {@link MISSED} names. */
const CALLS: readonly (readonly [name: string, ...args: (bigint | boolean)[]])[] = [
  ["chain", 1n],
  ["chain", 2n],
  ["chain", 3n],
  ["chain", 1001n],
  ["logic", false, false, false],
  ["logic", true, true, false],
  ["logic", true, false, true],
  ["logic", true, false, false],
  ["sum", 0n],
  ["sum", 5n],
  ["sum", 50n],
  ["limited", 4n],
  ["limited", 5n],
  ["tried", 4n],
  ["tried", 5n],
  ["inYul", 0n],
  ["inYul", 1n],
  ["inYul", 2n],
  ["inYul", 9n],
  ["workspace", 3n],
  ["workspace", 4n],
];
const MISSED = ["declares Unused"];

const MARKERS_ADDRESS = 0xc0bec0bec0bec0bec0bec0bec0bec0bec0bec0ben;

function marked(content = SAMPLE) {
  const trees = readTrees({ [FILE]: { content } }, (file) => file === FILE);
  const [tree] = trees;
  if (tree === undefined) throw new Error("no tree");
  const source = rewrite(tree, 1);
  return { ...source, errors: declaredErrors(trees, source.places) };
}

interface Compiled {
  readonly abi: Interface;
  readonly bytecode: string;
}

function compiled(content: string): Compiled {
  const sources = { [FILE]: { content }, [LIBRARY_FILE]: { content: MARKER_SOURCE } };
  const answer: unknown = compile(sources, ["abi", "evm.bytecode.object"]);
  const inFile: unknown = Reflect.get(Object(Reflect.get(Object(answer), "contracts")), FILE);
  const output: unknown = Reflect.get(Object(inFile), "Sample");
  const bytecode: unknown = Reflect.get(Object(Reflect.get(Object(output), "evm")), "bytecode");
  return {
    abi: new Interface(JSON.stringify(Reflect.get(Object(output), "abi"))),
    bytecode: `0x${Reflect.get(Object(bytecode), "object")}`,
  };
}

/** What a transaction or call came to, and the markers it hit. */
interface Traced {
  readonly result: string;
  readonly failed: boolean;
  readonly markers: readonly number[];
}

/** A chain on which the sample is, with a tracer that sees its markers. */
async function deploy({ abi, bytecode }: Compiled) {
  const { provider } = await network.create();
  const [from] = Object.values(Object(await provider.request({ method: "eth_accounts" })));
  const trace = async (call: Record<string, unknown>): Promise<Traced> => {
    const params = [{ from, gas: "0xe00000", ...call }, "latest", { enableMemory: true }];
    const answer: unknown = await provider.request({ method: "debug_traceCall", params });
    const logs: unknown[] = Object.values(Object(Reflect.get(Object(answer), "structLogs")));
    return {
      result: String(Reflect.get(Object(answer), "returnValue")),
      failed: Reflect.get(Object(answer), "failed") === true,
      markers: logs.flatMap(markersOf),
    };
  };
  const creation = await trace({ data: bytecode });
  const params = [{ from, data: bytecode }];
  const hash = await provider.request({ method: "eth_sendTransaction", params });
  const receipt = await provider.request({ method: "eth_getTransactionReceipt", params: [hash] });
  const to: unknown = Reflect.get(Object(receipt), "contractAddress");
  const run = async (name: string, args: readonly unknown[]) =>
    await trace({ to, data: abi.encodeFunctionData(name, [...args]) });
  return { creation, run };
}

/** The marker that a step of a trace sends, if it does. */
function markersOf(log: unknown): number[] {
  if (Reflect.get(Object(log), "op") !== "STATICCALL") return [];
  const stack = Object.values<unknown>(Object(Reflect.get(Object(log), "stack"))).map(wordOf);
  const memory = Object.values<unknown>(Object(Reflect.get(Object(log), "memory"))).map(wordOf);
  return stack.at(-2) === MARKERS_ADDRESS ? memory.slice(0, 1).map(Number) : [];
}

function wordOf(word: unknown): bigint {
  return BigInt(`0x${String(word).replace(/^0x/, "")}`);
}

/** Compiled once: it takes seconds. */
const markedSample = marked();
let markedCode: Compiled;

async function measured(calls: typeof CALLS, exceptions: readonly Exception[] = []) {
  const { creation, run } = await deploy(markedCode);
  const hits = new Set(creation.markers);
  for (const [name, ...args] of calls) {
    for (const marker of (await run(name, args)).markers) hits.add(marker);
  }
  return report(markedSample, hits, exceptions);
}

function missedBy({ uncovered }: CoverageReport): string[] {
  return uncovered.map(({ what }) => what);
}

describe("coverage of contracts", () => {
  before(() => {
    markedCode = compiled(markedSample.content);
  });

  it("moves no line and gives every arm a marker when it marks a source", () => {
    const { content, places } = markedSample;
    const before = SAMPLE.split("\n");
    const after = content.split("\n");
    expect(after.length).to.equal(before.length + 1);
    for (const { kind, line, what } of places) {
      if (kind === "line") expect(before[line - 1]).to.include(what.slice(0, 8));
    }
    const arms = places.filter(({ kind }) => kind === "branch").map(({ what }) => what);
    const conditions = ["a > b", "x > 1000", "x == 1", "x == 2", "a", "b", "c", "i < n"];
    conditions.push("total > 100", "x < 5", "gt(x, 7)", "lt(i, x)", "x > 3");
    expect(arms).to.have.members([
      ...conditions.flatMap((condition) => [`${condition} is true`, `${condition} is false`]),
      ...["0", "1", "no case"].map((value) => `and(x, 3) is ${value}`),
      "the tried call succeeds",
      "the tried call fails",
    ]);
  });

  it("keeps every result, revert and word of memory when it marks a source", async () => {
    const plain = await deploy(compiled(SAMPLE));
    const copy = await deploy(markedCode);
    for (const [name, ...args] of CALLS) {
      const expected = await plain.run(name, args);
      const { result, failed } = await copy.run(name, args);
      expect(expected.markers).to.deep.equal([]);
      expect({ name, args, result, failed }).to.deep.equal({
        name,
        args,
        result: expected.result,
        failed: expected.failed,
      });
    }
  });

  it("reports nothing but what was not thrown when every arm is taken", async () => {
    expect(missedBy(await measured(CALLS))).to.deep.equal(MISSED);
  });

  const without = (isLeftOut: (name: string, arg: unknown) => boolean) =>
    CALLS.filter(([name, arg]) => !isLeftOut(name, arg));
  const cases: readonly (readonly [string, typeof CALLS, readonly string[]])[] = [
    [
      "an error is not thrown",
      without((_, x) => x === 1001n),
      ["x > 1000 is true", "TooLarge", "if (x > 1000) revert TooLarge(x)"],
    ],
    [
      "an else is not taken",
      without((name, x) => name === "chain" && x === 3n),
      ["x == 2 is false"],
    ],
    [
      "an operand is never asked",
      without((name, a) => name === "logic" && a === true),
      ["a is true", "b is true", "b is false", "c is true", "c is false"],
    ],
    [
      "require never refuses",
      without((name, x) => ["limited", "tried"].includes(name) && x === 5n),
      ["x < 5 is false", "TooLarge", "the tried call fails"],
    ],
    [
      "a function is not called",
      without((name) => name === "sum"),
      ["sum", "larger", "i < n is true", "total > 100 is true"],
    ],
    [
      "an arm in assembly is not taken",
      without((name, x) => name === "inYul" && x === 2n),
      ["and(x, 3) is no case"],
    ],
  ];
  for (const [condition, calls, missing] of cases) {
    it(`reports the place when ${condition}`, async () => {
      expect(missedBy(await measured(calls))).to.include.members([...missing]);
    });
  }

  it("lists an exception with its reason, and one for nothing as stale", async () => {
    const unused = {
      kind: "error",
      file: FILE,
      what: "declares Unused",
      reason: "no reason",
    } as const;
    const stale = { kind: "branch", file: FILE, what: "x == 1 is true", reason: "none" } as const;
    const result = await measured(CALLS, [unused, stale]);
    expect(result.uncovered).to.deep.equal([]);
    expect(result.excepted).to.deep.equal([{ ...unused, line: 6 }]);
    expect(result.stale).to.deep.equal([stale]);
    expect(result.total.branches).to.deep.equal({ covered: 31, total: 31 });
    expect(tableOf(result)).to.include("excepted error  contracts/Sample.sol:6  declares Unused");
    expect(tableOf(result)).to.match(
      /^all +\d+\/\d+ 100 % +31\/31 100 % +\d+\/\d+ 100 % +3\/4 75 %$/m,
    );
  });

  for (const statement of ["revert(0, 0)", "return(0, 0)", "for {} 1 {} { break }"]) {
    it(`refuses assembly when it ends before its end by ${statement}`, () => {
      const content = `pragma solidity 0.8.37; contract A { function f() external pure { assembly { ${statement} } } }`;
      expect(() => marked(content)).to.throw(RangeError, "no way to mark this in assembly");
    });
  }
});
