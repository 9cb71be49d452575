// Host folders for a run of which nothing is kept: each folder in them is listed when the guest first looks into it, and the rest a little later (`HostTrees.readRest`).
// What is listed once stays as it is, whatever this host does. Limits are for what the guest looks into, so that they do not depend on when the rest was read.
import { accessSync, constants, lstatSync, readdirSync, type Stats } from "node:fs";
import type { FolderTree, ImageEntry, StoredContent, StoredContents } from "../engine/loader/image.ts";
import { contentNow, explained, HostContent, onHost } from "./host-contents.ts";
import { attributesOf, entryOf, identityOf, leftOut, withContent } from "./host-entry.ts";
import { type HostFolderLimits, LIMITS, tooManyBytes, tooManyFiles } from "./host-folder.ts";
import { UserMistake } from "./user-mistake.ts";

type Note = (sentence: string) => void;

/** All that a run has mounted. */
export class HostTrees {
  readonly #trees: HostTree[] = [];
  readonly #note: Note;
  #rest: Generator<void> | undefined;
  constructor(note: Note) {
    this.#note = note;
  }
  of(path: string, limits?: HostFolderLimits): HostTree {
    const tree = new HostTree(path, this.#note, limits);
    this.#trees.push(tree);
    return tree;
  }
  /** Reads what the guest has not looked into, until that is enough for now; answers whether all has been read. From then on nothing is seen of what this host does. */
  readRest(isEnough = (): boolean => false): boolean {
    this.#rest ??= this.#readEach();
    while (!isEnough()) if (this.#rest.next().done) return true;
    return false;
  }
  *#readEach(): Generator<void> {
    for (const tree of this.#trees) yield* tree.readEach();
  }
}

const IF_THERE = { throwIfNoEntry: false } as const;
interface Amount {
  readonly bytes: number;
  readonly entries: number;
}
const NOTHING_BUT_ROOT: Amount = { bytes: 0, entries: 1 };
/** A folder that is known by its name. */
interface Folder {
  readonly host: string;
  readonly dev: number;
  readonly ino: number;
  listing?: Listing;
  /** The guest has looked into it. */
  isSeen: boolean;
}
interface Listing {
  readonly entries: ImageEntry[];
  readonly bytes: number;
  /** By the number of the entry: what tells the other names of a file. */
  readonly identities?: ReadonlyMap<number, string>;
}

export class HostTree implements FolderTree, StoredContents {
  readonly root: ImageEntry;
  readonly #path: string;
  readonly #limits: HostFolderLimits;
  readonly #note: Note;
  readonly #folders = new Map<string, Folder>();
  readonly #contents = new Map<string, HostContent>();
  readonly #unread: HostContent[] = [];
  #areLinksKnown = false;
  #seen: Amount = NOTHING_BUT_ROOT;

  constructor(path: string, note: Note, limits = LIMITS) {
    this.#path = path;
    this.#note = note;
    this.#limits = limits;
    const given = Buffer.from(path).toString("latin1");
    const host = attributesOf(given).isSymbolicLink() ? `${given}/.` : given;
    const stats = attributesOf(host);
    explained(host, () => accessSync(onHost(host), constants.R_OK | constants.X_OK));
    this.root = entryOf(host, stats, "/")!;
    this.#folders.set("/", { host, dev: stats.dev, ino: stats.ino, isSeen: false });
  }

  get(digest: string): StoredContent | undefined {
    return this.#contents.get(digest);
  }
  list(path: string): readonly ImageEntry[] {
    const folder = this.#folders.get(path);
    if (!folder) throw new Error(`The guest looks into ${path} of ${this.#path}, which nobody has told it of.`);
    const { identities } = this.#listing(path, folder);
    if (identities && !this.#areLinksKnown) this.#findLinks();
    const { entries, bytes } = folder.listing!;
    if (!folder.isSeen) this.#seen = this.#within(this.#seen, { entries: entries.length, bytes });
    folder.isSeen = true;
    return entries;
  }
  /** Folder by folder, then file by file. */
  *readEach(): Generator<void> {
    try {
      let sum = NOTHING_BUT_ROOT;
      for (const [path, folder] of this.#folders) {
        const listing = this.#tryToList(path, folder);
        if (listing) sum = this.#within(sum, { entries: listing.entries.length, bytes: listing.bytes });
        yield;
      }
    } catch (error) {
      if (!(error instanceof UserMistake)) throw error;
      this.#note(`${error.message.replace(/;.*/, "")}; what the guest has not looked into, it will see as it is on this host then.`);
    }
    for (const content of this.#unread.splice(0)) {
      content.tryToRead();
      yield;
    }
  }
  #within(sum: Amount, more: Amount): Amount {
    const all = { bytes: sum.bytes + more.bytes, entries: sum.entries + more.entries };
    if (all.bytes > this.#limits.bytes) throw tooManyBytes(this.#path, this.#limits);
    if (all.entries > this.#limits.entries) throw tooManyFiles(this.#path, this.#limits);
    return all;
  }

  #tryToList(path: string, folder: Folder): Listing | undefined {
    try {
      return this.#listing(path, folder);
    } catch (error) {
      if (!(error instanceof UserMistake)) throw error;
      return undefined;
    }
  }
  #listing(path: string, folder: Folder): Listing {
    folder.listing ??= explained(folder.host, () => this.#read(path === "/" ? "/" : `${path}/`, folder));
    return folder.listing;
  }
  #read(inside: string, { host, dev, ino }: Folder): Listing {
    // What has the name now may be a link that leads elsewhere.
    const now = lstatSync(onHost(host));
    if (!now.isDirectory() || now.ino !== ino || now.dev !== dev)
      throw new UserMistake(`${onHost(host)} was replaced on this host before the guest looked into it.`);
    const entries: ImageEntry[] = [];
    let identities: Map<number, string> | undefined;
    let bytes = 0;
    for (const name of readdirSync(onHost(host), { encoding: "latin1" }).sort()) {
      const path = `${host}/${name}`;
      const stats = lstatSync(onHost(path), IF_THERE);
      // Removed between two looks.
      if (!stats) continue;
      const entry = entryOf(path, stats, name);
      if (entry?.kind === "file") {
        const identity = identityOf(stats);
        if (identity !== undefined) {
          identities ??= new Map();
          identities.set(entries.length, identity);
        }
        bytes += stats.size;
        entries.push(withContent(entry, this.#contentOf(path, stats)));
        continue;
      }
      if (entry) entries.push(entry);
      else this.#note(leftOut(path, stats));
      if (entry?.kind === "directory") this.#folders.set(inside + name, { host: path, dev: stats.dev, ino: stats.ino, isSeen: false });
    }
    return identities ? { entries, bytes, identities } : { entries, bytes };
  }
  #contentOf(path: string, stats: Stats): Uint8Array | StoredContent {
    const file = { path, stats };
    if (stats.size === 0) return contentNow(file);
    const content = new HostContent(file, this.#note);
    this.#contents.set(content.digest, content);
    this.#unread.push(content);
    return content;
  }

  /** Which of the names in all folders are of one file. No folder that the guest has looked into before has any, or they would be known. */
  #findLinks(): void {
    const first = new Map<string, { readonly path: string; readonly entry: ImageEntry; names: number }>();
    let sum = NOTHING_BUT_ROOT;
    for (const [path, folder] of this.#folders) {
      const { entries, identities = [] } = this.#listing(path, folder);
      sum = this.#within(sum, { bytes: 0, entries: entries.length });
      for (const [at, identity] of identities) {
        const known = first.get(identity);
        if (known) known.names++;
        else first.set(identity, { path: `${path === "/" ? "" : path}/${entries[at]!.path}`, entry: entries[at]!, names: 1 });
      }
    }
    for (const folder of this.#folders.values()) {
      const { entries, identities = [] } = folder.listing!;
      let { bytes } = folder.listing!;
      for (const [at, identity] of identities) {
        const { path, entry, names } = first.get(identity)!;
        const own = entries[at]!;
        if (names === 1) continue;
        if (own !== entry) bytes -= own.stored?.length ?? 0;
        entries[at] = { ...entry, path: own.path, hardLinkTo: path };
      }
      folder.listing = { entries, bytes };
    }
    this.#areLinksKnown = true;
  }
}
