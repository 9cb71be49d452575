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
/** The values one after another, without an array around them. */
export function packSequence(values: readonly unknown[]): Uint8Array {
  if (values.length === 0) return new Uint8Array(0);
  return packr.pack(values).subarray(values.length < 16 ? 1 : values.length < 0x1_0000 ? 3 : 5);
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
