// FRNDINT, FILD, FIST and FISTTP: to and from whole numbers.
import type { Func, Local } from "../wasm/func.ts";
import { extendU, i32, i64, select, type Value, wrap } from "../wasm/value.ts";
import { leaveIfNaN } from "./nan.ts";
import {
  both,
  denormalStatus,
  EXPONENT_BIAS,
  either,
  exponentOf,
  isNotNumber,
  isUnsupported,
  isZero,
  leaveIfTrapsDenormal,
  operandAt,
  STATUS_SHIFT,
  signExponentOf,
  signOf,
  TOP,
  ZERO,
} from "./operand.ts";
import { leadingZeros, leave } from "./operators.ts";
import { isOdd, modeOf, roundedStatus, roundsUp } from "./round.ts";
import { type Indices, type Routine, routine } from "./routine.ts";
import { IE } from "./status.ts";

const LAST = EXPONENT_BIAS + 63;

/** Splits a mantissa whose exponent is LAST at most; `whole` and `fraction` as a mantissa and what follows it. */
function split(code: Func, mantissa: Value<"i64">, exponent: Value<"i32">, whole: Local<"i64">, fraction: Local<"i64">): void {
  const power = code.let(i32.sub(exponent, i32.constant(EXPONENT_BIAS)));
  code.if(
    i32.ltS(power, i32.constant(0)),
    () => {
      whole.set(ZERO);
      fraction.set(select(i32.eq(power, i32.constant(-1)), mantissa, extendU(i64.ne(mantissa, ZERO))));
    },
    () => {
      whole.set(i64.shrU(mantissa, extendU(i32.sub(i32.constant(63), power))));
      fraction.set(select(i32.eq(power, i32.constant(63)), ZERO, i64.shl(mantissa, extendU(i32.add(power, i32.constant(1))))));
    },
  );
}

export const roundToInteger = (indices: Indices): Routine =>
  routine("roundToInteger", ["i64", "i32", "i32"], ["i64", "i32"], code => {
    const [x, control] = [operandAt(code, 0), code.param("i32", 2)];
    const [sign, exponent, whole, fraction] = [code.local("i32"), code.local("i32"), code.local("i64"), code.local("i64")];
    const status = code.local("i32");
    leaveIfNaN(code, indices, x, x);
    sign.set(signOf(x.word));
    exponent.set(exponentOf(x.word));
    status.set(denormalStatus(x));
    leaveIfTrapsDenormal(code, status, control, raised => [x.mantissa, either(signExponentOf(x.word), raised)]);
    code.if(either(isZero(x), i32.geU(exponent, i32.constant(LAST))), () => code.do(leave([x.mantissa, x.word])));
    split(code, x.mantissa, exponent, whole, fraction);
    const up = code.let(roundsUp(modeOf(control), sign, fraction, isOdd(whole)));
    whole.set(i64.add(whole, extendU(up)));
    status.set(either(status, roundedStatus(fraction, up)));
    code.if(i64.eqz(whole), () => code.do(leave([ZERO, either(sign, status)])));
    const zeros = code.let(leadingZeros(whole));
    code.do(leave([i64.shl(whole, zeros), either(either(sign, i32.sub(i32.constant(LAST), wrap(zeros))), status)]));
    code.unreachable();
  });

/** Exact: the caller has extended the sign of a shorter integer. */
export const fromInteger = (): Routine =>
  routine("fromInteger", ["i64"], ["i64", "i32"], code => {
    const [value, magnitude] = [code.param("i64", 0), code.local("i64")];
    code.if(i64.eqz(value), () => code.do(leave([ZERO, i32.constant(0)])));
    const isNegative = code.let(i64.ltS(value, ZERO));
    magnitude.set(select(isNegative, i64.sub(ZERO, value), value));
    const zeros = code.let(leadingZeros(magnitude));
    code.do(leave([i64.shl(magnitude, zeros), either(i32.shl(isNegative, i32.constant(15)), i32.sub(i32.constant(LAST), wrap(zeros)))]));
    code.unreachable();
  });

/** To 16, 32 or 64 bits, as the last argument says. Out of range is invalid, and gives the integer indefinite (SDM vol. 1, 8.2.1). */
export const toInteger = (): Routine =>
  routine("toInteger", ["i64", "i32", "i32", "i32"], ["i64", "i32"], code => {
    const [x, control, bits] = [operandAt(code, 0), code.param("i32", 2), code.param("i32", 3)];
    const [exponent, whole, fraction, limit] = [code.local("i32"), code.local("i64"), code.local("i64"), code.local("i64")];
    limit.set(i64.shrU(TOP, extendU(i32.sub(i32.constant(64), bits))));
    const leaveIndefinite = () => code.do(leave([i64.sub(ZERO, limit), i32.constant(IE)]));
    exponent.set(exponentOf(x.word));
    code.if(either(isUnsupported(x), either(isNotNumber(x), i32.gtU(exponent, i32.constant(LAST)))), leaveIndefinite);
    split(code, x.mantissa, exponent, whole, fraction);
    const sign = code.let(signOf(x.word));
    const up = code.let(roundsUp(modeOf(control), sign, fraction, isOdd(whole)));
    whole.set(i64.add(whole, extendU(up)));
    // The most negative integer has a magnitude of its own.
    const isOutside = either(i64.gtU(whole, limit), both(i64.eq(whole, limit), i32.eqz(sign)));
    code.if(isOutside, leaveIndefinite);
    code.do(leave([select(sign, i64.sub(ZERO, whole), whole), i32.shrU(roundedStatus(fraction, up), i32.constant(STATUS_SHIFT))]));
    code.unreachable();
  });
