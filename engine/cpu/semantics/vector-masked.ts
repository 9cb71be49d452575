// Accesses of AVX to single lanes: loads and stores under a mask, and gathers. Lanes that the mask leaves out are not accessed, and cannot fault.
// A gather that faults has changed nothing; the SDM would have it finish the lanes before.
import type { Tier } from "../tier.ts";
import { extendS, i32, i64, type Value, v128 } from "../wasm/value.ts";
import { i32x4, i64x2 } from "../wasm/vector-lanes.ts";
import { type FormBits, widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import type { Vector } from "./vector-operation.ts";
import { BOTH_LENGTHS, type Halves, halvesAt, vectorOf, writeWhole } from "./vex.ts";

type Size = 32 | 64;
const BYTES = { 32: 4, 64: 8 } as const;
const halfOf = (lane: number, size: Size): keyof Halves => (lane < 128 / size ? "low" : "high");
const isChosen = (mask: Halves, lane: number, size: Size): Value<"i32"> => {
  const [half, within] = [mask[halfOf(lane, size)], lane % (128 / size)];
  return size === 64 ? i64.ltS(i64x2.extract(within, half), i64.constant(0)) : i32.ltS(i32x4.extract(within, half), i32.constant(0));
};
const lanesOf = (count: number): readonly number[] => [...Array(count).keys()];

/** What is loaded into the lanes that the mask chooses; the others are those of `old`. */
function loadLanes(tier: Tier, size: Size, count: number, mask: Halves, old: Halves, addressOf: (lane: number) => Value<"i64">): Halves {
  const { code } = tier;
  const result = { low: code.temporary("v128"), high: code.temporary("v128") };
  result.low.set(old.low);
  result.high.set(old.high);
  for (const lane of lanesOf(count)) {
    code.if(isChosen(mask, lane, size), () => {
      const at = tier.translate(code.let(addressOf(lane)), BYTES[size], "read");
      const [half, within] = [result[halfOf(lane, size)], lane % (128 / size)];
      half.set(size === 64 ? i64x2.replace(within, half, i64.load(64, at)) : i32x4.replace(within, half, i32.load(32, at)));
    });
  }
  return result;
}
const storeLane = (size: Size, at: Value<"i32">, lane: number, half: Vector) =>
  size === 64 ? i64.store(64, at, i64x2.extract(lane, half)) : i32.store(32, at, i32x4.extract(lane, half));

const maskedMove = (size: Size): Row<FormBits> => ({
  shapes: ["vvm", "mvv"],
  widths: BOTH_LENGTHS,
  define(tier, shape, bits) {
    const { code } = tier;
    const address = tier.address();
    const addressOf = (lane: number) => i64.add(address, i64.constant(lane * BYTES[size]));
    const mask = halvesAt(tier, shape, 1, bits);
    const count = bits / size;
    if (shape === "vvm") {
      writeWhole(vectorOf(tier, shape, 0), loadLanes(tier, size, count, mask, { low: v128.zero, high: v128.zero }, addressOf));
      return;
    }
    const from = halvesAt(tier, shape, 2, bits);
    const places = lanesOf(count).map(lane => {
      const place = code.temporary("i32");
      code.if(isChosen(mask, lane, size), () => place.set(tier.translate(code.let(addressOf(lane)), BYTES[size], "write")));
      return place;
    });
    places.forEach((place, lane) => {
      code.if(isChosen(mask, lane, size), () => code.do(storeLane(size, place, lane % (128 / size), from[halfOf(lane, size)])));
    });
  },
});
/** The immediate is the scale; the index is the second register, the mask the third, which becomes zero. */
const gather = (indexSize: Size, size: Size): Row<FormBits> => ({
  shapes: ["vmvv"],
  widths: BOTH_LENGTHS,
  define(tier, shape, bits) {
    const address = tier.address();
    const scale = tier.code.let(widths[32].widenUnsigned(tier.immediate(widths[32])));
    const count = bits / Math.max(indexSize, size);
    const [old, index, mask] = [halvesAt(tier, shape, 0, bits), halvesAt(tier, shape, 2, bits), halvesAt(tier, shape, 3, bits)];
    const indexAt = (lane: number): Value<"i64"> => {
      const [half, within] = [index[halfOf(lane, indexSize)], lane % (128 / indexSize)];
      return indexSize === 64 ? i64x2.extract(within, half) : extendS(i32x4.extract(within, half));
    };
    const { low, high } = loadLanes(tier, size, count, mask, old, lane => i64.add(address, i64.shl(indexAt(lane), scale)));
    const written = count * size;
    writeWhole(vectorOf(tier, shape, 0), { low: written === 64 ? v128.and(low, LOW_QUADWORD) : low, high: written === 256 ? high : v128.zero });
    writeWhole(vectorOf(tier, shape, 3), { low: v128.zero, high: v128.zero });
  },
});
const LOW_QUADWORD = i64x2.replace(0, v128.zero, i64.constant(-1));

export const vectorMasked: Rows<FormBits> = {
  vmaskmovps: maskedMove(32),
  vmaskmovpd: maskedMove(64),
  vpmaskmovd: maskedMove(32),
  vpmaskmovq: maskedMove(64),
  vpgatherdd: gather(32, 32),
  vpgatherdq: gather(32, 64),
  vpgatherqd: gather(64, 32),
  vpgatherqq: gather(64, 64),
  vgatherdps: gather(32, 32),
  vgatherdpd: gather(32, 64),
  vgatherqps: gather(64, 32),
  vgatherqpd: gather(64, 64),
};
