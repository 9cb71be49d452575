// FSCALE and FXTRACT: exponents taken apart and put together.
import { BIAS, type Extended, exponentOf, INTEGER_BIT, infinity, kindOf, powerOf, type Result, SIGN, signOf, zero } from "./extended.ts";
import { bitLength, roundExact } from "./rounding.ts";
import { denormalStatus, exactly, invalid, nanResult, trapsDenormal, withStatus } from "./special.ts";
import { UE, ZE } from "./status.ts";

/** No number of 80 bits is moved further than this without overflow or underflow. */
const FAR = 0x2_0000;

/** The integer part of a finite number, limited to +-FAR. */
function truncated(x: Extended): number {
  const power = powerOf(x);
  const magnitude = exponentOf(x) >= BIAS + 20 ? FAR : power <= -64 ? 0 : Number(x.mantissa >> BigInt(-power));
  return signOf(x) ? -Math.min(magnitude, FAR) : Math.min(magnitude, FAR);
}

/** value * 2 ^ trunc(scale) (SDM vol. 2, FSCALE). */
export function scale(value: Extended, by: Extended, control: number): Result {
  const nan = nanResult(value, by);
  if (nan) return nan;
  const [kind, byKind, status] = [kindOf(value), kindOf(by), denormalStatus(value, by)];
  if (byKind === "infinity" && kind === (signOf(by) ? "infinity" : "zero")) return invalid();
  if (trapsDenormal(status, control) || kind === "infinity" || kind === "zero") return exactly(value, status);
  if (byKind === "infinity") return exactly(signOf(by) ? zero(signOf(value)) : infinity(signOf(value)), status);
  const exact = { sign: signOf(value), significand: value.mantissa, power: powerOf(value) + truncated(by), hasMore: false };
  // By zero it is the value itself, of which the processor does not ask whether it is tiny.
  return withStatus(roundExact(exact, byKind === "zero" ? control | UE : control), status);
}

/** A small whole number, exactly. */
export function whole(n: number): Extended {
  if (n === 0) return zero(0);
  const magnitude = BigInt(Math.abs(n));
  const length = bitLength(magnitude);
  return { mantissa: magnitude << BigInt(64 - length), signExponent: (n < 0 ? SIGN : 0) | (BIAS + length - 1) };
}

/** The exponent, which replaces the operand, and the significand, which is pushed (SDM vol. 2, FXTRACT). */
export function extract(x: Extended, control: number): { readonly exponent: Extended; readonly significand: Extended; readonly status: number } {
  const nan = nanResult(x);
  if (nan) return { exponent: nan.value, significand: nan.value, status: nan.status };
  const kind = kindOf(x);
  if (kind === "infinity") return { exponent: infinity(0), significand: x, status: 0 };
  if (kind === "zero") return { exponent: infinity(SIGN), significand: x, status: ZE };
  const status = denormalStatus(x);
  if (trapsDenormal(status, control)) return { exponent: x, significand: x, status };
  const length = bitLength(x.mantissa);
  const significand: Extended = { mantissa: (x.mantissa << BigInt(64 - length)) & (2n * INTEGER_BIT - 1n), signExponent: signOf(x) | BIAS };
  return { exponent: whole((exponentOf(x) === 0 ? 1 : exponentOf(x)) - BIAS + length - 64), significand, status };
}
