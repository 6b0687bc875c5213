import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseJsonObject } from "../artifact/json.ts";
import { CodedError } from "../bytes/errors.ts";
import { type Hex, toHex } from "../bytes/hex.ts";
import { withNamedFailures } from "../durable/errors.ts";
import { createOnce, sweepTemporary, syncPath } from "../durable/file.ts";
import { ChallengeError } from "./errors.ts";

/**
 * What a challenger needs to claim faults that it has announced: a file each, readable by its owner alone. Whoever knows a salt
 * learns which fault was announced, so a note outlives a crash and goes nowhere.
 */

/** A fault that was, or is about to be, announced. */
export interface AnnouncementNote {
  /** Address of the ledger, `0x` and 40 digits. */
  readonly ledger: string;
  /** `0x` and 64 digits. */
  readonly faultId: string;
  /** Account to credit, `0x` and 40 digits. */
  readonly challenger: string;
  /** `0x` and 64 digits. */
  readonly salt: string;
}

/** Gives so many random bytes. */
export type SaltSource = (length: number) => Uint8Array;

const VERSION = 1;
const OWNER_ONLY = 0o600;
const FOLDER_OWNER_ONLY = 0o700;
const SALT_BYTES = 32;
const MAX_NOTE_BYTES = 4_096;
const FORMS = {
  ledger: /^0x[0-9a-f]{40}$/,
  faultId: /^0x[0-9a-f]{64}$/,
  challenger: /^0x[0-9a-f]{40}$/,
  salt: /^0x[0-9a-f]{64}$/,
} as const;

/** Notes in a folder, which is made with the first of them. */
export class AnnouncementFolder {
  readonly #folder: string;
  readonly #random: SaltSource;

  constructor(folder: string, random: SaltSource) {
    this.#folder = folder;
    this.#random = random;
  }

  /**
   * The note of a fault; a new one, with a salt of its own and on disk when this returns, if there is none.
   * @throws {ChallengeError} `E_ANNOUNCEMENT_FILE` @throws {DurableError}
   */
  noteFor(fault: Omit<AnnouncementNote, "salt">): AnnouncementNote {
    const path = this.#pathOf(fault);
    withNamedFailures(this.#folder, () => {
      mkdirSync(this.#folder, { recursive: true, mode: FOLDER_OWNER_ONLY });
      sweepTemporary(this.#folder);
      createOnce(path, (temporary) => {
        const salt: Hex = toHex(this.#random(SALT_BYTES));
        const text = `${JSON.stringify({ version: VERSION, ...lowerCase(fault), salt })}\n`;
        writeFileSync(temporary, text, { flag: "wx", mode: OWNER_ONLY, flush: true });
      });
      syncPath(dirname(this.#folder));
    });
    return readNote(path);
  }

  /** Every note. @throws {ChallengeError} `E_ANNOUNCEMENT_FILE` @throws {DurableError} */
  all(): readonly AnnouncementNote[] {
    return this.#names().map((name) => readNote(join(this.#folder, name)));
  }

  /** Removes a note that serves nothing any more. @throws {DurableError} */
  forget(note: AnnouncementNote): void {
    withNamedFailures(this.#folder, () => rmSync(this.#pathOf(note), { force: true }));
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => name.endsWith(".json"))
        .sort();
    } catch (cause) {
      if (Reflect.get(Object(cause), "code") === "ENOENT") return [];
      return withNamedFailures(this.#folder, () => {
        throw cause;
      });
    }
  }

  #pathOf(fault: Omit<AnnouncementNote, "salt">): string {
    const { ledger, faultId, challenger } = lowerCase(fault);
    return join(this.#folder, `${[faultId, ledger, challenger].join("-")}.json`);
  }
}

function lowerCase({ ledger, faultId, challenger }: Omit<AnnouncementNote, "salt">) {
  return {
    ledger: ledger.toLowerCase(),
    faultId: faultId.toLowerCase(),
    challenger: challenger.toLowerCase(),
  };
}

/** @throws {ChallengeError} `E_ANNOUNCEMENT_FILE` @throws {DurableError} */
function readNote(path: string): AnnouncementNote {
  const bytes = withNamedFailures(path, () => readFileSync(path));
  try {
    if (bytes.length > MAX_NOTE_BYTES) throw invalid(path, "too long");
    const json = parseJsonObject(bytes, path);
    const field = (key: keyof typeof FORMS): string => {
      const value = json[key];
      if (typeof value === "string" && FORMS[key].test(value)) return value;
      throw invalid(path, `${key}: expected lower-case hex`);
    };
    if (json.version !== VERSION) throw invalid(path, `version: expected ${VERSION}`);
    return {
      ledger: field("ledger"),
      faultId: field("faultId"),
      challenger: field("challenger"),
      salt: field("salt"),
    };
  } catch (cause) {
    if (cause instanceof ChallengeError || !(cause instanceof CodedError)) throw cause;
    throw invalid(path, cause.message);
  }
}

function invalid(path: string, why: string): ChallengeError {
  return new ChallengeError("E_ANNOUNCEMENT_FILE", `${path}: ${why}`);
}
