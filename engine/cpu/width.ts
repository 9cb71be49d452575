// An operand size: which wasm integers compute it, and how it meets 64-bit registers. Values are kept sign-extended in their wasm type.
import { type Bits, extendS, extendU, type Family, type IntegerType, i32, i64, type Value, wrap } from "./wasm/value.ts";

export interface Width<T extends IntegerType> {
  readonly bits: Bits;
  readonly int: Family<T>;
  /** Drops what does not fit after arithmetic. */
  signed(value: Value<T>): Value<T>;
  unsigned(value: Value<T>): Value<T>;
  /** The low bits of 64. */
  narrow(value: Value<"i64">): Value<T>;
  widen(value: Value<T>): Value<"i64">;
  widenUnsigned(value: Value<T>): Value<"i64">;
  fromI32(value: Value<"i32">): Value<T>;
  /** The low 32 bits. */
  toI32(value: Value<T>): Value<"i32">;
}

const narrow = (bits: 8 | 16): Width<"i32"> => {
  const unsigned = (value: Value<"i32">) => value.zeroExtended ?? i32.and(value, i32.constant((1 << bits) - 1));
  return {
    bits,
    int: i32,
    unsigned,
    signed: value => i32.signExtend(bits, value),
    narrow: value => i32.signExtend(bits, wrap(value)),
    widen: extendS,
    widenUnsigned: value => extendU(unsigned(value)),
    fromI32: value => value,
    toI32: value => value,
  };
};
const double: Width<"i32"> = { ...narrow(8), bits: 32, signed: v => v, unsigned: v => v, narrow: wrap, widenUnsigned: extendU };
const quad: Width<"i64"> = {
  bits: 64,
  int: i64,
  signed: v => v,
  unsigned: v => v,
  narrow: v => v,
  widen: v => v,
  widenUnsigned: v => v,
  fromI32: extendU,
  toI32: wrap,
};
export const widths = { 8: narrow(8), 16: narrow(16), 32: double, 64: quad } as const;

/** 128 and 256: the length of vectors, in forms with VEX. */
export type FormBits = Bits | 128 | 256;

/** A definition is generic in the wasm type; this is where one is chosen. */
export function atWidth<R>(bits: Bits, body: <T extends IntegerType>(width: Width<T>) => R): R {
  return bits === 64 ? body(widths[64]) : body(widths[bits]);
}
