// The integer instructions that came with SSE3, SSE4.1 and SSE4.2 and stay within vectors; those with general registers are in vector-lane.ts.
import { ofComparison } from "../flags.ts";
import { i32, type Value, v128 } from "../wasm/value.ts";
import { anyTrue, choose, constantBytes, i8x16, i16x8, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import type { FormBits } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { source, vectorAt } from "./vector-move.ts";
import { binary, legacy, masked, type OperationRow, type OperationRows, unary, type Vector, type VectorContext, withImmediate } from "./vector-operation.ts";
import { BOTH_LENGTHS, halvesAt } from "./vex.ts";

const bytes = [...Array(16).keys()];
const rearranged = (lanes: readonly number[], reads: 64 | 128 = 128): OperationRow =>
  legacy({ reads, isUnary: true, isRepeating: true, compute: (_, b) => i8x16.shuffle(lanes, b, b) });

/** Lane n is all ones where bit n of the immediate is set. */
const laneBytes = (size: number): Vector => constantBytes(bytes.map(i => (i % size ? 0 : 1 << (i / size))));
const chosenLanes = (size: 2 | 4 | 8, immediate: Value<"i32">): Vector => {
  const lanes = { 2: i16x8, 4: i32x4, 8: i64x2 }[size];
  const wanted = v128.and(i8x16.splat(immediate), laneBytes(size));
  return lanes.eq(wanted, laneBytes(size));
};
const blend = (size: 2 | 4 | 8): OperationRow =>
  withImmediate((a, b, { immediate }) => choose(b, a, chosenLanes(size, immediate())), size === 2 ? 0 : 16 / size);
export const blendps = blend(4);
/** By the highest bit of each lane of a third operand. */
const blendBy = (mask: (of: Vector) => Vector): OperationRow => masked((a, b, _, third) => choose(b, a, mask(third)));

const widen = (...steps: readonly ((a: Vector) => Vector)[]): ((b: Vector) => Vector) => {
  return b => steps.reduce((value, step) => step(value), b);
};

/** Sums of four absolute differences, at eight neighbouring places of `a`, all with the same four bytes of `b`. */
const mpsadbw = withImmediate((a, b, { immediate, keep }) => {
  const field = (at: number, mask: number) => i32.and(i32.shrU(immediate(), i32.constant(at)), i32.constant(mask));
  const start = keep(i8x16.splat(i32.mul(field(2, 1), i32.constant(4))));
  const block = keep(i32.mul(field(0, 3), i32.constant(4)));
  const terms = [0, 1, 2, 3].map(k => {
    const left = i16x8.extendLowU(i8x16.swizzle(a, i8x16.add(constantBytes(bytes.map(i => Math.min(i + k, 15))), start)));
    const right = i16x8.extendLowU(i8x16.swizzle(b, i8x16.splat(i32.add(block, i32.constant(k)))));
    return i16x8.abs(i16x8.sub(left, right));
  });
  return terms.reduce((sum, term) => i16x8.add(sum, term));
}, 3);
/** The least word and its place: least of words that carry their place below them. */
const placeOfLeast = (b: Vector, { keep }: VectorContext): Vector => {
  const low = keep(v128.or(i32x4.shl(i32x4.extendLowU16(b), i32.constant(16)), constantBytes(bytes.map(i => (i % 4 ? 0 : i / 4)))));
  const high = keep(v128.or(i32x4.shl(i32x4.extendHighU16(b), i32.constant(16)), constantBytes(bytes.map(i => (i % 4 ? 0 : 4 + i / 4)))));
  const four = keep(i32x4.minU(low, high));
  const two = keep(i32x4.minU(four, i8x16.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7], four, four)));
  const one = i32x4.minU(two, i8x16.shuffle([4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11], two, two));
  return i8x16.shuffle([2, 3, 0, 1, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16], one, v128.zero);
};
const evenDoublewords = [0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0];

export const vectorSse4: OperationRows = {
  movddup: rearranged([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7], 64),
  movshdup: rearranged([4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15]),
  movsldup: rearranged([0, 1, 2, 3, 0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11]),
  pblendw: blend(2),
  blendps,
  blendpd: blend(8),
  pblendvb: blendBy(of => i8x16.gtS(v128.zero, of)),
  blendvps: blendBy(of => i32x4.shrS(of, i32.constant(31))),
  blendvpd: blendBy(of => i64x2.shrS(of, i32.constant(63))),
  pmovsxbw: unary(i16x8.extendLowS, 64),
  pmovsxbd: unary(widen(i16x8.extendLowS, i32x4.extendLowS16), 32),
  pmovsxbq: unary(widen(i16x8.extendLowS, i32x4.extendLowS16, i64x2.extendLowS32), 16),
  pmovsxwd: unary(i32x4.extendLowS16, 64),
  pmovsxwq: unary(widen(i32x4.extendLowS16, i64x2.extendLowS32), 32),
  pmovsxdq: unary(i64x2.extendLowS32, 64),
  pmovzxbw: unary(i16x8.extendLowU, 64),
  pmovzxbd: unary(widen(i16x8.extendLowU, i32x4.extendLowU16), 32),
  pmovzxbq: unary(widen(i16x8.extendLowU, i32x4.extendLowU16, i64x2.extendLowU32), 16),
  pmovzxwd: unary(i32x4.extendLowU16, 64),
  pmovzxwq: unary(widen(i32x4.extendLowU16, i64x2.extendLowU32), 32),
  pmovzxdq: unary(i64x2.extendLowU32, 64),
  pmulld: binary(i32x4.mul),
  pmuldq: binary((a, b) => i64x2.mulLowS32(i8x16.shuffle(evenDoublewords, a, a), i8x16.shuffle(evenDoublewords, b, b))),
  packusdw: binary(i16x8.narrowU),
  pminsb: binary(i8x16.minS),
  pminsd: binary(i32x4.minS),
  pminuw: binary(i16x8.minU),
  pminud: binary(i32x4.minU),
  pmaxsb: binary(i8x16.maxS),
  pmaxsd: binary(i32x4.maxS),
  pmaxuw: binary(i16x8.maxU),
  pmaxud: binary(i32x4.maxU),
  pcmpeqq: binary(i64x2.eq),
  pcmpgtq: binary(i64x2.gtS),
  mpsadbw,
  phminposuw: legacy({ reads: 128, isUnary: true, isShort: true, compute: (_, b, context) => placeOfLeast(b, context) }),
};
/** ZF: no bit is set in both; CF: none of the source alone. Of signs, or of all bits. */
export const testOf = (mask: Vector): Row<FormBits> => ({
  shapes: ["vv", "vm"],
  widths: BOTH_LENGTHS,
  define(tier, shape, bits) {
    const [a, b] = [halvesAt(tier, shape, 0, bits), halvesAt(tier, shape, 1, bits)];
    const isEmpty = (combine: (x: Vector, y: Vector) => Vector) => {
      const low = combine(a.low, b.low);
      return i32.eqz(anyTrue(v128.and(bits === 256 ? v128.or(low, combine(a.high, b.high)) : low, mask)));
    };
    tier.setFlags(ofComparison(tier.code.let(isEmpty(v128.and)), i32.constant(0), tier.code.let(isEmpty((x, y) => v128.andNot(y, x)))));
  },
});

export const vectorTests: Rows = {
  ptest: {
    shapes: ["vv", "vm"],
    widths: [64],
    vex: testOf(repeated(0xffff_ffff_ffff_ffffn, 64)),
    define(tier, shape) {
      const b = tier.code.let(source(tier, shape));
      const a = tier.code.let(vectorAt(tier, shape, 0).read());
      const isEmpty = (value: Vector) => i32.eqz(anyTrue(value));
      tier.setFlags(ofComparison(tier.code.let(isEmpty(v128.and(a, b))), i32.constant(0), isEmpty(v128.andNot(b, a))));
    },
  },
};
