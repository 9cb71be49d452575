// Single lanes of SSE4.1, to and from general registers and memory. Which lane, is known only when it runs: by way of swizzled lane numbers.
import { operand } from "../operands.ts";
import { i32, type Value, v128 } from "../wasm/value.ts";
import { choose, constantBytes, i8x16, i32x4, i64x2 } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { source, vectorAt } from "./vector-move.ts";
import type { Vector } from "./vector-operation.ts";
import { threeOperands } from "./vex.ts";

const [B, W, D, Q] = [widths[8], widths[16], widths[32], widths[64]];
const bytes = [...Array(16).keys()];
const IOTA = constantBytes(bytes);

/** The lane that the immediate names, moved to the lowest place. */
const lowered = (from: Vector, size: number, immediate: Value<"i32">): Vector =>
  i8x16.swizzle(from, i8x16.add(IOTA, i8x16.splat(i32.mul(i32.and(immediate, i32.constant(16 / size - 1)), i32.constant(size)))));
const isLane = (size: 1 | 4 | 8, number: Value<"i32">): Vector =>
  i8x16.eq(constantBytes(bytes.map(i => Math.floor(i / size))), i8x16.splat(i32.and(number, i32.constant(16 / size - 1))));
const onlyLow = (value: Value<"i32">, w: typeof B | typeof W): Value<"i32"> => w.unsigned(value);

/** PEXTRB, PEXTRW to memory or register: zero-extended. */
const extractNarrow = (w: typeof B | typeof W): Row => ({
  shapes: ["rvi", "mvi"],
  widths: [32],
  define(tier, shape) {
    const lane = lowered(vectorAt(tier, shape, 1).read(), w.bits / 8, tier.immediate(D));
    const value = tier.code.let(onlyLow(i32x4.extract(0, lane), w));
    if (shape[0] === "r") tier.operandRegister(0).write(D, value);
    else operand(tier, shape, 0, w, "write").write(value);
  },
});
const pextrd: Row = {
  shapes: ["rvi", "mvi"],
  widths: [32, 64],
  define(tier, shape, bits) {
    const lane = tier.code.let(lowered(vectorAt(tier, shape, 1).read(), bits / 8, tier.immediate(D)));
    if (bits === 64) operand(tier, shape, 0, Q, "write").write(i64x2.extract(0, lane));
    else operand(tier, shape, 0, D, "write").write(i32x4.extract(0, lane));
  },
};
const pinsrb: Row = {
  shapes: ["vri", "vmi"],
  widths: [32],
  define(tier, shape) {
    const value = tier.code.let(operand(tier, shape, 1, shape[1] === "m" ? B : D).read());
    const target = vectorAt(tier, shape, 0);
    target.write(choose(i8x16.splat(value), target.read(), isLane(1, tier.immediate(D))));
  },
};
const pinsrd: Row = {
  shapes: ["vri", "vmi"],
  widths: [32, 64],
  define(tier, shape, bits) {
    const filled = tier.code.let(bits === 64 ? i64x2.splat(operand(tier, shape, 1, Q).read()) : i32x4.splat(operand(tier, shape, 1, D).read()));
    const target = vectorAt(tier, shape, 0);
    target.write(choose(filled, target.read(), isLane(bits === 64 ? 8 : 4, tier.immediate(D))));
  },
};
const LANE_BITS = constantBytes(bytes.map(i => (i % 4 ? 0 : 1 << (i / 4))));
/** One doubleword of the source, of which bits 7 and 6 choose when it is a register, to where bits 5 and 4 say; bits 3 to 0 clear lanes. */
const insertps: Row = {
  shapes: ["vvi", "vmi"],
  widths: [64],
  define(tier, shape) {
    const field = (at: number, mask: number) => i32.and(i32.shrU(tier.immediate(D), i32.constant(at)), i32.constant(mask));
    const from = tier.code.let(source(tier, shape, shape[1] === "m" ? 32 : 128));
    const lane = shape[1] === "m" ? from : lowered(from, 4, field(6, 3));
    const filled = tier.code.let(i32x4.splat(i32x4.extract(0, lane)));
    const target = vectorAt(tier, shape, 0);
    const mixed = choose(filled, target.read(), isLane(4, field(4, 3)));
    target.write(v128.andNot(mixed, i32x4.eq(v128.and(i8x16.splat(field(0, 15)), LANE_BITS), LANE_BITS)));
  },
};

const out = (row: Row): Row => ({ ...row, vex: row });
const into = (row: Row): Row => ({ ...row, vex: threeOperands(row) });
export const vectorLanes: Rows = {
  pextrb: out(extractNarrow(B)),
  pextrwTo: out(extractNarrow(W)),
  pextrd: out(pextrd),
  extractps: out({ ...pextrd, widths: [32] }),
  pinsrb: into(pinsrb),
  pinsrd: into(pinsrd),
  insertps: into(insertps),
};
