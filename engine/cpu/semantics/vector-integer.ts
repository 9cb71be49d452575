// Integer arithmetic on vectors: each lane by itself (SDM vol. 2, PADDB to PSUBW).
import type { Tier } from "../tier.ts";
import { i32, i64, select, type Value, v128, wrap } from "../wasm/value.ts";
import { constantBytes, i8x16, i16x8, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { binary, source, vectorAt } from "./vector-move.ts";
import { BOTH_LENGTHS, eachHalf, halvesAt, writeWhole } from "./vex.ts";

type Vector = Value<"v128">;

/** The low halves of both, interleaved with lanes of `bytes` bytes: PUNPCKL; the high halves: PUNPCKH. */
const interleave = (bytes: number, from: 0 | 8): Row => {
  const lanes = Array.from({ length: 16 }, (_, i) => (Math.floor(i / bytes) % 2) * 16 + from + Math.floor(i / (2 * bytes)) * bytes + (i % bytes));
  return binary((a, b) => i8x16.shuffle(lanes, a, b));
};

type Shift = (a: Vector, count: Value<"i32">) => Vector;
export interface ShiftRow extends Row {
  /** The count is placed twice. */
  readonly move: (value: Vector, count: Value<"i64">) => Vector;
}
/** By an immediate or by the low 64 bits of a vector: a count beyond the lane gives zeros, or for arithmetic shifts signs. */
function shift(laneBits: 16 | 32 | 64, by: Shift, isArithmetic: boolean): ShiftRow {
  const move = (value: Vector, count: Value<"i64">): Vector => {
    const isBeyond = i64.gtU(count, i64.constant(laneBits - 1));
    return isArithmetic ? by(value, select(isBeyond, i32.constant(laneBits - 1), wrap(count))) : select(isBeyond, v128.zero, by(value, wrap(count)));
  };
  const byImmediate = (tier: Tier): Value<"i64"> => i64.and(tier.immediate(widths[64]), i64.constant(0xff));
  return {
    shapes: ["vv", "vm", "vi"],
    widths: [64],
    move,
    define: (tier, shape) => {
      const count = tier.code.let(shape === "vi" ? byImmediate(tier) : i64x2.extract(0, source(tier, shape)));
      const target = vectorAt(tier, shape, 0);
      target.write(move(target.read(), count));
    },
    vex: {
      shapes: ["vvv", "vvm", "vvi"],
      widths: BOTH_LENGTHS,
      define: (tier, shape, bits) => {
        const count = tier.code.let(shape === "vvi" ? byImmediate(tier) : i64x2.extract(0, halvesAt(tier, shape, 2, 128).low));
        const from = halvesAt(tier, shape, 1, bits);
        writeWhole(
          vectorAt(tier, shape, 0),
          eachHalf(bits, from, a => tier.code.let(move(a, count))),
        );
      },
    },
  };
}
/** The whole vector by bytes: lane numbers outside 0 to 15 give zero. */
const byteShift = (direction: 1 | -1): Row => {
  const shifted = (tier: Tier, a: Vector): Vector => {
    const count = tier.code.let(i32.and(tier.immediate(widths[32]), i32.constant(0xff)));
    const clamped = select(i32.gtU(count, i32.constant(16)), i32.constant(16), count);
    return i8x16.swizzle(a, direction === 1 ? i8x16.add(IOTA, i8x16.splat(clamped)) : i8x16.sub(IOTA, i8x16.splat(clamped)));
  };
  return {
    shapes: ["vi"],
    widths: [64],
    define: (tier, shape) => {
      const target = vectorAt(tier, shape, 0);
      target.write(shifted(tier, target.read()));
    },
    vex: {
      shapes: ["vvi"],
      widths: BOTH_LENGTHS,
      define: (tier, shape, bits) =>
        writeWhole(
          vectorAt(tier, shape, 0),
          eachHalf(bits, halvesAt(tier, shape, 1, bits), a => tier.code.let(shifted(tier, a))),
        ),
    },
  };
};
const IOTA = constantBytes([...Array(16).keys()]);

const evenWords = [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29];
const oddWords = evenWords.map(byte => byte + 2);
/** Low or high halves of 16-bit products: of each 32-bit product one word. */
const productWords = (half: readonly number[], low: (a: Vector, b: Vector) => Vector, high: (a: Vector, b: Vector) => Vector): Row =>
  binary((a, b) => i8x16.shuffle(half, low(a, b), high(a, b)));

/** PACKUSWB takes signed words to unsigned bytes; PACKSSDW and PACKSSWB stay signed. */
const packs: Rows = { packsswb: binary(i8x16.narrowS), packuswb: binary(i8x16.narrowU), packssdw: binary(i16x8.narrowS) };

const evenDoublewords = [0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0];
const sumOfDifferences = (a: Vector, b: Vector): Vector => {
  const distance = i8x16.sub(i8x16.maxU(a, b), i8x16.minU(a, b));
  const fours = i32x4.sumPairsU(i16x8.sumPairsU(distance));
  // Neighbouring sums of four are added, and stay in the low 16 bits of each half.
  return i64x2.add(i64x2.shrU(fours, i32.constant(32)), v128.and(fours, repeated(0xffff_ffffn, 64)));
};

export const shiftRows: Readonly<Record<string, ShiftRow>> = {
  psllw: shift(16, i16x8.shl, false),
  pslld: shift(32, i32x4.shl, false),
  psllq: shift(64, i64x2.shl, false),
  psrlw: shift(16, i16x8.shrU, false),
  psrld: shift(32, i32x4.shrU, false),
  psrlq: shift(64, i64x2.shrU, false),
  psraw: shift(16, i16x8.shrS, true),
  psrad: shift(32, i32x4.shrS, true),
};
export const vectorIntegers: Rows = {
  paddb: binary(i8x16.add),
  paddw: binary(i16x8.add),
  paddd: binary(i32x4.add),
  paddq: binary(i64x2.add),
  psubb: binary(i8x16.sub),
  psubw: binary(i16x8.sub),
  psubd: binary(i32x4.sub),
  psubq: binary(i64x2.sub),
  paddsb: binary(i8x16.addSatS),
  paddsw: binary(i16x8.addSatS),
  paddusb: binary(i8x16.addSatU),
  paddusw: binary(i16x8.addSatU),
  psubsb: binary(i8x16.subSatS),
  psubsw: binary(i16x8.subSatS),
  psubusb: binary(i8x16.subSatU),
  psubusw: binary(i16x8.subSatU),
  pmullw: binary(i16x8.mul),
  pmulhw: productWords(oddWords, i32x4.mulLowS16, i32x4.mulHighS16),
  pmulhuw: productWords(oddWords, i32x4.mulLowU16, i32x4.mulHighU16),
  pmuludq: binary((a, b) => i64x2.mulLowU32(i8x16.shuffle(evenDoublewords, a, a), i8x16.shuffle(evenDoublewords, b, b))),
  pmaddwd: binary(i32x4.dot),
  psadbw: binary(sumOfDifferences),
  pavgb: binary(i8x16.averageU),
  pavgw: binary(i16x8.averageU),
  pminub: binary(i8x16.minU),
  pmaxub: binary(i8x16.maxU),
  pminsw: binary(i16x8.minS),
  pmaxsw: binary(i16x8.maxS),
  pcmpeqb: binary(i8x16.eq),
  pcmpeqw: binary(i16x8.eq),
  pcmpeqd: binary(i32x4.eq),
  pcmpgtb: binary(i8x16.gtS),
  pcmpgtw: binary(i16x8.gtS),
  pcmpgtd: binary(i32x4.gtS),
  ...shiftRows,
  pslldq: byteShift(-1),
  psrldq: byteShift(1),
  punpcklbw: interleave(1, 0),
  punpcklwd: interleave(2, 0),
  punpckldq: interleave(4, 0),
  punpcklqdq: interleave(8, 0),
  punpckhbw: interleave(1, 8),
  punpckhwd: interleave(2, 8),
  punpckhdq: interleave(4, 8),
  punpckhqdq: interleave(8, 8),
  ...packs,
};
