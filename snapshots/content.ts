// Bytes known by what they are: pieces of files and pages of memory, each named by its hash, so that none is stored twice or apart from the image it came from.
import { hash as digest } from "node:crypto";
import type { Bytes } from "../events/kernel-event.ts";

/** 16 bytes of the SHA-256, in hexadecimal. */
export type ContentHash = string;
export const HASH_BYTES = 16;
/** Pieces and pages are never longer. */
export const MOST_CONTENT_BYTES = 4096;

/** Where contents are found again. One hash gives one object, for as long as somebody holds it: the page cache finds frames by a piece's identity. */
export interface ContentSource {
  get(hash: ContentHash): Uint8Array | undefined;
}

const known = new WeakMap<Bytes, ContentHash>();
/** Bytes in state are never written, so each object is hashed once. */
export function contentHash(bytes: Bytes): ContentHash {
  let found = known.get(bytes);
  if (found === undefined) {
    found = hashOf(bytes);
    known.set(bytes, found);
  }
  return found;
}
/** For bytes that nobody keeps. */
export const hashOf = (bytes: Bytes): ContentHash => digest("sha256", bytes as Uint8Array, "hex").slice(0, 2 * HASH_BYTES);

/** Shorter bytes cost less where they are than by reference. */
const LEAST_CONTENT_BYTES = 64;
export const isContent = (bytes: Bytes): boolean => bytes.length >= LEAST_CONTENT_BYTES && bytes.length <= MOST_CONTENT_BYTES;
