// The state of a machine that has booted: what a keyframe need not say, since whoever boots it again has it. Its contents are found by their number, by themselves and by their hash.
import { imageInode } from "../engine/kernel/objects/image-inodes.ts";
import type { KernelState } from "../engine/kernel/state/kernel-state.ts";
import type { Inode } from "../engine/kernel/state/vfs.ts";
import type { Image } from "../engine/loader/image.ts";
import type { Bytes } from "../events/kernel-event.ts";
import { type ContentHash, type ContentSource, contentHash, isContent } from "./content.ts";
import type { LeftOut } from "./value-codec.ts";

/** Bytes that tell contents apart before they are compared. */
const KEY_BYTES = 8;
/** Twice as many, as a shift: in fractions each byte would leave numbers on the heap. */
const KEY_SHIFT = 4;

/** What of a machine's image its state need not hold. */
export type BootImage = Pick<Image, "listing" | "pieces">;

/** Looked into when first asked: a short recording asks nothing. */
export class BootState implements ContentSource {
  readonly value: unknown;
  readonly #image: BootImage;
  readonly #inodes = new Map<number, Inode | undefined>();
  #held: readonly Bytes[] | undefined;
  #numbers: ReadonlyMap<Bytes, number> | undefined;
  #byHash: ReadonlyMap<ContentHash, Bytes> | undefined;
  #byKey: ReadonlyMap<number, readonly Bytes[]> | undefined;

  constructor(value: unknown, image: BootImage = {}) {
    this.value = value;
    this.#image = image;
  }
  /** Files of the image that nobody had asked for at boot. */
  readonly leftOut: LeftOut = list => (this.#image.listing && list === (this.value as KernelState).vfs.inodes ? id => this.#inode(id) : undefined);
  #inode(id: number): Inode | undefined {
    if (!this.#inodes.has(id)) this.#inodes.set(id, imageInode(this.#image.listing, id));
    return this.#inodes.get(id);
  }
  /**
   * Every piece that it holds, such as those of files that come from the image and the mounts, in the order of the state. What lies at two places counts twice: whether it is one object there
   * is the host's matter, and numbers are not.
   */
  get #contents(): readonly Bytes[] {
    this.#held ??= contentsOf(this.value);
    return this.#held;
  }
  /** How many contents, and how long they are together: differs where another state is taken for this one. */
  get extent(): readonly [contents: number, bytes: number] {
    return [this.#contents.length, this.#contents.reduce((sum, { length }) => sum + length, 0)];
  }
  at(number: number): Bytes | undefined {
    return this.#contents[number];
  }
  /** Of this very object. */
  numberOf(bytes: Bytes): number | undefined {
    if (!this.#numbers) {
      const numbers = new Map<Bytes, number>();
      this.#contents.forEach((content, number) => void numbers.set(content, number));
      this.#numbers = numbers;
    }
    return this.#numbers.get(bytes);
  }
  get(hash: ContentHash): Uint8Array | undefined {
    this.#byHash ??= new Map(this.#contents.map(content => [contentHash(content), content]));
    return (this.#byHash.get(hash) as Uint8Array | undefined) ?? this.#image.pieces?.get(hash);
  }
  /** As `get`, for who has the bytes: then those at boot, a megabyte or three, need not be hashed. */
  has(hash: ContentHash, bytes: Bytes): boolean {
    this.#byKey ??= Map.groupBy(this.#contents, keyOf);
    return (
      this.#byKey.get(keyOf(bytes))?.some(content => Buffer.compare(content as Uint8Array, bytes as Uint8Array) === 0) ||
      this.#image.pieces?.get(hash) !== undefined
    );
  }
}
function contentsOf(value: unknown, found: Bytes[] = []): readonly Bytes[] {
  if (typeof value !== "object" || value === null) return found;
  if (value instanceof Uint8Array) {
    if (isContent(value)) found.push(value);
  } else if (value instanceof Map) for (const item of value.values()) contentsOf(item, found);
  else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) contentsOf(value[i], found);
  else for (const name in value) contentsOf((value as Record<string, unknown>)[name], found);
  return found;
}
function keyOf(bytes: Bytes): number {
  const { length } = bytes;
  let key = length;
  for (let i = 0; i < KEY_BYTES; i++) key = (Math.imul(key, 31) + bytes[((2 * i + 1) * length) >>> KEY_SHIFT]!) | 0;
  return key;
}
