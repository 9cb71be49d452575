// What AVX and AVX2 have and SSE has not: permutations across 128 bits, broadcasts, shifts lane by lane, tests of signs.
import { operand } from "../operands.ts";
import { type IntegerType, i32, i64, select, type Value, v128 } from "../wasm/value.ts";
import { choose, constantBytes, i8x16, i16x8, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { type FormBits, widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import type { Vector, VectorContext } from "./vector-operation.ts";
import { chooseFour, quadwordsBy } from "./vector-shuffle.ts";
import { blendps, testOf } from "./vector-sse4.ts";
import { BOTH_LENGTHS, eachHalf, type Halves, halvesAt, pointerTo, vectorOf, vexOf, writeWhole } from "./vex.ts";

const D = widths[32];
const LONG: readonly FormBits[] = [256];
const field = (immediate: Value<"i32">, at: number, mask = 1): Value<"i32"> => i32.and(i32.shrU(immediate, i32.constant(at)), i32.constant(mask));
const bytes = [...Array(16).keys()];

/** In-lane permutations: by the immediate, or by numbers in the lanes of another vector. */
function inLane(byImmediate: (b: Vector, context: VectorContext) => Vector, highImmediate: number, byVector: (a: Vector, b: Vector) => Vector): Row<FormBits> {
  const one = vexOf({ reads: 128, isUnary: true, hasImmediate: true, highImmediate, compute: (_, b, context) => byImmediate(b, context) });
  const two = vexOf({ reads: 128, compute: byVector });
  return {
    shapes: [...one.shapes, ...two.shapes],
    widths: BOTH_LENGTHS,
    define: (tier, shape, bits) => (shape.endsWith("i") ? one : two).define(tier, shape, bits),
  };
}
/** Byte numbers of lanes of four bytes: the lane's number in its low two bits, repeated four times, and 0 to 3. */
const doublewordPlaces = (numbers: Vector): Vector =>
  i8x16.add(i32x4.mul(v128.and(numbers, repeated(3n, 32)), i32x4.splat(i32.constant(0x04040404))), constantBytes(bytes.map(i => i % 4)));
const byDoublewords = (a: Vector, b: Vector): Vector => i8x16.swizzle(a, doublewordPlaces(b));
/** Bit 1 of each number counts. */
const byQuadwords = (a: Vector, b: Vector): Vector => {
  const start = i64x2.shl(v128.and(b, repeated(2n, 64)), i32.constant(2));
  const everywhere = i8x16.shuffle(
    bytes.map(i => (i < 8 ? 0 : 8)),
    start,
    start,
  );
  return i8x16.swizzle(a, i8x16.add(everywhere, constantBytes(bytes.map(i => i % 8))));
};

/** One element in every place. */
const broadcast = (size: 8 | 16 | 32 | 64): Row<FormBits> => ({
  shapes: ["vv", "vm"],
  widths: BOTH_LENGTHS,
  define(tier, shape, bits) {
    const filled = (): Vector => {
      const isMemory = shape === "vm";
      if (size === 64) return i64x2.splat(isMemory ? operand(tier, shape, 1, widths[64]).read() : i64x2.extract(0, vectorOf(tier, shape, 1).read()));
      const value = isMemory ? operand(tier, shape, 1, widths[size]).read() : i32x4.extract(0, vectorOf(tier, shape, 1).read());
      return { 8: i8x16, 16: i16x8, 32: i32x4 }[size].splat(value);
    };
    const all = tier.code.let(filled());
    writeWhole(vectorOf(tier, shape, 0), { low: all, high: bits === 256 ? all : v128.zero });
  },
});
const broadcastSixteen: Row<FormBits> = {
  shapes: ["vm"],
  widths: LONG,
  define(tier, shape) {
    const { low } = halvesAt(tier, shape, 1, 128);
    writeWhole(vectorOf(tier, shape, 0), { low, high: low });
  },
};
const insertHalf: Row<FormBits> = {
  shapes: ["vvvi", "vvmi"],
  widths: LONG,
  define(tier, shape) {
    const { low: half } = halvesAt(tier, shape, 2, 128);
    const { low, high } = halvesAt(tier, shape, 1, 256);
    const isHigh = tier.code.let(field(tier.immediate(D), 0));
    writeWhole(vectorOf(tier, shape, 0), { low: select(isHigh, low, half), high: select(isHigh, half, high) });
  },
};
const extractHalf: Row<FormBits> = {
  shapes: ["vvi", "mvi"],
  widths: LONG,
  define(tier, shape) {
    const at = shape[0] === "m" ? pointerTo(tier, 128, "write") : undefined;
    const { low, high } = halvesAt(tier, shape, 1, 256);
    const half = select(field(tier.immediate(D), 0), high, low);
    if (at) tier.code.do(v128.store(128, at, half));
    else writeWhole(vectorOf(tier, shape, 0), { low: half, high: v128.zero });
  },
};
/** Each half one of the four of both sources, or zero. */
const permuteHalves: Row<FormBits> = {
  shapes: ["vvvi", "vvmi"],
  widths: LONG,
  define(tier, shape) {
    const [a, b] = [halvesAt(tier, shape, 1, 256), halvesAt(tier, shape, 2, 256)];
    const immediate = tier.code.let(tier.immediate(D));
    const half = (at: number): Vector => {
      const ofOne = ({ low, high }: Halves) => select(field(immediate, at), high, low);
      return tier.code.let(select(field(immediate, at + 3), v128.zero, select(field(immediate, at + 1), ofOne(b), ofOne(a))));
    };
    writeWhole(vectorOf(tier, shape, 0), { low: half(0), high: half(4) });
  },
};
/** Doublewords of the second source by the numbers in the first. */
const permuteDoublewords: Row<FormBits> = {
  shapes: ["vvv", "vvm"],
  widths: LONG,
  define(tier, shape) {
    const from = halvesAt(tier, shape, 2, 256);
    const numbers = halvesAt(tier, shape, 1, 256);
    const picked = eachHalf(256, numbers, by => {
      const places = tier.code.let(doublewordPlaces(by));
      const isHigh = i32x4.shrS(i32x4.shl(by, i32.constant(29)), i32.constant(31));
      return tier.code.let(choose(i8x16.swizzle(from.high, places), i8x16.swizzle(from.low, places), isHigh));
    });
    writeWhole(vectorOf(tier, shape, 0), picked);
  },
};
/** Quadwords by two bits each of the immediate. */
const permuteQuadwords: Row<FormBits> = {
  shapes: ["vvi", "vmi"],
  widths: LONG,
  define(tier, shape) {
    const from = halvesAt(tier, shape, 1, 256);
    const immediate = tier.code.let(tier.immediate(D));
    const half = (at: number): Vector => {
      const places = tier.code.let(quadwordsBy([field(immediate, at), field(immediate, at + 2)]));
      const sign = (bit: number) => i64.sub(i64.constant(0), D.widenUnsigned(field(immediate, bit)));
      const isHigh = i64x2.replace(1, i64x2.splat(sign(at + 1)), sign(at + 3));
      return tier.code.let(choose(i8x16.swizzle(from.high, places), i8x16.swizzle(from.low, places), isHigh));
    };
    writeWhole(vectorOf(tier, shape, 0), { low: half(0), high: half(4) });
  },
};

interface Lanes<T extends IntegerType> {
  readonly extract: (lane: number, a: Vector) => Value<T>;
  readonly replace: (lane: number, a: Vector, value: Value<T>) => Vector;
}
type Move<T extends IntegerType> = (a: Value<T>, count: Value<T>) => Value<T>;
/** WebAssembly shifts all lanes alike: here each is taken out. Counts beyond the lane give zeros, or signs. */
const shiftEach = <T extends IntegerType>(size: number, { extract, replace }: Lanes<T>, move: (keep: VectorContext["keep"]) => Move<T>): Row<FormBits> =>
  vexOf({
    reads: 128,
    compute: (a, b, { keep }) =>
      Array.from({ length: 128 / size }, (_, lane) => lane).reduce<Vector>(
        (all, lane) => replace(lane, all, move(keep)(extract(lane, a), keep(extract(lane, b)))),
        v128.zero,
      ),
  });
const zeroBeyond32 = (move: "shl" | "shrU") => (): Move<"i32"> => (a, count) => select(i32.ltU(count, i32.constant(32)), i32[move](a, count), i32.constant(0));
const zeroBeyond64 = (move: "shl" | "shrU") => (): Move<"i64"> => (a, count) => select(i64.ltU(count, i64.constant(64)), i64[move](a, count), i64.constant(0));

export const vectorAvx: Rows<FormBits> = {
  vpermilps: inLane((b, context) => chooseFour(context, b, 4, 0), 0, byDoublewords),
  vpermilpd: inLane((b, { immediate }) => i8x16.swizzle(b, quadwordsBy([field(immediate(), 0), field(immediate(), 1)])), 2, byQuadwords),
  vtestps: testOf(repeated(0x8000_0000n, 32)),
  vtestpd: testOf(repeated(0x8000_0000_0000_0000n, 64)),
  vbroadcastss: broadcast(32),
  vbroadcastsd: { ...broadcast(64), widths: LONG },
  vbroadcastf128: broadcastSixteen,
  vbroadcasti128: broadcastSixteen,
  vpbroadcastb: broadcast(8),
  vpbroadcastw: broadcast(16),
  vpbroadcastd: broadcast(32),
  vpbroadcastq: broadcast(64),
  vinsertf128: insertHalf,
  vinserti128: insertHalf,
  vextractf128: extractHalf,
  vextracti128: extractHalf,
  vperm2f128: permuteHalves,
  vperm2i128: permuteHalves,
  vpermps: permuteDoublewords,
  vpermd: permuteDoublewords,
  vpermpd: permuteQuadwords,
  vpermq: permuteQuadwords,
  vpblendd: vexOf(blendps.operation),
  vpsllvd: shiftEach(32, i32x4, zeroBeyond32("shl")),
  vpsllvq: shiftEach(64, i64x2, zeroBeyond64("shl")),
  vpsrlvd: shiftEach(32, i32x4, zeroBeyond32("shrU")),
  vpsrlvq: shiftEach(64, i64x2, zeroBeyond64("shrU")),
  vpsravd: shiftEach(32, i32x4, () => (a, count) => i32.shrS(a, select(i32.ltU(count, i32.constant(32)), count, i32.constant(31)))),
  /** VZEROUPPER, and with 256 bits VZEROALL. */
  vzero: {
    shapes: [""],
    widths: BOTH_LENGTHS,
    define(tier, _, bits) {
      for (let number = 0; number < 16; number++) {
        const register = tier.vector(number);
        if (bits === 256) register.write(v128.zero);
        register.writeHigh(v128.zero);
      }
    },
  },
};
