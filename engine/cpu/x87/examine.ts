// FXAM, FABS and FCHS: they look at or change the sign, whatever the rest is.
import { type Extended, type Kind, kindOf, SIGN, signOf } from "./extended.ts";
import { C0, C1, C2, C3 } from "./status.ts";

const classes: Readonly<Record<Kind, number>> = { unsupported: 0, nan: C0, normal: C2, infinity: C2 | C0, zero: C3, denormal: C3 | C2 };
/** What FXAM says of an empty register, next to its sign in C1. */
export const EMPTY_CLASS: number = C3 | C0;

export const signStatus = (x: Extended): number => (signOf(x) ? C1 : 0);
export const examine = (x: Extended): number => classes[kindOf(x)] | signStatus(x);
export const absolute = (x: Extended): Extended => ({ mantissa: x.mantissa, signExponent: x.signExponent & ~SIGN });
export const negated = (x: Extended): Extended => ({ mantissa: x.mantissa, signExponent: x.signExponent ^ SIGN });
