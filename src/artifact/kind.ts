/** What the network needs to know of an artifact kind. */
export interface ArtifactKind {
  /** First byte of the tree key, 0x04 to 0x09. */
  readonly namespace: number;
  /** One line for people. */
  readonly title: string;
  /** Most bytes that one artifact of this kind may have. */
  readonly maxBytes: number;
  /** Whether ciphertext may be stored in place of the content. */
  readonly mayBeEncrypted: boolean;
  /** Refuses content that is not of this kind. @throws {ArtifactError} */
  check(bytes: Uint8Array): void;
}

/** Most bytes of any artifact, 32 MiB (docs/StateTree.md, "Deltas"). */
export const ARTIFACT_MAX_BYTES = 33_554_432;
