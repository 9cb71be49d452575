// FCOM and FUCOM: condition codes and status as one status word, in which C3, C2 and C0 stand for equal, unordered and less.
import { i32, i64, select, type Value } from "../wasm/value.ts";
import {
  both,
  denormalStatus,
  either,
  exponentOf,
  isNotNumber,
  isSignalling,
  isUnsupported,
  NO_STATUS,
  type Operand,
  operandAt,
  STATUS_SHIFT,
  signOf,
  ZERO,
} from "./operand.ts";
import { leave } from "./operators.ts";
import { type Routine, routine } from "./routine.ts";
import { C0, C2, C3, IE } from "./status.ts";

const UNORDERED = C0 | C2 | C3;
/** A denormal has the exponent of the least normal numbers. */
const effectiveExponent = (x: Operand): Value<"i32"> => select(exponentOf(x.word), exponentOf(x.word), i32.constant(1));

const comparison = (name: "compareOrdered" | "compareUnordered"): Routine =>
  routine(name, ["i64", "i32", "i64", "i32"], ["i32"], code => {
    const [a, b, status] = [operandAt(code, 0), operandAt(code, 2), code.local("i32")];
    const unsupported = either(isUnsupported(a), isUnsupported(b));
    code.if(either(unsupported, either(isNotNumber(a), isNotNumber(b))), () => {
      const isInvalid = name === "compareOrdered" ? i32.constant(1) : either(unsupported, either(isSignalling(a), isSignalling(b)));
      code.do(leave([select(isInvalid, i32.constant(UNORDERED | IE), i32.constant(UNORDERED))]));
    });
    status.set(i32.shrU(either(denormalStatus(a), denormalStatus(b)), i32.constant(STATUS_SHIFT)));
    const answer = (isLess: Value<"i32">) => code.do(leave([either(status, select(isLess, i32.constant(C0), NO_STATUS))]));
    code.if(i64.eqz(i64.or(a.mantissa, b.mantissa)), () => code.do(leave([either(status, i32.constant(C3))])));
    code.if(i32.ne(signOf(a.word), signOf(b.word)), () => answer(signOf(a.word)));
    const isZeroBelow = (x: Operand) => i64.eq(x.mantissa, ZERO);
    const [aExponent, bExponent] = [
      code.let(select(isZeroBelow(a), NO_STATUS, effectiveExponent(a))),
      code.let(select(isZeroBelow(b), NO_STATUS, effectiveExponent(b))),
    ];
    code.if(both(i32.eq(aExponent, bExponent), i64.eq(a.mantissa, b.mantissa)), () => code.do(leave([either(status, i32.constant(C3))])));
    const isSmaller = either(i32.ltS(aExponent, bExponent), both(i32.eq(aExponent, bExponent), i64.ltU(a.mantissa, b.mantissa)));
    answer(i32.ne(isSmaller, i32.ne(signOf(a.word), NO_STATUS)));
    code.unreachable();
  });
export const compareOrdered = (): Routine => comparison("compareOrdered");
export const compareUnordered = (): Routine => comparison("compareUnordered");
