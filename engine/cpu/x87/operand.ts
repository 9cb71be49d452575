// An 80-bit operand inside generated code, and the questions asked of it (SDM vol. 1, 4.2.2 and 8.2.2).
// Its `word` is sign and exponent below, and above, shifted by 16, the status bits that getting it has raised: DE for a denormal float in memory.
import type { Func, Local } from "../wasm/func.ts";
import { extendU, i32, i64, select, type Type, type Value, wrap } from "../wasm/value.ts";
import { leadingZeros, leave } from "./operators.ts";
import { DE, IE } from "./status.ts";

export interface Operand {
  readonly mantissa: Local<"i64">;
  readonly word: Local<"i32">;
}
export const STATUS_SHIFT = 16;
export const MAX_EXPONENT = 0x7fff;
export const EXPONENT_BIAS = 0x3fff;
export const TOP = i64.constant(1n << 63n);
export const ZERO = i64.constant(0);
export const NO_STATUS = i32.constant(0);
const QUIET_BIT = i64.constant(1n << 62n);

export const operandAt = (code: Func, place: number): Operand => ({ mantissa: code.param("i64", place), word: code.param("i32", place + 1) });
export const fresh = (code: Func): Operand => ({ mantissa: code.local("i64"), word: code.local("i32") });
export const raised = (status: number): Value<"i32"> => i32.constant(status << STATUS_SHIFT);
export const both = (a: Value<"i32">, b: Value<"i32">): Value<"i32"> => i32.and(a, b);
export const either = (a: Value<"i32">, b: Value<"i32">): Value<"i32"> => i32.or(a, b);

export const exponentOf = (word: Value<"i32">): Value<"i32"> => i32.and(word, i32.constant(MAX_EXPONENT));
export const signOf = (word: Value<"i32">): Value<"i32"> => i32.and(word, i32.constant(0x8000));
export const signExponentOf = (word: Value<"i32">): Value<"i32"> => i32.and(word, i32.constant(0xffff));
export const hasTop = (mantissa: Value<"i64">): Value<"i32"> => i64.ltS(mantissa, ZERO);
export const isZero = (x: Operand): Value<"i32"> => i64.eqz(x.mantissa);
export const isMaximal = (x: Operand): Value<"i32"> => i32.eq(exponentOf(x.word), i32.constant(MAX_EXPONENT));

/** A finite normal number whose load raised nothing: one comparison asks all that, since a DE bit makes the masked word large. */
export const isPlain = (x: Operand): Value<"i32"> =>
  i32.ltU(i32.sub(i32.and(x.word, i32.constant((DE << STATUS_SHIFT) | MAX_EXPONENT)), i32.constant(1)), i32.constant(0x7ffe));

/** Unnormals, pseudo-infinities and pseudo-NaNs: an exponent without the integer bit. */
export const isUnsupported = (x: Operand): Value<"i32"> => both(i32.ne(exponentOf(x.word), i32.constant(0)), i64.geS(x.mantissa, ZERO));
export const isNotNumber = (x: Operand): Value<"i32"> => both(isMaximal(x), i64.ne(i64.shl(x.mantissa, i64.constant(1)), ZERO));
export const isSignalling = (x: Operand): Value<"i32"> => both(isNotNumber(x), i64.eqz(i64.and(x.mantissa, QUIET_BIT)));
export const quieted = (mantissa: Value<"i64">): Value<"i64"> => i64.or(mantissa, QUIET_BIT);

/** DE, in place, for a denormal or pseudo-denormal operand, or one that was denormal in memory. */
export const denormalStatus = (x: Operand): Value<"i32"> =>
  either(i32.and(x.word, raised(DE)), select(both(i32.eqz(exponentOf(x.word)), i64.ne(x.mantissa, ZERO)), raised(DE), NO_STATUS));

/** Leaves with the QNaN floating-point indefinite and IE. */
export const leaveInvalid = (code: Func): void => code.do(leave([i64.constant(0xc000n << 48n), i32.constant((IE << STATUS_SHIFT) | 0xffff)]));
/** Leaves where DE is raised and not masked: the instruction then has no result (SDM vol. 1, 8.5.2). */
export const leaveIfTrapsDenormal = (
  code: Func,
  status: Value<"i32">,
  control: Value<"i32">,
  results: (status: Value<"i32">) => readonly Value<Type>[],
): void => code.if(both(i32.ne(status, NO_STATUS), i32.eqz(i32.and(control, i32.constant(DE)))), () => code.do(leave(results(status))));

/** Brings the integer bit of a nonzero mantissa to the top; the exponent, then, may go below 1. */
export function normalise(code: Func, mantissa: Local<"i64">, exponent: Local<"i32">): void {
  code.if(i32.eqz(exponent), () => exponent.set(i32.constant(1)));
  code.if(i64.geS(mantissa, ZERO), () => {
    const zeros = code.let(leadingZeros(mantissa));
    mantissa.set(i64.shl(mantissa, zeros));
    exponent.set(i32.sub(exponent, wrap(zeros)));
  });
}
/** 1 for true, as a mantissa's unit. */
export const unit = (condition: Value<"i32">): Value<"i64"> => extendU(condition);
