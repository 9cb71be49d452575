// x87 arithmetic and comparison, with an operand on the stack or in memory.
import { ofComparison } from "../flags.ts";
import type { Tier } from "../tier.ts";
import { i32, i64, loadWord32, type Value } from "../wasm/value.ts";
import { call } from "../x87/operators.ts";
import type { RoutineName } from "../x87/routine.ts";
import { C0, C2, C3 } from "../x87/status.ts";
import type { Row, Rows } from "./row.ts";
import { anyOf, FloatStack, type Number80, STACK_UNDERFLOW, statusOf, underflow } from "./x87-stack.ts";

export const TOP = i32.constant(0);
const NEXT = i32.constant(1);
const NOTHING = i32.constant(0);

/** An operand in memory, converted; a signalling NaN still signals. */
export function memoryOperand(tier: Tier, stack: FloatStack, bits: number, isInteger: boolean): Number80 {
  const at = tier.translate(tier.address(), bits / 8, "read");
  const value = stack.fresh();
  const from = isInteger ? i64.load(bits as 16 | 32 | 64, at) : bits === 32 ? loadWord32(at) : i64.load(64, at);
  const routine: RoutineName = isInteger ? "fromInteger" : bits === 32 ? "widenFloat32" : "widenFloat64";
  call(tier.code, tier.routine(routine), [from], [value.mantissa, value.word]);
  return value;
}
interface Operation {
  readonly routine: RoutineName;
  readonly isReversed: boolean;
}
const operations: Readonly<Record<string, Operation>> = {
  add: { routine: "add", isReversed: false },
  mul: { routine: "multiply", isReversed: false },
  sub: { routine: "subtract", isReversed: false },
  subr: { routine: "subtract", isReversed: true },
  div: { routine: "divide", isReversed: false },
  divr: { routine: "divide", isReversed: true },
};
const argumentsOf = (a: Number80, b: Number80): Value<"i32" | "i64">[] => [a.mantissa, a.word, b.mantissa, b.word];

const withMemory = ({ routine, isReversed }: Operation, isInteger: boolean): Row => ({
  shapes: ["m"],
  widths: isInteger ? [16, 32] : [32, 64],
  define: (tier, _, bits) => {
    const stack = new FloatStack(tier);
    const [top, other] = [stack.read(TOP), memoryOperand(tier, stack, bits, isInteger)];
    const args = isReversed ? argumentsOf(other, top) : argumentsOf(top, other);
    const result = stack.compute(underflow(stack.isEmpty(TOP)), routine, [...args, stack.control]);
    stack.conclude(statusOf(result.word), () => stack.write(TOP, result));
  },
});
/** ST(i) op ST(0) is the order of FSUB ST(i),ST(0): the target is the left operand unless reversed. */
const withRegister = ({ routine, isReversed }: Operation, target: "top" | "other", pops: 0 | 1): Row => ({
  shapes: ["s"],
  widths: [64],
  define: tier => {
    const stack = new FloatStack(tier);
    const place = tier.code.let(tier.operandStackNumber(0));
    const [top, other] = [stack.read(TOP), stack.read(place)];
    const isTopLeft = (target === "top") !== isReversed;
    const args = isTopLeft ? argumentsOf(top, other) : argumentsOf(other, top);
    const result = stack.compute(underflow(stack.isEmpty(TOP), stack.isEmpty(place)), routine, [...args, stack.control]);
    stack.conclude(statusOf(result.word), () => {
      stack.write(target === "top" ? TOP : place, result);
      stack.pop(pops);
    });
  },
});

const CONDITIONS = C0 | C2 | C3;
type Comparison = "compareOrdered" | "compareUnordered";
/** The codes and what is raised, as one word; an empty register compares as unordered. */
function compareWith(tier: Tier, name: Comparison, a: Number80, b: Number80, isFault: Value<"i32">): Value<"i32"> {
  const codes = tier.code.temporary("i32");
  tier.code.if(
    isFault,
    () => codes.set(i32.constant(CONDITIONS | STACK_UNDERFLOW)),
    () => call(tier.code, tier.routine(name), argumentsOf(a, b), [codes]),
  );
  return codes;
}
function concludeComparison(stack: FloatStack, codes: Value<"i32">, pops: 0 | 1 | 2): void {
  // Processors set these even where an exception that is not masked keeps the operands on the stack.
  stack.setConditions(i32.and(codes, i32.constant(CONDITIONS)), CONDITIONS);
  stack.conclude(i32.and(codes, i32.constant(~CONDITIONS)), () => stack.pop(pops));
}
const compareMemory = (isInteger: boolean, pops: 0 | 1): Row => ({
  shapes: ["m"],
  widths: isInteger ? [16, 32] : [32, 64],
  define: (tier, _, bits) => {
    const stack = new FloatStack(tier);
    const other = memoryOperand(tier, stack, bits, isInteger);
    concludeComparison(stack, compareWith(tier, "compareOrdered", stack.read(TOP), other, stack.isEmpty(TOP)), pops);
  },
});
const compareRegister = (name: Comparison, pops: 0 | 1): Row => ({
  shapes: ["s"],
  widths: [64],
  define: tier => {
    const stack = new FloatStack(tier);
    const place = tier.code.let(tier.operandStackNumber(0));
    concludeComparison(stack, compareWith(tier, name, stack.read(TOP), stack.read(place), anyOf(stack.isEmpty(TOP), stack.isEmpty(place))), pops);
  },
});
const compareTwo = (name: Comparison): Row => ({
  shapes: [""],
  widths: [64],
  define: tier => {
    const stack = new FloatStack(tier);
    concludeComparison(stack, compareWith(tier, name, stack.read(TOP), stack.read(NEXT), anyOf(stack.isEmpty(TOP), stack.isEmpty(NEXT))), 2);
  },
});
/** To ZF, PF and CF instead of the condition codes. */
const compareToFlags = (name: Comparison, pops: 0 | 1): Row => ({
  shapes: ["s"],
  widths: [64],
  define: tier => {
    const stack = new FloatStack(tier);
    const place = tier.code.let(tier.operandStackNumber(0));
    const codes = compareWith(tier, name, stack.read(TOP), stack.read(place), anyOf(stack.isEmpty(TOP), stack.isEmpty(place)));
    const has = (code: number): Value<"i32"> => tier.code.let(i32.ne(i32.and(codes, i32.constant(code)), NOTHING));
    tier.setFlags(ofComparison(has(C3), has(C2), has(C0)));
    stack.concludeKeepingC1(i32.and(codes, i32.constant(~CONDITIONS)), () => stack.pop(pops));
  },
});
const unary = (define: (tier: Tier, stack: FloatStack) => void): Row => ({ shapes: [""], widths: [64], define: tier => define(tier, new FloatStack(tier)) });
const rounded = (routine: RoutineName): Row =>
  unary((_, stack) => {
    const { mantissa, word } = stack.read(TOP);
    const result = stack.compute(underflow(stack.isEmpty(TOP)), routine, [mantissa, word, stack.control]);
    stack.conclude(statusOf(result.word), () => stack.write(TOP, result));
  });
const signed = (change: (word: Value<"i32">) => Value<"i32">): Row =>
  unary((_, stack) => {
    const { mantissa, word } = stack.read(TOP);
    const result = stack.choose(underflow(stack.isEmpty(TOP)), { mantissa, word: change(word) });
    stack.conclude(statusOf(result.word), () => stack.write(TOP, result));
  });

export const x87Arithmetic: Rows = {
  ...Object.fromEntries(
    Object.entries(operations).flatMap(([name, operation]): [string, Row][] => [
      [`f${name}`, withMemory(operation, false)],
      [`fi${name}`, withMemory(operation, true)],
      [`f${name}Top`, withRegister(operation, "top", 0)],
      [`f${name}Other`, withRegister(operation, "other", 0)],
      [`f${name}p`, withRegister(operation, "other", 1)],
    ]),
  ),
  fcom: compareMemory(false, 0),
  fcomp: compareMemory(false, 1),
  ficom: compareMemory(true, 0),
  ficomp: compareMemory(true, 1),
  fcomTop: compareRegister("compareOrdered", 0),
  fcompTop: compareRegister("compareOrdered", 1),
  fcompp: compareTwo("compareOrdered"),
  fucom: compareRegister("compareUnordered", 0),
  fucomp: compareRegister("compareUnordered", 1),
  fucompp: compareTwo("compareUnordered"),
  fcomi: compareToFlags("compareOrdered", 0),
  fcomip: compareToFlags("compareOrdered", 1),
  fucomi: compareToFlags("compareUnordered", 0),
  fucomip: compareToFlags("compareUnordered", 1),
  ftst: unary((tier, stack) => {
    const zero = { mantissa: i64.constant(0), word: NOTHING };
    concludeComparison(stack, compareWith(tier, "compareOrdered", stack.read(TOP), zero, stack.isEmpty(TOP)), 0);
  }),
  fsqrt: rounded("squareRoot"),
  frndint: rounded("roundToInteger"),
  fchs: signed(word => i32.xor(word, i32.constant(0x8000))),
  fabs: signed(word => i32.and(word, i32.constant(0x7fff))),
};
