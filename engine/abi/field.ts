// Field types of C structures: size, alignment, and conversion to and from little-endian bytes. Offsets follow from the order, as in C.
import type { Bytes } from "./memory-view.ts";

/** A C type with a fixed size. `format` is strace's text for a value. */
export interface Field<T> {
  readonly size: number;
  readonly alignment: number;
  get(view: DataView, at: number): T;
  put(view: DataView, at: number, value: T): void;
  format(value: T): string;
}

const integer = (
  size: 1 | 2 | 4 | 8,
  get: (view: DataView, at: number) => number,
  put: (view: DataView, at: number, value: number) => void,
): Field<number> => ({
  size,
  alignment: size,
  get,
  put,
  format: String,
});

export const u8 = integer(
  1,
  (v, at) => v.getUint8(at),
  (v, at, n) => v.setUint8(at, n),
);
export const u16 = integer(
  2,
  (v, at) => v.getUint16(at, true),
  (v, at, n) => v.setUint16(at, n, true),
);
export const i16 = integer(
  2,
  (v, at) => v.getInt16(at, true),
  (v, at, n) => v.setInt16(at, n, true),
);
export const u32 = integer(
  4,
  (v, at) => v.getUint32(at, true),
  (v, at, n) => v.setUint32(at, n, true),
);
export const i32 = integer(
  4,
  (v, at) => v.getInt32(at, true),
  (v, at, n) => v.setInt32(at, n, true),
);
const WORD = 0x1_0000_0000;
/** In two's complement. Bigints are made only where they are needed: struct stat has thirteen such words. */
export function put64(view: DataView, at: number, number: number): void {
  if (Number.isSafeInteger(number)) {
    view.setUint32(at, number, true);
    view.setUint32(at + 4, Math.floor(number / WORD), true);
  } else view.setBigUint64(at, BigInt.asUintN(64, BigInt(number)), true);
}
/** Exact up to 2^53, rounded above. */
export const u64 = integer(8, (v, at) => v.getUint32(at, true) + v.getUint32(at + 4, true) * WORD, put64);
export const i64 = integer(8, (v, at) => Number(v.getBigInt64(at, true)), put64);
/** All 64 bits, for masks and cookies. */
export const bits64: Field<bigint> = {
  size: 8,
  alignment: 8,
  get: (v, at) => v.getBigUint64(at, true),
  put: (v, at, n) => v.setBigUint64(at, n, true),
  format: n => `0x${n.toString(16)}`,
};
export const pointer: Field<number> = { ...u64, format: n => (n === 0 ? "NULL" : `0x${n.toString(16)}`) };

/** A fixed number of bytes: reserved space, or text such as utsname's. */
export const bytes = (size: number, format: (value: Bytes) => string = value => JSON.stringify(String.fromCharCode(...value))): Field<Bytes> => ({
  size,
  alignment: 1,
  get: (v, at) => new Uint8Array(v.buffer, v.byteOffset + at, size).slice(),
  put: (v, at, value) => new Uint8Array(v.buffer, v.byteOffset + at, size).set(value.subarray(0, size)),
  format,
});
/** The same field, shown differently. */
export const shown = <T>(field: Field<T>, format: (value: T) => string): Field<T> => ({ ...field, format });

export type Fields = Readonly<Record<string, Field<any>>>;
export type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A structure, itself a field. Names that begin with `_` are padding: never shown, zero when written. */
export function struct<F extends Fields>(fields: F): Field<Values<F>> & { readonly offsets: { readonly [K in keyof F]: number } } {
  const names = Object.keys(fields);
  const offsets: Record<string, number> = {};
  let end = 0;
  let alignment = 1;
  for (const name of names) {
    const field = fields[name]!;
    end = Math.ceil(end / field.alignment) * field.alignment;
    offsets[name] = end;
    end += field.size;
    alignment = Math.max(alignment, field.alignment);
  }
  const written = names.filter(name => !name.startsWith("_")).map(name => ({ name, field: fields[name]!, offset: offsets[name]! }));
  return {
    offsets: offsets as { readonly [K in keyof F]: number },
    size: Math.ceil(end / alignment) * alignment,
    alignment,
    get(view, at) {
      const value: Record<string, unknown> = {};
      for (const name of names) value[name] = fields[name]!.get(view, at + offsets[name]!);
      return value as Values<F>;
    },
    put(view, at, value) {
      // By index: a call's first thousands run before V8 has compiled anything, and there an iterator takes as long as the rest.
      for (let i = 0; i < written.length; i++) {
        const { name, field, offset } = written[i]!;
        field.put(view, at + offset, (value as Record<string, unknown>)[name]);
      }
    },
    format: value => `{${written.map(({ name, field }) => `${name}=${field.format((value as Record<string, unknown>)[name])}`).join(", ")}}`,
  };
}

/** As strace shows large structures: only what tells most, and `...` for the rest. */
export const abbreviated = <T>(field: Field<T>, format: (value: T) => string): Field<T> => ({ ...field, format: value => `{${format(value)}, ...}` });

/** A fixed-length array, as `int fds[2]`. */
export const array = <T>(field: Field<T>, length: number): Field<readonly T[]> => ({
  size: field.size * length,
  alignment: field.alignment,
  get(view, at) {
    const values: T[] = [];
    for (let i = 0; i < length; i++) values.push(field.get(view, at + i * field.size));
    return values;
  },
  put(view, at, values) {
    for (let i = 0; i < values.length; i++) field.put(view, at + i * field.size, values[i]!);
  },
  format: values => `[${values.map(field.format).join(", ")}]`,
});

const viewOf = (value: Bytes): DataView => new DataView(value.buffer, value.byteOffset, value.length);
/** Where most structures are put together and taken apart: to make a view takes as long as that, and of few bytes it would first move them out of V8's heap. */
const scratch = new Uint8Array(256);
const scratchView = viewOf(scratch);
export function decodeField<T>(field: Field<T>, value: Bytes, at = 0): T {
  const { size } = field;
  if (size > scratch.length || at + size > value.length) return field.get(viewOf(value), at);
  for (let i = 0; i < size; i++) scratch[i] = value[at + i]!;
  return field.get(scratchView, 0);
}
/** V8 keeps no more in its heap, and memory of its own for each structure would take longer than to put it together. */
const MOST_IN_HEAP = 64;
const SLAB_BYTES = 8192;
let slab = new DataView(new ArrayBuffer(0));
let slabUsed = 0;
function encodeInSlab<T>(field: Field<T>, value: T): Bytes {
  const { size } = field;
  if (slabUsed + size > slab.byteLength) {
    slab = new DataView(new ArrayBuffer(Math.max(SLAB_BYTES, size)));
    slabUsed = 0;
  }
  const at = slabUsed;
  slabUsed += size;
  field.put(slab, at, value);
  return new Uint8Array(slab.buffer, at, size);
}
export function encodeField<T>(field: Field<T>, value: T): Bytes {
  const { size } = field;
  if (size > MOST_IN_HEAP) return encodeInSlab(field, value);
  scratch.fill(0, 0, size);
  field.put(scratchView, 0, value);
  return scratch.slice(0, size);
}
