// BMI1 and BMI2: bit fields, and arithmetic with a third operand (SDM vol. 2). All but TZCNT have VEX; most leave the flags alone.
import { given, ofLogic } from "../flags.ts";
import { operand } from "../operands.ts";
import { RDX, type Tier } from "../tier.ts";
import { type IntegerType, i32, i64, type Value } from "../wasm/value.ts";
import { atWidth, type Width } from "../width.ts";
import { highHalf } from "./multiply.ts";
import { type Row, type Rows, WIDE } from "./row.ts";
import type { Context, Effect } from "./two-operand.ts";

const FALSE = i32.constant(0);
/** The target, and one or two sources by their places. */
const row = (shapes: readonly string[], compute: <T extends IntegerType>(tier: Tier, context: Context<T>, a: Value<T>, b: Value<T>) => Effect<T>): Row => ({
  shapes,
  widths: WIDE,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const keep = <U extends IntegerType>(value: Value<U>) => tier.code.let(value);
      const last = shape.length - 1;
      const b = keep(operand(tier, shape, last, w).read());
      const a = last === 1 ? b : keep(operand(tier, shape, 1, w).read());
      const { value, flags } = compute(tier, { w, keep, flags: () => tier.flags() }, a, b);
      const result = keep(value);
      operand(tier, shape, 0, w, "write").write(result);
      if (flags) tier.setFlags(flags);
    }),
});
const THREE = ["rrr", "rrm"];
/** The second source is by VEX.vvvv. */
const TURNED = ["rrr", "rmr"];
const TWO = ["rr", "rm"];

const minusOne = <T extends IntegerType>(w: Width<T>, value: Value<T>): Value<T> => w.int.sub(value, w.int.constant(1));
const withCarryIf = <T extends IntegerType>({ w, keep }: Context<T>, value: Value<T>, carried: Value<"i32">): Effect<T> => {
  const result = keep(value);
  return { value: result, flags: given(w.widen(result), keep(carried), FALSE) };
};
/** The lowest `count` bits; all from the operand's size on. */
const lowBits = <T extends IntegerType>({ w, keep }: Context<T>, value: Value<T>, count: Value<T>): Value<T> => {
  const size = w.int.constant(w.bits);
  const mask = minusOne(w, w.int.shl(w.int.constant(1), count));
  return w.int.and(value, w.int.or(mask, w.int.sub(w.int.constant(0), w.fromI32(keep(w.int.geU(count, size))))));
};
const byte = <T extends IntegerType>(w: Width<T>, value: Value<T>, at: number): Value<T> =>
  w.int.and(w.int.shrU(value, w.int.constant(at)), w.int.constant(0xff));

/** Bits of `value` and of the mask meet one by one, from the lowest: packed into the low bits (PEXT), or spread from them (PDEP). */
function byMask<T extends IntegerType>(tier: Tier, w: Width<T>, value: Value<T>, mask: Value<T>, isSpreading: boolean): Value<T> {
  const { code } = tier;
  const { int } = w;
  const [left, packed, result] = [code.temporary(int.type), code.temporary(int.type), code.temporary(int.type)];
  left.set(mask);
  packed.set(int.constant(1));
  result.set(int.constant(0));
  code.block(done =>
    code.loop(next => {
      code.if(int.eqz(left), () => code.br(done));
      const spread = int.and(left, int.sub(int.constant(0), left));
      const [from, to] = isSpreading ? [packed, spread] : [spread, packed];
      code.if(int.ne(int.and(value, from), int.constant(0)), () => result.set(int.or(result, to)));
      packed.set(int.shl(packed, int.constant(1)));
      left.set(int.and(left, minusOne(w, left)));
      code.br(next);
    }),
  );
  return result;
}

export const bitFields: Rows = {
  andn: row(THREE, (_, { w, keep }, a, b) => {
    const value = keep(w.int.and(w.int.xor(a, w.int.constant(-1)), b));
    return { value, flags: ofLogic(w, value) };
  }),
  blsr: row(TWO, (_, context, __, a) => withCarryIf(context, context.w.int.and(a, minusOne(context.w, a)), context.w.int.eqz(a))),
  blsmsk: row(TWO, (_, context, __, a) => withCarryIf(context, context.w.int.xor(a, minusOne(context.w, a)), context.w.int.eqz(a))),
  blsi: row(TWO, (_, context, __, a) => {
    const zero = context.w.int.constant(0);
    return withCarryIf(context, context.w.int.and(a, context.w.int.sub(zero, a)), context.w.int.ne(a, zero));
  }),
  bzhi: row(TURNED, (_, context, a, b) => {
    const { w, keep } = context;
    const count = keep(byte(w, b, 0));
    return withCarryIf(context, lowBits(context, a, count), w.int.gtU(count, w.int.constant(w.bits - 1)));
  }),
  bextr: row(TURNED, (_, context, a, b) => {
    const { w, keep } = context;
    const start = keep(byte(w, b, 0));
    const isWithin = w.int.sub(w.int.constant(0), w.fromI32(w.int.ltU(start, w.int.constant(w.bits))));
    const field = keep(w.int.and(w.int.shrU(a, start), isWithin));
    const value = keep(lowBits(context, field, keep(byte(w, b, 8))));
    return { value, flags: ofLogic(w, value) };
  }),
  pext: row(THREE, (tier, { w }, a, b) => ({ value: byMask(tier, w, a, b, false) })),
  pdep: row(THREE, (tier, { w }, a, b) => ({ value: byMask(tier, w, a, b, true) })),
  shlx: row(TURNED, (_, { w }, a, b) => ({ value: w.int.shl(a, b) })),
  shrx: row(TURNED, (_, { w }, a, b) => ({ value: w.int.shrU(a, b) })),
  sarx: row(TURNED, (_, { w }, a, b) => ({ value: w.int.shrS(a, b) })),
  rorx: row(["rri", "rmi"], (_, { w }, a, b) => ({ value: w.int.rotr(a, b) })),
  /** The high half goes to the first target, the low to the second; the one where they are the same register. */
  mulx: {
    shapes: THREE,
    widths: WIDE,
    define: (tier, shape, bits) =>
      atWidth(bits, w => {
        const [a, b] = [tier.code.let(tier.register(RDX).read(w)), tier.code.let(operand(tier, shape, 2, w).read())];
        const wide = tier.code.let(i64.mul(w.widenUnsigned(a), w.widenUnsigned(b)));
        const high = tier.code.let(w.bits === 64 ? w.narrow(highHalf(w.widen(a), w.widen(b), false)) : w.narrow(i64.shrU(wide, i64.constant(32))));
        operand(tier, shape, 1, w, "write").write(w.narrow(wide));
        operand(tier, shape, 0, w, "write").write(high);
      }),
  },
};
