// Conversions between integers and floating point, and between the two precisions. What does not fit an integer is its "indefinite" value, the most negative.
// Exceptions are found as in vector-float.ts.
import { operand } from "../operands.ts";
import { double, isNan, isSignalling, single, type Vector } from "../sse/lane.ts";
import { bailIfInexact, bailIfTruncated, isInvalidRecorded, orExactly, recordInexact } from "../sse/mxcsr.ts";
import type { Tier } from "../tier.ts";
import { call, i32, i64, type Value, v128, wrap } from "../wasm/value.ts";
import {
  anyTrue,
  choose,
  compareLow,
  f32x4,
  f64x2,
  i8x16,
  i32x4,
  i64x2,
  repeated,
  splatOfInteger,
  truncateF32ToI64,
  truncateF64ToI64,
} from "../wasm/vector-lanes.ts";
import { type FormBits, widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { operandOf, source, vectorAt } from "./vector-move.ts";
import { BOTH_LENGTHS, eachHalf, type Halves, halvesAt, reading, spreadAt, threeOperands, writeWhole } from "./vex.ts";

type Bail = (condition: Value<"i32">) => void;
const [D, Q] = [widths[32], widths[64]];
const WIDE = [32, 64] as const;
const not = (mask: Vector): Vector => v128.xor(mask, repeated(0xffff_ffff_ffff_ffffn, 64));

/** CVTSI2SS, CVTSI2SD: the operand width is the integer's. */
const fromInteger = (to: 32 | 64): Row => {
  const row = fromIntegerRow(to);
  return { ...row, vex: threeOperands(row, { isScalar: true }) };
};
const fromIntegerRow = (to: 32 | 64): Row => ({
  shapes: ["vr", "vm"],
  widths: WIDE,
  define: (tier, shape, bits) => {
    const integer = tier.code.let(bits === 64 ? operand(tier, shape, 1, Q).read() : D.widen(operand(tier, shape, 1, D).read()));
    // A doubleword is a double.
    if (bits > 32 || to === 32) {
      orExactly(
        tier,
        () => integer,
        bail =>
          recordInexact(tier, bail, () => {
            const sign = i64.shrS(integer, i64.constant(63));
            const magnitude = tier.code.let(i64.sub(i64.xor(integer, sign), sign));
            // Significant bits: 64 less the zeros at both ends.
            return i64.ltS(i64.add(i64.clz(magnitude), i64.ctz(magnitude)), i64.constant(to === 64 ? 64 - 53 : 64 - 24));
          }),
      );
    }
    const target = vectorAt(tier, shape, 0);
    target.writeLow(to, { ...splatOfInteger[to](integer), ordinary: { bits: to, isPacked: false } });
  },
});
/** What a conversion that saturates gives where there is no such integer. */
const [LEAST, MOST] = [i64.constant(-(2n ** 63n)), i64.constant(2n ** 63n - 1n)];
/** CVTSS2SI, CVTTSD2SI and their like. Rounding is to nearest, or towards zero. */
const toInteger = (from: 32 | 64, isTruncating: boolean): Row => {
  const row = toIntegerRow(from, isTruncating);
  return { ...row, vex: reading(row) };
};
const toIntegerRow = (from: 32 | 64, isTruncating: boolean): Row => {
  const float = from === 64 ? f64x2 : f32x4;
  const truncate = from === 64 ? truncateF64ToI64 : truncateF32ToI64;
  const bailIfRounded = isTruncating ? bailIfTruncated : bailIfInexact;
  return {
    shapes: ["rv", "rm"],
    widths: WIDE,
    define: (tier, shape, bits) => {
      const { code } = tier;
      const { value: exact, place } = operandOf(tier, shape, from);
      const value = code.temporary("i64");
      value.set(truncate(isTruncating ? exact : float.nearest(exact)));
      orExactly(tier, place, bail => {
        const isBeyond = bits === 64 ? i32.or(i64.eq(value, MOST), i64.eq(value, LEAST)) : i64.ne(value, i64.signExtend(32, value));
        code.if(i32.or(compareLow(from, "ne", exact, exact), isBeyond), () => {
          bail(i32.eqz(isInvalidRecorded(tier)));
          value.set(bits === 64 ? LEAST : i64.constant(-(2 ** 31)));
        });
        bailIfRounded(tier, bail, () => compareLow(from, "ne", float.nearest(exact), exact));
      });
      const target = tier.operandRegister(0);
      if (bits === 64) target.write(Q, value);
      else target.write(D, wrap(value));
    },
  };
};

const mask = (bits: bigint) => repeated(bits, 64);
const lanesOf = (count: 1 | 2) => i32.constant((1 << count) - 1);
/** The lowest singles as doubles. A NaN keeps its payload and becomes quiet. */
function promote(tier: Tier, bail: Bail, a: Vector, count: 1 | 2): Vector {
  const { code } = tier;
  const result = code.temporary("v128");
  result.set(f64x2.promoteF32(a));
  const isUnusual = i32.and(single.bitmask(v128.or(single.isDenormal(a), isNan(single, a))), lanesOf(count));
  code.if(isUnusual, () => {
    bail(i32.and(single.bitmask(v128.or(single.isDenormal(a), isSignalling(single, a))), lanesOf(count)));
    const wide = code.let(i64x2.extendLowU32(a));
    const nan = v128.or(
      mask(0x7ff8_0000_0000_0000n),
      v128.or(i64x2.shl(v128.and(wide, mask(0x8000_0000n)), i32.constant(32)), i64x2.shl(v128.and(wide, mask(0x7f_ffffn)), i32.constant(29))),
    );
    result.set(choose(nan, result, isNan(double, result)));
  });
  return result;
}
const LOW_DOUBLEWORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 16, 16, 16, 16, 16, 16, 16];
const narrowed = (a: Vector): Vector => i8x16.shuffle(LOW_DOUBLEWORDS, a, v128.zero);
/** The lowest doubles as singles. */
function demote(tier: Tier, bail: Bail, a: Vector, count: 1 | 2): Vector {
  const { code } = tier;
  const result = code.temporary("v128");
  result.set(f32x4.demoteF64(a));
  code.if(i32.and(single.bitmask(single.isExtreme(result)), lanesOf(count)), () => {
    bail(i32.and(call("i32", tier.routine("raisesNarrowing"), [a, result]), lanesOf(count)));
    const nan = narrowed(
      v128.or(
        mask(0x7fc0_0000n),
        v128.or(v128.and(i64x2.shrU(a, i32.constant(32)), mask(0x8000_0000n)), v128.and(i64x2.shrU(a, i32.constant(29)), mask(0x3f_ffffn))),
      ),
    );
    result.set(choose(nan, result, isNan(single, result)));
  });
  const isRounded = v128.and(f64x2.ne(f64x2.promoteF32(result), a), f64x2.eq(a, a));
  bailIfInexact(tier, bail, () => i32.and(double.bitmask(isRounded), lanesOf(count)));
  return result;
}

/** Lanes of one size to as many of the same, twice or half the size. */
type Change = "same" | "widening" | "narrowing";
const vectorRow = (change: Change, compute: (tier: Tier, bail: Bail, a: Vector) => Vector): Row => ({
  shapes: ["vv", "vm"],
  widths: [64],
  define: (tier, shape) => {
    const { value: from, place } = operandOf(tier, shape, change === "widening" ? 64 : 128, { lanes: 2 });
    let result = from;
    orExactly(tier, place, bail => {
      result = compute(tier, bail, from);
    });
    vectorAt(tier, shape, 0).write(result);
  },
  vex: {
    shapes: ["vv", "vm"],
    widths: BOTH_LENGTHS,
    define(tier, shape, bits) {
      const from = change === "widening" ? spreadAt(tier, shape, 1, 64, bits === 256) : halvesAt(tier, shape, 1, bits);
      let result: Halves = from;
      orExactly(tier, from.place, bail => {
        result = eachHalf(bits, from, a => tier.code.let(compute(tier, bail, a)));
      });
      writeWhole(vectorAt(tier, shape, 0), change === "narrowing" ? joined(bits, result) : result);
    },
  },
});
/** The low quadwords of both as one vector of 128 bits. */
const joined = (bits: FormBits, { low, high }: Halves): Halves => ({ low: bits === 256 ? i8x16.shuffle(LOW_QUADWORDS, low, high) : low, high: v128.zero });
const LOW_QUADWORDS = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const scalarRow = (from: 32 | 64, to: 32 | 64, compute: (tier: Tier, bail: Bail, a: Vector) => Vector): Row => {
  const row = legacyScalarRow(from, to, compute);
  return { ...row, vex: threeOperands(row, { isScalar: true }) };
};
const legacyScalarRow = (from: 32 | 64, to: 32 | 64, compute: (tier: Tier, bail: Bail, a: Vector) => Vector): Row => ({
  shapes: ["vv", "vm"],
  widths: [64],
  define: (tier, shape) => {
    const { value, place } = operandOf(tier, shape, from);
    let result = value;
    orExactly(tier, place, bail => {
      result = compute(tier, bail, value);
    });
    vectorAt(tier, shape, 0).writeLow(to, result);
  },
});
const INDEFINITE = repeated(0x8000_0000n, 32);
/** Packed integers, or the indefinite value; what is that very integer is left to the exact way, as what does not fit. */
export const toIntegers =
  (from: 32 | 64, isTruncating: boolean) =>
  (tier: Tier, bail: Bail, a: Vector): Vector => {
    const { code } = tier;
    const isWide = from === 64;
    const float = isWide ? f64x2 : f32x4;
    const rounded = code.let(isTruncating ? a : float.nearest(a));
    const limit = isWide ? repeated(0x41e0_0000_0000_0000n, 64) : repeated(0x4f00_0000n, 32);
    const isOutside = not(float.lt(rounded, limit));
    const result = code.let(choose(INDEFINITE, isWide ? i32x4.truncateF64(rounded) : i32x4.truncateF32(rounded), isWide ? narrowed(isOutside) : isOutside));
    code.if(anyTrue(i32x4.eq(result, INDEFINITE)), () => bail(i32.eqz(isInvalidRecorded(tier))));
    (isTruncating ? bailIfTruncated : bailIfInexact)(tier, bail, () => anyTrue(float.ne(float.nearest(a), a)));
    return result;
  };
/** CVTDQ2PS: doubles hold the integers exactly. */
export function toSingles(tier: Tier, bail: Bail, a: Vector): Vector {
  const result = tier.code.let(f32x4.fromI32(a));
  const isRounded = (part: (v: Vector) => Vector) => f64x2.ne(f64x2.promoteF32(part(result)), f64x2.fromI32(part(a)));
  const high = (v: Vector) => i64x2.splat(i64x2.extract(1, v));
  bailIfInexact(tier, bail, () =>
    anyTrue(
      v128.or(
        isRounded(v => v),
        isRounded(high),
      ),
    ),
  );
  return result;
}

export const vectorConversions: Rows = {
  cvtsi2ss: fromInteger(32),
  cvtsi2sd: fromInteger(64),
  cvtss2si: toInteger(32, false),
  cvtsd2si: toInteger(64, false),
  cvttss2si: toInteger(32, true),
  cvttsd2si: toInteger(64, true),
  cvtss2sd: scalarRow(32, 64, (tier, bail, a) => promote(tier, bail, a, 1)),
  cvtsd2ss: scalarRow(64, 32, (tier, bail, a) => demote(tier, bail, a, 1)),
  cvtps2pd: vectorRow("widening", (tier, bail, a) => promote(tier, bail, a, 2)),
  cvtpd2ps: vectorRow("narrowing", (tier, bail, a) => demote(tier, bail, a, 2)),
  cvtdq2ps: vectorRow("same", toSingles),
  cvtdq2pd: {
    shapes: ["vv", "vm"],
    widths: [64],
    define: (tier, shape) => vectorAt(tier, shape, 0).write(f64x2.fromI32(source(tier, shape, 64))),
    vex: {
      shapes: ["vv", "vm"],
      widths: BOTH_LENGTHS,
      define: (tier, shape, bits) =>
        writeWhole(
          vectorAt(tier, shape, 0),
          eachHalf(bits, spreadAt(tier, shape, 1, 64, bits === 256), a => tier.code.let(f64x2.fromI32(a))),
        ),
    },
  },
  cvtps2dq: vectorRow("same", toIntegers(32, false)),
  cvttps2dq: vectorRow("same", toIntegers(32, true)),
  cvtpd2dq: vectorRow("narrowing", toIntegers(64, false)),
  cvttpd2dq: vectorRow("narrowing", toIntegers(64, true)),
};
