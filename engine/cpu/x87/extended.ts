// An 80-bit number for the operations in TypeScript: what kind it is, and the values with a name. The generated ones have `operand.ts`.
export interface Extended {
  /** Unsigned, 64 bits, integer bit on top. */
  readonly mantissa: bigint;
  /** Sign in bit 15, biased exponent below. */
  readonly signExponent: number;
}
/** What an operation gives: a value, and the status bits it raises, C1 among them. */
export interface Result {
  readonly value: Extended;
  readonly status: number;
}
export const BIAS = 0x3fff;
export const MAXIMAL = 0x7fff;
export const SIGN = 0x8000;
export const INTEGER_BIT = 1n << 63n;
export const QUIET_BIT = 1n << 62n;

export const INDEFINITE: Extended = { mantissa: INTEGER_BIT | QUIET_BIT, signExponent: 0xffff };
export const zero = (sign: number): Extended => ({ mantissa: 0n, signExponent: sign });
export const infinity = (sign: number): Extended => ({ mantissa: INTEGER_BIT, signExponent: sign | MAXIMAL });
export const ONE: Extended = { mantissa: INTEGER_BIT, signExponent: BIAS };

export const exponentOf = (x: Extended): number => x.signExponent & MAXIMAL;
export const signOf = (x: Extended): number => x.signExponent & SIGN;
/** The names that FXAM tells apart (SDM vol. 1, 8.1.4 and 8.2.2). */
export type Kind = "unsupported" | "nan" | "infinity" | "zero" | "denormal" | "normal";
export function kindOf(x: Extended): Kind {
  const exponent = exponentOf(x);
  if (exponent === 0) return x.mantissa === 0n ? "zero" : "denormal";
  if (x.mantissa < INTEGER_BIT) return "unsupported";
  if (exponent < MAXIMAL) return "normal";
  return x.mantissa === INTEGER_BIT ? "infinity" : "nan";
}
export const isSignalling = (x: Extended): boolean => kindOf(x) === "nan" && (x.mantissa & QUIET_BIT) === 0n;
export const quieted = (x: Extended): Extended => ({ mantissa: x.mantissa | QUIET_BIT, signExponent: x.signExponent });

/** A finite nonzero number is `mantissa * 2 ** power`. */
export const powerOf = (x: Extended): number => Math.max(exponentOf(x), 1) - BIAS - 63;
