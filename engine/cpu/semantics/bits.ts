// Single bits, counting of bits, and order of bytes.
import { given, ofComparison, ofLogic, withCarry } from "../flags.ts";
import { memoryPlace, operand, type Place } from "../operands.ts";
import type { Tier } from "../tier.ts";
import { type IntegerType, i32, i64, type Value } from "../wasm/value.ts";
import { atWidth, type Width } from "../width.ts";
import { type Row, type Rows, WIDE, WORD_WIDTHS } from "./row.ts";

/** A bit number in a register reaches memory beyond the operand: its word is found first (SDM vol. 2, BT). */
function bitTarget<T extends IntegerType>(tier: Tier, shape: string, w: Width<T>, bit: Value<T>, access: "read" | "write"): Place<T> {
  if (shape !== "mr") return operand(tier, shape, 0, w, access);
  const words = i64.shrS(w.widen(bit), i64.constant(Math.log2(w.bits)));
  const address = i64.add(tier.address(), i64.shl(words, i64.constant(Math.log2(w.bits / 8))));
  return memoryPlace(tier, tier.code.let(address), w, access);
}
const bitTest = (change?: <T extends IntegerType>(w: Width<T>, value: Value<T>, mask: Value<T>) => Value<T>): Row => ({
  shapes: ["rr", "ri", "mr", "mi"],
  widths: WORD_WIDTHS,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const bit = tier.code.let(operand(tier, shape, 1, w).read());
      const target = bitTarget(tier, shape, w, bit, change ? "write" : "read");
      const number = tier.code.let(w.int.and(bit, w.int.constant(bits - 1)));
      const value = tier.code.let(target.read());
      const isSet = tier.code.let(i32.and(w.toI32(w.int.shrU(value, number)), i32.constant(1)));
      if (change) target.write(change(w, value, w.int.shl(w.int.constant(1), number)));
      tier.setFlags(withCarry(tier.flags(), isSet));
    }),
});

type Count = <T extends IntegerType>(tier: Tier, w: Width<T>, source: Value<T>, target: Place<T>) => void;
const counting = (count: Count): Row => ({
  shapes: ["rr", "rm"],
  widths: WORD_WIDTHS,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const source = tier.code.let(operand(tier, shape, 1, w).read());
      count(tier, w, source, operand(tier, shape, 0, w, "write"));
    }),
});
const leadingZeros = <T extends IntegerType>(w: Width<T>, value: Value<T>): Value<T> =>
  w.bits === 16 ? w.int.sub(w.int.clz(w.unsigned(value)), w.int.constant(16)) : w.int.clz(value);
const trailingZeros = <T extends IntegerType>(w: Width<T>, value: Value<T>): Value<T> =>
  w.bits === 16 ? w.int.ctz(w.int.or(value, w.int.constant(0x1_0000))) : w.int.ctz(value);

/** BSF and BSR of zero leave the target as it was, as every processor does. */
const scan = (find: <T extends IntegerType>(w: Width<T>, value: Value<T>) => Value<T>): Row =>
  counting((tier, w, source, target) => {
    const isFound = w.int.ne(source, w.int.constant(0));
    const result = tier.code.let(find(w, source));
    tier.code.if(isFound, () => target.write(result));
    tier.setFlags(ofLogic(w, source));
  });
const countZeros = (find: <T extends IntegerType>(w: Width<T>, value: Value<T>) => Value<T>): Row =>
  counting((tier, w, source, target) => {
    const result = tier.code.let(find(w, source));
    target.write(result);
    tier.setFlags(given(w.widen(result), w.int.eqz(source), i32.constant(0)));
  });

const swapped = <T extends IntegerType>(w: Width<T>, value: Value<T>): Value<T> => {
  const { int } = w;
  if (w.bits === 16) return w.signed(int.or(int.shl(value, int.constant(8)), int.shrU(w.unsigned(value), int.constant(8))));
  if (w.bits === 32) {
    const odd = int.constant(0x00ff_00ff);
    return int.or(int.and(int.rotl(value, int.constant(8)), odd), int.and(int.rotr(value, int.constant(8)), int.constant(0xff00_ff00)));
  }
  const exchange = (v: Value<T>, mask: bigint, by: number) =>
    int.or(int.shl(int.and(v, int.constant(mask)), int.constant(by)), int.and(int.shrU(v, int.constant(by)), int.constant(mask)));
  return int.rotl(exchange(exchange(value, 0x00ff_00ff_00ff_00ffn, 8), 0x0000_ffff_0000_ffffn, 16), int.constant(32));
};

export const bits: Rows = {
  bt: bitTest(),
  bts: bitTest((w, value, mask) => w.int.or(value, mask)),
  btr: bitTest((w, value, mask) => w.int.and(value, w.int.xor(mask, w.int.constant(-1)))),
  btc: bitTest((w, value, mask) => w.int.xor(value, mask)),
  bsf: scan((w, value) => w.int.ctz(value)),
  bsr: scan((w, value) => w.int.sub(w.int.constant(w.bits - 1), leadingZeros(w, value))),
  tzcnt: countZeros(trailingZeros),
  lzcnt: countZeros(leadingZeros),
  popcnt: counting((tier, w, source, target) => {
    const result = tier.code.let(w.int.popcnt(w.unsigned(source)));
    target.write(result);
    tier.setFlags(ofComparison(tier.code.let(w.int.eqz(source)), i32.constant(0), i32.constant(0)));
  }),
  bswap: {
    shapes: ["r"],
    widths: WIDE,
    define: (tier, shape, width) =>
      atWidth(width, w => {
        const target = operand(tier, shape, 0, w, "write");
        target.write(swapped(w, tier.code.let(target.read())));
      }),
  },
  movbe: {
    shapes: ["rm", "mr"],
    widths: WORD_WIDTHS,
    define: (tier, shape, width) =>
      atWidth(width, w => operand(tier, shape, 0, w, "write").write(swapped(w, tier.code.let(operand(tier, shape, 1, w).read())))),
  },
};
