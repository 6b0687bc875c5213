import { CodedError } from "../bytes/errors.ts";

/** A commit cannot be examined. */
export class ChallengeError extends CodedError<
  /** The store is not at the commit before the one to examine. */
  | "E_NOT_NEXT"
  /** The published delta does not make the committed root of the state before. */
  | "E_INVALID_TRANSITION"
  /** A file of evidence is not in the form of `evidenceFile.ts`. */
  | "E_EVIDENCE_FILE"
  /** A folder has more observations than are read in one pass. */
  | "E_OBSERVATION_LIMIT"
  /** A note of an announcement is not in the form of `announcementFolder.ts`. */
  | "E_ANNOUNCEMENT_FILE"
> {}
