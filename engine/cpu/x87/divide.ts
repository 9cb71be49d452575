// FDIV: a / b.
import type { Func, Local } from "../wasm/func.ts";
import { extendU, i32, i64, select, type Value } from "../wasm/value.ts";
import { leaveIfNaN } from "./nan.ts";
import {
  both,
  denormalStatus,
  EXPONENT_BIAS,
  either,
  exponentOf,
  isMaximal,
  isPlain,
  isZero,
  leaveIfTrapsDenormal,
  leaveInvalid,
  MAX_EXPONENT,
  normalise,
  operandAt,
  raised,
  signExponentOf,
  signOf,
  TOP,
  ZERO,
} from "./operand.ts";
import { divideUnsigned, leave } from "./operators.ts";
import { finish } from "./round.ts";
import { type Indices, type Routine, routine } from "./routine.ts";
import { ZE } from "./status.ts";

const HALF = i64.constant(32);
const LOW_HALF = i64.constant(0xffff_ffffn);

/** One 32-bit digit of the quotient of remainder * 2^32 + next by a divisor with its top bit set (Knuth, volume 2, 4.3.1, algorithm D). `remainder` becomes what is left. */
function divideDigit(code: Func, remainder: Local<"i64">, next: Value<"i64">, divisor: Value<"i64">): Local<"i64"> {
  const digit = code.temporary("i64");
  const [divisorHigh, divisorLow] = [code.let(i64.shrU(divisor, HALF)), code.let(i64.and(divisor, LOW_HALF))];
  const partial = code.temporary("i64");
  digit.set(divideUnsigned(remainder, divisorHigh));
  partial.set(i64.sub(remainder, i64.mul(digit, divisorHigh)));
  // The estimate is too great by 2 at most, and only while the partial remainder stays below 2^32.
  code.block(done =>
    code.loop(again => {
      const isTooGreat = either(i64.ne(i64.shrU(digit, HALF), ZERO), i64.gtU(i64.mul(digit, divisorLow), i64.or(i64.shl(partial, HALF), next)));
      code.if(i32.eqz(isTooGreat), () => code.br(done));
      digit.set(i64.sub(digit, i64.constant(1)));
      partial.set(i64.add(partial, divisorHigh));
      code.if(i64.eqz(i64.shrU(partial, HALF)), () => code.br(again));
    }),
  );
  remainder.set(i64.sub(i64.or(i64.shl(remainder, HALF), next), i64.mul(digit, divisor)));
  return digit;
}

export const divide = (indices: Indices): Routine =>
  routine("divide", ["i64", "i32", "i64", "i32", "i32"], ["i64", "i32"], code => {
    const [a, b, control] = [operandAt(code, 0), operandAt(code, 2), code.param("i32", 4)];
    const [sign, aExponent, bExponent, status] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const [high, low, remainder] = [code.local("i64"), code.local("i64"), code.local("i64")];
    const answer = (mantissa: Value<"i64">, exponent: number, more: Value<"i32">) =>
      code.do(leave([mantissa, either(either(sign, i32.constant(exponent)), more)]));

    sign.set(signOf(i32.xor(a.word, b.word)));
    aExponent.set(exponentOf(a.word));
    bExponent.set(exponentOf(b.word));
    code.if(i32.eqz(both(isPlain(a), both(isPlain(b), i64.ltS(i64.and(a.mantissa, b.mantissa), ZERO)))), () => {
      leaveIfNaN(code, indices, a, b);
      code.if(either(both(isMaximal(a), isMaximal(b)), both(isZero(a), isZero(b))), () => leaveInvalid(code));
      // Division by zero goes before a denormal dividend, but infinity / 0 is exact (SDM vol. 1, 4.9.2).
      code.if(both(isZero(b), i32.eqz(isMaximal(a))), () => answer(TOP, MAX_EXPONENT, raised(ZE)));
      status.set(either(denormalStatus(a), denormalStatus(b)));
      leaveIfTrapsDenormal(code, status, control, raised => [a.mantissa, either(signExponentOf(a.word), raised)]);
      code.if(isMaximal(a), () => answer(TOP, MAX_EXPONENT, status));
      code.if(either(isMaximal(b), isZero(a)), () => answer(ZERO, 0, status));
      normalise(code, a.mantissa, aExponent);
      normalise(code, b.mantissa, bExponent);
    });
    const isLess = code.let(i64.ltU(a.mantissa, b.mantissa));
    aExponent.set(i32.add(i32.sub(aExponent, bExponent), i32.sub(i32.constant(EXPONENT_BIAS), isLess)));
    // The dividend is a * 2^63 or a * 2^64, such that the quotient has 64 bits.
    remainder.set(i64.shrU(a.mantissa, extendU(i32.eqz(isLess))));
    const lowest = code.let(select(isLess, ZERO, i64.shl(a.mantissa, i64.constant(63))));
    const first = divideDigit(code, remainder, i64.shrU(lowest, HALF), b.mantissa);
    const second = divideDigit(code, remainder, ZERO, b.mantissa);
    high.set(i64.or(i64.shl(first, HALF), second));
    // Of the rest only this matters: nothing, less than a half, a half, more than one.
    const doubled = code.let(i64.shl(remainder, i64.constant(1)));
    const isMore = either(i64.ltS(remainder, ZERO), i64.gtU(doubled, b.mantissa));
    const past = select(isMore, i64.constant(3n << 62n), select(i64.eq(doubled, b.mantissa), TOP, i64.constant(1)));
    low.set(select(i64.eqz(remainder), ZERO, past));
    finish(code, indices, { sign, exponent: aExponent, high, low }, control, status);
  });
