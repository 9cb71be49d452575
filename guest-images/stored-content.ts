// Contents in the file of a stored image: read in chunks when the guest wants them, each piece checked by its hash once for each state of that file.
import { hash as digest } from "node:crypto";
import { readSync } from "node:fs";
import type { StoredContent } from "../engine/loader/image.ts";
import type { CheckedPieces } from "./checked-pieces.ts";
import { NotAnImage } from "./not-an-image.ts";
import { UserMistake } from "./user-mistake.ts";

const PIECE_BYTES = 4096;
/** What one read brings: neighbours are mostly wanted next. */
const PIECES_A_READ = 8;
/** By its first bytes; see `PieceIndex`. */
export const HASH_BYTES = 16;
const HASH_CHARACTERS = 32;

export const piecesIn = (length: number): number => Math.ceil(length / PIECE_BYTES);

export interface OpenedFile {
  readonly path: string;
  readonly descriptor: number;
}
/** Where contents are read from. */
export interface ContentFile extends OpenedFile {
  /** Of all pieces from a place on, one after another. */
  readonly hashes: Buffer;
  readonly firstHash: number;
  /** Which pieces have been found right before. */
  readonly checks?: CheckedPieces;
}
export class StoredFile implements ContentFile {
  readonly path: string;
  readonly descriptor: number;
  readonly firstHash = 0;
  readonly checks: CheckedPieces;
  readonly #hashesAt: number;
  readonly #hashBytes: number;
  #hashes: Buffer | undefined;
  constructor({ path, descriptor }: OpenedFile, checks: CheckedPieces, hashesAt: number, hashBytes: number) {
    this.path = path;
    this.descriptor = descriptor;
    this.checks = checks;
    this.#hashesAt = hashesAt;
    this.#hashBytes = hashBytes;
  }
  get hashes(): Buffer {
    this.#hashes ??= readAt(this.descriptor, this.#hashesAt, this.#hashBytes);
    return this.#hashes;
  }
}
export class PlacedContent implements StoredContent {
  readonly digest: string;
  readonly length: number;
  readonly offset: number;
  readonly firstHash: number;
  readonly #file: ContentFile;
  /** By index, those that were wanted, and by reads what these brought. */
  #pieces: Uint8Array[] | undefined;
  #chunks: Buffer[] | undefined;
  /** `offset`: in the image's file. `firstHash`: which of all hashes is its first piece's. */
  constructor(file: ContentFile, digest: string, length: number, offset: number, firstHash: number) {
    this.#file = file;
    this.digest = digest;
    this.length = length;
    this.offset = offset;
    this.firstHash = firstHash;
  }
  *hashes(): Generator<string> {
    for (let index = 0; index < piecesIn(this.length); index++) yield this.#hash(index);
  }
  #hash(index: number): string {
    const { hashes, firstHash } = this.#file;
    const at = (this.firstHash - firstHash + index) * HASH_BYTES;
    return hashes.toString("hex", at, at + HASH_BYTES);
  }
  piece(index: number): Uint8Array {
    return this.#pieces?.[index] ?? this.#read(index);
  }
  #read(index: number): Uint8Array {
    const chunk = this.#chunk(Math.floor(index / PIECES_A_READ));
    const at = (index % PIECES_A_READ) * PIECE_BYTES;
    const piece = new Uint8Array(chunk.buffer, chunk.byteOffset + at, Math.min(PIECE_BYTES, chunk.length - at));
    this.#check(piece, index);
    this.#pieces ??= [];
    this.#pieces[index] = piece;
    return piece;
  }
  #check(piece: Uint8Array, index: number): void {
    const { path, checks } = this.#file;
    if (checks?.has(this.firstHash + index)) return;
    if (hashOf(piece) !== this.#hash(index)) throw new UserMistake(`The image file ${path} is damaged; remove the image and fetch or import it again.`);
    checks?.add(this.firstHash + index);
  }
  #chunk(number: number): Buffer {
    const start = number * PIECES_A_READ * PIECE_BYTES;
    this.#chunks ??= [];
    this.#chunks[number] ??= readAt(this.#file.descriptor, this.offset + start, Math.min(PIECES_A_READ * PIECE_BYTES, this.length - start));
    return this.#chunks[number];
  }
}

export function hashesOf(bytes: Uint8Array): readonly Buffer[] {
  return Array.from({ length: piecesIn(bytes.length) }, (_, index) =>
    Buffer.from(hashOf(bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES)), "hex"),
  );
}
/** In hexadecimal: to make and compare buffers takes as long as to hash. */
function hashOf(piece: Uint8Array): string {
  let end = piece.length;
  while (end > 0 && piece[end - 1] === 0) end--;
  return digest("sha256", piece.subarray(0, end)).slice(0, HASH_CHARACTERS);
}

export function readAt(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const count = readSync(descriptor, bytes, at, length - at, offset + at);
    if (count === 0) throw new NotAnImage("is cut off");
    at += count;
  }
  return bytes;
}
