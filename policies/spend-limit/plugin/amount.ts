const LIMBS: i32 = 8;

/** A number of 256 bits, as limbs of 32 bits, the lowest first. */
export class Amount {
  private limbs: StaticArray<u32> = new StaticArray<u32>(LIMBS);

  /** The number that `text` spells; null for any other text, leading zeros included, and above 256 bits. */
  static parse(text: string): Amount | null {
    const isHex = text.startsWith("0x");
    const start = isHex ? 2 : 0;
    if (text.length == start) return null;
    if (text.length > start + 1 && text.charCodeAt(start) == 0x30) return null;
    const amount = new Amount();
    for (let i = start; i < text.length; i++) {
      const digit = digitOf(text.charCodeAt(i));
      if (digit < 0 || (!isHex && digit > 9)) return null;
      if (!amount.append(isHex ? 16 : 10, <u32>digit)) return null;
    }
    return amount;
  }

  /** Negative, zero or positive as this is below, equal to or above `other`. */
  compare(other: Amount): i32 {
    for (let i = LIMBS - 1; i >= 0; i--) {
      if (this.limbs[i] != other.limbs[i]) return this.limbs[i] < other.limbs[i] ? -1 : 1;
    }
    return 0;
  }

  /** Times `base` plus `digit`; false if that is above 256 bits. */
  private append(base: u32, digit: u32): bool {
    let carry: u64 = digit;
    for (let i = 0; i < LIMBS; i++) {
      carry += <u64>this.limbs[i] * base;
      this.limbs[i] = <u32>carry;
      carry >>= 32;
    }
    return carry == 0;
  }
}

function digitOf(char: i32): i32 {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  if (char >= 0x41 && char <= 0x46) return char - 0x37;
  if (char >= 0x61 && char <= 0x66) return char - 0x57;
  return -1;
}
