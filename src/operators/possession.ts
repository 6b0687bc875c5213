import type { Digest } from "../bytes/brand.ts";
import { tag } from "../bytes/codec.ts";
import { addressWord, typedDataDigest } from "../bytes/eip712.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { encodeG1, encodeG2, type G1, type G2 } from "./bn254.ts";
import { hashToG1, pointFromHint } from "./hashToG1.ts";
import type { KeyPair } from "./keyPair.ts";
import { verifyBound } from "./signature.ts";

/**
 * Proof of possession (docs/CommitMessage.md): a signature over both halves of the key itself, its owner, the chain and
 * the operator set registry, so that a key made from other people's keys cannot be registered.
 */

/** Whom a proof is for. Addresses are 20 bytes. */
export interface PossessionDomain {
  readonly chainId: bigint;
  /** The operator set registry. */
  readonly registry: Uint8Array;
  /** The account that registers the key. */
  readonly operator: Uint8Array;
}

/** A proof, as the contracts' `Possession`. */
export interface Possession {
  readonly signature: G1;
  readonly counter: number;
  readonly hintY: bigint;
}

const TYPEHASH = keccak256(
  tag(
    "ProofOfPossession(address operator,uint256 g1x,uint256 g1y,uint256 g2xImaginary,uint256 g2xReal,uint256 g2yImaginary,uint256 g2yReal)",
  ),
);

/** The message that a proof for this key signs. @throws {BytesError} `E_LENGTH`, `E_RANGE` */
export function possessionMessage(domain: PossessionDomain, keyG1: G1, keyG2: G2): Digest {
  const structHash = keccak256(
    TYPEHASH,
    addressWord(domain.operator, "operator"),
    encodeG1(keyG1),
    encodeG2(keyG2),
  );
  return typedDataDigest(
    {
      name: "OperatorSetRegistry",
      version: "1",
      chainId: domain.chainId,
      verifyingContract: domain.registry,
    },
    structHash,
  );
}

/** Proof that the account in `domain` knows the secret of `keyPair`. */
export function provePossession(domain: PossessionDomain, keyPair: KeyPair): Possession {
  const message = possessionMessage(domain, keyPair.keyG1, keyPair.keyG2);
  const { counter, hintY } = hashToG1(message);
  return { signature: keyPair.sign(message), counter, hintY };
}

/** Whether the registry would take this key with this proof, as far as curve and hashes decide. */
export function verifyPossession(
  domain: PossessionDomain,
  keyG1: G1,
  keyG2: G2,
  possession: Possession,
): boolean {
  const { signature, counter, hintY } = possession;
  if (keyG1.is0() || keyG2.is0() || signature.is0()) return false;
  const message = possessionMessage(domain, keyG1, keyG2);
  const hashed = pointFromHint(message, counter, hintY);
  return hashed !== undefined && verifyBound({ message, hashed, signature, keyG1, keyG2 });
}
