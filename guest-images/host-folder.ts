// A host folder as entries of an image, for `--mount HOST:GUEST`. Names and attributes are read once, at boot; when contents are read, the caller says (host-contents.ts).
import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import type { ImageEntry } from "../engine/loader/image.ts";
import { type ContentReader, contentNow, explained, type HostFile, onHost } from "./host-contents.ts";
import { sortedEntries } from "./image.ts";
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

export function hostFolder(path: string, limits: HostFolderLimits = LIMITS, contentOf: ContentReader = contentNow): HostFolder {
  const reading = new Reading(path, limits, contentOf);
  reading.add(Buffer.from(path).toString("latin1"), "/");
  return { entries: sortedEntries(reading.entries), notices: reading.notices };
}

class Reading {
  readonly entries: ImageEntry[] = [];
  readonly notices: string[] = [];
  readonly #root: string;
  readonly #limits: HostFolderLimits;
  readonly #contentOf: ContentReader;
  readonly #firstNames = new Map<string, string>();
  #bytes = 0;
  constructor(root: string, limits: HostFolderLimits, contentOf: ContentReader) {
    this.#root = root;
    this.#limits = limits;
    this.#contentOf = contentOf;
  }

  /** Host paths are binary strings throughout, since a name need not be text. */
  add(host: string, path: string): void {
    const stats = explained(host, () => lstatSync(onHost(host)));
    const mode = stats.mode & 0o7777;
    const mtimeSeconds = Math.floor(stats.mtimeMs / 1000);
    if (stats.isFile()) this.#addFile(host, stats, { path, kind: "file", mode, uid: 0, gid: 0, mtimeSeconds });
    else if (stats.isDirectory()) this.#addDirectory(host, { path, kind: "directory", mode, uid: 0, gid: 0, mtimeSeconds });
    else if (stats.isSymbolicLink() && path === "/") this.add(`${host}/.`, path);
    else if (stats.isSymbolicLink()) {
      const target = readlinkSync(onHost(host), { encoding: "latin1" });
      this.#push({ path, kind: "symlink", mode: 0o777, uid: 0, gid: 0, mtimeSeconds, target });
    } else if (stats.isFIFO()) this.#push({ path, kind: "fifo", mode, uid: 0, gid: 0, mtimeSeconds });
    else this.notices.push(`${onHost(host)} is a ${stats.isSocket() ? "socket" : "device"} and is left out of the mounted copy.`);
  }

  #addDirectory(host: string, entry: ImageEntry): void {
    this.#push(entry);
    const inside = entry.path === "/" ? "/" : `${entry.path}/`;
    for (const name of explained(host, () => readdirSync(onHost(host), { encoding: "latin1" }))) this.add(`${host}/${name}`, inside + name);
  }

  #addFile(host: string, stats: Stats, entry: ImageEntry): void {
    const identity = stats.nlink > 1 ? `${stats.dev}:${stats.ino}` : undefined;
    const first = identity === undefined ? undefined : this.#firstNames.get(identity);
    if (first !== undefined) {
      this.#push({ ...entry, hardLinkTo: first });
      return;
    }
    // Before reading, so that a folder that is far too large is refused at once.
    this.#bytes += stats.size;
    if (this.#bytes > this.#limits.bytes)
      throw new UserMistake(
        `${this.#root} holds more than ${Math.round(this.#limits.bytes / 1024 / 1024)} MiB, which is the most a mount can copy; mount a smaller folder.`,
      );
    this.#push(this.#withContent(entry, { path: host, stats }));
    if (identity !== undefined) this.#firstNames.set(identity, entry.path);
  }
  #withContent({ path, kind, mode, uid, gid, mtimeSeconds }: ImageEntry, file: HostFile): ImageEntry {
    const content = this.#contentOf(file);
    // Not spread: there are thousands.
    return content instanceof Uint8Array
      ? { path, kind, mode, uid, gid, mtimeSeconds, content }
      : { path, kind, mode, uid, gid, mtimeSeconds, stored: content };
  }

  #push(entry: ImageEntry): void {
    this.entries.push(entry);
    if (this.entries.length > this.#limits.entries)
      throw new UserMistake(`${this.#root} holds more than ${this.#limits.entries} files, which is the most a mount can copy; mount a smaller folder.`);
  }
}
