// A copy of a host folder as entries of an image, for `--mount HOST:GUEST`. It is read once, at boot; its digest (digest.ts) is in the log.
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, type Stats } from "node:fs";
import type { ImageEntry } from "../engine/loader/image.ts";
import { canonicalEntries } from "./image.ts";
import { UserMistake } from "./user-mistake.ts";

export interface HostFolder {
  /** Paths are relative to the folder, which is `/` itself. */
  readonly entries: readonly ImageEntry[];
  /** One sentence for each thing that was left out. */
  readonly notices: readonly string[];
}
export interface HostFolderLimits {
  readonly bytes: number;
  readonly entries: number;
}
const LIMITS: HostFolderLimits = { bytes: 512 * 1024 * 1024, entries: 100_000 };

export function hostFolder(path: string, limits: HostFolderLimits = LIMITS): HostFolder {
  const reading = new Reading(path, limits);
  reading.add(Buffer.from(path), "/");
  const entries = canonicalEntries(reading.entries);
  return { entries, notices: reading.notices };
}

class Reading {
  readonly entries: ImageEntry[] = [];
  readonly notices: string[] = [];
  readonly #root: string;
  readonly #limits: HostFolderLimits;
  readonly #firstNames = new Map<string, string>();
  #bytes = 0;
  constructor(root: string, limits: HostFolderLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  /** Host paths are bytes throughout, since a name need not be text. */
  add(host: Buffer, path: string): void {
    const stats = this.#must(host, () => lstatSync(host));
    const isRoot = path === "/";
    const shared = { path, mode: stats.mode & 0o7777, uid: 0, gid: 0, mtimeSeconds: Math.floor(stats.mtimeMs / 1000) };
    if (stats.isDirectory()) this.#addDirectory(host, shared);
    else if (stats.isFile()) this.#addFile(host, stats, shared);
    else if (stats.isSymbolicLink() && isRoot)
      this.add(
        this.#must(host, () => Buffer.from(`${this.#root}/.`)),
        path,
      );
    else if (stats.isSymbolicLink())
      this.#push({ ...shared, mode: 0o777, kind: "symlink", target: readlinkSync(host, { encoding: "buffer" }).toString("latin1") });
    else if (stats.isFIFO()) this.#push({ ...shared, kind: "fifo" });
    else this.notices.push(`${host} is a ${stats.isSocket() ? "socket" : "device"} and is left out of the mounted copy.`);
  }

  #addDirectory(host: Buffer, shared: Omit<ImageEntry, "kind">): void {
    this.#push({ ...shared, kind: "directory" });
    for (const name of this.#must(host, () => readdirSync(host, { encoding: "buffer" })))
      this.add(Buffer.concat([host, Buffer.from("/"), name]), `${shared.path === "/" ? "" : shared.path}/${name.toString("latin1")}`);
  }

  #addFile(host: Buffer, stats: Stats, shared: Omit<ImageEntry, "kind">): void {
    const identity = `${stats.dev}:${stats.ino}`;
    const first = stats.nlink > 1 ? this.#firstNames.get(identity) : undefined;
    if (first !== undefined) this.#push({ ...shared, kind: "file", hardLinkTo: first });
    else this.#addContent(host, stats, shared);
    if (first === undefined) this.#firstNames.set(identity, shared.path);
  }

  #addContent(host: Buffer, stats: Stats, shared: Omit<ImageEntry, "kind">): void {
    // Before reading, so that a folder that is far too large is refused at once.
    this.#bytes += stats.size;
    if (this.#bytes > this.#limits.bytes)
      throw new UserMistake(
        `${this.#root} holds more than ${Math.round(this.#limits.bytes / 1024 / 1024)} MiB, which is the most a mount can copy; mount a smaller folder.`,
      );
    this.#push({ ...shared, kind: "file", content: this.#must(host, () => contentOf(host, stats.size)) });
  }

  #push(entry: ImageEntry): void {
    this.entries.push(entry);
    if (this.entries.length > this.#limits.entries)
      throw new UserMistake(`${this.#root} holds more than ${this.#limits.entries} files, which is the most a mount can copy; mount a smaller folder.`);
  }

  #must<T>(host: Buffer, read: () => T): T {
    try {
      return read();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      throw new UserMistake(`Cannot read ${host} to mount it (${code}); check the path and its permissions.`);
    }
  }
}

/** Asking again for a size that is known, and copying what was read, took half of the time for a folder of small files. */
function contentOf(host: Buffer, size: number): Uint8Array {
  // Files of /proc and their like have no size.
  if (size === 0) return new Uint8Array(readFileSync(host));
  const content = new Uint8Array(size);
  const file = openSync(host, "r");
  try {
    let at = 0;
    for (let read = -1; at < size && read !== 0; at += read) read = readSync(file, content, at, size - at, at);
    return at === size ? content : content.slice(0, at);
  } finally {
    closeSync(file);
  }
}
