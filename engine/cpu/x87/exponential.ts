// F2XM1, FYL2X and FYL2XP1: powers and logarithms of base 2, correctly rounded from some 140 bits.
import { BIAS, type Extended, exponentOf, INTEGER_BIT, infinity, kindOf, ONE, powerOf, type Result, SIGN, signOf, zero } from "./extended.ts";
import { exponentialLessOne, hyperbolicArctangent, ln2 } from "./reals.ts";
import { bitLength, type Exact, inexact, roundExact } from "./rounding.ts";
import { denormalStatus, exactly, invalid, nanResult, trapsDenormal, withStatus } from "./special.ts";
import { DEFAULT_MODE, ZE } from "./status.ts";

const PRECISION = 144;
/** Below 2^-LINEAR, a function is its first term to as many bits. */
const LINEAR = 140;
/** These instructions ignore PC. */
const fullPrecision = (control: number): number => control | DEFAULT_MODE;

/** The power of two of the first bit. */
const magnitudeOf = (x: Extended): number => powerOf(x) + bitLength(x.mantissa) - 1;
const signed = (x: Extended): bigint => (signOf(x) ? -x.mantissa : x.mantissa);
/** `value * 2 ** power` with `bits` binary places. */
const fixed = (value: bigint, power: number, bits: number): bigint => (power + bits >= 0 ? value << BigInt(power + bits) : value >> BigInt(-power - bits));
const times = (x: Extended, { sign, significand, power, hasMore }: Exact): Exact => ({
  sign: signOf(x) ^ sign,
  significand: x.mantissa * significand,
  power: powerOf(x) + power,
  hasMore,
});

/** 2^x - 1. Outside -1 to 1, where the manual leaves it undefined, the operand stays. */
export function powerLessOne(x: Extended, control: number): Result {
  const nan = nanResult(x);
  if (nan) return nan;
  const [kind, status] = [kindOf(x), denormalStatus(x)];
  if (kind === "zero" || trapsDenormal(status, control)) return exactly(x, status);
  if (kind === "infinity") return exactly(signOf(x) ? { ...ONE, signExponent: BIAS | SIGN } : x);
  if (exponentOf(x) >= BIAS) {
    const isMinusOne = signOf(x) && exponentOf(x) === BIAS && x.mantissa === INTEGER_BIT;
    return exactly(isMinusOne ? { mantissa: INTEGER_BIT, signExponent: SIGN | (BIAS - 1) } : x);
  }
  const magnitude = magnitudeOf(x);
  const bits = PRECISION + Math.min(-magnitude, LINEAR);
  const exact = magnitude < -LINEAR ? times(x, inexact(ln2(bits), bits)) : inexact(exponentialLessOne(fixed(signed(x) * ln2(bits), powerOf(x), 0), bits), bits);
  return withStatus(roundExact(exact, fullPrecision(control)), status);
}

/** log2 of a positive number other than 1. */
function logarithm(x: Extended): Exact {
  const length = bitLength(x.mantissa);
  let power = powerOf(x) + length - 1;
  if (x.mantissa === 1n << BigInt(length - 1)) return { sign: power < 0 ? SIGN : 0, significand: BigInt(Math.abs(power)), power: 0, hasMore: false };
  let unit = 1n << BigInt(length - 1);
  // Between sqrt(1/2) and sqrt(2), so that a number just below 1 is not the difference of two large ones.
  if (x.mantissa * x.mantissa > 2n * unit * unit) {
    power++;
    unit *= 2n;
  }
  const bits = PRECISION + 64;
  const natural = 2n * hyperbolicArctangent(x.mantissa - unit, x.mantissa + unit, bits);
  return inexact((BigInt(power) << BigInt(bits)) + (natural << BigInt(bits)) / ln2(bits), bits);
}

/** y * log2(x) (SDM vol. 2, FYL2X). */
export function timesLogarithm(x: Extended, y: Extended, control: number): Result {
  const nan = nanResult(x, y);
  if (nan) return nan;
  const [kind, yKind, status] = [kindOf(x), kindOf(y), denormalStatus(x, y)];
  if (signOf(x) && kind !== "zero") return invalid();
  const isOne = x.signExponent === BIAS && x.mantissa === INTEGER_BIT;
  if (yKind === "zero" && (kind === "zero" || kind === "infinity")) return invalid();
  if (yKind === "infinity" && isOne) return invalid();
  if (kind === "zero") return yKind === "infinity" ? exactly(infinity(signOf(y) ^ SIGN)) : exactly(infinity(signOf(y) ^ SIGN), ZE);
  if (trapsDenormal(status, control)) return exactly(x, status);
  const sign = signOf(y) ^ (exponentOf(x) < BIAS ? SIGN : 0);
  if (kind === "infinity" || yKind === "infinity") return exactly(infinity(sign), status);
  if (isOne || yKind === "zero") return exactly(zero(sign), status);
  return withStatus(roundExact(times(y, logarithm(x)), fullPrecision(control)), status);
}

/** log2(1 + x) of a number above -1 and not zero. */
function logarithmAboveOne(x: Extended): Exact {
  const magnitude = magnitudeOf(x);
  const bits = PRECISION + Math.min(Math.max(-magnitude, 0), LINEAR);
  if (magnitude < -LINEAR) return times(x, inexact((1n << BigInt(2 * bits)) / ln2(bits), bits));
  const places = BigInt(Math.max(-powerOf(x), 0));
  const value = fixed(signed(x), powerOf(x), Number(places));
  const natural = 2n * hyperbolicArctangent(value, (2n << places) + value, bits);
  return inexact((natural << BigInt(bits)) / ln2(bits), bits);
}

/** y * log2(x + 1), for x between -(1 - sqrt(1/2)) and sqrt(2) - 1 (SDM vol. 2, FYL2XP1). Elsewhere, where the manual leaves it undefined: the logarithm while there is one. */
export function timesLogarithmAboveOne(x: Extended, y: Extended, control: number): Result {
  const nan = nanResult(x, y);
  if (nan) return nan;
  const [kind, yKind, status] = [kindOf(x), kindOf(y), denormalStatus(x, y)];
  const sign = signOf(x) ^ signOf(y);
  if (signOf(x) && exponentOf(x) >= BIAS) return invalid();
  if ((kind === "zero" && yKind === "infinity") || (kind === "infinity" && yKind === "zero")) return invalid();
  if (trapsDenormal(status, control)) return exactly(x, status);
  if (kind === "infinity" || yKind === "infinity") return exactly(infinity(sign), status);
  if (kind === "zero" || yKind === "zero") return exactly(zero(sign), status);
  if (exponentOf(x) >= BIAS + 2) return withStatus(roundExact(times(y, logarithmOfSum(x)), fullPrecision(control)), status);
  return withStatus(roundExact(times(y, logarithmAboveOne(x)), fullPrecision(control)), status);
}
/** log2(1 + x) of a large number, by the logarithm of the rounded sum: the range is not one that programs may use. */
const logarithmOfSum = (x: Extended): Exact =>
  logarithm(
    roundExact(
      { sign: 0, significand: powerOf(x) > 0 ? x.mantissa : x.mantissa + (1n << BigInt(-powerOf(x))), power: powerOf(x), hasMore: false },
      DEFAULT_MODE,
    ).value,
  );
