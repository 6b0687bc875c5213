import { IQuorumVerifier__factory } from "../../typechain-types/index.js";
import type { Digest } from "../bytes/brand.ts";
import { toHex } from "../bytes/hex.ts";
import { hasQuorum } from "../commit/certified.ts";
import { type Contracts, reverts } from "./contracts.ts";

/** `CertificateFault.None`. */
const NO_FAULT = 0n;

/**
 * Whether the registry would take `certificate` for `digests` now: by its verifier, its quorum and the epochs that are valid.
 * @throws {ChainError}
 */
export async function isCertified(
  { commits }: Pick<Contracts, "commits">,
  digests: readonly Digest[],
  certificate: Uint8Array,
): Promise<boolean> {
  return await reverts.run(async () => {
    const verifier = IQuorumVerifier__factory.connect(await commits.verifier(), commits.runner);
    const words = digests.map((digest) => toHex(digest));
    const { fault, signedWeight, totalWeight } = await verifier.verifyBatch(
      words,
      toHex(certificate),
    );
    if (fault !== NO_FAULT || totalWeight === 0n) return false;
    return hasQuorum({ signedWeight, totalWeight }, Number(await commits.quorumBps()));
  });
}
