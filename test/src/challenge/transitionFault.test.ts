import { readFileSync } from "node:fs";
import { expect } from "chai";
import { AbiCoder } from "ethers";
import { EVIDENCE_TYPE, generate } from "../../../scripts/vectors/transitions.ts";
import { bytes32 } from "../../../src/bytes/brand.ts";
import { fromHex } from "../../../src/bytes/hex.ts";
import type { TransitionEvidence } from "../../../src/challenge/transitionEvidence.ts";
import {
  judgeTransition,
  MAX_TRANSITION_LEAVES,
  TRANSITION_FAULTS,
} from "../../../src/challenge/transitionFault.ts";

const text = readFileSync(new URL("../../vectors/transitions.json", import.meta.url), "utf8");
const solidity = (path: string) =>
  readFileSync(new URL(`../../../contracts/${path}`, import.meta.url), "utf8");

interface Vectors {
  readonly chainId: number;
  readonly names: readonly string[];
  readonly evidence: readonly string[];
  readonly verdictNames: readonly string[];
  readonly faultNames: readonly string[];
}

function decoded(abi: string): TransitionEvidence {
  const [found] = AbiCoder.defaultAbiCoder().decode([EVIDENCE_TYPE], abi);
  const { commit } = found.signed;
  return {
    signed: {
      commit: {
        version: Number(commit.version),
        sequenceNo: commit.sequenceNo,
        prevStateRoot: bytes32(commit.prevStateRoot),
        newStateRoot: bytes32(commit.newStateRoot),
        timestamp: commit.timestamp,
        daCertHash: bytes32(commit.daCertHash),
        pcr0Commitment: bytes32(commit.pcr0Commitment),
      },
      digests: [],
      certificate: new Uint8Array(),
    },
    manifest: fromHex(found.manifest),
    delta: fromHex(found.delta),
    oldValueHashes: [...found.oldValueHashes].map((hash: string) => bytes32(hash)),
    proof: fromHex(found.proof),
    openings: fromHex(found.openings),
  };
}

describe("judgeTransition", () => {
  const vectors: Vectors = JSON.parse(text);

  it("has vectors that their generator writes", () => {
    expect(generate()).to.equal(text);
  });

  it("TRC6 DA-03, DA-10, DA-11, DA-12, DA-15: names the verdict and the fault of every vector", () => {
    expect(vectors.names.length).to.be.at.least(75);
    for (const [i, name] of vectors.names.entries()) {
      const { verdict, fault } = judgeTransition(
        decoded(vectors.evidence[i] ?? ""),
        BigInt(vectors.chainId),
      );
      expect([name, verdict, fault]).to.deep.equal([
        name,
        vectors.verdictNames[i],
        vectors.faultNames[i],
      ]);
    }
  });

  it("has a vector for every fault", () => {
    expect(new Set(vectors.faultNames)).to.deep.equal(new Set(TRANSITION_FAULTS));
  });

  it("has the names and bounds of the contracts", () => {
    const names = (path: string, name: string) => {
      const body = solidity(path).split(`enum ${name} {`)[1]?.split("}")[0] ?? "";
      return body
        .replaceAll(/\/\/.*$/gm, "")
        .split(",")
        .map((each) => each.trim());
    };
    expect(names("types/Transition.sol", "TransitionFault")).to.deep.equal([...TRANSITION_FAULTS]);
    expect(solidity("TransitionVerifier.sol")).to.contain(`MAX_LEAVES = ${MAX_TRANSITION_LEAVES};`);
  });
});
