import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import { ArtifactError } from "./errors.ts";

/**
 * What looks like a key in bytes that are about to be public for good. secretlint knows the formats of providers; what is
 * assigned to a name that says "key" is found here.
 */

/** Something that looks like a key. The key itself is never repeated. */
export interface SecretFinding {
  /** `aws`, `github`, `privatekey`, …; `assignment` for a value under a telling name. */
  readonly rule: string;
  /** Number of the line, from 1; of bytes that are no text, of what stands between line feeds. */
  readonly line: number;
}

/** Characters of text looked at together; the parts overlap by {@link OVERLAP}. */
const PART_CHARS = 4_194_304;
/** Longer than any key. */
const OVERLAP = 8_192;

/** A name that tells, and a quoted value of 20 to 200 characters: `apiKey: "…"`, `"X-API-Key", "…"`, `secret = '…'`. */
const ASSIGNMENT =
  /(?:api[_-]?key|apikey|access[_-]?key|auth[_-]?token|bearer|client[_-]?secret|passwd|password|private[_-]?key|secret[_-]?key|mnemonic)["'`]?\s{0,4}[:=,]\s{0,4}["'`]([A-Za-z0-9+/_.=-]{20,200})["'`]/gi;

const CONFIG = {
  rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }],
};

/**
 * What in `bytes` looks like a key, whatever they are: text, or a binary, whose strings may have two bytes per character.
 */
export async function findSecrets(bytes: Uint8Array): Promise<SecretFinding[]> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const found = await findInText(text);
  return text.includes("\0") ? [...found, ...(await findInText(text.replaceAll("\0", "")))] : found;
}

/** @throws {ArtifactError} `E_SECRET` if something in `bytes` looks like a key */
export async function requireNoSecrets(bytes: Uint8Array, label: string): Promise<void> {
  const [first] = await findSecrets(bytes);
  if (first === undefined) return;
  const where = `${label}: line ${first.line} looks like a key (${first.rule})`;
  throw new ArtifactError("E_SECRET", `${where}; what is published stays public`);
}

async function findInText(text: string): Promise<SecretFinding[]> {
  const found: SecretFinding[] = [];
  for (let start = 0; start === 0 || start < text.length; start += PART_CHARS - OVERLAP) {
    const part = text.slice(start, start + PART_CHARS);
    for (const { rule, index } of [...(await byFormat(part)), ...byName(part)]) {
      found.push({ rule, line: text.slice(0, start + index).split("\n").length });
    }
    if (start + PART_CHARS >= text.length) break;
  }
  return found;
}

async function byFormat(text: string): Promise<{ rule: string; index: number }[]> {
  const { messages } = await lintSource({
    source: {
      filePath: "artifact",
      // A comment in the bytes does not switch the rules off.
      content: text.replaceAll("secretlint-", "secretlint_"),
      contentType: "text",
      ext: "",
    },
    options: { config: CONFIG },
  });
  return messages.map(({ ruleId, range }) => ({
    rule: ruleId.replace(/^.*secretlint-rule-/, ""),
    index: range[0],
  }));
}

function byName(text: string): { rule: string; index: number }[] {
  return Array.from(text.matchAll(ASSIGNMENT)).flatMap(({ 1: value = "", index }) => {
    const isRandom = /[0-9]/.test(value) && /[A-Za-z]/.test(value) && new Set(value).size >= 10;
    // An account is public.
    return isRandom && !/^0x[0-9a-f]{40}$/i.test(value) ? [{ rule: "assignment", index }] : [];
  });
}
