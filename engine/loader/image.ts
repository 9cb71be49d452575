// What a guest image is: an immutable root file system and how to start it, as plain data. Where images come from is not said here: see guest-images/.

/**
 * A file's content that is not held in memory. Its digest fixes it, so that when it is read leaves no trace in what happens.
 * The machine only asks; who made the image knows where the bytes lie.
 */
export interface StoredContent {
  /** SHA-256, in hexadecimal. */
  readonly digest: string;
  readonly length: number;
  /** The bytes from `index` times 4096 on, a piece of 4 KiB or what is left. The same object each time, since its identity is the page cache's key. */
  piece(index: number): Uint8Array;
}
/**
 * A host's folder, told folder by folder when somebody looks into them: until then a state knows no more than that they are there.
 * Paths are as those of entries; of what is told, `path` is the name alone.
 */
export interface FolderTree {
  /** The folder itself. */
  readonly root: ImageEntry;
  /**
   * What lies in the folder of this path, in order of names; the same each time.
   * A file that has several names says at each of them, by `hardLinkTo`, the path of one, and has its content at all.
   */
  list(path: string): readonly ImageEntry[];
}
/** A file or folder as a machine has it that has booted an image: the entry that first names it, from which others of its names differ in nothing else, and what all entries say of it. */
export interface ListedInode {
  readonly entry: ImageEntry;
  /** Of its names; of a folder, as everywhere, its own, `.`, and the `..` of those in it. */
  readonly links: number;
  /** The number of what has its first name, and that name. */
  readonly folder: number;
  readonly name: string;
}
/**
 * An image's list of files of which one can be looked at without the others: who boots it need not go through thousands.
 * They are numbered by the entry that first names them, in the order of entries; `/` is 0.
 */
export interface ImageListing {
  readonly count: number;
  inode(number: number): ListedInode;
  /** The names in a folder, in their order. */
  eachName(folder: number, see: (name: string, number: number) => void): void;
  at(path: string): ImageEntry | undefined;
}
/** By digest. */
export interface StoredContents extends Pick<ReadonlyMap<string, StoredContent>, "get"> {
  /** The image's, where it has one. */
  readonly listing?: ImageListing | undefined;
  /** By the number of the mounted folder, those that are told so. */
  readonly trees?: readonly (FolderTree | undefined)[];
}
type ContentHolder = Pick<Image, "entries" | "contents" | "listing"> & { readonly tree?: FolderTree };
export function storedContents(image: ContentHolder, ...folders: readonly ContentHolder[]): StoredContents {
  const found = new Map<string, StoredContent>();
  const holders = [image, ...folders];
  const indexed = holders.flatMap(({ contents }) => contents ?? []);
  // Entries are asked for only here: an image may have to make them.
  for (const holder of holders) if (!holder.contents) for (const { stored } of holder.entries) if (stored) found.set(stored.digest, stored);
  return {
    listing: image.listing,
    trees: folders.map(({ tree }) => tree),
    get(digest) {
      if (!found.has(digest)) for (const contents of indexed) keep(found, contents.get(digest));
      return found.get(digest);
    },
  };
}
function keep(found: Map<string, StoredContent>, content: StoredContent | undefined): void {
  if (content) found.set(content.digest, content);
}

/**
 * Paths and link targets are binary strings (one character is one byte), absolute and normalised. The first entry is `/` itself;
 * entries are sorted by bytes, so a folder comes before what is in it.
 */
export interface ImageEntry {
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "character" | "block" | "fifo";
  /** Permission bits with set-user-id, set-group-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  /** Of a file: its bytes, or where they are read from. */
  readonly content?: Uint8Array;
  readonly stored?: StoredContent;
  /** Of a symbolic link. */
  readonly target?: string;
  readonly device?: readonly [major: number, minor: number];
  /** Path of an earlier entry: this is another name of the same file, and has no content of its own. */
  readonly hardLinkTo?: string;
}

/** Pieces of stored contents, found by what they are: the first 16 bytes, in hexadecimal, of the SHA-256 of the piece without the zeros at its end. */
export interface PieceIndex {
  get(hash: string): Uint8Array | undefined;
}

export interface Image {
  readonly name: string;
  /** `sha256:…` over a canonical serialisation of entries and config. */
  readonly digest: string;
  readonly entries: readonly ImageEntry[];
  /** Of an image whose contents are all stored: the same, one by one. */
  readonly listing?: ImageListing;
  /** Stored contents, where they can be found without a look at all entries. */
  readonly contents?: StoredContents;
  /** Where contents are stored: so that no log need hold them. */
  readonly pieces?: PieceIndex;
  readonly config: {
    readonly entrypoint: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly workingDirectory: string;
    readonly user: { readonly uid: number; readonly gid: number };
  };
}

type Entries = Pick<Image, "entries" | "listing">;
/** Whether there is a file of this path. Folders on the way may be links, as `/bin` is in many images (path_resolution(7)); whether the file leads somewhere, if it is one, is not asked. */
export function hasEntry(image: Entries, path: string): boolean {
  if (entryAt(image, path)) return true;
  return path.startsWith("/") && !path.endsWith("/") && isBehindLinks(image, path);
}
function entryAt(image: Entries, path: string): ImageEntry | undefined {
  // Of a listed image all entries are made when they are asked for.
  if (image.listing) return image.listing.at(path);
  const { entries } = image;
  const found = entries[firstAt(entries.length, at => entries[at]!.path >= path)];
  return found?.path === path ? found : undefined;
}
/** As many as Linux follows. */
const MOST_LINKS = 40;
function isBehindLinks(image: Entries, path: string): boolean {
  const left = path.split("/");
  let [folder, links] = ["", 0];
  while (left.length > 0) {
    const name = left.shift()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
      continue;
    }
    const entry = entryAt(image, `${folder}/${name}`);
    if (!entry) return false;
    if (entry.target === undefined || left.length === 0) folder += `/${name}`;
    else {
      if (++links > MOST_LINKS) return false;
      if (entry.target.startsWith("/")) folder = "";
      left.unshift(...entry.target.split("/"));
    }
  }
  return true;
}
/** Of places in order, the first that is so, found by halves; `length` where none is. */
export function firstAt(length: number, isSo: (place: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
