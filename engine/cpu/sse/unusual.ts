// Routines for the seldom taken branch behind a result that may be unusual: does it raise anything but PE, and which NaN is it? They answer a bit for each lane.
// What raises is left to the exact way of vector-assists.ts; being too careful costs only time.
import { v128 } from "../wasm/value.ts";
import { choose, f64x2, repeated } from "../wasm/vector-lanes.ts";
import { type Routine, type RoutineName, routine } from "../x87/routine.ts";
import { double, isInfinite, isNan, isSignalling, type Lane, type Vector } from "./lane.ts";

const any = (...masks: readonly Vector[]): Vector => masks.reduce((all, mask) => v128.or(all, mask));
const without = v128.andNot;

/** (a, b, result, mask of ones where a zero result is always exact, as a sum is) of an addition, multiplication or division; of a root with its operand twice. */
export const raises = (name: RoutineName, lane: Lane): Routine =>
  routine(name, ["v128", "v128", "v128", "v128"], ["i32"], code => {
    const [a, b, result, isSum] = [code.param("v128", 0), code.param("v128", 1), code.param("v128", 2), code.param("v128", 3)];
    const isZero = (x: Vector) => lane.float.eq(x, v128.zero);
    const magnitude = lane.float.abs(result);
    code.result(
      lane.bitmask(
        any(
          lane.isDenormal(a),
          lane.isDenormal(b),
          isSignalling(lane, a),
          isSignalling(lane, b),
          without(isNan(lane, result), v128.or(isNan(lane, a), isNan(lane, b))),
          without(isInfinite(lane, result), v128.or(isInfinite(lane, a), isInfinite(lane, b))),
          // The least normal number as well: it may have been tiny before it was rounded.
          without(lane.float.le(magnitude, lane.least), isZero(result)),
          without(isZero(result), any(isSum, isZero(a), isZero(b), isInfinite(lane, b))),
        ),
      ),
    );
  });
/** Lanes whose comparison raises something. `signals`: of ones where a quiet NaN raises IE too. */
export const comparisonRaises = (lane: Lane, a: Vector, b: Vector, signals: Vector): Vector => {
  const isUnordered = v128.or(isNan(lane, a), isNan(lane, b));
  return any(lane.isDenormal(a), lane.isDenormal(b), isSignalling(lane, a), isSignalling(lane, b), v128.and(signals, isUnordered));
};
/** (a, b, signals) */
export const raisesComparing = (name: RoutineName, lane: Lane): Routine =>
  routine(name, ["v128", "v128", "v128"], ["i32"], code => {
    code.result(lane.bitmask(comparisonRaises(lane, code.param("v128", 0), code.param("v128", 1), code.param("v128", 2))));
  });
/** Lanes of an unusual result or operand that are not just a zero, as exact as its operands: a test without a call, for compiled code. */
export const isMoreThanZero = (lane: Lane, a: Vector, b: Vector, result: Vector, isSum: boolean): Vector => {
  const isZero = (x: Vector) => lane.float.eq(x, v128.zero);
  const isPlain = isSum ? isZero(result) : v128.and(isZero(result), v128.or(isZero(a), isZero(b)));
  return any(without(lane.isExtreme(result), isPlain), lane.isDenormal(a), lane.isDenormal(b));
};
/** (doubles, the same as singles) */
export const raisesNarrowing = (): Routine =>
  routine("raisesNarrowing", ["v128", "v128"], ["i32"], code => {
    const [from, to] = [code.param("v128", 0), code.param("v128", 1)];
    const magnitude = f64x2.abs(f64x2.promoteF32(to));
    const least = repeated(0x3810_0000_0000_0000n, 64);
    const isExtreme = v128.or(f64x2.le(magnitude, least), f64x2.ge(magnitude, double.infinity));
    const isExact = v128.or(f64x2.eq(from, v128.zero), isInfinite(double, from));
    code.result(double.bitmask(v128.or(isSignalling(double, from), without(isExtreme, isExact))));
  });
/**
 * (a, b, result) to the result with x86's NaNs; WebAssembly leaves them open. SDM vol. 1, 4.8.3.5: the first operand if it is a NaN, else the second, made quiet;
 * else the default, which is negative.
 */
export const settle = (name: RoutineName, lane: Lane): Routine =>
  routine(name, ["v128", "v128", "v128"], ["v128"], code => {
    const [a, b, result] = [code.param("v128", 0), code.param("v128", 1), code.param("v128", 2)];
    const chosen = choose(v128.or(a, lane.quiet), choose(v128.or(b, lane.quiet), lane.defaultNan, isNan(lane, b)), isNan(lane, a));
    code.result(choose(chosen, result, isNan(lane, result)));
  });
