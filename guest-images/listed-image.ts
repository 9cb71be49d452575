// An image read from its list (image-list.ts), of which a part is made only when it is asked for: to go through thousands of files takes longer than most programs run.
import { firstAt, type Image, type ImageEntry, type ImageListing, type ListedInode, type PieceIndex, type StoredContents } from "../engine/loader/image.ts";
import { columns, EntryTable, kinds } from "./entry-table.ts";
import { DIGEST_BYTES, type ImageList, PLACE_NUMBERS } from "./image-list.ts";
import { type ContentFile, PlacedContent } from "./stored-content.ts";

export class ListedImage implements Image {
  readonly name: string;
  readonly digest: string;
  readonly config: Image["config"];
  readonly listing: Listing;
  readonly contents: PlacedContents;
  readonly pieces: StoredPieces;
  #entries: readonly ImageEntry[] | undefined;

  /** `name`: by which it was asked for. */
  constructor(list: ImageList, file: ContentFile, name = list.name) {
    this.name = name;
    this.digest = list.digest;
    this.config = list.config;
    this.contents = new PlacedContents(list, file);
    this.listing = new Listing(list, this.contents);
    this.pieces = new StoredPieces(this.contents);
  }
  get entries(): readonly ImageEntry[] {
    this.#entries ??= Array.from({ length: this.listing.length }, (_, at) => this.listing.entry(at));
    return this.#entries;
  }
}

/** At an address that a view of longer numbers may have. */
const aligned = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
/** As V8 keeps small integers, without a box around a float. */
const plain = (number: number): number => (number === (number | 0) ? number | 0 : number);

/** In the order of their digests; each is one object, however often it is asked for. */
class PlacedContents implements StoredContents {
  readonly #digests: Buffer;
  readonly #places: Float64Array;
  readonly #file: ContentFile;
  readonly #made: PlacedContent[] = [];
  constructor({ digests, places }: ImageList, file: ContentFile) {
    this.#digests = digests;
    this.#places = new Float64Array(aligned(places));
    this.#file = file;
  }
  get length(): number {
    return this.#digests.length / DIGEST_BYTES;
  }
  at(number: number): PlacedContent {
    this.#made[number] ??= this.#make(number * PLACE_NUMBERS, this.#digest(number));
    return this.#made[number];
  }
  get(digest: string): PlacedContent | undefined {
    const number = firstAt(this.length, at => this.#digest(at) >= digest);
    return number < this.length && this.#digest(number) === digest ? this.at(number) : undefined;
  }
  #digest(number: number): string {
    return this.#digests.toString("hex", number * DIGEST_BYTES, (number + 1) * DIGEST_BYTES);
  }
  #make(at: number, digest: string): PlacedContent {
    return new PlacedContent(this.#file, digest, plain(this.#places[at]!), plain(this.#places[at + 1]!), plain(this.#places[at + 2]!));
  }
}

class Listing implements ImageListing {
  readonly count: number;
  readonly #table: EntryTable;
  readonly #texts: string;
  readonly #times: readonly number[];
  readonly #others: ReadonlyMap<number, ImageList["others"][number]>;
  readonly #contents: PlacedContents;
  constructor({ count, texts, numbers, times, others }: ImageList, contents: PlacedContents) {
    this.count = count;
    this.#table = new EntryTable(new Uint32Array(aligned(numbers)));
    this.#texts = texts.toString("latin1");
    this.#times = times;
    this.#others = new Map(others.map(other => [other[0], other]));
    this.#contents = contents;
  }
  get length(): number {
    return this.#table.length;
  }
  entry(at: number): ImageEntry {
    const table = this.#table;
    const mtimeSeconds = this.#times[table.get(at, columns.time)]!;
    const entry: { -readonly [Part in keyof ImageEntry]: ImageEntry[Part] } = {
      path: this.#path(at),
      kind: kinds[table.get(at, columns.kind)]!,
      mode: table.get(at, columns.mode),
      uid: table.get(at, columns.uid),
      gid: table.get(at, columns.gid),
      mtimeSeconds,
    };
    const content = table.get(at, columns.content);
    if (content > 0) entry.stored = this.#contents.at(content - 1);
    const target = this.#texts.slice(table.get(at, columns.pathEnd), at + 1 < table.length ? table.get(at + 1, columns.path) : undefined);
    if (target !== "") entry.target = target;
    const [, device, hardLinkTo] = this.#others.get(at) ?? [];
    if (device) entry.device = device;
    if (hardLinkTo) entry.hardLinkTo = hardLinkTo;
    return entry;
  }
  inode(number: number): ListedInode {
    const at = this.#table.get(number, columns.entryOfInode);
    const folder = this.#table.get(at, columns.folder);
    return { entry: this.entry(at), links: this.#table.get(at, columns.links), folder: this.#table.get(folder, columns.inode), name: this.#name(at) };
  }
  eachName(folder: number, see: (name: string, number: number) => void): void {
    const table = this.#table;
    let at = table.get(table.get(folder, columns.entryOfInode), columns.firstInside);
    for (; at > 0; at = table.get(at, columns.nextBeside)) see(this.#name(at), table.get(at, columns.inode));
  }
  at(path: string): ImageEntry | undefined {
    const found = firstAt(this.length, at => this.#path(at) >= path);
    return found < this.length && this.#path(found) === path ? this.entry(found) : undefined;
  }
  #path(at: number): string {
    return this.#texts.slice(this.#table.get(at, columns.path), this.#table.get(at, columns.pathEnd));
  }
  #name(at: number): string {
    return this.#texts.slice(this.#table.get(at, columns.name), this.#table.get(at, columns.pathEnd));
  }
}

/** Indexed when first asked: most runs never ask. */
class StoredPieces implements PieceIndex {
  readonly #contents: PlacedContents;
  #places: Map<string, readonly [content: PlacedContent, index: number]> | undefined;
  constructor(contents: PlacedContents) {
    this.#contents = contents;
  }
  get(hash: string): Uint8Array | undefined {
    this.#places ??= this.#index();
    const place = this.#places.get(hash);
    return place?.[0].piece(place[1]);
  }
  #index(): Map<string, readonly [content: PlacedContent, index: number]> {
    const contents = Array.from({ length: this.#contents.length }, (_, number) => this.#contents.at(number));
    return new Map(contents.flatMap(content => Array.from(content.hashes(), (one, index) => [one, [content, index]] as const)));
  }
}
