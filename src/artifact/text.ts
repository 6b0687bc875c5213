import { ArtifactError } from "./errors.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text that UTF-8 `bytes` spell, character by character: nothing is normalised.
 * @throws {ArtifactError} `E_TEXT_ENCODING` for bytes that are no UTF-8, a byte order mark or a NUL
 */
export function strictText(bytes: Uint8Array, label: string): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new ArtifactError("E_TEXT_ENCODING", `${label}: no UTF-8`, { cause });
  }
  if (text.startsWith("\uFEFF")) {
    throw new ArtifactError("E_TEXT_ENCODING", `${label}: starts with a byte order mark`);
  }
  const nul = text.indexOf("\0");
  if (nul !== -1) throw new ArtifactError("E_TEXT_ENCODING", `${label}: NUL at character ${nul}`);
  return text;
}
