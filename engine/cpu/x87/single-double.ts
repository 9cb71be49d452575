// FLD and FST of 32 and 64 bits: between the shorter formats and 80 bits.
import { extendU, i32, i64, select, type Value, wrap } from "../wasm/value.ts";
import {
  both,
  EXPONENT_BIAS,
  either,
  exponentOf,
  fresh,
  hasTop,
  isMaximal,
  isNotNumber,
  isSignalling,
  isUnsupported,
  isZero,
  MAX_EXPONENT,
  NO_STATUS,
  normalise,
  operandAt,
  quieted,
  raised,
  STATUS_SHIFT,
  signOf,
  TOP,
  ZERO,
} from "./operand.ts";
import { leadingZeros, leave } from "./operators.ts";
import { modeOf, overflowsToInfinity, roundedStatus, roundsUp, shiftRightSticky } from "./round.ts";
import { type Routine, type RoutineName, routine } from "./routine.ts";
import { C1, DE, IE, OE, PE, UE } from "./status.ts";

interface Format {
  readonly bits: number;
  /** With the integer bit that the format leaves out. */
  readonly precision: number;
  readonly bias: number;
}
const FLOAT32: Format = { bits: 32, precision: 24, bias: 127 };
const FLOAT64: Format = { bits: 64, precision: 53, bias: 1023 };
const ONE = i64.constant(1);

/**
 * From the bits of a short float. As an operand in memory (`widen…`) it stays what it is: a signalling NaN signals in the operation, so that the choice
 * of NaN sees it; a denormal one, which is normal in 80 bits, carries DE in its word. Loaded (`load…`), a signalling NaN is made quiet and IE raised.
 */
const widening = (name: RoutineName, { bits, precision, bias }: Format, isLoad: boolean): Routine =>
  routine(name, ["i64"], ["i64", "i32"], code => {
    const value = code.param("i64", 0);
    const { mantissa, word } = fresh(code);
    const sign = code.let(i32.shl(wrap(i64.and(i64.shrU(value, i64.constant(bits - 1)), ONE)), i32.constant(15)));
    const exponent = code.let(i32.and(wrap(i64.shrU(value, i64.constant(precision - 1))), i32.constant(2 * bias + 1)));
    mantissa.set(i64.shl(value, i64.constant(64 - precision)));
    mantissa.set(i64.and(mantissa, i64.constant((1n << 63n) - 1n)));
    code.if(i32.ltU(i32.sub(exponent, i32.constant(1)), i32.constant(2 * bias)), () =>
      code.do(leave([i64.or(mantissa, TOP), either(sign, i32.add(exponent, i32.constant(EXPONENT_BIAS - bias)))])),
    );
    code.if(exponent, () => {
      word.set(either(sign, i32.constant(MAX_EXPONENT)));
      mantissa.set(i64.or(mantissa, TOP));
      if (isLoad) code.if(isSignalling({ mantissa, word }), () => code.do(leave([quieted(mantissa), either(word, raised(IE))])));
      code.do(leave([mantissa, word]));
    });
    code.if(i64.eqz(mantissa), () => code.do(leave([ZERO, sign])));
    const zeros = code.let(leadingZeros(mantissa));
    const scaled = i32.sub(i32.constant(EXPONENT_BIAS - bias + 1), wrap(zeros));
    code.do(leave([i64.shl(mantissa, zeros), either(either(sign, scaled), raised(DE))]));
    code.unreachable();
  });

/** To the bits of a short float, and status. Where OE or UE is raised unmasked, nothing is to be stored (SDM vol. 1, 8.5.4 and 8.5.5). */
const narrowing = (name: RoutineName, { bits, precision, bias }: Format): Routine =>
  routine(name, ["i64", "i32", "i32"], ["i64", "i32"], code => {
    const [x, control] = [operandAt(code, 0), code.param("i32", 2)];
    const [exponent, low, mode, up, fraction, kept] = [
      code.local("i32"),
      code.local("i64"),
      code.local("i32"),
      code.local("i32"),
      code.local("i64"),
      code.local("i64"),
    ];
    const dropped = i64.constant(64 - precision);
    const greatest = 2 * bias + 1;
    const sign = code.let(signOf(x.word));
    const high = code.let(i64.shl(extendU(sign), i64.constant(bits - 16)));
    const infinity = BigInt(greatest) << BigInt(precision - 1);
    const answer = (magnitude: Value<"i64">, status: Value<"i32">) => code.do(leave([i64.or(high, magnitude), i32.shrU(status, i32.constant(STATUS_SHIFT))]));

    exponent.set(exponentOf(x.word));
    code.if(i32.eqz(both(hasTop(x.mantissa), i32.ltU(exponent, i32.constant(MAX_EXPONENT)))), () => {
      const quiet = 1n << BigInt(precision - 2);
      code.if(isUnsupported(x), () => code.do(leave([i64.constant((1n << BigInt(bits - 1)) | infinity | quiet), i32.constant(IE)])));
      code.if(isNotNumber(x), () => {
        const payload = i64.or(i64.shrU(i64.shl(x.mantissa, ONE), i64.constant(65 - precision)), i64.constant(infinity | quiet));
        answer(payload, select(isSignalling(x), raised(IE), NO_STATUS));
      });
      code.if(isMaximal(x), () => answer(i64.constant(infinity), NO_STATUS));
      code.if(isZero(x), () => answer(ZERO, NO_STATUS));
    });
    normalise(code, x.mantissa, exponent);
    exponent.set(i32.sub(exponent, i32.constant(EXPONENT_BIAS - bias)));
    mode.set(modeOf(control));
    const round = () => {
      kept.set(i64.shrU(x.mantissa, dropped));
      fraction.set(i64.or(i64.shl(x.mantissa, i64.constant(precision)), extendU(i64.ne(low, ZERO))));
      up.set(roundsUp(mode, sign, fraction, wrap(i64.and(kept, ONE))));
      kept.set(i64.add(kept, extendU(up)));
    };
    round();
    const carried = code.let(i32.add(exponent, wrap(i64.shrU(kept, i64.constant(precision)))));
    code.if(i32.ltU(i32.sub(carried, i32.constant(1)), i32.constant(greatest - 1)), () => {
      // The integer bit adds 1 to the exponent below, and a carry adds 2: one and the same sum.
      answer(i64.add(i64.shl(extendU(i32.sub(exponent, i32.constant(1))), i64.constant(precision - 1)), kept), roundedStatus(fraction, up));
    });
    code.if(i32.gtS(carried, i32.constant(0)), () => {
      code.if(i32.eqz(i32.and(control, i32.constant(OE))), () => answer(ZERO, raised(OE)));
      code.if(overflowsToInfinity(mode, sign), () => answer(i64.constant(infinity), raised(OE | PE | C1)));
      answer(i64.constant(infinity - 1n), raised(OE | PE));
    });
    code.if(i32.eqz(i32.and(control, i32.constant(UE))), () => answer(ZERO, raised(UE)));
    shiftRightSticky(code, x.mantissa, low, i32.sub(i32.constant(1), exponent));
    round();
    answer(kept, either(roundedStatus(fraction, up), select(i64.ne(fraction, ZERO), raised(UE), NO_STATUS)));
    code.unreachable();
  });

export const widenFloat32 = (): Routine => widening("widenFloat32", FLOAT32, false);
export const widenFloat64 = (): Routine => widening("widenFloat64", FLOAT64, false);
export const loadFloat32 = (): Routine => widening("loadFloat32", FLOAT32, true);
export const loadFloat64 = (): Routine => widening("loadFloat64", FLOAT64, true);
export const toFloat32 = (): Routine => narrowing("toFloat32", FLOAT32);
export const toFloat64 = (): Routine => narrowing("toFloat64", FLOAT64);
