// F16C: conversions between singles and numbers of 16 bits (SDM vol. 2, VCVTPH2PS, VCVTPS2PH).
import { bailIfInexact, orExactly } from "../sse/mxcsr.ts";
import type { Tier } from "../tier.ts";
import { extendU, i32, i64, select, type Value, v128 } from "../wasm/value.ts";
import { anyTrue, choose, f32x4, i16x8, i32x4, repeated } from "../wasm/vector-lanes.ts";
import { type FormBits, widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import type { Vector } from "./vector-operation.ts";
import { BOTH_LENGTHS, eachHalf, type Halves, halvesAt, pointerTo, spreadAt, vectorOf, writeWhole } from "./vex.ts";

type Bail = (condition: Value<"i32">) => void;
const lanes = (n: number): Vector => repeated(BigInt(n), 32);
const ROUNDING_SHIFT = 13;
const TWO_TO_MINUS_24 = lanes(0x3380_0000);

/** The low four of eight. Only a signalling NaN raises anything. */
function widened(tier: Tier, bail: Bail, a: Vector): Vector {
  const keep = (value: Vector) => tier.code.let(value);
  const half = keep(i32x4.extendLowU16(a));
  const magnitude = keep(v128.and(half, lanes(0x7fff)));
  const isNan = keep(i32x4.gtS(magnitude, lanes(0x7c00)));
  bail(anyTrue(v128.andNot(isNan, i32x4.eq(v128.and(magnitude, lanes(0x200)), lanes(0x200)))));
  const moved = keep(i32x4.shl(magnitude, i32.constant(13)));
  const tiny = f32x4.mul(f32x4.fromI32(magnitude), TWO_TO_MINUS_24);
  const number = choose(tiny, i32x4.add(moved, lanes(112 << 23)), i32x4.gtS(lanes(0x400), magnitude));
  const all = choose(i32x4.add(moved, lanes(224 << 23)), number, i32x4.gtS(magnitude, lanes(0x7bff)));
  return keep(v128.or(all, i32x4.shl(v128.and(half, lanes(0x8000)), i32.constant(16))));
}
/** Four in doublewords: zeros, and what comes to normal numbers, to nearest. */
function narrowed(tier: Tier, bail: Bail, a: Vector): Vector {
  const keep = (value: Vector) => tier.code.let(value);
  const magnitude = keep(v128.and(a, lanes(0x7fff_ffff)));
  const isZero = keep(i32x4.eq(magnitude, v128.zero));
  // 2^-14, and halfway between the greatest number and what would come after it.
  const isNormal = v128.and(i32x4.gtS(magnitude, lanes(0x387f_ffff)), i32x4.gtS(lanes(0x477f_f000), magnitude));
  bail(i32.ne(i32x4.bitmask(v128.or(isZero, isNormal)), i32.constant(15)));
  bailIfInexact(tier, bail, () => anyTrue(v128.and(a, lanes(0x1fff))));
  const even = v128.and(i32x4.shrU(magnitude, i32.constant(13)), lanes(1));
  const rounded = i32x4.shrU(i32x4.add(i32x4.add(magnitude, lanes(0xfff)), even), i32.constant(13));
  const sign = v128.and(i32x4.shrU(a, i32.constant(16)), lanes(0x8000));
  return keep(v128.or(v128.andNot(i32x4.sub(rounded, lanes(112 << 10)), isZero), sign));
}

const vcvtph2ps: Row<FormBits> = {
  shapes: ["vv", "vm"],
  widths: BOTH_LENGTHS,
  define(tier, shape, bits) {
    const from = spreadAt(tier, shape, 1, 64, bits === 256);
    let result: Halves = from;
    orExactly(tier, from.place, bail => {
      result = eachHalf(bits, from, a => widened(tier, bail, a));
    });
    writeWhole(vectorOf(tier, shape, 0), result);
  },
};
/** The exact way is given where in memory the result goes, or zero. */
const vcvtps2ph: Row<FormBits> = {
  shapes: ["vvi", "mvi"],
  widths: BOTH_LENGTHS,
  define(tier, shape, bits) {
    const { code } = tier;
    const at = shape[0] === "m" ? code.let(pointerTo(tier, bits === 256 ? 128 : 64, "write")) : undefined;
    const from = halvesAt(tier, shape, 1, bits);
    let result: Halves = from;
    orExactly(
      tier,
      () => (at ? extendU(at) : i64.constant(0)),
      bail => {
        const immediate = code.let(tier.immediate(widths[32]));
        // Bit 2: MXCSR's rounding, else that of bits 1 and 0.
        const byMxcsr = i32.shrU(tier.readHalf("mxcsr"), i32.constant(ROUNDING_SHIFT));
        bail(i32.and(select(i32.and(immediate, i32.constant(4)), byMxcsr, immediate), i32.constant(3)));
        result = eachHalf(bits, from, a => narrowed(tier, bail, a));
      },
    );
    const packed = i16x8.narrowU(result.low, result.high);
    if (at) code.do(v128.store(bits === 256 ? 128 : 64, at, packed));
    else writeWhole(vectorOf(tier, shape, 0), { low: packed, high: v128.zero });
  },
};
export const vectorHalves: Rows<FormBits> = { vcvtph2ps, vcvtps2ph };
