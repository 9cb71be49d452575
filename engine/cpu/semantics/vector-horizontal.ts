// Floating point across lanes: HADDPS and its like, ADDSUBPS, DPPS. Each step is one of the operations of vector-float.ts.
import { double, type Lane, single, type Vector } from "../sse/lane.ts";
import { call, i32, type Value, v128 } from "../wasm/value.ts";
import { choose, constantBytes, i8x16, i32x4, i64x2 } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { computed, floatRow, type Operation, operations } from "./vector-float.ts";

const bytes = [...Array(16).keys()];
const D = widths[32];
const everyOther = (size: number, first: 0 | 1, a: Vector, b: Vector): Vector =>
  i8x16.shuffle(
    bytes.map(i => (2 * Math.floor(i / size) + first) * size + (i % size)),
    a,
    b,
  );
type Step = (lane: Lane, a: Vector, b: Vector) => readonly [Vector, Vector];

/** One operation on operands made of the instruction's. */
const once = (lane: Lane, operation: Operation, step: Step): Row => {
  const extent = { lane, isPacked: true };
  return floatRow(extent, {
    compute(tier, bail, _, a, b) {
      const [left, right] = step(lane, a, b);
      return computed(tier, bail, extent, operation, tier.code.let(left), tier.code.let(right));
    },
  });
};
const pairs: Step = ({ bits }, a, b) => [everyOther(bits / 8, 0, a, b), everyOther(bits / 8, 1, a, b)];
/** Ones in the lanes that are subtracted: the even ones. */
const evenLanes = ({ bits }: Lane): Vector => constantBytes(bytes.map(i => (Math.floor((8 * i) / bits) % 2 ? 0 : 0xff)));
const alternating: Operation = {
  compute: (lane, a, b) => choose(lane.float.sub(a, b), lane.float.add(a, b), evenLanes(lane)),
  isSum: true,
  isInexact: (tier, { lane }, a, b, result) => call("i32", tier.routine(`inexactSum${lane.bits}`), [a, choose(lane.float.neg(b), b, evenLanes(lane)), result]),
};

const bitOf = (immediate: Value<"i32">, lane: Lane, shift: number): Vector => {
  const size = lane.bits / 8;
  const wanted = constantBytes(bytes.map(i => (i % size ? 0 : 1 << (i / size))));
  const lanes = lane.bits === 64 ? i64x2 : i32x4;
  return lanes.eq(v128.and(i8x16.splat(i32.shrU(immediate, i32.constant(shift))), wanted), wanted);
};
/** Products where bits 7 to 4 say so, summed by pairs, to where bits 3 to 0 say so. */
const dotProduct = (lane: Lane): Row => {
  const extent = { lane, isPacked: true };
  return floatRow(extent, {
    hasImmediate: true,
    isShort: lane.bits === 64,
    compute(tier, bail, _, a, b) {
      const { code } = tier;
      const immediate = code.let(tier.immediate(D));
      const factors = code.let(bitOf(immediate, lane, 4));
      let terms = computed(tier, bail, extent, operations.mul, code.let(v128.and(a, factors)), code.let(v128.and(b, factors)));
      for (let count = 64 / lane.bits; count >= 1; count--) {
        const [left, right] = [everyOther(lane.bits / 8, 0, terms, v128.zero), everyOther(lane.bits / 8, 1, terms, v128.zero)];
        terms = computed(tier, bail, extent, operations.add, code.let(left), code.let(right));
      }
      const sum = lane.bits === 64 ? i64x2.splat(i64x2.extract(0, terms)) : i32x4.splat(i32x4.extract(0, terms));
      return v128.and(sum, bitOf(immediate, lane, 0));
    },
  });
};
export const vectorHorizontals: Rows = {
  haddps: once(single, operations.add, pairs),
  haddpd: once(double, operations.add, pairs),
  hsubps: once(single, operations.sub, pairs),
  hsubpd: once(double, operations.sub, pairs),
  addsubps: once(single, alternating, (_, a, b) => [a, b]),
  addsubpd: once(double, alternating, (_, a, b) => [a, b]),
  dpps: dotProduct(single),
  dppd: dotProduct(double),
};
