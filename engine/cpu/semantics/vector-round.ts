// ROUNDPS, ROUNDPD, ROUNDSS, ROUNDSD: to integers, in the rounding mode that the immediate or MXCSR says.
import { isNan } from "../sse/lane.ts";
import { bailIfTruncated } from "../sse/mxcsr.ts";
import { i32, select, v128 } from "../wasm/value.ts";
import { widths } from "../width.ts";
import type { Rows } from "./row.ts";
import { extents, type FloatOperation, floatRow } from "./vector-float.ts";

const ROUNDING_SHIFT = 13;
/** Bits of the immediate: MXCSR's mode, and PE is not raised. */
const [BY_MXCSR, IS_QUIET] = [4, 8];

const rounding: FloatOperation = {
  isUnary: true,
  hasImmediate: true,
  compute(tier, bail, { lane, isPacked }, _, from) {
    const { code } = tier;
    const { float } = lane;
    const immediate = code.let(tier.immediate(widths[32]));
    const has = (bit: number) => i32.and(immediate, i32.constant(bit));
    const mode = code.let(i32.and(select(has(BY_MXCSR), i32.shrU(tier.readHalf("mxcsr"), i32.constant(ROUNDING_SHIFT)), immediate), i32.constant(3)));
    const bit = (n: number) => i32.and(mode, i32.constant(n));
    const chosen = select(bit(2), select(bit(1), float.truncate(from), float.ceil(from)), select(bit(1), float.floor(from), float.nearest(from)));
    const result = code.let(chosen);
    const lanes = i32.constant(isPacked ? (1 << (128 / lane.bits)) - 1 : 1);
    bail(i32.and(lane.bitmask(v128.or(isNan(lane, from), lane.isDenormal(from))), lanes));
    code.if(i32.eqz(has(IS_QUIET)), () => bailIfTruncated(tier, bail, () => i32.and(lane.bitmask(float.ne(result, from)), lanes)));
    return result;
  },
};
export const vectorRoundings: Rows = Object.fromEntries(extents.map(([suffix, extent]) => [`round${suffix}`, floatRow(extent, rounding)]));
