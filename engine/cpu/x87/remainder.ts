// FPREM and FPREM1: the remainder, or the next step towards it (SDM vol. 2).
import { type Extended, kindOf, powerOf, type Result, SIGN, signOf, zero } from "./extended.ts";
import { bitLength, roundExact } from "./rounding.ts";
import { denormalStatus, exactly, invalid, nanResult, trapsDenormal, withStatus } from "./special.ts";
import { C0, C1, C2, C3, DEFAULT_MODE, MODE_MASK, UE } from "./status.ts";

/** The low three bits of the quotient lie, from high to low, in C0, C3 and C1. */
const quotientBits = (quotient: bigint): number => (quotient & 4n ? C0 : 0) | (quotient & 2n ? C3 : 0) | (quotient & 1n ? C1 : 0);

function remainderOf(a: Extended, b: Extended, control: number, isNearest: boolean): Result {
  const nan = nanResult(a, b);
  if (nan) return nan;
  const [aKind, bKind, status] = [kindOf(a), kindOf(b), denormalStatus(a, b)];
  if (aKind === "infinity" || bKind === "zero") return invalid();
  if (trapsDenormal(status, control) || aKind === "zero") return exactly(a, status);
  const round = (sign: number, significand: bigint, power: number, masked = 0) =>
    withStatus(
      significand === 0n ? exactly(zero(sign)) : roundExact({ sign, significand, power, hasMore: false }, (control & ~MODE_MASK) | DEFAULT_MODE | masked),
      status,
    );
  // The dividend itself, of which the processor does not ask whether it is tiny.
  if (bKind === "infinity") return round(signOf(a), a.mantissa, powerOf(a), UE);
  const distance = powerOf(a) + bitLength(a.mantissa) - powerOf(b) - bitLength(b.mantissa);
  if (distance < -1) return round(signOf(a), a.mantissa, powerOf(a));
  // From 64 on, one step takes off between 32 and 63 of the distance, so that what is left is below 64 times a power of 2.
  const isPartial = distance >= 64;
  const step = isPartial ? distance - (32 + (distance % 32)) : 0;
  const power = Math.min(powerOf(a), powerOf(b) + step);
  const [dividend, divisor] = [a.mantissa << BigInt(powerOf(a) - power), b.mantissa << BigInt(powerOf(b) + step - power)];
  let quotient = dividend / divisor;
  let rest = dividend - quotient * divisor;
  let sign = signOf(a);
  if (isNearest && !isPartial && (2n * rest > divisor || (2n * rest === divisor && (quotient & 1n) === 1n))) {
    quotient += 1n;
    rest = divisor - rest;
    sign ^= SIGN;
  }
  return withStatus(round(rest === 0n ? signOf(a) : sign, rest, power), isPartial ? C2 : quotientBits(quotient));
}
export const remainder = (a: Extended, b: Extended, control: number): Result => remainderOf(a, b, control, false);
export const remainderNearest = (a: Extended, b: Extended, control: number): Result => remainderOf(a, b, control, true);
