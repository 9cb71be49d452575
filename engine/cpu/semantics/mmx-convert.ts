// CVTPI2PS, CVTPS2PI and their like: between MMX registers and the low half of vectors.

import { orExactly } from "../sse/mxcsr.ts";
import type { Tier } from "../tier.ts";
import { extendU, i64, type Value, v128 } from "../wasm/value.ts";
import { f64x2, i64x2 } from "../wasm/vector-lanes.ts";
import { enterMmx, mmxAt, writeMmx } from "./mmx.ts";
import type { Row, Rows } from "./row.ts";
import { toIntegers, toSingles } from "./vector-convert.ts";
import { operandOf, vectorAt } from "./vector-move.ts";
import type { Vector } from "./vector-operation.ts";
import { wait } from "./x87-stack.ts";

/** From an MMX register, or from memory, and then x87 is left alone. */
const fromMmx = (define: (tier: Tier, from: Vector, place: Value<"i32">, shape: string) => void): Row => ({
  shapes: ["vx", "vm"],
  widths: [64],
  define(tier, shape) {
    const isX87 = shape === "vx";
    if (isX87) wait(tier);
    const place = tier.code.let(shape === "vm" ? tier.translate(tier.address(), 8, "read") : mmxAt(tier, shape, 1));
    define(tier, tier.code.let(v128.load(64, place)), place, shape);
    if (isX87) enterMmx(tier);
  },
});
const toMmx = (from: 32 | 64, isTruncating: boolean): Row => ({
  shapes: ["xv", "xm"],
  widths: [64],
  define(tier, shape) {
    wait(tier);
    const { value, place } = operandOf(tier, shape, from === 64 ? 128 : 64, { lanes: 2 });
    const low = from === 64 ? value : tier.code.let(i64x2.replace(1, value, i64.constant(0)));
    const target = mmxAt(tier, shape, 0);
    let result = low;
    // The exact way is told both places.
    const both = () => i64.or(place(), i64.shl(extendU(target), i64.constant(32)));
    orExactly(tier, both, bail => {
      result = toIntegers(from, isTruncating)(tier, bail, low);
    });
    enterMmx(tier);
    writeMmx(tier, target, result);
  },
});

export const mmxConversions: Rows = {
  cvtpi2ps: fromMmx((tier, from, place, shape) => {
    let result = from;
    orExactly(
      tier,
      // The exact way is told whether x87 has part in it.
      () => i64.or(extendU(place), i64.constant(shape === "vx" ? 1n << 32n : 0n)),
      bail => {
        result = toSingles(tier, bail, from);
      },
    );
    vectorAt(tier, shape, 0).writeLow(64, result);
  }),
  cvtpi2pd: fromMmx((tier, from, _, shape) => vectorAt(tier, shape, 0).write(f64x2.fromI32(from))),
  cvtps2pi: toMmx(32, false),
  cvttps2pi: toMmx(32, true),
  cvtpd2pi: toMmx(64, false),
  cvttpd2pi: toMmx(64, true),
};
