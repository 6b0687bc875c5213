import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { quorumMessage } from "../../src/commit/message.ts";
import { buildCertificate, type Certificate } from "../../src/operators/certificate.ts";
import type { VectorSet } from "./operatorSets.ts";
import { seededBytes } from "./seededBytes.ts";

/** Certificates made as honest operators make them. */

/** What all certificate vectors are judged against. */
export const DIGEST = bytes32<Digest>(seededBytes("bls.json digest")(32));

/** The certificate of `from` without `missing` over `digest`, signed for `epoch`. */
export function certify(
  from: VectorSet,
  missing: readonly number[] = [],
  digest = DIGEST,
  epoch = from.set.epoch,
): Certificate {
  const message = quorumMessage(epoch, digest);
  const signers = [...from.keys.entries()].filter(([index]) => !missing.includes(index));
  const signatures = new Map(signers.map(([index, key]) => [index, key.sign(message)]));
  return buildCertificate(from.set, message, signatures);
}
