// FPATAN: the angle of the point (x, y), correctly rounded from some 140 bits.
import { type Extended, kindOf, powerOf, type Result, signOf, zero } from "./extended.ts";
import { pi, smallArctangent } from "./reals.ts";
import { bitLength, type Exact, inexact, roundExact } from "./rounding.ts";
import { denormalStatus, exactly, nanResult, trapsDenormal, withStatus } from "./special.ts";
import { DEFAULT_MODE } from "./status.ts";

const PRECISION = 144;
/** Below 2^-TINY the arctangent is its argument, less a little. */
const TINY = 80;
const STEPS = 16n;

/** Euler's series: slow, for the table only. */
function arctangentOfStep(step: bigint, bits: number): bigint {
  const denominator = STEPS * STEPS + step * step;
  let term = ((step * STEPS) << BigInt(bits)) / denominator;
  let sum = term;
  for (let n = 1n; term > 0n; n++) {
    term = (term * 2n * n * step * step) / ((2n * n + 1n) * denominator);
    sum += term;
  }
  return sum;
}
const TABLE_BITS = PRECISION + TINY + 16;
const table: (bigint | undefined)[] = [];

/** atan(numerator / denominator), between 0 and 1. */
function arctangent(numerator: bigint, denominator: bigint, bits: number): bigint {
  // atan(t) = atan(c) + atan((t - c) / (1 + t c)), with c the nearest sixteenth.
  const step = (2n * STEPS * numerator + denominator) / (2n * denominator);
  const rest = ((STEPS * numerator - step * denominator) << BigInt(bits)) / (STEPS * denominator + step * numerator);
  if (step === 0n) return smallArctangent(rest, bits);
  table[Number(step)] ??= arctangentOfStep(step, TABLE_BITS);
  return (table[Number(step)]! >> BigInt(TABLE_BITS - bits)) + smallArctangent(rest, bits);
}

/** The angle of two finite numbers that are not zero. */
function angleOf(x: Extended, y: Extended): Exact {
  const power = Math.min(powerOf(x), powerOf(y));
  const isSteep = compare(y, x) > 0;
  const [small, large] = isSteep ? [x, y] : [y, x];
  const distance = powerOf(large) + bitLength(large.mantissa) - powerOf(small) - bitLength(small.mantissa);
  const sign = signOf(y);
  if (distance > TINY && !isSteep && !signOf(x)) {
    const quotient = (small.mantissa << BigInt(PRECISION)) / large.mantissa - 1n;
    return { sign, significand: quotient, power: powerOf(small) - powerOf(large) - PRECISION, hasMore: true };
  }
  const bits = PRECISION + Math.min(Math.max(distance, 0), TINY);
  // So far from an axis's multiple that nothing but the direction is seen.
  const first =
    distance > 2 * PRECISION ? 1n : arctangent(small.mantissa << BigInt(powerOf(small) - power), large.mantissa << BigInt(powerOf(large) - power), bits);
  const acute = isSteep ? pi(bits) / 2n - first : first;
  const steep = isSteep && signOf(x) ? pi(bits) / 2n + first : signOf(x) ? pi(bits) - first : acute;
  return { ...inexact(steep, bits), sign };
}
/** Of magnitudes. */
function compare(a: Extended, b: Extended): number {
  const power = Math.min(powerOf(a), powerOf(b));
  const difference = (a.mantissa << BigInt(powerOf(a) - power)) - (b.mantissa << BigInt(powerOf(b) - power));
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** Quarters of pi, where an operand is zero or infinite (SDM vol. 2, table 3-30). Nothing where both are numbers in between; 0 for a zero. */
function quartersOf(x: Extended, y: Extended): number | undefined {
  const [kind, yKind] = [kindOf(x), kindOf(y)];
  if (yKind === "infinity") return kind === "infinity" ? (signOf(x) ? 3 : 1) : 2;
  if (yKind === "zero" || kind === "infinity") return signOf(x) ? 4 : 0;
  return kind === "zero" ? 2 : undefined;
}

export function arctangentResult(x: Extended, y: Extended, control: number): Result {
  const nan = nanResult(x, y);
  if (nan) return nan;
  const status = denormalStatus(x, y);
  if (trapsDenormal(status, control)) return exactly(x, status);
  const quarters = quartersOf(x, y);
  if (quarters === 0) return exactly(zero(signOf(y)), status);
  const exact = quarters ? { ...inexact((pi(PRECISION) * BigInt(quarters)) / 4n, PRECISION), sign: signOf(y) } : angleOf(x, y);
  return withStatus(roundExact(exact, control | DEFAULT_MODE), status);
}
