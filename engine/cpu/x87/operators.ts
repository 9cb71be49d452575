// WebAssembly operators that only x87 arithmetic asks for, in the form of `wasm/value.ts`: i64 division, calls with several results.
import type { Func, Local } from "../wasm/func.ts";
import { i64, putUnsigned, type Sink, type Type, type Value } from "../wasm/value.ts";

const binary = (opcode: number, a: Value<"i64">, b: Value<"i64">): Value<"i64"> => ({
  type: "i64",
  put(sink) {
    a.put(sink);
    b.put(sink);
    sink.push(opcode);
  },
});
const unary = (opcodes: readonly number[], a: Value<"i64">): Value<"i64"> => ({
  type: "i64",
  put(sink) {
    a.put(sink);
    sink.push(...opcodes);
  },
});

export const divideSigned = (a: Value<"i64">, b: Value<"i64">): Value<"i64"> => binary(0x7f, a, b);
export const divideUnsigned = (a: Value<"i64">, b: Value<"i64">): Value<"i64"> => binary(0x80, a, b);
export const leadingZeros = (a: Value<"i64">): Value<"i64"> => unary([0x79], a);

/** sqrt(a) * 2^32 of an unsigned number, to 53 bits: f64.convert_i64_u, f64.sqrt, f64.const 2^32, f64.mul, i64.trunc_sat_f64_u. IEEE 754 fixes every bit of it. */
export const roughRoot = (a: Value<"i64">): Value<"i64"> => unary([0xba, 0x9f, 0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x41, 0xa2, 0xfc, 0x07], a);

/** Leaves the function with these results. */
export const leave =
  (values: readonly Value<Type>[]) =>
  (sink: Sink): void => {
    for (const value of values) value.put(sink);
    sink.push(0x0f);
  };

const putCall = (sink: Sink, index: number, args: readonly Value<Type>[]): void => {
  for (const arg of args) arg.put(sink);
  sink.push(0x10);
  putUnsigned(sink, index);
};
/** Calls, and leaves the function with whatever the callee gave. */
export const leaveBy =
  (index: number, args: readonly Value<Type>[]) =>
  (sink: Sink): void => {
    putCall(sink, index, args);
    sink.push(0x0f);
  };
/** Calls, and keeps each result. */
export const call = (code: Func, index: number, args: readonly Value<Type>[], results: readonly Local<Type>[]): void => {
  code.do(sink => {
    putCall(sink, index, args);
    for (const result of results.toReversed()) {
      sink.push(0x21);
      putUnsigned(sink, result.index);
    }
  });
};

export interface Wide {
  readonly high: Value<"i64">;
  readonly low: Value<"i64">;
}
const LOW_HALF = i64.constant(0xffff_ffffn);
const HALF = i64.constant(32);
/** The 128-bit product of two unsigned numbers. */
export function multiplyWide(code: Func, a: Value<"i64">, b: Value<"i64">): Wide {
  const [aLow, aHigh] = [code.let(i64.and(a, LOW_HALF)), code.let(i64.shrU(a, HALF))];
  const [bLow, bHigh] = [code.let(i64.and(b, LOW_HALF)), code.let(i64.shrU(b, HALF))];
  const lowest = code.let(i64.mul(aLow, bLow));
  const crossed = code.let(i64.add(i64.mul(aHigh, bLow), i64.shrU(lowest, HALF)));
  const middle = code.let(i64.add(i64.mul(aLow, bHigh), i64.and(crossed, LOW_HALF)));
  const high = code.let(i64.add(i64.add(i64.mul(aHigh, bHigh), i64.shrU(crossed, HALF)), i64.shrU(middle, HALF)));
  return { high, low: code.let(i64.or(i64.shl(middle, HALF), i64.and(lowest, LOW_HALF))) };
}
