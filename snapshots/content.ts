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

/** The first source that has it. */
export const joinedSources = (...sources: readonly ContentSource[]): ContentSource => ({
  get(hash) {
    for (const source of sources) {
      const bytes = source.get(hash);
      if (bytes) return bytes;
    }
    return undefined;
  },
});

/** Every piece that a value holds, such as the state at boot, whose files are the image's and the mounts'. Hashed when first asked. */
export class HeldContents implements ContentSource {
  #value: unknown;
  readonly #byHash = new Map<ContentHash, Uint8Array>();
  constructor(value: unknown) {
    this.#value = value;
  }
  get(hash: ContentHash): Uint8Array | undefined {
    if (this.#value !== undefined) {
      this.#collect(this.#value);
      this.#value = undefined;
    }
    return this.#byHash.get(hash);
  }
  #collect(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    if (value instanceof Uint8Array) {
      if (isContent(value)) this.#byHash.set(contentHash(value), value);
    } else if (value instanceof Map) for (const item of value.values()) this.#collect(item);
    else for (const item of Object.values(value)) this.#collect(item);
  }
}
/** Shorter bytes cost less where they are than by reference. */
const LEAST_CONTENT_BYTES = 64;
export const isContent = (bytes: Bytes): boolean => bytes.length >= LEAST_CONTENT_BYTES && bytes.length <= MOST_CONTENT_BYTES;
