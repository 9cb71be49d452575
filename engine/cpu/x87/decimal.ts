// FBLD and FBSTP: eighteen packed decimal digits, sign in the last byte (SDM vol. 1, 8.2.1).
import { type Extended, kindOf, powerOf, SIGN, signOf } from "./extended.ts";
import { bitLength, dropBits, modeOf } from "./rounding.ts";
import { C1, IE, PE } from "./status.ts";

const INDEFINITE = 0xffff_c000_0000_0000_0000n;
const LIMIT = 10n ** 18n;

/** From the 80 bits in memory. A digit above 9, which the manual leaves undefined, counts for its value, as processors do. */
export function fromDecimal(packed: bigint): Extended {
  let magnitude = 0n;
  for (let digit = 17n; digit >= 0n; digit--) magnitude = magnitude * 10n + ((packed >> (4n * digit)) & 0xfn);
  const sign = packed >> 79n ? SIGN : 0;
  if (magnitude === 0n) return { mantissa: 0n, signExponent: sign };
  const length = bitLength(magnitude);
  return { mantissa: magnitude << BigInt(64 - length), signExponent: sign | (0x3fff + length - 1) };
}

export function toDecimal(x: Extended, control: number): { readonly packed: bigint; readonly status: number } {
  const kind = kindOf(x);
  const power = powerOf(x);
  if (kind === "unsupported" || kind === "nan" || kind === "infinity" || power > 0) return { packed: INDEFINITE, status: IE };
  const exact = { sign: signOf(x), significand: x.mantissa, power, hasMore: false };
  const { kept, isInexact, isUp } = dropBits(exact, -power, modeOf(control));
  if (kept >= LIMIT) return { packed: INDEFINITE, status: IE };
  return { packed: BigInt(`0x${kept}`) | (signOf(x) ? 1n << 79n : 0n), status: (isInexact ? PE : 0) | (isUp ? C1 : 0) };
}
