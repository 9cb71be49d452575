// Shifts and rotations. A count is masked to five bits, six for 64; nothing changes where it is zero then.
// By an immediate the decoder has masked it and found it not to be zero; by CL both happen here.
import { carry, type Flags, given, withCarry } from "../flags.ts";
import { operand } from "../operands.ts";
import { RCX } from "../tier.ts";
import { extendU, type IntegerType, i32, i64, select, type Value } from "../wasm/value.ts";
import { atWidth, type Width, widths } from "../width.ts";
import { EVERY_WIDTH, type Row, type Rows, WORD_WIDTHS } from "./row.ts";
import { two } from "./two-operand.ts";

interface Shifted<T extends IntegerType> {
  readonly value: Value<T>;
  readonly flags: Flags;
}
type Keep = <U extends IntegerType>(value: Value<U>) => Value<U>;
/** `old`: the flags before. */
type Shift = <T extends IntegerType>(w: Width<T>, keep: Keep, a: Value<T>, count: Value<T>, old: () => Flags) => Shifted<T>;

const isOdd = <T extends IntegerType>(w: Width<T>, value: Value<T>): Value<"i32"> => i32.and(w.toI32(value), i32.constant(1));
const isNegative = <T extends IntegerType>(w: Width<T>, value: Value<T>): Value<"i32"> => w.int.ltS(value, w.int.constant(0));
/** OF: whether the sign changed. */
const shifted = <T extends IntegerType>(w: Width<T>, a: Value<T>, value: Value<T>, out: Value<"i32">): Shifted<T> => ({
  value,
  flags: given(w.widen(value), out, isNegative(w, w.int.xor(a, value))),
});

const shl: Shift = (w, keep, a, n) => {
  const value = keep(w.signed(w.int.shl(a, n)));
  // Narrow ones have room above for the bit that goes out, at any count.
  const out = w.bits < 32 ? w.int.shrU(w.int.shl(w.unsigned(a), n), w.int.constant(w.bits)) : w.int.shrU(a, w.int.sub(w.int.constant(w.bits), n));
  return shifted(w, a, value, isOdd(w, out));
};
const shr: Shift = (w, keep, a, n) => {
  const u = keep(w.unsigned(a));
  return shifted(w, a, keep(w.signed(w.int.shrU(u, n))), isOdd(w, w.int.shrU(u, w.int.sub(n, w.int.constant(1)))));
};
const sar: Shift = (w, keep, a, n) => shifted(w, a, keep(w.int.shrS(a, n)), isOdd(w, w.int.shrS(a, w.int.sub(n, w.int.constant(1)))));

const rotated = <T extends IntegerType>(w: Width<T>, keep: Keep, a: Value<T>, n: Value<T>, isLeft: boolean): Value<T> => {
  if (w.bits >= 32) return keep(isLeft ? w.int.rotl(a, n) : w.int.rotr(a, n));
  const u = keep(w.unsigned(a));
  const by = keep(w.int.and(n, w.int.constant(w.bits - 1)));
  const rest = w.int.sub(w.int.constant(w.bits), by);
  return keep(w.signed(isLeft ? w.int.or(w.int.shl(u, by), w.int.shrU(u, rest)) : w.int.or(w.int.shrU(u, by), w.int.shl(u, rest))));
};
const rol: Shift = (w, keep, a, n, old) => {
  const value = rotated(w, keep, a, n, true);
  const out = keep(isOdd(w, value));
  return { value, flags: withCarry(old(), out, i32.xor(isNegative(w, value), out)) };
};
const ror: Shift = (w, keep, a, n, old) => {
  const value = rotated(w, keep, a, n, false);
  const below = isNegative(w, w.signed(w.int.shl(value, w.int.constant(1))));
  return { value, flags: withCarry(old(), isNegative(w, value), i32.xor(isNegative(w, value), below)) };
};

/** Up to 32 bits with the carry on top: at most 33, turned within 64. */
const throughCarryNarrow = <T extends IntegerType>(w: Width<T>, keep: Keep, a: Value<T>, n: Value<T>, isLeft: boolean, old: () => Flags) => {
  const size = i64.constant(w.bits + 1);
  const count = keep(i64.remU(w.widenUnsigned(n), size));
  const whole = keep(i64.or(w.widenUnsigned(a), i64.shl(extendU(carry(old())), i64.constant(w.bits))));
  const rest = keep(i64.sub(size, count));
  const turned = isLeft ? i64.or(i64.shl(whole, count), i64.shrU(whole, rest)) : i64.or(i64.shrU(whole, count), i64.shl(whole, rest));
  const all = keep(turned);
  return { value: keep(w.narrow(all)), out: keep(isOdd(widths[64], i64.shrU(all, i64.constant(w.bits)))) };
};
const throughCarryWide = <T extends IntegerType>(w: Width<T>, keep: Keep, value: Value<T>, n: Value<T>, isLeft: boolean, old: () => Flags) => {
  const a = w.widen(value);
  const count = keep(w.widen(n));
  const one = i64.constant(1);
  const c = extendU(carry(old()));
  const rest = keep(i64.sub(i64.constant(64), count));
  const left = () => i64.or(i64.or(i64.shl(a, count), i64.shl(c, i64.sub(count, one))), i64.shrU(i64.shrU(a, one), rest));
  const right = () => i64.or(i64.or(i64.shrU(a, count), i64.shl(c, rest)), i64.shl(i64.shl(a, one), rest));
  const turned = select(i64.eqz(count), a, isLeft ? left() : right());
  const out = isOdd(widths[64], i64.shrU(a, isLeft ? rest : i64.sub(count, one)));
  return { value: keep(w.narrow(turned)), out: keep(out) };
};
const throughCarry =
  (isLeft: boolean): Shift =>
  (w, keep, a, n, old) => {
    const { value, out } = (w.bits < 64 ? throughCarryNarrow : throughCarryWide)(w, keep, a, n, isLeft, old);
    const below = isNegative(w, w.signed(w.int.shl(value, w.int.constant(1))));
    return { value, flags: withCarry(old(), out, i32.xor(isNegative(w, value), isLeft ? out : below)) };
  };

const countMask = (bits: number): number => (bits === 64 ? 63 : 31);
const byImmediate = (shift: Shift): Row => two(({ w, keep, flags }, a, n) => shift(w, keep, a, n, flags), { shapes: ["ri", "mi"], ifCountIsZero: "touch" });
const byRegister = (shift: Shift): Row => ({
  shapes: ["r", "m"],
  widths: EVERY_WIDTH,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const keep: Keep = value => tier.code.let(value);
      const target = operand(tier, shape, 0, w, "write");
      const count = keep(w.fromI32(i32.and(tier.register(RCX).read(widths[32]), i32.constant(countMask(bits)))));
      const { value, flags } = shift(w, keep, keep(target.read()), count, () => tier.flags());
      // The flags before the write: they may be made of the target. The value by itself is what it was where the count is zero.
      tier.setFlags(flags, keep(w.int.ne(count, w.int.constant(0))));
      target.write(value);
    }),
});
const both = (name: string, shift: Shift): Rows => ({ [name]: byImmediate(shift), [`${name}cl`]: byRegister(shift) });

/** SHLD and SHRD: bits come in from the second operand. */
const double = (isLeft: boolean, isByRegister: boolean): Row => ({
  shapes: isByRegister ? ["rr", "mr"] : ["rri", "mri"],
  widths: WORD_WIDTHS,
  ...(isByRegister ? {} : { ifCountIsZero: "touch2" }),
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const keep: Keep = value => tier.code.let(value);
      const target = operand(tier, shape, 0, w, "write");
      const [a, b] = [keep(target.read()), keep(operand(tier, shape, 1, w).read())];
      const count = isByRegister ? tier.register(RCX).read(widths[32]) : tier.immediate(widths[32]);
      const n = keep(w.fromI32(i32.and(count, i32.constant(countMask(bits)))));
      const rest = keep(w.int.sub(w.int.constant(w.bits), n));
      const value = isLeft ? w.int.or(w.int.shl(a, n), w.int.shrU(w.unsigned(b), rest)) : w.int.or(w.int.shrU(w.unsigned(a), n), w.int.shl(b, rest));
      const isMoved = keep(w.int.ne(n, w.int.constant(0)));
      const result = keep(select(isMoved, w.signed(value), a));
      const out = w.int.shrU(w.unsigned(a), isLeft ? rest : w.int.sub(n, w.int.constant(1)));
      tier.setFlags(shifted(w, a, result, isOdd(w, out)).flags, isMoved);
      target.write(result);
    }),
});

export const shifts: Rows = {
  ...both("rol", rol),
  ...both("ror", ror),
  ...both("rcl", throughCarry(true)),
  ...both("rcr", throughCarry(false)),
  ...both("shl", shl),
  ...both("shr", shr),
  ...both("sar", sar),
  shld: double(true, false),
  shldcl: double(true, true),
  shrd: double(false, false),
  shrdcl: double(false, true),
  /** A shift by nothing: the target is written, and no flag. */
  touch: two((_, a) => ({ value: a }), { shapes: ["ri", "mi"] }),
  touch2: {
    shapes: ["rri", "mri"],
    widths: WORD_WIDTHS,
    define: (tier, shape, bits) =>
      atWidth(bits, w => {
        const target = operand(tier, shape, 0, w, "write");
        target.write(tier.code.let(target.read()));
      }),
  },
};
