// The arithmetic flags are never stored as bits while running. What is kept is the last result, and one addition `augend + addend = sum`
// that carried, overflowed and half-carried as the instruction did: a - b = r is kept as r + b = a. So no flag needs to know the operation.
// Call augend ^ addend ^ sum the carries. They hold what no result has: bit 0, zero after any addition, turns PF round where the result is not zero, and is SF where it is.
// With the result zero, bits 3 to 1 of an addition's carries are ones from bit 3 down, or from bit 1 up, or all, or none: 010 is none of these, and turns PF round there.
// So every RFLAGS can be kept, and SF costs a comparison.
//
// What the SDM leaves undefined is defined here: AF is 0 after logic, shifts and multiplication; SF, ZF and PF after multiplication are the
// low half's; OF after a shift or rotation by more than one is computed as for one; division and BT leave what they do not define as it was.
import { type Bits, extendU, type IntegerType, i32, i64, type Relation, select, type Type, type Value, wrap } from "./wasm/value.ts";
import { compareBits, type FloatRelation } from "./wasm/vector-lanes.ts";
import type { Width } from "./width.ts";

export const flagWords = ["result", "augend", "addend", "sum"] as const;
export type FlagWords = { readonly [W in (typeof flagWords)[number]]: Value<"i64"> };
export interface Flags extends FlagWords {
  /** Where the operation is still known: its operands, compared directly. */
  readonly compare?: (relation: Compared) => Value<"i32">;
  /** Made by one operation: SF is the result's sign. */
  readonly hasPlainSign?: true;
  /** Flags that are known by themselves. */
  readonly known?: { readonly [F in "carry" | "overflow" | "zero" | "parity"]?: Value<"i32"> };
  /** Where the words can be made later from less than themselves. */
  readonly recipe?: Recipe;
}
type Compared = Extract<Relation, "eq" | "ltU" | "leU" | "ltS" | "leS">;
/** An operation and its stable operands, from which `wordsOf` makes the words. */
export interface Recipe {
  readonly operation: "add" | "sub" | "logic" | "given" | "order";
  readonly bits: Bits;
  /** Of `given`: the result, CF with OF beside it, and the rest. */
  readonly operands: readonly Value<IntegerType>[];
}

const ZERO = i64.constant(0);
const ONES = i64.constant(-1);
const isNegative = (value: Value<"i64">): Value<"i32"> => i64.ltS(value, ZERO);
const sign = (bit: Value<"i32">): Value<"i64"> => i64.shl(extendU(bit), i64.constant(63));
const carries = ({ augend, addend, sum }: FlagWords): Value<"i64"> => i64.xor(i64.xor(augend, addend), sum);
const bitOf = (value: Value<"i64">, bit: number): Value<"i32"> => i32.and(wrap(i64.shrU(value, i64.constant(bit))), i32.constant(1));

export const carry = ({ augend: x, addend: y, sum: s, compare, known }: Flags): Value<"i32"> =>
  known?.carry ?? compare?.("ltU") ?? isNegative(i64.or(i64.and(x, y), i64.and(i64.or(x, y), i64.xor(s, ONES))));
export const overflow = ({ augend: x, addend: y, sum: s, known }: Flags): Value<"i32"> => known?.overflow ?? isNegative(i64.and(i64.xor(x, s), i64.xor(y, s)));
const zero = ({ result, compare, known }: Flags): Value<"i32"> => known?.zero ?? compare?.("eq") ?? i64.eqz(result);
/** With a result of zero, bit 0 of the carries decides: zero is less than it, or not. */
const isSigned = (f: Flags): Value<"i32"> => (f.hasPlainSign ? isNegative(f.result) : i64.ltS(f.result, i64.and(carries(f), i64.constant(1))));
const MARK = 0b0100;
const MARK_FIELD = 0b1110;
const isTurned = (f: FlagWords): Value<"i32"> =>
  select(i64.eqz(f.result), i32.eq(i32.and(wrap(carries(f)), i32.constant(MARK_FIELD)), i32.constant(MARK)), wrap(carries(f)));
const parity = (f: Flags): Value<"i32"> =>
  f.known?.parity ?? i32.and(i32.xor(i32.xor(i32.popcnt(i32.and(wrap(f.result), i32.constant(0xff))), i32.constant(1)), isTurned(f)), i32.constant(1));
const isLess = (f: Flags): Value<"i32"> => f.compare?.("ltS") ?? i32.xor(isSigned(f), overflow(f));
/** ZF or SF unlike OF: with ZF the sign does not count. */
const isLessOrZero = (f: Flags): Value<"i32"> => i32.or(i32.xor(isNegative(f.result), overflow(f)), zero(f));

// In the order of the low bits of the opcodes 70 to 7F (SDM vol. 2, appendix B.1.4), even ones only: the odd are their opposites.
const even: readonly (readonly [string, string, (f: Flags) => Value<"i32">])[] = [
  ["o", "no", overflow],
  ["b", "ae", carry],
  ["z", "nz", zero],
  ["be", "a", f => f.compare?.("leU") ?? i32.or(carry(f), zero(f))],
  ["s", "ns", isSigned],
  ["p", "np", parity],
  ["l", "ge", isLess],
  ["le", "g", f => f.compare?.("leS") ?? isLessOrZero(f)],
];
export const conditions: readonly (readonly [string, (f: Flags) => Value<"i32">])[] = even.flatMap(
  ([name, opposite, holds]) =>
    [
      [name, holds],
      [opposite, (f: Flags) => i32.eqz(holds(f))],
    ] as const,
);

const words = <T extends IntegerType>(w: Width<T>, result: Value<T>, augend: Value<T>, addend: Value<T>, sum: Value<T>): Flags => ({
  hasPlainSign: true,
  result: w.widen(result),
  augend: w.widen(augend),
  addend: w.widen(addend),
  sum: w.widen(sum),
});
export const ofAddition = <T extends IntegerType>(w: Width<T>, a: Value<T>, b: Value<T>, sum: Value<T>): Flags => ({
  ...words(w, sum, a, b, sum),
  recipe: { operation: "add", bits: w.bits, operands: [a, b] },
});
export const ofDifference = <T extends IntegerType>(w: Width<T>, a: Value<T>, b: Value<T>, difference: Value<T>): Flags => ({
  ...words(w, difference, difference, b, a),
  compare: relation => w.int[relation](a, b),
  recipe: { operation: "sub", bits: w.bits, operands: [a, b] },
});
/** Bit 0 of the addend takes up the carry that came in, so that it does not look like a parity turned round. */
export const ofAdditionWithCarry = <T extends IntegerType>(w: Width<T>, a: Value<T>, b: Value<T>, c: Value<T>, sum: Value<T>): Flags =>
  words(w, sum, a, w.int.xor(b, c), sum);
export const ofDifferenceWithBorrow = <T extends IntegerType>(w: Width<T>, a: Value<T>, b: Value<T>, c: Value<T>, difference: Value<T>): Flags =>
  words(w, difference, difference, w.int.xor(b, c), a);
/** CF and OF are clear, so every condition is a comparison with zero. */
export const ofLogic = <T extends IntegerType>(w: Width<T>, result: Value<T>): Flags => ({
  hasPlainSign: true,
  result: w.widen(result),
  augend: ZERO,
  addend: ZERO,
  sum: ZERO,
  compare: relation => w.int[relation](result, w.int.constant(0)),
  recipe: { operation: "logic", bits: w.bits, operands: [result] },
});
/** The words of a recipe whose operands are given as 64 bits, of which the upper may be anything. */
export function wordsOf(operation: Recipe["operation"], bits: Bits, a: Value<"i64">, b: Value<"i64">, c: Value<"i64">): FlagWords {
  if (operation === "given") return given(a, bitOf(b, 0), bitOf(b, 1), c);
  if (operation === "order") return ofOrder(bits === 64 ? 64 : 32, [a, b], compareBits, [a, b]);
  const whole = (value: Value<"i64">) => i64.signExtend(bits, value);
  if (operation === "logic") return { result: whole(a), augend: ZERO, addend: ZERO, sum: ZERO };
  if (operation === "add") return { result: whole(i64.add(a, b)), augend: whole(a), addend: whole(b), sum: whole(i64.add(a, b)) };
  return { result: whole(i64.sub(a, b)), augend: whole(i64.sub(a, b)), addend: whole(b), sum: whole(a) };
}
/** CF and OF by themselves: x + x = s carries x's sign, and overflows where s has another. `rest`: the carries, bit 4 for AF and those below for PF and SF. */
export const given = (result: Value<"i64">, carried: Value<"i32">, overflowed: Value<"i32">, rest = ZERO): Flags => ({
  ...(rest === ZERO ? { hasPlainSign: true } : {}),
  known: { carry: carried, overflow: overflowed },
  recipe: { operation: "given", bits: 64, operands: [result, i32.or(carried, i32.shl(overflowed, i32.constant(1))), rest] },
  result,
  augend: sign(carried),
  addend: sign(carried),
  sum: i64.or(sign(i32.xor(carried, overflowed)), rest),
});
/** The flags as they are, but for CF and OF. */
export const withCarry = (flags: Flags, carried: Value<"i32">, overflowed = overflow(flags)): Flags =>
  given(flags.result, carried, overflowed, i64.and(carries(flags), i64.constant(0x1f)));
/** SF, OF and AF clear: what UCOMISS and its like, and POPCNT, set. */
export const ofComparison = (isZero: Value<"i32">, isParity: Value<"i32">, isCarry: Value<"i32">): Flags => {
  const flags = given(i64.shl(extendU(i32.xor(isZero, i32.constant(1))), i64.constant(8)), isCarry, i32.constant(0), restFor(isZero, isParity));
  return { ...flags, known: { ...flags.known, zero: isZero, parity: isParity } };
};
/** What UCOMISS and its like make of two stable floats, given as `compare` takes them: SF, OF and AF clear, and unordered ZF, PF and CF. `isOrdered`: neither is a NaN. */
export function ofOrder<V extends Value<Type>>(
  bits: 32 | 64,
  [a, b]: readonly [V, V],
  compare: (bits: 32 | 64, relation: FloatRelation, a: V, b: V) => Value<"i32">,
  recipeOperands: readonly [Value<IntegerType>, Value<IntegerType>],
  isOrdered = false,
): Flags {
  const isUnordered = isOrdered ? i32.constant(0) : i32.or(compare(bits, "ne", a, a), compare(bits, "ne", b, b));
  const isZero = i32.or(isUnordered, compare(bits, "eq", a, b));
  const isCarry = i32.eqz(compare(bits, "ge", a, b));
  const holds = { eq: isZero, leS: isZero, ltU: isCarry, leU: i32.eqz(compare(bits, "gt", a, b)), ltS: i32.constant(0) };
  return {
    ...ofComparison(isZero, isUnordered, isCarry),
    compare: relation => holds[relation],
    recipe: { operation: "order", bits, operands: recipeOperands },
  };
}
/** What makes PF of a result that is zero or has PF by itself: with ZF the mark, else bit 0. */
const restFor = (isZero: Value<"i32">, isParity: Value<"i32">): Value<"i64"> =>
  extendU(i32.shl(i32.xor(isParity, i32.constant(1)), i32.shl(isZero, i32.constant(1))));

const BITS = { carry: 0, parity: 2, zero: 6, sign: 7, overflow: 11 } as const;
/** CF, PF, AF, ZF, SF, OF. */
export const STATUS_BITS = 0x8d5;

export const toBits = (flags: Flags): Value<"i64"> => {
  const at = (value: Value<"i32">, bit: number) => i64.shl(extendU(value), i64.constant(bit));
  const parts = [
    at(carry(flags), BITS.carry),
    at(parity(flags), BITS.parity),
    i64.and(carries(flags), i64.constant(0x10)),
    at(zero(flags), BITS.zero),
    at(isSigned(flags), BITS.sign),
    at(overflow(flags), BITS.overflow),
  ];
  return parts.reduce((all, part) => i64.or(all, part));
};
export const ofBits = (bits: Value<"i64">): Flags => {
  const [isZero, isSign, isParity] = [bitOf(bits, BITS.zero), bitOf(bits, BITS.sign), bitOf(bits, BITS.parity)];
  const nonZero = i64.or(i64.constant(0x100), sign(isSign));
  const result = i64.and(nonZero, i64.sub(extendU(isZero), i64.constant(1)));
  const zeroSign = extendU(i32.and(isZero, isSign));
  const rest = i64.or(i64.or(i64.and(bits, i64.constant(0x10)), zeroSign), restFor(isZero, isParity));
  return given(result, bitOf(bits, BITS.carry), bitOf(bits, BITS.overflow), rest);
};
