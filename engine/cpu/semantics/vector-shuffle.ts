// Rearranging vectors: lanes chosen by an immediate, single words put in and taken out.

import { operand } from "../operands.ts";
import type { Tier } from "../tier.ts";
import { i32, type Value, v128 } from "../wasm/value.ts";
import { i8x16, i16x8, i32x4 } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { source, vectorAt } from "./vector-move.ts";

type Vector = Value<"v128">;
const D = widths[32];
const field = (immediate: Value<"i32">, at: number, mask: number): Value<"i32"> => i32.and(i32.shrU(immediate, i32.constant(at)), i32.constant(mask));

/**
 * Four lanes of `bytes` bytes, each the one that two bits of the immediate choose; the bytes of the other half, where lanes are words, stay.
 * Where the immediate is known it is one shuffle, else the lane numbers are computed.
 */
export function chooseFour(tier: Tier, from: Vector, bytes: 2 | 4, first: 0 | 8): Vector {
  const immediate = tier.immediate(D);
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

const fourOf = (bytes: 2 | 4, first: 0 | 8): Row => ({
  shapes: ["vvi", "vmi"],
  widths: [64],
  define: (tier, shape) => {
    const from = tier.code.let(source(tier, shape));
    vectorAt(tier, shape, 0).write(chooseFour(tier, from, bytes, first));
  },
});
/** The low half from the target, the high half from the source, each lane by bits of the immediate. */
const shufps: Row = {
  shapes: ["vvi", "vmi"],
  widths: [64],
  define: (tier, shape) => {
    const from = tier.code.let(source(tier, shape));
    const target = vectorAt(tier, shape, 0);
    const old = tier.code.let(target.read());
    const low = tier.code.let(chooseFour(tier, old, 4, 0));
    target.write(i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31], low, chooseFour(tier, from, 4, 0)));
  },
};
const shufpd: Row = {
  shapes: ["vvi", "vmi"],
  widths: [64],
  define: (tier, shape) => {
    const from = tier.code.let(source(tier, shape));
    const target = vectorAt(tier, shape, 0);
    const old = tier.code.let(target.read());
    // Each half is eight bytes from 0 or from 8 on: byte numbers plus eight times a bit.
    const start = (bit: number) => i32.mul(field(tier.immediate(D), bit, 1), i32.constant(0x08080808));
    const places = (bit: number) =>
      i32x4.replace(1, i32x4.replace(0, v128.zero, i32.add(start(bit), i32.constant(0x03020100))), i32.add(start(bit), i32.constant(0x07060504)));
    target.write(i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23], i8x16.swizzle(old, places(0)), i8x16.swizzle(from, places(1))));
  },
};
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
export const vectorShuffles: Rows = { pshufd: fourOf(4, 0), pshuflw: fourOf(2, 0), pshufhw: fourOf(2, 8), shufps, shufpd, pextrw, pinsrw };
