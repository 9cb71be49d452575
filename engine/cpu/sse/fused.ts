// Fused multiplication and addition, rounded once, from operations that round each. WebAssembly has none.
// Of singles the product is exact as a double; the sum of doubles is rounded to odd, so that its rounding to single is that of the exact sum.
// Of doubles: Boldo and Melquiond, "Emulation of a FMA and Correctly Rounded Sums: Proved Algorithms Using Rounding to Odd", IEEE Transactions on Computers 57 (2008), with Dekker's product.
// What they do not hold for (see isFusedUnusual) is left to the exact way of vector-assists.ts.
import type { Func } from "../wasm/func.ts";
import { i32, type Value, v128 } from "../wasm/value.ts";
import { choose, f32x4, f64x2, i8x16, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { type Routine, routine } from "../x87/routine.ts";
import { type Lane, single, type Vector } from "./lane.ts";

const { add, sub, mul, eq, ne, le, ge, abs } = f64x2;
const HIGH = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const JOINED = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const ONE = repeated(1n, 64);
type Keep = (value: Vector) => Vector;
interface Rounded {
  readonly value: Vector;
  readonly error: Vector;
}
/** a + b, and what its rounding left out (Knuth, The Art of Computer Programming, vol. 2, 4.2.2, theorem B). */
function sumOf(keep: Keep, a: Vector, b: Vector): Rounded {
  const value = keep(add(a, b));
  const second = keep(sub(value, a));
  return { value, error: keep(add(sub(a, sub(value, second)), sub(b, second))) };
}
/** What is not exact, and even, becomes the odd neighbour on the side of the error. */
function toOdd({ value, error }: Rounded): Vector {
  const step = v128.or(i64x2.shrS(v128.xor(value, error), i32.constant(63)), ONE);
  const isOdd = i64x2.sub(v128.zero, v128.and(value, ONE));
  return i64x2.add(value, v128.andNot(v128.and(step, ne(error, v128.zero)), isOdd));
}
const SPLITTER = repeated(0x41a0_0000_0200_0000n, 64);
/** a * b as a sum of two (Dekker, "A Floating-Point Technique for Extending the Available Precision", 1971). */
function productOf(keep: Keep, a: Vector, b: Vector): Rounded {
  const split = (v: Vector) => {
    const scaled = keep(mul(v, SPLITTER));
    const high = keep(sub(scaled, sub(scaled, v)));
    return { high, low: keep(sub(v, high)) };
  };
  const [x, y] = [split(a), split(b)];
  const value = keep(mul(a, b));
  const error = add(add(add(sub(mul(x.high, y.high), value), mul(x.high, y.low)), mul(x.low, y.high)), mul(x.low, y.low));
  return { value, error: keep(error) };
}
/** The last sum, of a rounded one and one to odd: to nearest. */
function lastSum(keep: Keep, x: Vector, y: Vector, z: Vector): { readonly last: Rounded; readonly product: Vector; readonly before: Rounded } {
  const product = productOf(keep, x, y);
  const low = sumOf(keep, z, product.error);
  const high = sumOf(keep, product.value, low.value);
  const before = sumOf(keep, low.error, high.error);
  return { last: sumOf(keep, high.value, keep(toOdd(before))), product: product.value, before };
}

type Three = readonly [Vector, Vector, Vector];
const paramsOf = (code: Func): Three => [code.param("v128", 0), code.param("v128", 1), code.param("v128", 2)];
const keepIn =
  (code: Func): Keep =>
  value =>
    code.let(value);
const THREE = ["v128", "v128", "v128"] as const;
const FOUR = [...THREE, "v128"] as const;

/** (x, y, z) to x * y + z. */
export const fused64 = (): Routine =>
  routine("fused64", THREE, ["v128"], code => {
    const keep = keepIn(code);
    const [x, y, z] = paramsOf(code);
    const { last, product } = lastSum(keep, x, y, z);
    // The sign of an exact zero is that of the plain sum.
    code.result(choose(keep(add(product, z)), last.value, keep(eq(last.value, v128.zero))));
  });
/** Both halves of singles as doubles. */
const eachHalf = (code: Func, operands: readonly Vector[], compute: (keep: Keep, operands: readonly Vector[]) => Vector): readonly [Vector, Vector] => {
  const keep = keepIn(code);
  const half = (part: (v: Vector) => Vector) =>
    keep(
      compute(
        keep,
        operands.map(operand => keep(f64x2.promoteF32(part(operand)))),
      ),
    );
  return [half(v => v), half(v => i8x16.shuffle(HIGH, v, v))];
};
const sumOfSingles = (keep: Keep, [x, y, z]: readonly Vector[]): Rounded => sumOf(keep, keep(mul(x!, y!)), z!);
export const fused32 = (): Routine =>
  routine("fused32", THREE, ["v128"], code => {
    const [low, high] = eachHalf(code, paramsOf(code), (keep, operands) => f32x4.demoteF64(toOdd(sumOfSingles(keep, operands))));
    code.result(i8x16.shuffle(JOINED, low, high));
  });

/** (x, y, z, result) to a bit for each lane that was rounded. */
export const inexactFused64 = (): Routine =>
  routine("inexactFused64", FOUR, ["i32"], code => {
    const [x, y, z] = paramsOf(code);
    const { last, before } = lastSum(keepIn(code), x, y, z);
    code.result(i64x2.bitmask(v128.or(ne(last.error, v128.zero), ne(before.error, v128.zero))));
  });
const bitsOf = ([low, high]: readonly [Vector, Vector]): Value<"i32"> => i32.or(i64x2.bitmask(low), i32.shl(i64x2.bitmask(high), i32.constant(2)));
export const inexactFused32 = (): Routine =>
  routine("inexactFused32", FOUR, ["i32"], code => {
    const masks = eachHalf(code, [...paramsOf(code), code.param("v128", 3)], (keep, [x, y, z, result]) => {
      const { value, error } = sumOfSingles(keep, [x!, y!, z!]);
      return v128.or(ne(error, v128.zero), ne(value, result!));
    });
    code.result(bitsOf(masks));
  });

const powerOfTwo = (exponent: number): Vector => repeated(BigInt(1023 + exponent) << 52n, 64);
const isWithin = (v: Vector, least: number, most: number): Vector =>
  v128.or(eq(v, v128.zero), v128.and(ge(abs(v), powerOfTwo(least)), le(abs(v), powerOfTwo(most))));
/** (x, y, z, result) to a bit for each lane that must go the exact way: here what might overflow, or be lost below the least number, on the way; and NaNs. */
export const isFusedUnusual64 = (): Routine =>
  routine("isFusedUnusual64", FOUR, ["i32"], code => {
    const [x, y, z] = paramsOf(code);
    const isUsual = v128.and(v128.and(isWithin(x, -450, 480), isWithin(y, -450, 480)), isWithin(z, -900, 1000));
    code.result(i32.xor(i64x2.bitmask(isUsual), i32.constant(3)));
  });
const isDenormal = (lane: Lane, ...operands: readonly Vector[]): Vector => operands.map(lane.isDenormal).reduce(v128.or);
/** Of singles the way is right for all numbers, but raises nothing: denormal operands; infinities and NaNs; results too small, unless they are exact zeros. */
export const isFusedUnusual32 = (): Routine =>
  routine("isFusedUnusual32", FOUR, ["i32"], code => {
    const operands = paramsOf(code);
    const result = code.param("v128", 3);
    const isZero = eachHalf(code, operands, (keep, of) => eq(sumOfSingles(keep, of).value, v128.zero));
    const magnitude = code.let(f32x4.abs(result));
    const isExtreme = v128.or(f32x4.le(magnitude, single.least), v128.xor(f32x4.lt(magnitude, single.infinity), repeated(0xffff_ffffn, 32)));
    const some = i32.and(single.bitmask(isExtreme), i32.xor(bitsOf(isZero), i32.constant(15)));
    code.result(i32.or(some, single.bitmask(isDenormal(single, ...operands))));
  });
