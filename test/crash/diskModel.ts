import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * A disk as it may be after a power cut: what was synced is there; of what was not, any part. Written bytes last from the sync
 * of their file, names from the sync of their directory, whichever way round; a write may be torn between two sectors.
 */

const SECTOR_BYTES = 512;

interface Write {
  readonly offset: number;
  /** Nothing for a truncation to `offset`. */
  readonly data: Uint8Array | undefined;
}

interface Inode {
  durable: Uint8Array;
  readonly pending: Write[];
  isDirectory: boolean;
}

/** A change of a name; the inode is none where the name is removed. */
interface NameChange {
  readonly path: string;
  readonly inode: Inode | undefined;
}

/** Decides which of the unsynced changes made it. */
export interface Luck {
  /** How many of `count` changes of names, from the first. */
  readonly names: (count: number) => number;
  readonly isWritten: () => boolean;
  /** How many of `sectors` are written. */
  readonly sectors: (sectors: number) => number;
}

export class DiskModel {
  readonly #folder: string;
  readonly #names = new Map<string, Inode>();
  readonly #durableNames = new Map<string, Inode>();
  readonly #pendingNames: NameChange[] = [];
  readonly #isLying: boolean;

  /** The files that are in `folder`, as synced. A lying disk says that it has synced and has not. */
  constructor(folder: string, isLying: boolean) {
    this.#folder = folder;
    this.#isLying = isLying;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const isDirectory = entry.isDirectory();
      const durable = isDirectory ? new Uint8Array() : Uint8Array.from(readFileSync(path));
      this.#names.set(path, { durable, pending: [], isDirectory });
    }
    this.#names.set(folder, { durable: new Uint8Array(), pending: [], isDirectory: true });
    for (const [path, inode] of this.#names) this.#durableNames.set(path, inode);
  }

  inodeAt(path: string): Inode | undefined {
    return this.#names.get(path);
  }

  create(path: string, isDirectory = false): Inode {
    const inode: Inode = { durable: new Uint8Array(), pending: [], isDirectory };
    this.#rename({ path, inode });
    return inode;
  }

  link(from: string, to: string): void {
    this.#rename({ path: to, inode: this.#names.get(from) });
  }

  /** One change: there is no moment with both names or none. */
  move(from: string, to: string): void {
    this.link(from, to);
    this.unlink(from);
  }

  unlink(path: string): void {
    this.#rename({ path, inode: undefined });
  }

  write(inode: Inode, offset: number, data: Uint8Array): void {
    inode.pending.push({ offset, data });
  }

  truncate(inode: Inode, length: number): void {
    inode.pending.push({ offset: length, data: undefined });
  }

  sync(inode: Inode): void {
    if (this.#isLying) return;
    if (!inode.isDirectory) {
      inode.durable = applied(inode, { isWritten: () => true, sectors: (all) => all });
      inode.pending.length = 0;
      return;
    }
    // Also where the directory's own name is not synced yet: its entries last with it.
    const isIn = ({ path }: NameChange) => this.#names.get(dirname(path)) === inode;
    for (const change of this.#pendingNames.filter(isIn)) setName(this.#durableNames, change);
    const rest = this.#pendingNames.filter((change) => !isIn(change));
    this.#pendingNames.splice(0, this.#pendingNames.length, ...rest);
  }

  /** A sync that the disk refused: the system takes what was written for synced, and it is not there. */
  failSync(inode: Inode): void {
    if (inode.isDirectory) return;
    const lasting = inode.pending.filter(({ data }) => data === undefined);
    inode.pending.splice(0, inode.pending.length, ...lasting);
  }

  /** What is on the disk when the power is cut now, put into `to`. */
  cut(to: string, luck: Luck): void {
    rmSync(to, { recursive: true, force: true });
    mkdirSync(to, { recursive: true });
    const names = new Map(this.#durableNames);
    const lasting = luck.names(this.#pendingNames.length);
    for (const change of this.#pendingNames.slice(0, lasting)) setName(names, change);
    for (const [path, inode] of [...names].sort(([a], [b]) => a.length - b.length)) {
      const target = join(to, relative(this.#folder, path));
      // A file whose directory is lost is lost.
      if (!names.has(dirname(path)) && path !== this.#folder) continue;
      if (inode.isDirectory) mkdirSync(target, { recursive: true });
      else writeFileSync(target, applied(inode, luck));
    }
  }

  #rename(change: NameChange): void {
    setName(this.#names, change);
    this.#pendingNames.push(change);
  }
}

function setName(names: Map<string, Inode>, { path, inode }: NameChange): void {
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}

function applied(inode: Inode, luck: Pick<Luck, "isWritten" | "sectors">): Uint8Array {
  let bytes = inode.durable;
  for (const { offset, data } of inode.pending) {
    if (!luck.isWritten()) continue;
    if (data === undefined) {
      bytes = resized(bytes, offset);
      continue;
    }
    const sectors = luck.sectors(Math.ceil(data.length / SECTOR_BYTES));
    const part = data.subarray(0, sectors * SECTOR_BYTES);
    if (part.length === 0) continue;
    bytes = resized(bytes, Math.max(bytes.length, offset + part.length));
    bytes.set(part, offset);
  }
  return bytes;
}

function resized(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes.subarray(0, length));
  return out;
}
