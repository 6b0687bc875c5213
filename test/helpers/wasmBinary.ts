/** WebAssembly binaries, section by section. */

const CORE_HEAD = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const COMPONENT_HEAD = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** A core module of these sections. */
export function coreModule(...sections: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...CORE_HEAD, ...sections.flat()]);
}

/** A component of these sections. */
export function component(...sections: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...COMPONENT_HEAD, ...sections.flat()]);
}

/** One section. */
export function section(id: number, ...body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** A length, then UTF-8. */
export function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...leb(bytes.length), ...bytes];
}

/** Sections of a core module with one function type, `() -> ()`, and one import of it. */
export function functionImport(module: string, field: string): number[] {
  const type = section(1, 1, 0x60, 0, 0);
  return [...type, ...section(2, 1, ...name(module), ...name(field), 0x00, 0)];
}

/** A section of a component that imports an instance by name. Its type is the component's first. */
export function instanceImport(wanted: string): number[] {
  const type = section(7, 1, 0x42, 0);
  return [...type, ...section(10, 1, 0x00, ...name(wanted), 0x05, 0)];
}
