// Rearranging vectors: lanes chosen by an immediate, single words put in and taken out.

import { operand } from "../operands.ts";
import { i32, i64, type Value, v128 } from "../wasm/value.ts";
import { i8x16, i16x8, i32x4, i64x2 } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { vectorAt } from "./vector-move.ts";
import { legacy, type OperationRow, type Vector, type VectorContext, withImmediate } from "./vector-operation.ts";
import { threeOperands } from "./vex.ts";

const D = widths[32];
const field = (immediate: Value<"i32">, at: number, mask: number): Value<"i32"> => i32.and(i32.shrU(immediate, i32.constant(at)), i32.constant(mask));

/**
 * Four lanes of `bytes` bytes, each the one that two bits of the immediate choose; the bytes of the other half, where lanes are words, stay.
 * Where the immediate is known it is one shuffle, else the lane numbers are computed.
 */
export function chooseFour({ tier, immediate: chosenBy }: VectorContext, from: Vector, bytes: 2 | 4, first: 0 | 8): Vector {
  const immediate = chosenBy();
  if (immediate.constant !== undefined) {
    const choice = Number(immediate.constant);
    const lanes = Array.from({ length: 16 }, (_, i) =>
      i < first || i >= first + 4 * bytes ? i : first + ((choice >> (2 * Math.floor((i - first) / bytes))) & 3) * bytes + (i % bytes),
    );
    return i8x16.shuffle(lanes, from, from);
  }
  const places = tier.code.temporary("v128");
  places.set(iota);
  for (let lane = 0; lane < 4; lane++) {
    const chosen = field(immediate, 2 * lane, 3);
    // Byte numbers of a lane: 03020100 or 0100, plus the lane's first in each byte.
    const numbers = i32.add(
      i32.mul(i32.add(i32.mul(chosen, i32.constant(bytes)), i32.constant(first)), i32.constant(bytes === 4 ? 0x01010101 : 0x0101)),
      i32.constant(bytes === 4 ? 0x03020100 : 0x0100),
    );
    places.set(bytes === 4 ? i32x4.replace(lane, places, numbers) : i16x8.replace(first / 2 + lane, places, numbers));
  }
  return i8x16.swizzle(from, places);
}
const iota: Vector = { type: "v128", isStable: true, put: sink => void sink.push(0xfd, 12, ...Array(16).keys()) };

const fourOf = (bytes: 2 | 4, first: 0 | 8): OperationRow =>
  legacy({ reads: 128, isUnary: true, hasImmediate: true, compute: (_, from, context) => chooseFour(context, from, bytes, first) });
/** The low half from the target, the high half from the source, each lane by bits of the immediate. */
const shufps = withImmediate((a, b, context) => {
  const low = context.keep(chooseFour(context, a, 4, 0));
  return i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31], low, chooseFour(context, b, 4, 0));
});
/** Byte numbers of two quadwords, each the first or the second by a number. */
export const quadwordsBy = ([first, second]: readonly [Value<"i32">, Value<"i32">]): Vector => {
  const places = (number: Value<"i32">) =>
    i64.add(i64.mul(widths[32].widenUnsigned(number), i64.constant(0x0808_0808_0808_0808n)), i64.constant(0x0706_0504_0302_0100n));
  return i64x2.replace(1, i64x2.splat(places(first)), places(second));
};
const shufpd = withImmediate((a, b, { immediate }) => {
  const places = quadwordsBy([field(immediate(), 0, 1), field(immediate(), 1, 1)]);
  return i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31], i8x16.swizzle(a, places), i8x16.swizzle(b, places));
}, 2);
/** One word in or out; which, is known only when it runs: by way of swizzled lane numbers. */
const wordBytes = (immediate: Value<"i32">): Vector =>
  i16x8.splat(i32.add(i32.mul(i32.and(immediate, i32.constant(7)), i32.constant(0x0202)), i32.constant(0x0100)));
const pextrw: Row = {
  shapes: ["rvi"],
  widths: [32],
  define: (tier, shape) => tier.operandRegister(0).write(D, i16x8.extractU(0, i8x16.swizzle(vectorAt(tier, shape, 1).read(), wordBytes(tier.immediate(D))))),
};
const wordNumbers: Vector = { type: "v128", isStable: true, put: sink => void sink.push(0xfd, 12, ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap(n => [n, 0])) };
const pinsrw: Row = {
  shapes: ["vri", "vmi"],
  widths: [32],
  define: (tier, shape) => {
    const word = tier.code.let(shape === "vmi" ? operand(tier, shape, 1, widths[16]).read() : operand(tier, shape, 1, D).read());
    const target = vectorAt(tier, shape, 0);
    const isHere = tier.code.let(i16x8.eq(wordNumbers, i16x8.splat(i32.and(tier.immediate(D), i32.constant(7)))));
    target.write(v128.or(v128.and(i16x8.splat(word), isHere), v128.andNot(target.read(), isHere)));
  },
};
export const vectorShuffles: Rows = {
  pshufd: fourOf(4, 0),
  pshuflw: fourOf(2, 0),
  pshufhw: fourOf(2, 8),
  shufps,
  shufpd,
  pextrw: { ...pextrw, vex: pextrw },
  pinsrw: { ...pinsrw, vex: threeOperands(pinsrw) },
};
