/**
 * Reads arguments: one JSON object whose values are strings or lists of strings, without escapes. Anything else traps,
 * which the host reports as a fault of the call.
 */
export class Arguments {
  private texts: Map<string, string> = new Map<string, string>();
  private lists: Map<string, string[]> = new Map<string, string[]>();
  private offset: i32 = 0;

  constructor(private json: string) {
    this.expect(0x7b); // {
    if (!this.skip(0x7d)) {
      do {
        const key = this.string();
        this.expect(0x3a); // :
        if (this.peek() == 0x5b) this.lists.set(key, this.list());
        else this.texts.set(key, this.string());
      } while (this.skip(0x2c)); // ,
      this.expect(0x7d); // }
    }
    if (this.peek() != -1) unreachable();
  }

  /** The string under `key`; traps if there is none. */
  text(key: string): string {
    if (!this.texts.has(key)) unreachable();
    return this.texts.get(key);
  }

  /** The list under `key`; traps if there is none. */
  strings(key: string): string[] {
    if (!this.lists.has(key)) unreachable();
    return this.lists.get(key);
  }

  private list(): string[] {
    const items: string[] = [];
    this.expect(0x5b); // [
    if (this.skip(0x5d)) return items; // ]
    do {
      items.push(this.string());
    } while (this.skip(0x2c));
    this.expect(0x5d);
    return items;
  }

  private string(): string {
    this.expect(0x22); // "
    const start = this.offset;
    while (this.offset < this.json.length && this.json.charCodeAt(this.offset) != 0x22) {
      if (this.json.charCodeAt(this.offset) == 0x5c) unreachable(); // a backslash
      this.offset++;
    }
    const text = this.json.substring(start, this.offset);
    this.expect(0x22);
    return text;
  }

  /** The next character that is no space; -1 at the end. */
  private peek(): i32 {
    while (this.offset < this.json.length) {
      const char = this.json.charCodeAt(this.offset);
      if (char != 0x20 && char != 0x09 && char != 0x0a && char != 0x0d) return char;
      this.offset++;
    }
    return -1;
  }

  private skip(char: i32): bool {
    if (this.peek() != char) return false;
    this.offset++;
    return true;
  }

  private expect(char: i32): void {
    if (!this.skip(char)) unreachable();
  }
}
