// Multiplication and division.
import { given } from "../flags.ts";
import { operand } from "../operands.ts";
import { RAX, RDX, type Tier } from "../tier.ts";
import { type IntegerType, i32, i64, type Value } from "../wasm/value.ts";
import { atWidth, type Width, widths } from "../width.ts";
import { EVERY_WIDTH, type Row, type Rows, WORD_WIDTHS } from "./row.ts";
import { type Binary, two } from "./two-operand.ts";

const Q = widths[64];
const HALF = i64.constant(32);

/** The high half of 128 bits comes from four partial products: wasm has no wide multiplication. */
export const highHalf = (a: Value<"i64">, b: Value<"i64">, isSigned: boolean): Value<"i64"> => {
  const lower = (v: Value<"i64">) => i64.and(v, i64.constant(0xffff_ffff));
  const upper = (v: Value<"i64">) => (isSigned ? i64.shrS(v, HALF) : i64.shrU(v, HALF));
  const cross = i64.add(i64.mul(upper(a), lower(b)), i64.shrU(i64.mul(lower(a), lower(b)), HALF));
  const other = i64.add(i64.mul(lower(a), upper(b)), lower(cross));
  return i64.add(i64.mul(upper(a), upper(b)), i64.add(upper(cross), upper(other)));
};
const imul: Binary = ({ w, keep }, a, b) => {
  const product = keep(w.signed(w.int.mul(a, b)));
  const wide = w.widen(product);
  const isInexact = keep(
    w.bits < 64 ? i64.ne(i64.mul(w.widen(a), w.widen(b)), wide) : i64.ne(highHalf(w.widen(a), w.widen(b), true), i64.shrS(wide, i64.constant(63))),
  );
  return { value: product, flags: given(wide, isInexact, isInexact) };
};

/** The accumulator's pair: AH:AL for bytes, else RDX:RAX at the width. */
function writePair<T extends IntegerType>(tier: Tier, w: Width<T>, low: Value<"i64">, high: Value<"i64">): void {
  if (w.bits === 8) {
    const both = i32.or(i32.and(widths[32].narrow(low), i32.constant(0xff)), i32.shl(widths[32].narrow(high), i32.constant(8)));
    tier.register(RAX).write(widths[16], both);
  } else {
    tier.register(RAX).write(w, w.narrow(low));
    tier.register(RDX).write(w, w.narrow(high));
  }
}
const widening = (isSigned: boolean): Row => ({
  shapes: ["r", "m"],
  widths: EVERY_WIDTH,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const wide = (value: Value<typeof w.int.type>) => tier.code.let(isSigned ? w.widen(value) : w.widenUnsigned(value));
      const [a, b] = [wide(tier.register(RAX).read(w)), wide(operand(tier, shape, 0, w).read())];
      const low = tier.code.let(i64.mul(a, b));
      const high = tier.code.let(bits === 64 ? highHalf(a, b, isSigned) : i64.shrS(low, i64.constant(bits)));
      const result = tier.code.let(w.widen(w.narrow(low)));
      const fits = isSigned
        ? i64.eq(bits === 64 ? high : low, bits === 64 ? i64.shrS(low, i64.constant(63)) : result)
        : bits === 64
          ? i64.eqz(high)
          : i64.eqz(i64.shrU(low, i64.constant(bits)));
      const isInexact = tier.code.let(i32.eqz(fits));
      writePair(tier, w, low, high);
      tier.setFlags(given(result, isInexact, isInexact));
    }),
});

/** The dividend as 64 bits. At 64 bits it is RAX alone, and RDX must be its extension: else TypeScript divides. */
function dividend<T extends IntegerType>(tier: Tier, w: Width<T>, isSigned: boolean, divisor: Value<"i64">): Value<"i64"> {
  const rax = tier.register(RAX);
  if (w.bits === 8) return tier.code.let(isSigned ? widths[16].widen(rax.read(widths[16])) : widths[16].widenUnsigned(rax.read(widths[16])));
  const rdx = tier.register(RDX);
  if (w.bits < 64) {
    const whole = i64.or(i64.shl(w.widen(rdx.read(w)), i64.constant(w.bits)), w.widenUnsigned(rax.read(w)));
    return tier.code.let(isSigned || w.bits === 32 ? whole : i64.and(whole, i64.constant(0xffff_ffff)));
  }
  const low = tier.code.let(rax.read(Q));
  const extension = isSigned ? i64.shrS(low, i64.constant(63)) : i64.constant(0);
  tier.code.if(i64.ne(rdx.read(Q), extension), () => tier.refuse("assist", divisor));
  return low;
}
const division = (isSigned: boolean): Row => ({
  shapes: ["r", "m"],
  widths: EVERY_WIDTH,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const { code } = tier;
      const read = operand(tier, shape, 0, w).read();
      const divisor = code.let(isSigned ? w.widen(read) : w.widenUnsigned(read));
      const refuseIf = (condition: Value<"i32">) => code.if(condition, () => tier.refuse("divide"));
      refuseIf(i64.eqz(divisor));
      const whole = dividend(tier, w, isSigned, divisor);
      // The one quotient that does not fit 64 bits; wasm would trap.
      if (isSigned && bits >= 32) refuseIf(i32.and(i64.eq(whole, i64.constant(-(2n ** 63n))), i64.eq(divisor, i64.constant(-1))));
      const quotient = code.let(isSigned ? i64.divS(whole, divisor) : i64.divU(whole, divisor));
      const remainder = code.let(isSigned ? i64.remS(whole, divisor) : i64.remU(whole, divisor));
      if (bits < 64) refuseIf(i64.ne(quotient, isSigned ? i64.signExtend(bits, quotient) : i64.and(quotient, i64.constant(2n ** BigInt(bits) - 1n))));
      writePair(tier, w, quotient, remainder);
    }),
});
export const multiplication: Rows = {
  imul: two(imul, { shapes: ["rr", "rm", "rri", "rmi"], widths: WORD_WIDTHS }),
  mulPair: widening(false),
  imulPair: widening(true),
  div: division(false),
  idiv: division(true),
};
