// FSIN, FCOS, FSINCOS and FPTAN. As on the processors, pi has 66 bits when the argument is reduced (SDM vol. 1, 8.3.8): large arguments give what programs
// get there, and not what mathematics says.
import { BIAS, type Extended, exponentOf, kindOf, ONE, powerOf, type Result, signOf } from "./extended.ts";
import { cosine, sine } from "./reals.ts";
import { bitLength, type Exact, inexact, roundExact } from "./rounding.ts";
import { denormalStatus, exactly, invalid, nanResult, trapsDenormal, withStatus } from "./special.ts";
import { C1, C2, DEFAULT_MODE } from "./status.ts";

const PRECISION = 144;
/** Below 2^-TINY, x and x - x^3 / 6 differ by less than a bit of 80 shows; the direction is all that matters. */
const TINY = 70;
/** Half of pi is this times 2^-67. */
const HALF_PI = 0xc_90fd_aa22_168c_234cn;
const HALF_PI_POWER = -67;
const fullPrecision = (control: number): number => control | DEFAULT_MODE;

/** An angle between -pi/4 and pi/4, with the count of quarter turns taken off. `power` is negative. */
interface Reduced {
  readonly angle: bigint;
  readonly power: number;
  readonly quarters: number;
}
function reduce(x: Extended): Reduced {
  const power = Math.min(powerOf(x), HALF_PI_POWER);
  const value = (signOf(x) ? -x.mantissa : x.mantissa) << BigInt(powerOf(x) - power);
  const quarter = HALF_PI << BigInt(HALF_PI_POWER - power);
  const doubled = 2n * value + quarter;
  const quarters = doubled / (2n * quarter) - (doubled < 0n && doubled % (2n * quarter) !== 0n ? 1n : 0n);
  return { angle: value - quarters * quarter, power, quarters: Number(BigInt.asUintN(2, quarters)) };
}

const sized = (value: bigint, power: number, direction: bigint): Exact => {
  const sign = value < 0n ? 0x8000 : 0;
  return { sign, significand: ((value < 0n ? -value : value) << 128n) + direction, power: power - 128, hasMore: direction !== 0n };
};
/** A reduced angle as a fixed point number, or, where it is tiny, nothing. */
function fixedAngle({ angle, power }: Reduced): { readonly fixed: bigint; readonly bits: number } | undefined {
  const magnitude = power + bitLength(angle < 0n ? -angle : angle) - 1;
  if (magnitude < -TINY) return undefined;
  const bits = PRECISION - Math.min(magnitude, 0);
  const places = power + bits;
  return { fixed: places >= 0 ? angle << BigInt(places) : angle >> BigInt(-places), bits };
}
const negate = (exact: Exact): Exact => ({ ...exact, sign: exact.sign ^ 0x8000 });
/** Just below a value, or just above it. */
const JUST_BELOW = -1n;
const JUST_ABOVE = 1n;

/** The sine of an angle `more` quarter turns on. */
function sineOf(reduced: Reduced, more: number): Exact {
  const quarters = (reduced.quarters + more) & 3;
  const found = fixedAngle(reduced);
  const tiny = quarters & 1 ? sized(1n, 0, JUST_BELOW) : sized(reduced.angle, reduced.power, JUST_BELOW);
  const exact = found ? inexact((quarters & 1 ? cosine : sine)(found.fixed, found.bits), found.bits) : tiny;
  return quarters & 2 ? negate(exact) : exact;
}
function tangentOf(reduced: Reduced): Exact {
  const found = fixedAngle(reduced);
  if (!found) return sized(reduced.angle, reduced.power, JUST_ABOVE);
  const { fixed, bits } = found;
  const [opposite, adjacent] = [sine(fixed, bits), cosine(fixed, bits)];
  const places = BigInt(bits);
  return inexact(reduced.quarters & 1 ? (-adjacent << places) / opposite : (opposite << places) / adjacent, bits);
}

/** What comes before: a result where there is nothing to compute. C2 says that the argument is too great, and leaves it (SDM vol. 2, FSIN). */
function special(x: Extended, control: number): Result | undefined {
  const nan = nanResult(x);
  if (nan) return nan;
  if (kindOf(x) === "infinity") return invalid();
  if (exponentOf(x) >= BIAS + 63) return exactly(x, C2);
  const status = denormalStatus(x);
  return trapsDenormal(status, control) ? exactly(x, status) : undefined;
}
const rounded = (exact: Exact, x: Extended, control: number): Result => withStatus(roundExact(exact, fullPrecision(control)), denormalStatus(x));

export function sineResult(x: Extended, control: number): Result {
  return special(x, control) ?? (kindOf(x) === "zero" ? exactly(x) : rounded(sineOf(reduce(x), 0), x, control));
}
export function cosineResult(x: Extended, control: number): Result {
  return special(x, control) ?? (kindOf(x) === "zero" ? exactly(ONE) : rounded(sineOf(reduce(x), 1), x, control));
}
/** FSINCOS: the sine replaces the operand, and the cosine is pushed; where C2 or an invalid operand stops it, both are that result. C1 is the cosine's. */
export function sineAndCosine(x: Extended, control: number): { readonly sine: Extended; readonly cosine: Extended; readonly status: number } {
  const [sine, cosine] = [sineResult(x, control), cosineResult(x, control)];
  return { sine: sine.value, cosine: cosine.value, status: (sine.status & ~C1) | cosine.status };
}
/** The tangent replaces the operand; then 1 is pushed, or, where the result is a NaN, that NaN once more. */
export function tangentResult(x: Extended, control: number): Result {
  return special(x, control) ?? (kindOf(x) === "zero" ? exactly(x) : rounded(tangentOf(reduce(x)), x, control));
}
