import { CodedError } from "../bytes/errors.ts";

/** What a delta, manifest, chunk or leaf gets wrong. */
type FormatCode =
  | "E_VERSION"
  | "E_LENGTH"
  | "E_LEAF"
  | "E_NAMESPACE"
  | "E_APPEND_ONLY"
  | "E_ARTIFACT_TOO_LARGE"
  | "E_DELTA_TOO_LARGE"
  | "E_DELTA_SEQUENCE"
  | "E_DELTA_GENESIS"
  | "E_DELTA_ORDER"
  | "E_DELTA_OPERATION"
  | "E_CHUNK_COUNT"
  | "E_CHUNK_ORDER"
  | "E_CODEC"
  | "E_DECOMPRESS"
  | "E_DECOMPRESS_LIMIT";

/** How a delta or commit fails to extend what is there. */
type SequenceCode =
  | "E_WRONG_CHAIN"
  | "E_GAP"
  | "E_PREV_ROOT"
  | "E_ROOT_MISMATCH"
  | "E_DELTA_CONFLICT"
  | "E_HEARTBEAT"
  | "E_NOT_CERTIFIED";

/** What a stage or a read asks for that the store does not take or have. */
type RequestCode =
  | "E_CONTENT_ID"
  | "E_DUPLICATE_KEY"
  | "E_ABSENT_KEY"
  | "E_STALE_STAGE"
  | "E_VERSION_UNKNOWN"
  | "E_VERSION_PRUNED";

/** What is wrong with the rows of the store; what is wrong with its file is a `DurableError`. */
type StoreCode = "E_STORE_CORRUPT" | "E_CORRUPT_LEAF";

/** What is wrong with a snapshot, or with those who serve it. */
type SnapshotCode =
  | "E_CHUNK_PROOF"
  | "E_RANGE_PROOF"
  | "E_CONTENT_HASH"
  | "E_SNAPSHOT_GAP"
  | "E_SNAPSHOT_SIZE"
  | "E_SNAPSHOT_EXISTS"
  | "E_SNAPSHOT_NOT_FOUND"
  | "E_PATH"
  | "E_PEER_SLOW"
  | "E_PEER_UNAVAILABLE"
  | "E_NO_PEER"
  | "E_RPC_DISAGREE"
  | "E_STORE_EXISTS"
  | "E_STORE_MISSING"
  | "E_REPAIR_INCOMPLETE";

/** A failure of the state: its formats, its sequence, its store, or its snapshots. */
export class StateError extends CodedError<
  FormatCode | SequenceCode | RequestCode | StoreCode | SnapshotCode
> {}

/** A failure of data availability. Adapters over a network add their own codes for what is worth another try. */
export class DaError extends CodedError<
  | "E_DA_POINTER"
  | "E_DA_NOT_FOUND"
  | "E_DA_TOO_LARGE"
  | "E_DA_FULL"
  | "E_DA_READONLY"
  | "E_DA_IO"
  | "E_BLOB_TRUNCATED"
  | "E_BLOB_HASH"
> {}
