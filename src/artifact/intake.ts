import type { ContentHash } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { contentHashOf } from "./contentHash.ts";
import { ArtifactError } from "./errors.ts";
import { kindOf } from "./kinds.ts";

/** What an author says of the bytes. */
export interface IntakeClaims {
  /** The content hash the author expects. */
  readonly contentHash?: ContentHash;
  /** Whether the bytes are ciphertext: their content is not looked at. */
  readonly isEncrypted?: boolean;
}

/**
 * Content hash of `bytes`, if they may be stored as an artifact of the kind called `kindName`.
 * @throws {ArtifactError} `E_KIND_UNKNOWN`; `E_ARTIFACT_EMPTY`; `E_ARTIFACT_TOO_LARGE`; `E_HASH_MISMATCH`;
 *   `E_KIND_NOT_ENCRYPTABLE`; and what the kind's own check throws
 */
export function checkArtifact(
  kindName: string,
  bytes: Uint8Array,
  { contentHash, isEncrypted = false }: IntakeClaims = {},
): ContentHash {
  const kind = kindOf(kindName);
  if (bytes.length === 0) throw new ArtifactError("E_ARTIFACT_EMPTY", `${kindName}: no bytes`);
  if (bytes.length > kind.maxBytes) {
    throw new ArtifactError(
      "E_ARTIFACT_TOO_LARGE",
      `${kindName}: expected at most ${kind.maxBytes} bytes, got ${bytes.length}`,
    );
  }
  const got = contentHashOf(bytes);
  if (contentHash !== undefined && !equalBytes(contentHash, got)) {
    throw new ArtifactError(
      "E_HASH_MISMATCH",
      `${kindName}: expected ${toHex(contentHash)}, got ${toHex(got)}`,
    );
  }
  if (isEncrypted && !kind.mayBeEncrypted) {
    throw new ArtifactError("E_KIND_NOT_ENCRYPTABLE", `${kindName}: must be stored in clear`);
  }
  if (!isEncrypted) kind.check(bytes);
  return got;
}
