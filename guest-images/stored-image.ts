// The form on disk of an image whose contents are read when they are wanted: header, contents (each once), a hash of every piece of them, msgpack index.
// Header: 8 bytes magic, u32 version, u32 length of the index, u64 length of the contents, u32 number of hashes, u32 CRC-32 of hashes and index; numbers little-endian.
// Opening reads hashes and index alone: a Debian userland of 300 MiB opens as fast as its list of files is read.
import { createHash, hash as digest } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { Packr, Unpackr } from "msgpackr";
import type { Image, ImageEntry, PieceIndex, StoredContent } from "../engine/loader/image.ts";
import { temporaryBeside, withExplainedFailure } from "./atomic-write.ts";
import { NotAnImage } from "./not-an-image.ts";
import { UserMistake } from "./user-mistake.ts";

const MAGIC = "CHRXIMG\n";
export const STORED_VERSION = 2;
const HEADER_BYTES = 32;
const PIECE_BYTES = 4096;
/** What one read brings: neighbours are mostly wanted next. */
const PIECES_A_READ = 32;

/** By its first bytes; see `PieceIndex`. */
const HASH_BYTES = 16;

/** Where a content lies in the file, and which of the hashes is its first piece's. */
type Place = readonly [digest: string, length: number, offset: number, firstHash: number];
type Row = readonly [
  path: string,
  kind: ImageEntry["kind"],
  mode: number,
  uid: number,
  gid: number,
  mtimeSeconds: number,
  place: number | null,
  target: string | null,
  device: readonly [number, number] | null,
  hardLinkTo: string | null,
];
interface Index {
  readonly name: string;
  readonly digest: string;
  readonly config: Image["config"];
  readonly places: readonly Place[];
  readonly rows: readonly Row[];
}

/** Contents go in as they come; the image's list of files at the end. */
export class ImageWriter {
  readonly #path: string;
  readonly #file: OpenedFile;
  readonly #contents = new Map<string, PlacedContent>();
  readonly #hashes: Buffer[] = [];
  #end = HEADER_BYTES;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    const temporary = temporaryBeside(path);
    this.#file = { path: temporary, descriptor: openSync(temporary, "wx+", 0o644) };
  }
  /** The content, to stand in an entry. */
  store(bytes: Uint8Array): StoredContent {
    const digest = createHash("sha256").update(bytes).digest("hex");
    const known = this.#contents.get(digest);
    if (known) return known;
    const hashes = hashesOf(bytes);
    const content = new PlacedContent(this.#file, [digest, bytes.length, this.#end, this.#hashes.length], Buffer.concat(hashes), 0);
    withExplainedFailure(this.#path, () => writeWhole(this.#file.descriptor, bytes, this.#end));
    for (const hash of hashes) this.#hashes.push(hash);
    this.#end += bytes.length;
    this.#contents.set(digest, content);
    return content;
  }
  /** The image's file is whole from here on, under `path(digest)`. */
  finish({ name, digest, config, entries }: Image, path: string): void {
    const places = [...this.#contents.values()].map(({ place }) => place);
    const placeByDigest = new Map(places.map(([content], index) => [content, index]));
    const rows = entries.map(entry => rowOf(entry, entry.stored ? placeByDigest.get(entry.stored.digest) : undefined));
    const index = new Packr({ useRecords: false, variableMapSize: true }).pack({ name, digest, config, places, rows } satisfies Index);
    const hashes = Buffer.concat(this.#hashes);
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(MAGIC, "latin1");
    header.writeUInt32LE(STORED_VERSION, 8);
    header.writeUInt32LE(index.length, 12);
    header.writeBigUInt64LE(BigInt(this.#end - HEADER_BYTES), 16);
    header.writeUInt32LE(this.#hashes.length, 24);
    header.writeUInt32LE(crc32(index, crc32(hashes)), 28);
    const { descriptor } = this.#file;
    withExplainedFailure(path, () => {
      writeWhole(descriptor, hashes, this.#end);
      writeWhole(descriptor, index, this.#end + hashes.length);
      writeWhole(descriptor, header, 0);
      ftruncateSync(descriptor, this.#end + hashes.length + index.length);
      fsyncSync(descriptor);
      renameSync(this.#file.path, path);
    });
  }
  abandon(): void {
    closeSync(this.#file.descriptor);
    rmSync(this.#file.path, { force: true });
  }
}

/** Of the file that is open: its contents stay readable for as long as this process runs, even where the image is removed meanwhile. */
export function openStoredImage(path: string, descriptor: number, length: number): Image {
  const header = readAt(descriptor, 0, HEADER_BYTES);
  const [indexBytes, contentBytes, hashBytes] = [header.readUInt32LE(12), Number(header.readBigUInt64LE(16)), header.readUInt32LE(24) * HASH_BYTES];
  const hashesAt = HEADER_BYTES + contentBytes;
  if (hashesAt + hashBytes + indexBytes !== length) throw new NotAnImage(`is ${length} bytes long and should be ${hashesAt + hashBytes + indexBytes}`);
  const tail = readAt(descriptor, hashesAt, hashBytes + indexBytes);
  if (crc32(tail) !== header.readUInt32LE(28)) throw new NotAnImage("is damaged");
  const { name, digest, config, places, rows } = readIndex(tail.subarray(hashBytes));
  const file = { path, descriptor };
  const contents = places.map(place => new PlacedContent(file, place, tail, place[3] * HASH_BYTES));
  return { name, digest, config, entries: rows.map(row => entryOf(row, contents)), pieces: new StoredPieces(contents) };
}
const piecesIn = (length: number): number => Math.ceil(length / PIECE_BYTES);

/** Indexed when first asked: most runs never ask. */
class StoredPieces implements PieceIndex {
  readonly #contents: readonly PlacedContent[];
  #places: Map<string, readonly [content: PlacedContent, index: number]> | undefined;
  constructor(contents: readonly PlacedContent[]) {
    this.#contents = contents;
  }
  get(hash: string): Uint8Array | undefined {
    this.#places ??= new Map(this.#contents.flatMap(content => Array.from(content.hashes(), (one, index) => [one, [content, index]] as const)));
    const place = this.#places.get(hash);
    return place?.[0].piece(place[1]);
  }
}

interface OpenedFile {
  readonly path: string;
  readonly descriptor: number;
}
class PlacedContent implements StoredContent {
  readonly place: Place;
  readonly #file: OpenedFile;
  /** Among others', from a place on. */
  readonly #hashes: Buffer;
  readonly #hashesAt: number;
  /** By index, those that were wanted, and by reads what these brought. */
  #pieces: Uint8Array[] | undefined;
  #chunks: Buffer[] | undefined;
  constructor(file: OpenedFile, place: Place, hashes: Buffer, hashesAt: number) {
    this.#file = file;
    this.place = place;
    this.#hashes = hashes;
    this.#hashesAt = hashesAt;
  }
  *hashes(): Generator<string> {
    for (let index = 0; index < piecesIn(this.length); index++) yield this.#hash(index).toString("hex");
  }
  #hash(index: number): Buffer {
    const at = this.#hashesAt + index * HASH_BYTES;
    return this.#hashes.subarray(at, at + HASH_BYTES);
  }
  get digest(): string {
    return this.place[0];
  }
  get length(): number {
    return this.place[1];
  }
  piece(index: number): Uint8Array {
    return this.#pieces?.[index] ?? this.#checked(index);
  }
  #checked(index: number): Uint8Array {
    const chunk = this.#chunk(Math.floor(index / PIECES_A_READ));
    const at = (index % PIECES_A_READ) * PIECE_BYTES;
    const piece = new Uint8Array(chunk.buffer, chunk.byteOffset + at, Math.min(PIECE_BYTES, chunk.length - at));
    if (!hashOf(piece).equals(this.#hash(index)))
      throw new UserMistake(`The image file ${this.#file.path} is damaged; remove the image and fetch or import it again.`);
    this.#pieces ??= [];
    this.#pieces[index] = piece;
    return piece;
  }
  #chunk(number: number): Buffer {
    const [, length, offset] = this.place;
    const start = number * PIECES_A_READ * PIECE_BYTES;
    this.#chunks ??= [];
    this.#chunks[number] ??= readAt(this.#file.descriptor, offset + start, Math.min(PIECES_A_READ * PIECE_BYTES, length - start));
    return this.#chunks[number];
  }
}

/** All of a file's bytes, for those who want them at once. */
export function contentBytes({ content, stored }: Pick<ImageEntry, "content" | "stored">): Uint8Array {
  if (!stored) return content ?? new Uint8Array(0);
  return Buffer.concat(Array.from({ length: piecesIn(stored.length) }, (_, index) => stored.piece(index)));
}

function hashesOf(bytes: Uint8Array): readonly Buffer[] {
  return Array.from({ length: piecesIn(bytes.length) }, (_, index) => hashOf(bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES)));
}
function hashOf(piece: Uint8Array): Buffer {
  let end = piece.length;
  while (end > 0 && piece[end - 1] === 0) end--;
  return digest("sha256", piece.subarray(0, end), "buffer").subarray(0, HASH_BYTES);
}

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const count = readSync(descriptor, bytes, at, length - at, offset + at);
    if (count === 0) throw new NotAnImage("is cut off");
    at += count;
  }
  return bytes;
}

function writeWhole(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, offset + at);
}

function readIndex(bytes: Buffer): Index {
  try {
    const index = new Unpackr({ useRecords: false }).unpack(bytes) as Index;
    if (typeof index.digest === "string" && typeof index.name === "string" && Array.isArray(index.rows) && Array.isArray(index.places) && index.config)
      return index;
  } catch {
    // Whatever msgpack says about it, the index is damaged.
  }
  throw new NotAnImage("is damaged");
}

function rowOf(entry: ImageEntry, place: number | undefined): Row {
  const { path, kind, mode, uid, gid, mtimeSeconds, target, device, hardLinkTo } = entry;
  if (kind === "file" && hardLinkTo === undefined && place === undefined) throw new Error(`The content of ${path} was never stored.`);
  return [path, kind, mode, uid, gid, mtimeSeconds, place ?? null, target ?? null, device ?? null, hardLinkTo ?? null];
}

function entryOf(row: Row, contents: readonly StoredContent[]): ImageEntry {
  if (!Array.isArray(row) || row.length !== 10) throw new NotAnImage("is damaged");
  const [path, kind, mode, uid, gid, mtimeSeconds, place, target, device, hardLinkTo] = row;
  const stored = place === null ? undefined : contents[place];
  if (place !== null && !stored) throw new NotAnImage("is damaged");
  // Not spread: there are thousands.
  const entry: { -readonly [Part in keyof ImageEntry]: ImageEntry[Part] } = { path, kind, mode, uid, gid, mtimeSeconds };
  if (stored) entry.stored = stored;
  if (target !== null) entry.target = target;
  if (device !== null) entry.device = device;
  if (hardLinkTo !== null) entry.hardLinkTo = hardLinkTo;
  return entry;
}
