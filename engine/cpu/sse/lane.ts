// The two kinds of lanes, and tests of what lies in them. A number doubled loses its sign: d.
import { type IntegerType, i32, i64, type Value, v128 } from "../wasm/value.ts";
import { f32x4, f64x2, i32x4, i64x2, lowBitsF32, lowBitsF64, repeated } from "../wasm/vector-lanes.ts";

export type Vector = Value<"v128">;
export interface Lane {
  readonly bits: 32 | 64;
  readonly float: typeof f64x2 | typeof f32x4;
  readonly quiet: Vector;
  readonly defaultNan: Vector;
  readonly infinity: Vector;
  readonly least: Vector;
  /** Integer tests of lanes: masks of ones. */
  readonly isZeroWord: (a: Vector) => Vector;
  readonly isDenormal: (a: Vector) => Vector;
  readonly isExtreme: (a: Vector) => Vector;
  /** One bit for each lane. */
  readonly bitmask: (mask: Vector) => Value<"i32">;
  /** The same tests of the lowest lane alone. */
  readonly isDenormalLow: (a: Vector) => Value<"i32">;
  readonly isExtremeLow: (a: Vector) => Value<"i32">;
  readonly isNanLow: (a: Vector) => Value<"i32">;
  /** Cheaper: of zero too, and of all that is extreme or close to the least normal number. */
  readonly mayBeDenormalLow: (a: Vector) => Value<"i32">;
  readonly mayBeExtremeLow: (a: Vector) => Value<"i32">;
  readonly isZeroLow: (a: Vector) => Value<"i32">;
  readonly lowBits: (a: Vector) => Value<IntegerType>;
}
function lane(bits: 32 | 64, fractionBits: number): Lane {
  const wide = bits === 64;
  const float = wide ? f64x2 : f32x4;
  const ints = wide ? i64x2 : i32x4;
  const integers = (at: number | bigint): Vector => repeated(BigInt(at), bits);
  const place = BigInt(fractionBits);
  const infinity = ((1n << BigInt(bits - 1)) - 1n) ^ ((1n << place) - 1n);
  const least = 1n << place;
  const half = 1n << BigInt(bits - 1);
  // Unsigned comparisons, made signed by turning the highest bit.
  const doubledAnd = (a: Vector, addend: bigint) => ints.add(ints.add(a, a), integers(half + addend));
  // d - 1 < 2 least - 1: nothing but the denormals, since zero comes round to the top.
  const denormal = { addend: -1n, below: 2n * least - 1n };
  // d - (2 least + 1) >= 2 infinity - (2 least + 1): zero, denormal, the least normal number, infinity or a NaN.
  const extreme = { addend: -(2n * least + 1n), from: 2n * infinity - (2n * least + 1n) };
  // The highest 32 bits of a double tell almost as much, in one instruction.
  const highWord = { least: Number((2n * least) >> (wide ? 32n : 0n)), infinity: Number((2n * infinity) >> (wide ? 32n : 0n)) };
  const doubledHigh = (a: Vector) => i32.shl(wide ? i32x4.extract(1, a) : lowBitsF32(a), i32.constant(1));
  // What lies in memory is taken from there: from a vector's register V8 needs two operations of a kind of which the host does one at a time.
  const doubledWord = (a: Vector) => (a.loaded?.bits === bits ? i32.shl(i32.load(32, a.loaded.at, wide ? 4 : 0), i32.constant(1)) : doubledHigh(a));
  const low = (a: Vector, addend: bigint, compare: "ltU" | "geU", limit: bigint): Value<"i32"> => {
    if (wide) return i64[compare](i64.add(i64.shl(i64x2.extract(0, a), i64.constant(1)), i64.constant(addend)), i64.constant(limit));
    return i32[compare](i32.add(i32.shl(i32x4.extract(0, a), i32.constant(1)), i32.constant(addend)), i32.constant(limit));
  };
  return {
    bits,
    float,
    quiet: integers(1n << (place - 1n)),
    defaultNan: integers(half | infinity | (1n << (place - 1n))),
    infinity: integers(infinity),
    least: integers(least),
    isZeroWord: a => ints.eq(a, v128.zero),
    isDenormal: a => ints.gtS(integers(half + denormal.below), doubledAnd(a, denormal.addend)),
    isExtreme: a => ints.gtS(doubledAnd(a, extreme.addend), integers(half + extreme.from - 1n)),
    bitmask: ints.bitmask,
    isDenormalLow: a => low(a, denormal.addend, "ltU", denormal.below),
    isExtremeLow: a => low(a, extreme.addend, "geU", extreme.from),
    mayBeDenormalLow: a => i32.ltU(doubledWord(a), i32.constant(highWord.least)),
    mayBeExtremeLow: a => i32.geU(i32.sub(doubledHigh(a), i32.constant(highWord.least + 1)), i32.constant(highWord.infinity - highWord.least - 1)),
    isZeroLow: a => (wide ? i64.eqz(i64.shl(lowBitsF64(a), i64.constant(1))) : i32.eqz(i32.shl(lowBitsF32(a), i32.constant(1)))),
    lowBits: a => ({ ...(wide ? lowBitsF64(a) : lowBitsF32(a)), isStable: true }),
    isNanLow: a => low(a, 0n, "geU", 2n * infinity + 1n),
  };
}
export const single: Lane = lane(32, 23);
export const double: Lane = lane(64, 52);

export const isNan = ({ float }: Lane, a: Vector): Vector => float.ne(a, a);
export const isSignalling = (lane: Lane, a: Vector): Vector => v128.and(isNan(lane, a), lane.isZeroWord(v128.and(a, lane.quiet)));
export const isInfinite = ({ float, infinity }: Lane, a: Vector): Vector => float.eq(float.abs(a), infinity);
