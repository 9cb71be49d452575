// What events carry again is not written again: a program that reads a page of its database a thousand times has it in the log once. Where a piece of carried bytes is known, the block says where its bytes lie.
// Below rows and events, which know nothing of it; above blocks, which are told how long the list is. The list: four numbers a reference, docs/log-format.md.
import { hash } from "node:crypto";
import { asLength, type ByteSink, type ByteSource, MalformedRow } from "../codec.ts";
import type { Bytes } from "../kernel-event.ts";
import { CarriedSource } from "./carried.ts";
import { DigestTable, digestOfBinary } from "./digest-table.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { SequencePacker } from "./msgpack.ts";

/** Bytes that a block holds itself, from so far into them. The block is named by its first event. */
export interface ContentPlace {
  readonly seq: number;
  readonly at: number;
}
/** Shorter pieces cost less than looking for them. A digest of 4 KiB takes 3 µs, compressing them 12. */
export const LEAST_REFERRED_BYTES = 1024;
/** Of pages of 4 KiB: 256 MiB at least. They are told apart by 128 bits of SHA-256; what has not been met for long is forgotten. */
const MOST_KNOWN = 2 ** 17;
/** In one number, both as far as bytes are referred to: a block is written when it carries as many. */
const [MOST_SEQ, MOST_AT] = [2 ** 31, 2 ** 22];
const FIELDS = 4;

/** Takes what the events of a block carry: all of it for the digest, and for the block what is new. */
export class ReferringBuffer implements ByteSink {
  readonly #all = new GrowingBytes();
  /** Without those that are referred to; empty, and the same as all, until the block has a reference: small pieces, of which there are most, are put once. */
  readonly #own = new GrowingBytes();
  readonly #references = new SequencePacker();
  readonly #known = new DigestTable(MOST_KNOWN);
  #seq: number;
  /** Of the block's own bytes, those before the last reference. */
  #passed = 0;

  /** `seq`: the block's first event. */
  constructor(seq: number) {
    this.#seq = seq;
  }
  put(bytes: Bytes): number {
    const known = bytes.length < LEAST_REFERRED_BYTES ? undefined : this.#placeOf(bytes);
    if (known) {
      if (!this.#refers()) this.#own.append(this.#all.bytes.subarray(0, this.#all.length));
      for (const field of [this.#own.length - this.#passed, bytes.length, this.#seq - known.seq, known.at]) this.#references.number(field);
      this.#passed = this.#own.length;
    } else if (this.#refers()) this.#own.append(bytes);
    this.#all.append(bytes);
    return bytes.length;
  }
  /** Where they lie already; else they are known from now on. */
  #placeOf(bytes: Bytes): ContentPlace | undefined {
    const digest = digestOfBinary(hash("sha256", bytes as Uint8Array, "binary"));
    const known = this.#known.get(digest);
    if (known !== undefined) return { seq: Math.floor(known / MOST_AT), at: known % MOST_AT };
    const at = this.ownLength;
    if (this.#seq < MOST_SEQ && at < MOST_AT) this.#known.set(digest, this.#seq * MOST_AT + at);
    return undefined;
  }
  /** Bytes that the events carry. */
  get length(): number {
    return this.#all.length;
  }
  /** Of these, how many the block itself will hold. */
  get ownLength(): number {
    return this.#refers() ? this.#own.length : this.#all.length;
  }
  #refers(): boolean {
    return this.#references.length > 0;
  }
  /** Everything, and starts the block whose first event is `next`; valid until more is put. */
  takeAll(next: number): { readonly all: Uint8Array; readonly references: Uint8Array; readonly own: Uint8Array } {
    const isWhole = !this.#refers();
    const [all, references, own] = [this.#all.takeAll(), this.#references.takeAll(), this.#own.takeAll()];
    this.#seq = next;
    this.#passed = 0;
    return { all, references, own: isWhole ? all : own };
  }
}

/** Where the bytes of blocks are found again. */
export interface Contents {
  recall(place: ContentPlace, length: number): Uint8Array;
  /** Bytes that may be referred to later. */
  remember(place: ContentPlace, bytes: Uint8Array): void;
}
/** Gives what the events of a block carry: its own bytes, and those that it refers to. */
export class ReferringSource implements ByteSource {
  readonly #seq: number;
  readonly #own: CarriedSource;
  readonly #fields: readonly number[];
  readonly #contents: Contents;
  #field = 0;
  /** Own bytes before the next reference. */
  #gap: number;

  /** `seq`: the block's first event. */
  constructor(seq: number, own: Uint8Array, references: readonly unknown[], contents: Contents) {
    this.#seq = seq;
    this.#own = new CarriedSource(own);
    this.#fields = references.map(asLength);
    if (this.#fields.length % FIELDS !== 0) throw new MalformedRow("what it refers to is no list of places");
    this.#contents = contents;
    this.#gap = this.#nextGap();
  }
  #nextGap(): number {
    return this.#fields[this.#field] ?? Number.POSITIVE_INFINITY;
  }
  take(length: number): Uint8Array {
    if (this.#gap === 0 && length > 0) return this.#referred(length);
    if (length > this.#gap) throw new MalformedRow(`${length} carried bytes are expected where ${this.#gap} are followed by a reference`);
    this.#gap -= length;
    const { at } = this.#own;
    const bytes = this.#own.take(length);
    if (length >= LEAST_REFERRED_BYTES) this.#contents.remember({ seq: this.#seq, at }, bytes);
    return bytes;
  }
  #referred(expected: number): Uint8Array {
    const [, length, back, at] = this.#fields.slice(this.#field, this.#field + FIELDS) as [number, number, number, number];
    if (length !== expected) throw new MalformedRow(`${expected} carried bytes are expected, and ${length} are referred to`);
    this.#field += FIELDS;
    this.#gap = this.#nextGap();
    return this.#contents.recall({ seq: this.#seq - back, at }, length);
  }
}
