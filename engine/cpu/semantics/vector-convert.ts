// Conversions between integers and floating point, and between the two precisions. What does not fit an integer is its "indefinite" value, the most negative.
import { operand } from "../operands.ts";
import type { Tier } from "../tier.ts";
import { i32, i64, select, type Value, v128, wrap } from "../wasm/value.ts";
import {
  anyTrue,
  bitsOfF32,
  bitsOfF64,
  choose,
  f32x4,
  f64x2,
  i8x16,
  i32x4,
  i64x2,
  repeated,
  truncateF32ToI64,
  truncateF64ToI64,
} from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { source, sourcePlace, unlessPlain, vectorAt } from "./vector-move.ts";

type Vector = Value<"v128">;
const [D, Q] = [widths[32], widths[64]];
const WIDE = [32, 64] as const;

/** CVTSI2SS, CVTSI2SD: the operand width is the integer's. */
const fromInteger = (to: 32 | 64): Row => ({
  shapes: ["vr", "vm"],
  widths: WIDE,
  define: (tier, shape, bits) => {
    const integer = tier.code.let(bits === 64 ? operand(tier, shape, 1, Q).read() : D.widen(operand(tier, shape, 1, D).read()));
    unlessPlain(tier, () => integer);
    const target = vectorAt(tier, shape, 0);
    if (to === 64) target.writeLane(Q, 0, bitsOfF64(integer));
    else target.writeLane(D, 0, bitsOfF32(integer));
  },
});
/** CVTSS2SI, CVTTSD2SI and their like. Rounding is to nearest, or towards zero. */
const toInteger = (from: 32 | 64, isTruncating: boolean): Row => {
  const float = from === 64 ? f64x2 : f32x4;
  const truncate = from === 64 ? truncateF64ToI64 : truncateF32ToI64;
  return {
    shapes: ["rv", "rm"],
    widths: WIDE,
    define: (tier, shape, bits) => {
      unlessPlain(tier, () => sourcePlace(tier, shape, from));
      const exact = tier.code.let(source(tier, shape, from));
      const value = tier.code.let(truncate(isTruncating ? exact : float.nearest(exact)));
      const isNan = i32x4.extract(0, float.ne(exact, exact));
      const target = tier.operandRegister(0);
      if (bits === 64) target.write(Q, select(i32.or(isNan, i64.eq(value, i64.constant(0x7fff_ffff_ffff_ffffn))), i64.constant(-(2n ** 63n)), value));
      else target.write(D, select(i32.or(isNan, i64.ne(value, i64.signExtend(32, value))), i32.constant(-(2 ** 31)), wrap(value)));
    },
  };
};

/** `value` with the lanes of `nan` where `exact` is a NaN. */
function withNans(tier: Tier, isNan: Vector, value: Vector, nan: () => Vector): Vector {
  const result = tier.code.temporary("v128");
  result.set(value);
  tier.code.if(anyTrue(isNan), () => result.set(choose(nan(), result, isNan)));
  return result;
}
const mask = (bits: bigint) => repeated(bits, 64);
/** The two lowest singles as doubles. A NaN keeps its payload and becomes quiet. */
function promote(tier: Tier, a: Vector): Vector {
  const wide = i64x2.extendLowU32(a);
  const nan = () =>
    v128.or(
      mask(0x7ff8_0000_0000_0000n),
      v128.or(i64x2.shl(v128.and(wide, mask(0x8000_0000n)), i32.constant(32)), i64x2.shl(v128.and(wide, mask(0x7f_ffffn)), i32.constant(29))),
    );
  const value = tier.code.let(f64x2.promoteF32(a));
  return withNans(tier, f64x2.ne(value, value), value, nan);
}
const LOW_DOUBLEWORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 16, 16, 16, 16, 16, 16, 16];
const narrowed = (a: Vector): Vector => i8x16.shuffle(LOW_DOUBLEWORDS, a, v128.zero);
/** Two doubles as the two lowest singles. */
function demote(tier: Tier, a: Vector): Vector {
  const nan = () =>
    narrowed(
      v128.or(
        mask(0x7fc0_0000n),
        v128.or(v128.and(i64x2.shrU(a, i32.constant(32)), mask(0x8000_0000n)), v128.and(i64x2.shrU(a, i32.constant(29)), mask(0x3f_ffffn))),
      ),
    );
  const value = tier.code.let(f32x4.demoteF64(a));
  return withNans(tier, f32x4.ne(value, value), value, nan);
}

const vectorRow = (bits: 64 | 128, compute: (tier: Tier, a: Vector) => Vector, { isExact = false } = {}): Row => ({
  shapes: ["vv", "vm"],
  widths: [64],
  define: (tier, shape) => {
    if (!isExact) unlessPlain(tier, () => sourcePlace(tier, shape, bits));
    const from = tier.code.let(source(tier, shape, bits));
    vectorAt(tier, shape, 0).write(compute(tier, from));
  },
});
const INDEFINITE = repeated(0x8000_0000n, 32);
const toIntegersF32 =
  (round: (a: Vector) => Vector) =>
  (tier: Tier, a: Vector): Vector => {
    const rounded = tier.code.let(round(a));
    const isOutside = v128.or(f32x4.ne(rounded, rounded), f32x4.ge(rounded, repeated(0x4f00_0000n, 32)));
    return choose(INDEFINITE, i32x4.truncateF32(rounded), isOutside);
  };
const toIntegersF64 =
  (round: (a: Vector) => Vector) =>
  (tier: Tier, a: Vector): Vector => {
    const rounded = tier.code.let(round(a));
    const isOutside = v128.or(f64x2.ne(rounded, rounded), f64x2.ge(rounded, repeated(0x41e0_0000_0000_0000n, 64)));
    return choose(INDEFINITE, i32x4.truncateF64(rounded), narrowed(isOutside));
  };
const asIs = (a: Vector): Vector => a;

export const vectorConversions: Rows = {
  cvtsi2ss: fromInteger(32),
  cvtsi2sd: fromInteger(64),
  cvtss2si: toInteger(32, false),
  cvtsd2si: toInteger(64, false),
  cvttss2si: toInteger(32, true),
  cvttsd2si: toInteger(64, true),
  cvtss2sd: {
    shapes: ["vv", "vm"],
    widths: [64],
    define: (tier, shape) => {
      unlessPlain(tier, () => sourcePlace(tier, shape, 32));
      const from = tier.code.let(source(tier, shape, 32));
      vectorAt(tier, shape, 0).writeLane(Q, 0, i64x2.extract(0, promote(tier, from)));
    },
  },
  cvtsd2ss: {
    shapes: ["vv", "vm"],
    widths: [64],
    define: (tier, shape) => {
      unlessPlain(tier, () => sourcePlace(tier, shape, 64));
      const from = tier.code.let(source(tier, shape, 64));
      vectorAt(tier, shape, 0).writeLane(D, 0, i32x4.extract(0, demote(tier, from)));
    },
  },
  cvtps2pd: vectorRow(64, promote),
  cvtpd2ps: vectorRow(128, demote),
  cvtdq2ps: vectorRow(128, (_, a) => f32x4.fromI32(a)),
  cvtdq2pd: vectorRow(64, (_, a) => f64x2.fromI32(a), { isExact: true }),
  cvtps2dq: vectorRow(128, toIntegersF32(f32x4.nearest)),
  cvttps2dq: vectorRow(128, toIntegersF32(asIs)),
  cvtpd2dq: vectorRow(128, toIntegersF64(f64x2.nearest)),
  cvttpd2dq: vectorRow(128, toIntegersF64(asIs)),
};
