// The form on disk of an image whose contents are read when they are wanted: header, contents (each once), a CRC-32 of every piece of them, msgpack index.
// Header: 8 bytes magic, u32 version, u32 length of the index, u64 length of the contents, u32 number of sums, u32 CRC-32 of sums and index; numbers little-endian.
// Opening reads sums and index alone: a Debian userland of 300 MiB opens as fast as its list of files is read.
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { Packr, Unpackr } from "msgpackr";
import type { Image, ImageEntry, StoredContent } from "../engine/loader/image.ts";
import { temporaryBeside, withExplainedFailure } from "./atomic-write.ts";
import { NotAnImage } from "./not-an-image.ts";
import { UserMistake } from "./user-mistake.ts";

const MAGIC = "CHRXIMG\n";
export const STORED_VERSION = 2;
const HEADER_BYTES = 32;
const PIECE_BYTES = 4096;
/** What one read brings: neighbours are mostly wanted next. */
const PIECES_A_READ = 32;

/** Where a content lies in the file, and where its first piece's sum lies among the sums. */
type Place = readonly [digest: string, length: number, offset: number, firstSum: number];
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
  readonly #sums: number[] = [];
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
    const sums = sumsOf(bytes);
    const content = new PlacedContent(this.#file, [digest, bytes.length, this.#end, this.#sums.length], sums);
    withExplainedFailure(this.#path, () => writeWhole(this.#file.descriptor, bytes, this.#end));
    this.#sums.push(...sums);
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
    const sums = Buffer.from(Uint32Array.from(this.#sums).buffer);
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(MAGIC, "latin1");
    header.writeUInt32LE(STORED_VERSION, 8);
    header.writeUInt32LE(index.length, 12);
    header.writeBigUInt64LE(BigInt(this.#end - HEADER_BYTES), 16);
    header.writeUInt32LE(this.#sums.length, 24);
    header.writeUInt32LE(crc32(index, crc32(sums)), 28);
    const { descriptor } = this.#file;
    withExplainedFailure(path, () => {
      writeWhole(descriptor, sums, this.#end);
      writeWhole(descriptor, index, this.#end + sums.length);
      writeWhole(descriptor, header, 0);
      ftruncateSync(descriptor, this.#end + sums.length + index.length);
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
  const [indexBytes, contentBytes, sumCount] = [header.readUInt32LE(12), Number(header.readBigUInt64LE(16)), header.readUInt32LE(24)];
  const sumsAt = HEADER_BYTES + contentBytes;
  if (sumsAt + sumCount * 4 + indexBytes !== length) throw new NotAnImage(`is ${length} bytes long and should be ${sumsAt + sumCount * 4 + indexBytes}`);
  const tail = readAt(descriptor, sumsAt, sumCount * 4 + indexBytes);
  if (crc32(tail) !== header.readUInt32LE(28)) throw new NotAnImage("is damaged");
  const sums = Uint32Array.from({ length: sumCount }, (_, i) => tail.readUInt32LE(i * 4));
  const { name, digest, config, places, rows } = readIndex(tail.subarray(sumCount * 4));
  const file = { path, descriptor };
  const contents = places.map(place => new PlacedContent(file, place, sums.subarray(place[3], place[3] + Math.ceil(place[1] / PIECE_BYTES))));
  return { name, digest, config, entries: rows.map(row => entryOf(row, contents)) };
}

interface OpenedFile {
  readonly path: string;
  readonly descriptor: number;
}
class PlacedContent implements StoredContent {
  readonly place: Place;
  readonly #file: OpenedFile;
  readonly #sums: ArrayLike<number>;
  readonly #pieces: Uint8Array[] = [];
  constructor(file: OpenedFile, place: Place, sums: ArrayLike<number>) {
    this.#file = file;
    this.place = place;
    this.#sums = sums;
  }
  get digest(): string {
    return this.place[0];
  }
  get length(): number {
    return this.place[1];
  }
  piece(index: number): Uint8Array {
    return this.#pieces[index] ?? this.#read(index);
  }
  #read(wanted: number): Uint8Array {
    const [, length, offset] = this.place;
    const first = wanted - (wanted % PIECES_A_READ);
    const start = first * PIECE_BYTES;
    const bytes = readAt(this.#file.descriptor, offset + start, Math.min(PIECES_A_READ * PIECE_BYTES, length - start));
    for (let at = 0, index = first; at < bytes.length; at += PIECE_BYTES, index++) {
      const piece = new Uint8Array(bytes.buffer, bytes.byteOffset + at, Math.min(PIECE_BYTES, bytes.length - at));
      if (crc32(piece) !== this.#sums[index])
        throw new UserMistake(`The image file ${this.#file.path} is damaged; remove the image and fetch or import it again.`);
      this.#pieces[index] = piece;
    }
    return this.#pieces[wanted]!;
  }
}

/** All of a file's bytes, for those who want them at once. */
export function contentBytes({ content, stored }: Pick<ImageEntry, "content" | "stored">): Uint8Array {
  if (!stored) return content ?? new Uint8Array(0);
  return Buffer.concat(Array.from({ length: Math.ceil(stored.length / PIECE_BYTES) }, (_, index) => stored.piece(index)));
}

function sumsOf(bytes: Uint8Array): readonly number[] {
  return Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES) }, (_, index) => crc32(bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES)));
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
  return {
    path,
    kind,
    mode,
    uid,
    gid,
    mtimeSeconds,
    ...(stored && { stored }),
    ...(target !== null && { target }),
    ...(device !== null && { device }),
    ...(hardLinkTo !== null && { hardLinkTo }),
  };
}
