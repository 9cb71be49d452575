// x87 loads, stores, exchanges and constants.
import { conditions } from "../flags.ts";
import type { Tier } from "../tier.ts";
import { i32, i64, loadHalf, loadWord32, select, type Value } from "../wasm/value.ts";
import { constants } from "../x87/constants.ts";
import { call } from "../x87/operators.ts";
import { modeOf } from "../x87/round.ts";
import type { RoutineName } from "../x87/routine.ts";
import { CHOP, IE, ROUNDING_SHIFT } from "../x87/status.ts";
import type { Row, Rows } from "./row.ts";
import { TOP } from "./x87-arithmetic.ts";
import { anyOf, BEFORE_STORE, FloatStack, type Number80, overflow, STACK_UNDERFLOW, statusOf, underflow } from "./x87-stack.ts";

const NEW = i32.constant(-1);
const isFull = (stack: FloatStack): Value<"i32"> => i32.eqz(stack.isEmpty(NEW));
const simple = (define: (tier: Tier, stack: FloatStack) => void): Row => ({ shapes: [""], widths: [64], define: tier => define(tier, new FloatStack(tier)) });

function push(stack: FloatStack, value: Number80): void {
  const result = stack.choose(overflow(isFull(stack)), value);
  stack.conclude(statusOf(result.word), () => stack.push(result));
}
function pushConverted(tier: Tier, routine: RoutineName, bits: number, load: (at: Value<"i32">) => Value<"i64">): void {
  const stack = new FloatStack(tier);
  const at = tier.translate(tier.address(), bits / 8, "read");
  const result = stack.compute(overflow(isFull(stack)), routine, [load(at)]);
  // A denormal is loaded even where that exception is not masked.
  stack.conclude(statusOf(result.word), () => stack.push(result), IE);
}

/** An integer at a width; `mode` is the control word that it is rounded by. */
const storeInteger = (pops: 0 | 1, widths: readonly (16 | 32 | 64)[], control: (stack: FloatStack) => Value<"i32"> = stack => stack.control): Row => ({
  shapes: ["m"],
  widths,
  define: (tier, _, bits) => {
    const stack = new FloatStack(tier);
    const at = tier.translate(tier.address(), bits / 8, "write");
    const { mantissa, word } = stack.read(TOP);
    const [value, status] = [tier.code.temporary("i64"), tier.code.temporary("i32")];
    tier.code.if(
      stack.isEmpty(TOP),
      () => {
        value.set(i64.constant(1n << BigInt(bits - 1)));
        status.set(i32.constant(STACK_UNDERFLOW));
      },
      () => call(tier.code, tier.routine("toInteger"), [mantissa, word, control(stack), i32.constant(bits)], [value, status]),
    );
    stack.conclude(
      status,
      () => {
        tier.code.do(i64.store(bits, at, value));
        stack.pop(pops);
      },
      BEFORE_STORE,
    );
  },
});
const storeFloat = (pops: 0 | 1): Row => ({
  shapes: ["m"],
  widths: [32, 64],
  define: (tier, _, bits) => {
    const stack = new FloatStack(tier);
    const at = tier.translate(tier.address(), bits / 8, "write");
    const { mantissa, word } = stack.read(TOP);
    const [value, status] = [tier.code.temporary("i64"), tier.code.temporary("i32")];
    tier.code.if(
      stack.isEmpty(TOP),
      () => {
        value.set(i64.constant(bits === 32 ? 0xffc0_0000 : 0xfff8n << 48n));
        status.set(i32.constant(STACK_UNDERFLOW));
      },
      () => call(tier.code, tier.routine(bits === 32 ? "toFloat32" : "toFloat64"), [mantissa, word, stack.control], [value, status]),
    );
    stack.conclude(
      status,
      () => {
        tier.code.do(i64.store(bits, at, value));
        stack.pop(pops);
      },
      BEFORE_STORE,
    );
  },
});
const storeRegister = (pops: 0 | 1): Row => ({
  shapes: ["s"],
  widths: [64],
  define: tier => {
    const stack = new FloatStack(tier);
    const place = tier.code.let(tier.operandStackNumber(0));
    const result = stack.choose(underflow(stack.isEmpty(TOP)), stack.read(TOP));
    stack.conclude(statusOf(result.word), () => {
      stack.write(place, result);
      stack.pop(pops);
    });
  },
});
/** A constant by the rounding mode. */
const constantRow = (constant: (control: number) => { readonly mantissa: bigint; readonly signExponent: number }): Row =>
  simple((_, stack) => {
    const of = (mode: number) => constant(mode << ROUNDING_SHIFT);
    const nearest = of(0);
    const mantissa = [1, 2, 3].reduce<Value<"i64">>(
      (rest, mode) =>
        of(mode).mantissa === nearest.mantissa ? rest : select(i32.eq(modeOf(stack.control), i32.constant(mode)), i64.constant(of(mode).mantissa), rest),
      i64.constant(nearest.mantissa),
    );
    push(stack, { mantissa, word: i32.constant(nearest.signExponent) });
  });
/** FCMOVcc: the conditions below, equal, below or equal, unordered, and their opposites. */
const moveIf = (name: string): Row => ({
  shapes: ["s"],
  widths: [64],
  define: tier => {
    const stack = new FloatStack(tier);
    const place = tier.code.let(tier.operandStackNumber(0));
    const holds = tier.code.let(conditions.find(([known]) => known === name)![1](tier.flags()));
    const [top, other] = [stack.read(TOP), stack.read(place)];
    const chosen = { mantissa: select(holds, other.mantissa, top.mantissa), word: select(holds, other.word, top.word) };
    const result = stack.choose(underflow(stack.isEmpty(TOP), stack.isEmpty(place)), chosen);
    stack.concludeKeepingC1(statusOf(result.word), () => stack.write(TOP, result));
  },
});

export const x87Moves: Rows = {
  fld: {
    shapes: ["m"],
    widths: [32, 64],
    define: (tier, _, bits) => pushConverted(tier, bits === 32 ? "loadFloat32" : "loadFloat64", bits, at => (bits === 32 ? loadWord32(at) : i64.load(64, at))),
  },
  fild: { shapes: ["m"], widths: [16, 32, 64], define: (tier, _, bits) => pushConverted(tier, "fromInteger", bits, at => i64.load(bits, at)) },
  fldExtended: {
    shapes: ["m"],
    widths: [64],
    define: tier => {
      const stack = new FloatStack(tier);
      const at = tier.translate(tier.address(), 10, "read");
      push(stack, { mantissa: i64.load(64, at), word: loadHalf(at, 8) });
    },
  },
  fldRegister: {
    shapes: ["s"],
    widths: [64],
    define: tier => {
      const stack = new FloatStack(tier);
      const place = tier.code.let(tier.operandStackNumber(0));
      const result = stack.choose(overflow(isFull(stack), stack.isEmpty(place)), stack.read(place));
      stack.conclude(statusOf(result.word), () => stack.push(result));
    },
  },
  ...Object.fromEntries(Object.entries(constants).map(([name, constant]) => [name, constantRow(constant)])),
  fst: storeFloat(0),
  fstp: storeFloat(1),
  fstRegister: storeRegister(0),
  fstpRegister: storeRegister(1),
  fstpExtended: {
    shapes: ["m"],
    widths: [64],
    define: tier => {
      const stack = new FloatStack(tier);
      const at = tier.translate(tier.address(), 10, "write");
      const result = stack.choose(underflow(stack.isEmpty(TOP)), stack.read(TOP));
      stack.conclude(statusOf(result.word), () => {
        tier.code.do(i64.store(64, at, result.mantissa));
        tier.code.do(i32.store(16, at, result.word, 8));
        stack.pop();
      });
    },
  },
  fist: storeInteger(0, [16, 32]),
  fistp: storeInteger(1, [16, 32, 64]),
  fisttp: storeInteger(1, [16, 32, 64], stack => i32.or(stack.control, i32.constant(CHOP << ROUNDING_SHIFT))),
  fxch: {
    shapes: ["s"],
    widths: [64],
    define: tier => {
      const stack = new FloatStack(tier);
      const place = tier.code.let(tier.operandStackNumber(0));
      const [noTop, noOther] = [stack.isEmpty(TOP), stack.isEmpty(place)];
      const [top, other] = [stack.choose(underflow(noTop), stack.read(TOP)), stack.choose(underflow(noOther), stack.read(place))];
      stack.conclude(anyOf(statusOf(top.word), statusOf(other.word)), () => {
        stack.write(TOP, other);
        stack.write(place, top);
      });
    },
  },
  fcmovb: moveIf("b"),
  fcmove: moveIf("z"),
  fcmovbe: moveIf("be"),
  fcmovu: moveIf("p"),
  fcmovnb: moveIf("ae"),
  fcmovne: moveIf("nz"),
  fcmovnbe: moveIf("a"),
  fcmovnu: moveIf("np"),
};
