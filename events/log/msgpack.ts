// msgpack as logs use it: no records, no extension types, 64-bit integers as bigint and only those. Everything read is checked first.
import { Packr, Unpackr } from "msgpackr";
import { LogDamage } from "./damage.ts";
import { checkWellFormed } from "./well-formed.ts";

const options = {
  useRecords: false,
  structuredClone: false,
  moreTypes: false,
  variableMapSize: true,
  int64AsType: "bigint",
  encodeUndefinedAsNil: true,
} as const;
const packr = new Packr(options);
const unpackr = new Unpackr({ ...options, mapsAsObjects: true });

export const pack = (value: unknown): Uint8Array => packr.pack(value);
/** A sequence's numbers and lists are written here, a tenth of a recording of calls faster than by the library, and to the same bytes; it writes all else. */
const LEAST_ROOM = 16;
export class SequencePacker {
  #bytes = new Uint8Array(2 ** 12);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  push(value: unknown): void {
    if (this.#end + LEAST_ROOM > this.#bytes.length) this.#grow(LEAST_ROOM);
    if (typeof value === "number") this.#number(value);
    else if (Array.isArray(value)) {
      this.#length(value.length);
      for (let i = 0; i < value.length; i++) this.push(value[i]);
    } else if (value === null) this.#bytes[this.#end++] = 0xc0;
    else this.#append(pack(value));
  }
  /** The values since, one after another without a list around them; valid until the next is pushed. */
  takeAll(): Uint8Array {
    const all = this.#bytes.subarray(0, this.#end);
    this.#end = 0;
    return all;
  }
  #number(value: number): void {
    const bytes = this.#bytes;
    if (value >>> 0 === value) {
      if (value < 0x80) bytes[this.#end++] = value;
      else if (value < 0x100) this.#tagged(0xcc, 1).setUint8(this.#end - 1, value);
      else if (value < 0x1_0000) this.#tagged(0xcd, 2).setUint16(this.#end - 2, value);
      else this.#tagged(0xce, 4).setUint32(this.#end - 4, value);
    } else if ((value | 0) === value) {
      if (value >= -0x20) bytes[this.#end++] = 0x100 + value;
      else if (value >= -0x80) this.#tagged(0xd0, 1).setInt8(this.#end - 1, value);
      else if (value >= -0x8000) this.#tagged(0xd1, 2).setInt16(this.#end - 2, value);
      else this.#tagged(0xd2, 4).setInt32(this.#end - 4, value);
    } else this.#tagged(0xcb, 8).setFloat64(this.#end - 8, value);
  }
  #length(length: number): void {
    if (length < 0x10) this.#bytes[this.#end++] = 0x90 | length;
    else if (length < 0x1_0000) this.#tagged(0xdc, 2).setUint16(this.#end - 2, length);
    else this.#tagged(0xdd, 4).setUint32(this.#end - 4, length);
  }
  /** Room for so many bytes after a tag. */
  #tagged(tag: number, bytes: number): DataView {
    this.#bytes[this.#end] = tag;
    this.#end += 1 + bytes;
    return this.#view;
  }
  #append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }
  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#end + least));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
export function unpackSequence(bytes: Uint8Array): readonly unknown[] {
  const count = checkWellFormed(bytes);
  if (count === 0) return [];
  const values = decoded(bytes);
  if (values?.length !== count) throw new LogDamage(`A block should hold ${count} records but cannot be decoded.`);
  return values;
}
/** The library throws errors of its own for what it does not take, such as a map whose keys are lists. */
function decoded(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    return unpackr.unpackMultiple(bytes);
  } catch {
    return undefined;
  }
}
export function unpack(bytes: Uint8Array): unknown {
  const values = unpackSequence(bytes);
  if (values.length !== 1) throw new LogDamage(`A record is expected alone, but ${values.length} lie together.`);
  return values[0];
}
