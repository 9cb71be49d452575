// The page store: contents in a log's `pages` blocks, each once. What the image holds already is not written.

import type { Bytes } from "../events/kernel-event.ts";
import { LogDamage } from "../events/log/damage.ts";
import { DigestTable, digestOfHex } from "../events/log/digest-table.ts";
import { pack, unpack } from "../events/log/msgpack.ts";
import type { Block, LogReader } from "../events/log/reader.ts";
import type { LogWriter } from "../events/log/writer.ts";
import type { BootState } from "./boot-state.ts";
import { type ContentHash, type ContentSource, HASH_BYTES, hashOf, MOST_CONTENT_BYTES } from "./content.ts";

const BLOCK_CONTENTS = 64;
/** More than the index of so many takes. */
const MOST_INDEX_BYTES = 2048;
/** What was stored so long ago that half as many others came since is stored again: as many pages as a machine's memory has by itself (`GuestMemory`). */
const MOST_REMEMBERED = 2 ** 20;

export class PageStoreWriter {
  readonly #log: LogWriter;
  readonly #elsewhere: Pick<BootState, "has">;
  readonly #stored = new DigestTable(MOST_REMEMBERED);
  /** The next block's contents, behind room for their index. */
  readonly #block = new Uint8Array(MOST_INDEX_BYTES + BLOCK_CONTENTS * MOST_CONTENT_BYTES);
  #end = MOST_INDEX_BYTES;
  #hashes: ContentHash[] = [];
  #lengths: number[] = [];
  #count = 0;
  /** Of the content that is put. */
  readonly #digest = new Int32Array(HASH_BYTES / 4);

  /** `elsewhere`: contents that need not be in the log. */
  constructor(log: LogWriter, elsewhere: Pick<BootState, "has">) {
    this.#log = log;
    this.#elsewhere = elsewhere;
  }
  /** How many contents have been stored. */
  get count(): number {
    return this.#count;
  }
  put(hash: ContentHash, bytes: Bytes): void {
    const digest = digestOfHex(hash, this.#digest);
    if (this.#stored.get(digest) !== undefined) return;
    this.#stored.set(digest, 0);
    if (this.#elsewhere.has(hash, bytes)) return;
    this.#count++;
    this.#block.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#hashes.push(hash);
    this.#lengths.push(bytes.length);
    if (this.#hashes.length >= BLOCK_CONTENTS) this.flush();
  }
  /** To be called before what refers to the contents is written. */
  flush(): void {
    const count = this.#hashes.length;
    if (count === 0) return;
    const index = pack([Buffer.from(this.#hashes.join(""), "hex"), this.#lengths]);
    const start = MOST_INDEX_BYTES - index.length;
    this.#block.set(index, start);
    this.#log.block("pages", this.#block.subarray(start, this.#end), { count, split: index.length });
    this.#end = MOST_INDEX_BYTES;
    this.#hashes = [];
    this.#lengths = [];
  }
}

interface Place {
  readonly block: Block;
  readonly start: number;
  readonly length: number;
}
/** Contents read back from a log. */
export class LoggedContents implements ContentSource {
  readonly #log: LogReader;
  readonly #places = new Map<ContentHash, Place>();
  readonly #given = new Map<ContentHash, WeakRef<Uint8Array>>();
  #indexed = 0;
  #last: { readonly block: Block; readonly payload: Uint8Array } | undefined;

  constructor(log: LogReader) {
    this.#log = log;
  }
  get(hash: ContentHash): Uint8Array | undefined {
    const given = this.#given.get(hash)?.deref();
    if (given) return given;
    const place = this.#places.get(hash) ?? this.#indexUntil(hash);
    if (!place) return undefined;
    const bytes = new Uint8Array(this.#payload(place.block).subarray(place.start, place.start + place.length));
    if (hashOf(bytes) !== hash) throw new LogDamage(`A page in the log is not what its hash ${hash} says.`);
    this.#given.set(hash, new WeakRef(bytes));
    return bytes;
  }
  #indexUntil(hash: ContentHash): Place | undefined {
    const { pages } = this.#log;
    while (this.#indexed < pages.length) {
      this.#index(pages[this.#indexed++]!);
      const found = this.#places.get(hash);
      if (found) return found;
    }
    return undefined;
  }
  /** A block that is damaged holds nothing: what refers to it is then not found, and says so. */
  #index(block: Block): void {
    try {
      const payload = this.#payload(block);
      const { split } = block.header;
      const [hashes, lengths] = asIndex(unpack(payload.subarray(0, split)));
      let start = split;
      lengths.forEach((length, i) => {
        const hash = Buffer.from(hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)).toString("hex");
        if (length <= MOST_CONTENT_BYTES && start + length <= payload.length) this.#places.set(hash, { block, start, length });
        start += length;
      });
    } catch (error) {
      if (!(error instanceof LogDamage)) throw error;
    }
  }
  #payload(block: Block): Uint8Array {
    if (this.#last?.block !== block) this.#last = { block, payload: this.#log.payload(block) };
    return this.#last.payload;
  }
}
function asIndex(value: unknown): readonly [Uint8Array, readonly number[]] {
  if (
    Array.isArray(value) &&
    value[0] instanceof Uint8Array &&
    Array.isArray(value[1]) &&
    value[1].every(length => Number.isSafeInteger(length) && length >= 0)
  )
    return [value[0], value[1]];
  throw new LogDamage("A pages block has no index.");
}
