// The interface of a plugin: JSON text in, JSON text out (src/policy/pluginRunner.ts).

/** Reserves `length` bytes for the arguments. */
export function alloc(length: u32): usize {
  return heap.alloc(length);
}

/** The text of the arguments. */
export function textAt(pointer: usize, length: u32): string {
  return String.UTF8.decodeUnsafe(pointer, length);
}

/** Where `json` stands and how many bytes it has, as the host reads it. */
export function reply(json: string): u64 {
  const bytes = String.UTF8.encode(json);
  return (<u64>changetype<usize>(bytes) << 32) | <u64>bytes.byteLength;
}
