import type { Bytes32, DaCertHash, Digest, StateRoot } from "../bytes/brand.ts";
import { tag, uintBytes } from "../bytes/codec.ts";
import { ADDRESS_BYTES, typedDataDigest } from "../bytes/eip712.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { CommitError } from "./errors.ts";

/**
 * What the quorum signs (docs/CommitMessage.md), byte for byte as `CommitMessage.sol` and the registry's EIP-712 domain
 * make it.
 */

/** Format of {@link StateCommit} that registries accept. */
export const COMMIT_VERSION = 2;

/** Enclave measurement of the operators; zero where no enclave registry is configured. */
export type Pcr0Commitment = Bytes32<"Pcr0Commitment">;

/** One step of a chain's state, as the contracts' `StateCommit`. */
export interface StateCommit {
  /** Always {@link COMMIT_VERSION} in a commit that a registry takes. */
  readonly version: number;
  /** 1 for the first. */
  readonly sequenceNo: bigint;
  /** Zero for the first. */
  readonly prevStateRoot: StateRoot;
  readonly newStateRoot: StateRoot;
  /** Seconds since 1970 at which the commit was proposed. */
  readonly timestamp: bigint;
  /** Hash of the delta manifest; zero iff the root is unchanged. */
  readonly daCertHash: DaCertHash;
  readonly pcr0Commitment: Pcr0Commitment;
}

/** The state commit registry that a digest is for. */
export interface CommitDomain {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly registry: Uint8Array;
}

const STATE_COMMIT_TYPEHASH = keccak256(
  tag(
    "StateCommit(uint8 version,uint64 sequenceNo,bytes32 prevStateRoot,bytes32 newStateRoot,uint64 timestamp,bytes32 daCertHash,bytes32 pcr0Commitment)",
  ),
);

/** EIP-712 digest of `commit` for one registry on one chain. @throws {CommitError} `E_FIELD` */
export function commitDigest(domain: CommitDomain, commit: StateCommit): Digest {
  const structHash = keccak256(
    STATE_COMMIT_TYPEHASH,
    uintWord(commit.version, 8, "version"),
    uintWord(commit.sequenceNo, 64, "sequenceNo"),
    commit.prevStateRoot,
    commit.newStateRoot,
    uintWord(commit.timestamp, 64, "timestamp"),
    commit.daCertHash,
    commit.pcr0Commitment,
  );
  return registryDigest(domain, structHash);
}

/** EIP-712 digest of the struct with `structHash` for one registry on one chain. @throws {CommitError} `E_FIELD` */
export function registryDigest(domain: CommitDomain, structHash: Uint8Array): Digest {
  if (domain.registry.length !== ADDRESS_BYTES) {
    throw new CommitError("E_FIELD", `registry: expected 20 bytes, got ${domain.registry.length}`);
  }
  assertUint(domain.chainId, 256, "chainId");
  return typedDataDigest(
    {
      name: "StateCommitRegistry",
      version: "2",
      chainId: domain.chainId,
      verifyingContract: domain.registry,
    },
    structHash,
  );
}

/** The message that the operators of `epoch` hash to G1 and sign for `digest`. @throws {CommitError} `E_FIELD` */
export function quorumMessage(epoch: number, digest: Digest): Digest {
  assertUint(epoch, 32, "epoch");
  return keccak256<Digest>(tag("OPS::QuorumMessage"), uintBytes(epoch, 4), digest);
}

/** An unsigned number as the 32-byte word that the ABI makes of it. @throws {CommitError} `E_FIELD` beyond `bits` */
export function uintWord(value: bigint | number, bits: number, field: string): Uint8Array {
  assertUint(value, bits, field);
  return uintBytes(value, 32);
}

function assertUint(value: bigint | number, bits: number, field: string): void {
  const isInteger = typeof value === "bigint" || Number.isInteger(value);
  if (!isInteger || value < 0 || BigInt(value) >> BigInt(bits) !== 0n) {
    throw new CommitError(
      "E_FIELD",
      `${field}: expected an unsigned ${bits}-bit number, got ${value}`,
    );
  }
}
