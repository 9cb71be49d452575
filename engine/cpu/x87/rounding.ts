// Rounding an exact or sufficiently known BigInt number to 80 bits, for the rare operations. `round.ts` is the same rule as generated code.
import { BIAS, type Extended, INTEGER_BIT, infinity, MAXIMAL, type Result, SIGN, zero } from "./extended.ts";
import { C1, CHOP, DOWN, EXPONENT_WRAP, NEAREST, OE, PE, ROUNDING_SHIFT, UE, UP } from "./status.ts";

/** `significand * 2 ** power`, and a little more where `hasMore`. The significand is positive. */
export interface Exact {
  readonly sign: number;
  readonly significand: bigint;
  readonly power: number;
  readonly hasMore: boolean;
}
export const bitLength = (n: bigint): number => {
  const digits = n.toString(16);
  return 4 * digits.length - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
};
/** A signed number of `bits` binary places, known to be inexact. */
export const inexact = (value: bigint, bits: number): Exact => ({
  sign: value < 0n ? SIGN : 0,
  significand: value < 0n ? -value : value,
  power: -bits,
  hasMore: true,
});

export const modeOf = (control: number): number => (control >> ROUNDING_SHIFT) & 3;
const isGrowing = (mode: number, sign: number): boolean => mode === (sign ? DOWN : UP);

/** Drops `count` low bits by the rounding mode. */
export function dropBits({ sign, significand, hasMore }: Exact, count: number, mode: number): { kept: bigint; isInexact: boolean; isUp: boolean } {
  const places = BigInt(count);
  const kept = significand >> places;
  const rest = significand - (kept << places);
  const isInexact = rest !== 0n || hasMore;
  const half = count > 0 ? 1n << (places - 1n) : 1n;
  const isPastHalf = count > 0 && (rest > half || (rest === half && (hasMore || (kept & 1n) === 1n)));
  const isUp = isInexact && mode !== CHOP && (mode === NEAREST ? isPastHalf : isGrowing(mode, sign));
  return { kept: isUp ? kept + 1n : kept, isInexact, isUp };
}

export function roundExact(exact: Exact, control: number): Result {
  const { sign } = exact;
  const widened: Exact = { ...exact, significand: exact.significand << 66n, power: exact.power - 66 };
  const length = bitLength(widened.significand);
  const exponent = widened.power + length - 1 + BIAS;
  const mode = modeOf(control);
  const { kept, isInexact, isUp } = dropBits(widened, length - 64, mode);
  const hasCarried = kept >> 64n !== 0n;
  const carried = exponent + Number(hasCarried);
  const mantissa = hasCarried ? INTEGER_BIT : kept;
  const status = (isInexact ? PE : 0) | (isUp ? C1 : 0);
  const number = (exponent: number): Extended => ({ mantissa, signExponent: sign | exponent });
  if (carried >= MAXIMAL) {
    const isMasked = (control & OE) !== 0;
    if (!isMasked && carried - EXPONENT_WRAP < MAXIMAL) return { value: number(carried - EXPONENT_WRAP), status: status | OE };
    // Only FSCALE goes further than a wrapped exponent can say; it then gives infinity or zero in every rounding mode.
    const isInfinite = !isMasked || mode === NEAREST || isGrowing(mode, sign);
    const greatest: Extended = { mantissa: 2n * INTEGER_BIT - 1n, signExponent: sign | (MAXIMAL - 1) };
    return isInfinite ? { value: infinity(sign), status: OE | PE | C1 } : { value: greatest, status: OE | PE };
  }
  if (carried > 0) return { value: number(carried), status };
  if (!(control & UE))
    return carried + EXPONENT_WRAP > 0 ? { value: number(carried + EXPONENT_WRAP), status: status | UE } : { value: zero(sign), status: UE | PE };
  return roundTiny(widened, length - 63 - exponent, control);
}
function roundTiny(exact: Exact, dropped: number, control: number): Result {
  const { kept, isInexact, isUp } = dropBits(exact, dropped, modeOf(control));
  const status = (isInexact ? UE | PE : 0) | (isUp ? C1 : 0);
  return { value: { mantissa: kept, signExponent: exact.sign | (kept >= INTEGER_BIT ? 1 : 0) }, status };
}
