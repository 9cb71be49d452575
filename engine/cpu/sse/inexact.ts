// Routines that find whether a result, computed to nearest, was rounded. Only where PE is not recorded yet. They answer a bit for each lane, and may be too careful.
import type { Func } from "../wasm/func.ts";
import { i32, i64, type Value, v128 } from "../wasm/value.ts";
import { f64x2, i8x16, i64x2, lowBitsF64 } from "../wasm/vector-lanes.ts";
import { type Routine, type RoutineName, routine } from "../x87/routine.ts";
import { double, type Lane, type Vector } from "./lane.ts";

/**
 * Of a, b and a + b: the error of a sum is itself a number of the format, and Knuth's sequence computes it (The Art of Computer Programming, vol. 2, 4.2.2, theorem B).
 * Where it overflows on the way it gives a NaN, which counts as inexact.
 */
export function sumError(code: Func, { float: { add, sub } }: Lane, a: Vector, b: Vector, sum: Vector): Vector {
  const second = code.let(sub(sum, a));
  return add(sub(a, sub(sum, second)), sub(b, second));
}
/** Where a sum is infinite there is no error. */
export function roundedSums(code: Func, lane: Lane, a: Vector, b: Vector, sum: Vector): Value<"i32"> {
  const { ne, lt, abs } = lane.float;
  return lane.bitmask(v128.and(ne(sumError(code, lane, a, b, sum), v128.zero), lt(abs(sum), lane.infinity)));
}
export const inexactSum = (name: RoutineName, lane: Lane): Routine =>
  routine(name, ["v128", "v128", "v128"], ["i32"], code =>
    code.result(roundedSums(code, lane, code.param("v128", 0), code.param("v128", 1), code.param("v128", 2))),
  );

const HIGH = [8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16, 16, 16, 16, 16, 16];
/** (x, y, z): whether x * y = z, in singles; of a quotient or root the proof is its product. Doubles hold the product whole. */
export const inexactProduct32 = (): Routine =>
  routine("inexactProduct32", ["v128", "v128", "v128"], ["i32"], code => {
    const [x, y, z] = [code.param("v128", 0), code.param("v128", 1), code.param("v128", 2)];
    const half = (part: (v: Vector) => Vector): Value<"i32"> => {
      const wide = (v: Vector) => f64x2.promoteF32(part(v));
      const product = code.let(f64x2.mul(wide(x), wide(y)));
      return i64x2.bitmask(v128.and(f64x2.ne(product, wide(z)), f64x2.lt(f64x2.abs(product), double.infinity)));
    };
    const low = code.let(half(v => v));
    code.result(
      i32.or(
        low,
        i32.shl(
          half(v => i8x16.shuffle(HIGH, v, v128.zero)),
          i32.constant(2),
        ),
      ),
    );
  });

const LOW_27 = i64.constant(0x7ff_ffff);
/** Of two doubles: no more than 26 significant bits in each. */
export const hasShortFactors = (a: Vector, b: Vector): Value<"i32"> => i64.eqz(i64.and(i64.or(lowBitsF64(a), lowBitsF64(b)), LOW_27));
export const isPowerOfTwo = (a: Vector): Value<"i32"> => i64.eqz(i64.and(lowBitsF64(a), FRACTION));
const FRACTION = i64.constant(0xf_ffff_ffff_ffffn);
const IMPLICIT = i64.constant(0x10_0000_0000_0000n);
/**
 * The same for one double of each. A product has no more than 53 significant bits just where that of the odd parts of its factors has none beyond them.
 * Zero and infinity pass for powers of two.
 */
export const inexactProduct64 = (): Routine =>
  routine("inexactProduct64", ["v128", "v128", "v128"], ["i32"], code => {
    const [x, y, z] = [code.param("v128", 0), code.param("v128", 1), code.param("v128", 2)];
    const odd = (v: Vector): Value<"i64"> => {
      const significand = code.let(i64.or(i64.and(i64x2.extract(0, v), FRACTION), IMPLICIT));
      return code.let(i64.shrU(significand, i64.ctz(significand)));
    };
    const [a, b] = [odd(x), odd(y)];
    // 54 places at most, so that the product of 64 bits is whole.
    const isLong = i64.ltU(i64.add(i64.clz(a), i64.clz(b)), i64.constant(128 - 54));
    const isBeyond = i32.or(isLong, i64.geU(i64.mul(a, b), i64.constant(1n << 53n)));
    const product = code.let(f64x2.mul(x, y));
    const isOther = v128.or(f64x2.ne(product, z), v128.and(f64x2.le(f64x2.abs(product), double.least), f64x2.ne(product, v128.zero)));
    // A product may overflow though the dividend it is compared with does not.
    const isBounded = v128.and(f64x2.eq(product, product), f64x2.lt(f64x2.abs(z), double.infinity));
    const bit = (mask: Vector) => i32.and(i64x2.bitmask(mask), i32.constant(1));
    code.result(i32.and(bit(isBounded), i32.or(isBeyond, bit(isOther))));
  });
