/** Insertions into a text, by byte offsets of its UTF-8, which is how the compiler counts. */
export class Edits {
  readonly #before = new Map<number, string>();
  readonly #behind = new Map<number, string>();
  readonly #replaced = new Map<number, { readonly end: number; readonly text: string }>();
  readonly #bytes: Buffer;

  constructor(content: string) {
    this.#bytes = Buffer.from(content, "utf8");
  }

  /** Puts `text` before what starts at `offset`, inside of what was put there earlier. */
  before(offset: number, text: string): void {
    this.#before.set(offset, (this.#before.get(offset) ?? "") + text);
  }

  /** Puts `text` behind what ends at `offset`, inside of what was put there earlier. */
  behind(offset: number, text: string): void {
    this.#behind.set(offset, text + (this.#behind.get(offset) ?? ""));
  }

  /** Puts `text` in place of the bytes from `start` to `end`, in which nothing else is inserted. */
  replace(start: number, end: number, text: string): void {
    this.#replaced.set(start, { end, text });
  }

  /** Bytes from `start` to `end` of the text without its edits. */
  slice(start: number, end: number): string {
    return this.#bytes.toString("utf8", start, end);
  }

  /** Line of `offset`, from 1. */
  lineOf(offset: number): number {
    let line = 1;
    for (const byte of this.#bytes.subarray(0, offset)) if (byte === 0x0a) line++;
    return line;
  }

  /** The text with everything inserted; no line has moved. */
  apply(): string {
    const starts = [...this.#before.keys(), ...this.#behind.keys(), ...this.#replaced.keys()];
    const offsets = [...new Set(starts)].sort((a, b) => a - b);
    let result = "";
    let position = 0;
    for (const offset of offsets) {
      result += this.slice(position, offset);
      result += (this.#behind.get(offset) ?? "") + (this.#before.get(offset) ?? "");
      const replaced = this.#replaced.get(offset);
      if (replaced !== undefined) result += replaced.text;
      position = replaced?.end ?? offset;
    }
    return result + this.slice(position, this.#bytes.length);
  }
}
