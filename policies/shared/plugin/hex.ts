/** `text` with A to F in lower case. */
export function lowerHex(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    const isUpper = char >= 0x41 && char <= 0x46;
    out += String.fromCharCode(isUpper ? char + 0x20 : char);
  }
  return out;
}

/** Whether `text` is 0x and hex digits in lower case, two per byte. */
export function isHex(text: string): bool {
  if (text.length % 2 != 0 || !text.startsWith("0x")) return false;
  for (let i = 2; i < text.length; i++) {
    const char = text.charCodeAt(i);
    const isDigit = char >= 0x30 && char <= 0x39;
    if (!isDigit && !(char >= 0x61 && char <= 0x66)) return false;
  }
  return true;
}

/** Whether `text` is an address in lower case. */
export function isAddress(text: string): bool {
  return text.length == 42 && isHex(text);
}

/** `items` as a JSON list of strings that need no escapes. */
export function jsonList(items: string[]): string {
  let out = "";
  for (let i = 0; i < items.length; i++) out += (i == 0 ? '"' : ',"') + items[i] + '"';
  return "[" + out + "]";
}
