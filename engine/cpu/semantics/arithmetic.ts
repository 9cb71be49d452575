// Addition, subtraction and logic.
import { carry, type Flags, given, ofAddition, ofAdditionWithCarry, ofDifference, ofDifferenceWithBorrow, ofLogic, overflow, withCarry } from "../flags.ts";
import { extendU, i32, type Value } from "../wasm/value.ts";
import type { Row, Rows } from "./row.ts";
import { type Binary, one, two, type Unary } from "./two-operand.ts";

const add: Binary = ({ w, keep }, a, b) => {
  const sum = keep(w.signed(w.int.add(a, b)));
  return { value: sum, flags: ofAddition(w, a, b, sum) };
};
const sub: Binary = ({ w, keep }, a, b) => {
  const difference = keep(w.signed(w.int.sub(a, b)));
  return { value: difference, flags: ofDifference(w, a, b, difference) };
};
const adc: Binary = ({ w, keep, flags }, a, b) => {
  const c = keep(w.fromI32(carry(flags())));
  const sum = keep(w.signed(w.int.add(w.int.add(a, b), c)));
  return { value: sum, flags: ofAdditionWithCarry(w, a, b, c, sum) };
};
const sbb: Binary = ({ w, keep, flags }, a, b) => {
  const c = keep(w.fromI32(carry(flags())));
  const difference = keep(w.signed(w.int.sub(w.int.sub(a, b), c)));
  return { value: difference, flags: ofDifferenceWithBorrow(w, a, b, c, difference) };
};
const logic =
  (name: "and" | "or" | "xor"): Binary =>
  ({ w, keep }, a, b) => {
    const result = keep(w.int[name](a, b));
    return { value: result, flags: ofLogic(w, result) };
  };
/** INC and DEC leave CF as it was. */
const step =
  (direction: 1 | -1): Unary =>
  ({ w, keep, flags }, a) => {
    const result = keep(w.signed(w.int.add(a, w.int.constant(direction))));
    const isOverflow = direction === 1 ? w.int.ltS(result, a) : w.int.gtS(result, a);
    const half = extendU(i32.and(w.toI32(w.int.xor(w.int.xor(a, result), w.int.constant(1))), i32.constant(0x10)));
    return { value: result, flags: given(w.widen(result), carry(flags()), isOverflow, half) };
  };

/** ADCX, ADOX: an addition that reads and writes one flag alone. */
function carryChain(flag: (flags: Flags) => Value<"i32">, change: (flags: Flags, carried: Value<"i32">) => Flags): Row {
  const compute: Binary = ({ w, keep, flags }, a, b) => {
    const c = keep(flag(flags()));
    const partial = keep(w.signed(w.int.add(a, b)));
    const value = keep(w.signed(w.int.add(partial, w.fromI32(c))));
    const carried = keep(i32.or(w.int.ltU(partial, a), w.int.ltU(value, partial)));
    return { value, flags: change(flags(), carried) };
  };
  return two(compute, { shapes: ["rr", "rm"], widths: [32, 64] });
}

export const arithmetic: Rows = {
  add: two(add),
  or: two(logic("or")),
  adc: two(adc),
  adcx: carryChain(carry, (flags, carried) => withCarry(flags, carried)),
  adox: carryChain(overflow, (flags, carried) => withCarry(flags, carry(flags), carried)),
  sbb: two(sbb),
  and: two(logic("and")),
  sub: two(sub),
  xor: two(logic("xor")),
  cmp: two(sub, { isTest: true }),
  test: two(logic("and"), { isTest: true, shapes: ["rr", "ri", "mr", "mi"] }),
  inc: one(step(1)),
  dec: one(step(-1)),
  neg: one((context, a) => sub(context, context.w.int.constant(0), a)),
  not: one(({ w }, a) => ({ value: w.int.xor(a, w.int.constant(-1)) })),
};
