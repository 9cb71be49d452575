// Rounding an exact result to 80 bits: the routine for every mode, and the common mode in line.
import type { Func, Local } from "../wasm/func.ts";
import { extendU, i32, i64, select, type Value } from "../wasm/value.ts";
import { both, either, hasTop, MAX_EXPONENT, NO_STATUS, raised, STATUS_SHIFT, TOP, unit, ZERO } from "./operand.ts";
import { leave, leaveBy } from "./operators.ts";
import { type Indices, type Routine, routine } from "./routine.ts";
import { C1, DEFAULT_MODE, DOWN, EXPONENT_WRAP, MODE_MASK, OE, PE, PRECISION_SHIFT, ROUNDING_SHIFT, UE, UP } from "./status.ts";

/** An exact result: sign (0 or 0x8000), biased exponent of any size, mantissa with its top bit set, and what follows the mantissa: first bit one half, the rest sticky. */
export interface Exact {
  readonly sign: Value<"i32">;
  readonly exponent: Local<"i32">;
  readonly high: Local<"i64">;
  readonly low: Local<"i64">;
}
const ONE = i64.constant(1);
const C1_BIT = i32.constant(Math.log2(C1) + STATUS_SHIFT);

/** To nearest: past one half, or at it with an odd last place. */
const nearestUp = (fraction: Value<"i64">, isOdd: Value<"i32">): Value<"i32"> => both(hasTop(fraction), either(i64.ne(i64.shl(fraction, ONE), ZERO), isOdd));
export const isOdd = (mantissa: Value<"i64">): Value<"i32"> => i64.ne(i64.and(mantissa, ONE), ZERO);
export const modeOf = (control: Value<"i32">): Value<"i32"> => i32.and(i32.shrU(control, i32.constant(ROUNDING_SHIFT)), i32.constant(3));
const growing = (sign: Value<"i32">): Value<"i32"> => select(sign, i32.constant(DOWN), i32.constant(UP));

/** Whether the magnitude grows by one last place (SDM vol. 1, 4.8.4). */
export const roundsUp = (mode: Value<"i32">, sign: Value<"i32">, fraction: Value<"i64">, odd: Value<"i32">): Value<"i32"> =>
  select(mode, both(i32.eq(mode, growing(sign)), i64.ne(fraction, ZERO)), nearestUp(fraction, odd));
/** Whether an overflow becomes infinity rather than the greatest number (SDM vol. 1, table 4-10). */
export const overflowsToInfinity = (mode: Value<"i32">, sign: Value<"i32">): Value<"i32"> => either(i32.eqz(mode), i32.eq(mode, growing(sign)));
export const roundedStatus = (fraction: Value<"i64">, up: Value<"i32">): Value<"i32"> =>
  either(select(i64.ne(fraction, ZERO), raised(PE), NO_STATUS), i32.shl(up, C1_BIT));

/** Moves high:low right by a count of at least 1, keeping what falls off as a sticky bit. */
export function shiftRightSticky(code: Func, high: Local<"i64">, low: Local<"i64">, count: Value<"i32">): void {
  const sticky = code.let(unit(i64.ne(low, ZERO)));
  code.if(
    i32.geU(count, i32.constant(64)),
    () => {
      // Past 64 places less than a quarter of the last place is left, and one sticky bit says all there is to know.
      low.set(select(i32.eq(count, i32.constant(64)), i64.or(high, sticky), ONE));
      high.set(ZERO);
    },
    () => {
      low.set(i64.or(i64.shl(high, extendU(i32.sub(i32.constant(64), count))), sticky));
      high.set(i64.shrU(high, extendU(count)));
    },
  );
}

export const roundExtended = (): Routine =>
  routine("roundExtended", ["i32", "i32", "i64", "i64", "i32", "i32"], ["i64", "i32"], code => {
    const [sign, exponent, high, low] = [code.param("i32", 0), code.param("i32", 1), code.param("i64", 2), code.param("i64", 3)];
    const [control, status] = [code.param("i32", 4), code.param("i32", 5)];
    const [mode, dropped, step] = [code.local("i32"), code.local("i64"), code.local("i64")];
    const [rounded, fraction, up, carried] = [code.local("i64"), code.local("i64"), code.local("i32"), code.local("i32")];
    const answer = (mantissa: Value<"i64">, exponent: Value<"i32">, raised: Value<"i32">) => code.do(leave([mantissa, either(either(sign, exponent), raised)]));

    mode.set(modeOf(control));
    const precision = code.let(i32.and(i32.shrU(control, i32.constant(PRECISION_SHIFT)), i32.constant(3)));
    dropped.set(select(i32.eqz(precision), i64.constant(40), select(i32.eq(precision, i32.constant(2)), i64.constant(11), ZERO)));
    step.set(i64.shl(ONE, dropped));
    const round = () => {
      rounded.set(high);
      fraction.set(low);
      code.if(i64.ne(dropped, ZERO), () => {
        fraction.set(i64.or(i64.shl(high, i64.sub(i64.constant(64), dropped)), unit(i64.ne(low, ZERO))));
        rounded.set(i64.and(high, i64.sub(ZERO, step)));
      });
      up.set(roundsUp(mode, sign, fraction, i64.ne(i64.and(rounded, step), ZERO)));
      rounded.set(i64.add(rounded, select(up, step, ZERO)));
    };

    round();
    carried.set(exponent);
    code.if(i64.geS(rounded, ZERO), () => {
      rounded.set(TOP);
      carried.set(i32.add(exponent, i32.constant(1)));
    });
    const exact = code.let(either(status, roundedStatus(fraction, up)));
    const wrapped = (by: number) => i32.and(i32.add(carried, i32.constant(by)), i32.constant(MAX_EXPONENT));
    const isMasked = (flag: number) => i32.and(control, i32.constant(flag));
    code.if(i32.geS(carried, i32.constant(MAX_EXPONENT)), () => {
      code.if(i32.eqz(isMasked(OE)), () => answer(rounded, wrapped(-EXPONENT_WRAP), either(exact, raised(OE))));
      code.if(overflowsToInfinity(mode, sign), () => answer(TOP, i32.constant(MAX_EXPONENT), either(status, raised(OE | PE | C1))));
      answer(i64.sub(ZERO, step), i32.constant(MAX_EXPONENT - 1), either(status, raised(OE | PE)));
    });
    // Tiny is judged after rounding as if the exponent had no limit (SDM vol. 1, 4.9.1.5).
    code.if(i32.leS(carried, i32.constant(0)), () => {
      code.if(i32.eqz(isMasked(UE)), () => answer(rounded, wrapped(EXPONENT_WRAP), either(exact, raised(UE))));
      shiftRightSticky(code, high, low, i32.sub(i32.constant(1), exponent));
      round();
      const isInexact = i64.ne(fraction, ZERO);
      answer(rounded, hasTop(rounded), either(either(status, roundedStatus(fraction, up)), select(isInexact, raised(UE), NO_STATUS)));
    });
    answer(rounded, carried, exact);
  });

/** Rounds and leaves the function: to nearest at full precision in line, everything else by the routine. */
export function finish(code: Func, indices: Indices, { sign, exponent, high, low }: Exact, control: Value<"i32">, status: Value<"i32">): void {
  const isCommon = i32.eq(i32.and(control, i32.constant(MODE_MASK)), i32.constant(DEFAULT_MODE));
  // One less than the greatest exponent: a carry cannot overflow.
  const isMiddling = i32.ltU(i32.sub(exponent, i32.constant(1)), i32.constant(MAX_EXPONENT - 2));
  code.if(both(isCommon, isMiddling), () => {
    const up = code.let(nearestUp(low, isOdd(high)));
    high.set(i64.add(high, extendU(up)));
    code.if(i64.geS(high, ZERO), () => {
      high.set(TOP);
      exponent.set(i32.add(exponent, i32.constant(1)));
    });
    code.do(leave([high, either(either(sign, exponent), either(status, roundedStatus(low, up)))]));
  });
  code.do(leaveBy(indices("roundExtended"), [sign, exponent, high, low, control, status]));
}
