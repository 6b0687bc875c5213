import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { CodedError } from "../bytes/errors.ts";
import { fieldOf, withNamedFailures } from "../durable/errors.ts";
import { replaceFile, sweepTemporary, syncPath } from "../durable/file.ts";
import { ChallengeError } from "./errors.ts";
import {
  decodeEvidenceFile,
  encodeEvidenceFile,
  type HandedIn,
  MAX_EVIDENCE_FILE_BYTES,
  pieceId,
} from "./evidenceFile.ts";
import type { Observation } from "./observation.ts";

/**
 * Observations in a folder, for whoever watches: a file of evidence each (`evidenceFile.ts`), named by what it is of, its number
 * with twenty digits, and the hash of its bytes. Who reads the folder of another believes nothing in it.
 */

/** Where a party keeps them, in its data folder. */
export const OBSERVATIONS_FOLDER = "observations";
/** Of each kind, how many the writer keeps: as many as a registry keeps roots. */
export const KEPT_OBSERVATIONS = 720;
/** Most files, pieces and bytes that are read of one folder; those of the files with the highest names. */
export const MAX_OBSERVATION_FILES = 2_048;
export const MAX_OBSERVED_PIECES = 2_048;
export const MAX_OBSERVATION_BYTES = 16_777_216;
/** Names looked at in a folder. */
const MAX_NAMES = 65_536;
const NAME = /^[\w.-]{1,200}\.json$/;

/** Something that could not be read, or was not read; a pass goes on without it. */
export interface Warning {
  /** Path, or what was done. */
  readonly source: string;
  readonly code: string;
  readonly message: string;
}

/** What was handed in. */
export interface HandedInPieces {
  readonly pieces: readonly HandedIn[];
  readonly warnings: readonly Warning[];
}

/**
 * Writes `observation` to `folder`, which is made if it is not there: whole or not at all, on disk when this returns. Of each
 * kind the newest {@link KEPT_OBSERVATIONS} stay. Gives the file's path.
 * @throws {DurableError} `E_STORE_FULL`, `E_STORE_READONLY`, `E_STORE_IO`
 */
export function writeObservation(folder: string, observation: Observation): string {
  const bytes = encodeEvidenceFile([observation]);
  const [prefix, number] =
    observation.kind === "decision"
      ? (["decision", observation.decision.referenceBlock] as const)
      : (["commit", observation.commit.sequenceNo] as const);
  const hash = pieceId(observation).slice(2);
  const path = join(folder, `${prefix}-${String(number).padStart(20, "0")}-${hash}.json`);
  return withNamedFailures(folder, () => {
    mkdirSync(folder, { recursive: true });
    sweepTemporary(folder);
    replaceFile(path, bytes);
    const own = readdirSync(folder).filter((name) => name.startsWith(prefix) && NAME.test(name));
    for (const name of own.sort().slice(0, -KEPT_OBSERVATIONS)) rmSync(join(folder, name));
    syncPath(folder);
    syncPath(dirname(folder));
    return path;
  });
}

/** What is in the file or the folder `path`; nothing if it is not there. What is wrong with it becomes a warning. */
export function readHandedIn(path: string): HandedInPieces {
  const pieces: HandedIn[] = [];
  const warnings: Warning[] = [];
  const attempt = <T>(source: string, action: () => T): T | undefined => {
    try {
      return action();
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause;
      warnings.push({ source, code: cause.code, message: cause.message });
      return undefined;
    }
  };
  const isFolder = attempt(path, () => kindAt(path) === "folder") ?? false;
  if (!isFolder) {
    const own = attempt(path, () => (kindAt(path) === "none" ? [] : readPieces(path).pieces));
    return { pieces: own ?? [], warnings };
  }
  let left = MAX_OBSERVATION_BYTES;
  for (const name of attempt(path, () => namesIn(path, warnings)) ?? []) {
    const source = join(path, name);
    const read = attempt(source, () => readPieces(source, left));
    pieces.push(...(read?.pieces ?? []));
    left -= read?.bytes ?? 0;
  }
  if (pieces.length > MAX_OBSERVED_PIECES) {
    const message = `${pieces.length} pieces, of which ${MAX_OBSERVED_PIECES} are looked at`;
    warnings.push({ source: path, code: "E_OBSERVATION_LIMIT", message });
  }
  return { pieces: pieces.slice(0, MAX_OBSERVED_PIECES), warnings };
}

function kindAt(path: string): "folder" | "file" | "none" {
  return named(path, () => {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) return "none";
    return status.isDirectory() ? "folder" : "file";
  });
}

/** The names to read, the highest number of each kind first. */
function namesIn(folder: string, warnings: Warning[]): readonly string[] {
  const names: string[] = [];
  named(folder, () => {
    const directory = opendirSync(folder);
    try {
      for (let seen = 0; seen < MAX_NAMES; seen++) {
        const entry = directory.readSync();
        if (entry === null) break;
        if (NAME.test(entry.name)) names.push(entry.name);
      }
    } finally {
      directory.closeSync();
    }
  });
  if (names.length > MAX_OBSERVATION_FILES) {
    const message = `${names.length} files, of which ${MAX_OBSERVATION_FILES} are read`;
    warnings.push({ source: folder, code: "E_OBSERVATION_LIMIT", message });
  }
  return names.sort().reverse().slice(0, MAX_OBSERVATION_FILES);
}

/** What is in the file `path`. @throws {ChallengeError} `E_EVIDENCE_FILE` */
export function readEvidenceFile(path: string): readonly HandedIn[] {
  return readPieces(path).pieces;
}

/** @throws {ChallengeError} `E_EVIDENCE_FILE`, `E_OBSERVATION_LIMIT` */
function readPieces(
  path: string,
  mostBytes = MAX_EVIDENCE_FILE_BYTES,
): { readonly pieces: readonly HandedIn[]; readonly bytes: number } {
  const bytes = named(path, () => {
    // Nothing but plain files: a link may lead anywhere, and a pipe would be waited for.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const status = fstatSync(file);
      if (!status.isFile()) throw new ChallengeError("E_EVIDENCE_FILE", `${path} is no plain file`);
      if (status.size > MAX_EVIDENCE_FILE_BYTES) {
        const said = `${path}: more than ${MAX_EVIDENCE_FILE_BYTES} bytes`;
        throw new ChallengeError("E_EVIDENCE_FILE", said);
      }
      if (status.size > mostBytes) {
        const said = `${path}: beyond the ${MAX_OBSERVATION_BYTES} bytes read of one folder`;
        throw new ChallengeError("E_OBSERVATION_LIMIT", said);
      }
      const buffer = new Uint8Array(status.size);
      return buffer.subarray(0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  });
  return { pieces: decodeEvidenceFile(bytes, path), bytes: bytes.length };
}

/** Failures of the file system as those of what is read. */
function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const code = fieldOf(cause, "code") ?? "failed";
    throw new ChallengeError("E_EVIDENCE_FILE", `${path}: ${String(code)}`, { cause });
  }
}
