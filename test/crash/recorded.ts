import type { DiskModel } from "./diskModel.ts";

/** A run as strace recorded it, call by call, to be done again to a model of a disk. */

type Inode = ReturnType<DiskModel["create"]>;

/** One recorded call. `promise` is what the process said. */
export interface Step {
  readonly apply: (disk: DiskModel, files: Map<number, OpenFile>) => void;
  readonly promise: string | undefined;
}

export interface OpenFile {
  readonly inode: Inode;
  position: number;
}

/** The calls of a log that change files in `folder`, and the promises between them. */
export function stepsOf(log: readonly string[], folder: string): Step[] {
  return log.flatMap((line) => {
    const [, name = "", asked = "", result = ""] = /^(\w+)\((.*)\) += (-?\d+)/.exec(line) ?? [];
    const isRefusedSync = /^f(?:data)?sync$/.test(name) && Number(result) < 0;
    if (name === "" || (Number(result) < 0 && !isRefusedSync)) return [];
    const strings = [...asked.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => fromHex(hex));
    const file = Number(/^(\d+)/.exec(asked)?.[1] ?? -1);
    const numbers = asked.split(", ").map(Number);
    return stepOf({ name, asked, result: Number(result), strings, file, numbers }, folder);
  });
}

interface Recorded {
  readonly name: string;
  readonly asked: string;
  readonly result: number;
  /** Paths, or the bytes written. */
  readonly strings: readonly Uint8Array[];
  readonly file: number;
  readonly numbers: readonly number[];
}

function stepOf(call: Recorded, folder: string): Step[] {
  const { name, asked, result, strings, file, numbers } = call;
  const [data = new Uint8Array()] = strings;
  const [from = "", to = ""] = strings.map((bytes) => Buffer.from(bytes).toString());
  const isOwn = from.startsWith(folder);
  const step = (apply: Step["apply"]): Step[] => [{ apply, promise: undefined }];
  const onFile = (work: (disk: DiskModel, open: OpenFile) => void): Step[] =>
    step((disk, files) => {
      const open = files.get(file);
      if (open !== undefined) work(disk, open);
    });
  switch (name) {
    case "openat":
    case "open":
      return isOwn ? step(opening(from, result, asked.includes("O_TRUNC"))) : [];
    case "close":
      return step((_, files) => files.delete(file));
    case "write":
      if (file === 1) return promiseOf(from);
      return onFile((disk, open) => {
        disk.write(open.inode, open.position, data.subarray(0, result));
        open.position += result;
      });
    case "pwrite64":
      return onFile((disk, { inode }) => {
        disk.write(inode, numbers.at(-1) ?? 0, data.subarray(0, result));
      });
    case "ftruncate":
      return onFile((disk, { inode }) => disk.truncate(inode, numbers.at(-1) ?? 0));
    case "fsync":
    case "fdatasync":
      return onFile((disk, { inode }) => (result < 0 ? disk.failSync(inode) : disk.sync(inode)));
    case "mkdir":
      return isOwn ? step((disk) => disk.create(from, true)) : [];
    case "link":
      return isOwn ? step((disk) => disk.link(from, to)) : [];
    case "rename":
      return isOwn ? step((disk) => disk.move(from, to)) : [];
    case "unlink":
      return isOwn ? step((disk) => disk.unlink(from)) : [];
    default:
      return [];
  }
}

function opening(path: string, file: number, isCut: boolean): Step["apply"] {
  return (disk, files) => {
    const known = disk.inodeAt(path);
    const inode = known ?? disk.create(path);
    if (known !== undefined && isCut) disk.truncate(inode, 0);
    files.set(file, { inode, position: 0 });
  };
}

function promiseOf(said: string): Step[] {
  const promise = /^promised (.*)\n$/.exec(said)?.[1];
  return promise === undefined ? [] : [{ apply: () => undefined, promise }];
}

function fromHex(text = ""): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll("\\x", ""), "hex"));
}
