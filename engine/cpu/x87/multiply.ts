// FMUL: a * b.
import { i32, i64, type Value } from "../wasm/value.ts";
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
  signExponentOf,
  signOf,
  TOP,
  ZERO,
} from "./operand.ts";
import { leave, multiplyWide } from "./operators.ts";
import { finish } from "./round.ts";
import { type Indices, type Routine, routine } from "./routine.ts";

const ONE = i64.constant(1);

export const multiply = (indices: Indices): Routine =>
  routine("multiply", ["i64", "i32", "i64", "i32", "i32"], ["i64", "i32"], code => {
    const [a, b, control] = [operandAt(code, 0), operandAt(code, 2), code.param("i32", 4)];
    const [sign, aExponent, bExponent, status] = [code.local("i32"), code.local("i32"), code.local("i32"), code.local("i32")];
    const [high, low] = [code.local("i64"), code.local("i64")];
    const answer = (mantissa: Value<"i64">, exponent: number) => code.do(leave([mantissa, either(either(sign, i32.constant(exponent)), status)]));

    sign.set(signOf(i32.xor(a.word, b.word)));
    aExponent.set(exponentOf(a.word));
    bExponent.set(exponentOf(b.word));
    code.if(i32.eqz(both(isPlain(a), both(isPlain(b), i64.ltS(i64.and(a.mantissa, b.mantissa), ZERO)))), () => {
      leaveIfNaN(code, indices, a, b);
      code.if(both(either(isMaximal(a), isMaximal(b)), either(isZero(a), isZero(b))), () => leaveInvalid(code));
      status.set(either(denormalStatus(a), denormalStatus(b)));
      leaveIfTrapsDenormal(code, status, control, raised => [a.mantissa, either(signExponentOf(a.word), raised)]);
      code.if(either(isMaximal(a), isMaximal(b)), () => answer(TOP, MAX_EXPONENT));
      code.if(either(isZero(a), isZero(b)), () => answer(ZERO, 0));
      normalise(code, a.mantissa, aExponent);
      normalise(code, b.mantissa, bExponent);
    });
    const product = multiplyWide(code, a.mantissa, b.mantissa);
    high.set(product.high);
    low.set(product.low);
    aExponent.set(i32.sub(i32.add(aExponent, bExponent), i32.constant(EXPONENT_BIAS - 1)));
    code.if(i64.geS(high, ZERO), () => {
      high.set(i64.or(i64.shl(high, ONE), i64.shrU(low, i64.constant(63))));
      low.set(i64.shl(low, ONE));
      aExponent.set(i32.sub(aExponent, i32.constant(1)));
    });
    finish(code, indices, { sign, exponent: aExponent, high, low }, control, status);
  });
