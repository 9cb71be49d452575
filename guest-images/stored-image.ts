// The form on disk of an image whose contents are read when they are wanted: header, contents (each once), a hash of every piece of them, msgpack index.
// Header: 8 bytes magic, u32 version, u32 length of the index, u64 length of the contents, u32 number of hashes, u32 CRC-32 of hashes and index; numbers little-endian.
// Opening reads the index alone, or what is kept of it (image-list.ts): a Debian userland of 300 MiB opens as fast as its list of files is read.
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, type Stats, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { Packr, Unpackr } from "msgpackr";
import type { Image, ImageEntry, StoredContent } from "../engine/loader/image.ts";
import { temporaryBeside, withExplainedFailure } from "./atomic-write.ts";
import { checkedPieces, identityOf } from "./checked-pieces.ts";
import { type Index, keptList, LIST_VERSION, listOf, type Place, type Row } from "./image-list.ts";
import { ListedImage } from "./listed-image.ts";
import { NotAnImage } from "./not-an-image.ts";
import { HASH_BYTES, hashesOf, type OpenedFile, PlacedContent, piecesIn, readAt, StoredFile } from "./stored-content.ts";

const MAGIC = "CHRXIMG\n";
export const STORED_VERSION = 2;
const HEADER_BYTES = 32;

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
    const firstHash = this.#hashes.length;
    const content = new PlacedContent({ ...this.#file, hashes: Buffer.concat(hashes), firstHash }, digest, bytes.length, this.#end, firstHash);
    withExplainedFailure(this.#path, () => writeWhole(this.#file.descriptor, bytes, this.#end));
    for (const hash of hashes) this.#hashes.push(hash);
    this.#end += bytes.length;
    this.#contents.set(digest, content);
    return content;
  }
  /** The image's file is whole from here on, under `path(digest)`. */
  finish({ name, digest, config, entries }: Image, path: string): void {
    const places = Array.from(this.#contents.values(), ({ digest, length, offset, firstHash }): Place => [digest, length, offset, firstHash]);
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

/**
 * Of the file that is open: its contents stay readable for as long as this process runs, even where the image is removed meanwhile.
 * `listPath`: where its list is kept in a form that is read faster (image-list.ts). `name`: instead of the one it was made with.
 */
export function openStoredImage(path: string, descriptor: number, stats: Stats, listPath: string, name?: string): Image {
  const { size, mtimeMs } = stats;
  const header = readAt(descriptor, 0, HEADER_BYTES);
  const [indexBytes, contentBytes, hashBytes] = [header.readUInt32LE(12), Number(header.readBigUInt64LE(16)), header.readUInt32LE(24) * HASH_BYTES];
  const hashesAt = HEADER_BYTES + contentBytes;
  if (hashesAt + hashBytes + indexBytes !== size) throw new NotAnImage(`is ${size} bytes long and should be ${hashesAt + hashBytes + indexBytes}`);
  const stamp = [LIST_VERSION, header.toString("hex"), size, mtimeMs].join();
  const checks = checkedPieces(listPath, identityOf(stats), hashBytes / HASH_BYTES);
  const list = keptList(listPath, checks.isListRight, stamp, () => {
    const tail = readAt(descriptor, hashesAt, hashBytes + indexBytes);
    if (crc32(tail) !== header.readUInt32LE(28)) throw new NotAnImage("is damaged");
    return listOf(readIndex(tail.subarray(hashBytes)));
  });
  checks.listIsRight();
  return new ListedImage(list, new StoredFile({ path, descriptor }, checks, hashesAt, hashBytes), name);
}

/** All of a file's bytes, for those who want them at once. */
export function contentBytes({ content, stored }: Pick<ImageEntry, "content" | "stored">): Uint8Array {
  if (!stored) return content ?? new Uint8Array(0);
  return Buffer.concat(Array.from({ length: piecesIn(stored.length) }, (_, index) => stored.piece(index)));
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
