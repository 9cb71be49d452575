// All of a host folder as entries of an image, read at once. (host-tree.ts: folder by folder.)
import type { Stats } from "node:fs";
import type { ImageEntry } from "../engine/loader/image.ts";
import { contentNow } from "./host-contents.ts";
import { attributesOf, entryOf, identityOf, leftOut, namesIn, withContent } from "./host-entry.ts";
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
export const LIMITS: HostFolderLimits = { bytes: 512 * 1024 * 1024, entries: 100_000 };

export function hostFolder(path: string, limits: HostFolderLimits = LIMITS): HostFolder {
  const reading = new Reading(path, limits);
  reading.add(Buffer.from(path).toString("latin1"), "/");
  return { entries: sortedEntries(reading.entries), notices: reading.notices };
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

  /** Host paths are binary strings throughout, since a name need not be text. */
  add(host: string, path: string): void {
    const stats = attributesOf(host);
    if (stats.isSymbolicLink() && path === "/") {
      this.add(`${host}/.`, path);
      return;
    }
    const entry = entryOf(host, stats, path);
    if (!entry) this.notices.push(leftOut(host, stats));
    else if (entry.kind === "file") this.#addFile(host, stats, entry);
    else this.#push(entry);
    if (entry?.kind !== "directory") return;
    const inside = path === "/" ? "/" : `${path}/`;
    for (const name of namesIn(host)) this.add(`${host}/${name}`, inside + name);
  }

  #addFile(host: string, stats: Stats, entry: ImageEntry): void {
    const identity = identityOf(stats);
    const first = identity === undefined ? undefined : this.#firstNames.get(identity);
    if (first !== undefined) {
      this.#push({ ...entry, hardLinkTo: first });
      return;
    }
    // Before reading, so that a folder that is far too large is refused at once.
    this.#bytes += stats.size;
    if (this.#bytes > this.#limits.bytes) throw tooManyBytes(this.#root, this.#limits);
    this.#push(withContent(entry, contentNow({ path: host, stats })));
    if (identity !== undefined) this.#firstNames.set(identity, entry.path);
  }

  #push(entry: ImageEntry): void {
    this.entries.push(entry);
    if (this.entries.length > this.#limits.entries) throw tooManyFiles(this.#root, this.#limits);
  }
}

export const tooManyBytes = (root: string, { bytes }: HostFolderLimits): UserMistake =>
  new UserMistake(`${root} holds more than ${Math.round(bytes / 1024 / 1024)} MiB, which is the most a mount can copy; mount a smaller folder.`);
export const tooManyFiles = (root: string, { entries }: HostFolderLimits): UserMistake =>
  new UserMistake(`${root} holds more than ${entries} files, which is the most a mount can copy; mount a smaller folder.`);
