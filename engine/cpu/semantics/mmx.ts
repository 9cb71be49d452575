// MMX: the same operations on eight bytes, in registers that are the mantissas of x87's by physical number. Each instruction makes TOP zero and
// marks all eight as holding something, and what it writes looks like a NaN to x87 (SDM vol. 1, 9.2.1 and 9.5; vol. 3, 13.2).
import { memoryPlace, operand, registerPlace } from "../operands.ts";
import { RDI, type Tier } from "../tier.ts";
import { i32, i64, type Value, v128 } from "../wasm/value.ts";
import { i8x16, i16x8, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { shiftRows, vectorIntegers } from "./vector-integer.ts";
import { vectorMoves } from "./vector-move.ts";
import { contextOf, type Vector, type VectorOperation } from "./vector-operation.ts";
import { chooseFour } from "./vector-shuffle.ts";
import { vectorSsse3 } from "./vector-ssse3.ts";
import { TOP_MASK, wait } from "./x87-stack.ts";

const [W, D, Q] = [widths[16], widths[32], widths[64]];
const ALL_HELD = 0xff;
/** Above the mantissa. */
const ONES = 0xffff;

export const mmxAt = (tier: Tier, shape: string, index: number): Value<"i32"> =>
  tier.code.let(tier.x87Place(tier.operandStackNumber(registerPlace(shape, index))));
/** What every MMX instruction does, after its last chance not to happen. */
export function enterMmx(tier: Tier): void {
  tier.writeHalf("x87Status", i32.and(tier.readHalf("x87Status"), i32.constant(~TOP_MASK)));
  tier.writeHalf("x87Tag", i32.constant(ALL_HELD));
}
export function writeMmx(tier: Tier, place: Value<"i32">, value: Vector): void {
  tier.code.do(v128.store(64, place, value));
  tier.code.do(i32.store(16, place, i32.constant(ONES), 8));
}
/** The second operand in the low half, the rest zero. */
export const mmxSource = (tier: Tier, shape: string, bits: 32 | 64 = 64): Vector =>
  tier.code.let(v128.load(bits, shape[1] === "m" ? tier.translate(tier.address(), bits / 8, "read") : mmxAt(tier, shape, 1)));

type Compute = VectorOperation["compute"];
interface Options {
  readonly reads?: 32 | 64;
  readonly hasImmediate?: true;
}
const row = (compute: Compute, { reads = 64, hasImmediate }: Options = {}): Row => ({
  shapes: hasImmediate ? ["xxi", "xmi"] : ["xx", "xm"],
  widths: [64],
  define(tier, shape) {
    wait(tier);
    const b = mmxSource(tier, shape, reads);
    const target = mmxAt(tier, shape, 0);
    const a = tier.code.let(v128.load(64, target));
    const value = tier.code.let(compute(a, b, contextOf(tier), b));
    enterMmx(tier);
    writeMmx(tier, target, value);
  },
});
const simple = (shapes: readonly string[], define: (tier: Tier, shape: string, bits: number) => void, rowWidths: Row["widths"] = [64]): Row => ({
  shapes,
  widths: rowWidths,
  define(tier, shape, bits) {
    wait(tier);
    define(tier, shape, bits);
  },
});
const joined = (low: Vector, high: Vector): Vector => i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23], low, high);
const highHalf = (a: Vector): Vector => i8x16.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15], a, a);

const known: Rows = { ...vectorIntegers, ...vectorMoves, ...vectorSsse3 };
function computeOf(name: string): Compute {
  const operation = known[name]?.operation;
  if (!operation) throw new Error(`${name} is no operation on vectors: MMX cannot be made of it.`);
  return operation.compute;
}
const named = (names: string, make: (compute: Compute, name: string) => Row): Rows =>
  Object.fromEntries(names.split(" ").map(name => [`${name}Mmx`, make(computeOf(name), name)]));

/** Lane by lane: the low half of the longer operation. */
const byLane = [
  "paddb paddw paddd paddq psubb psubw psubd psubq paddsb paddsw paddusb paddusw psubsb psubsw psubusb psubusw pmullw pmulhw pmulhuw pmuludq pmaddwd",
  "psadbw pavgb pavgw pminub pmaxub pminsw pmaxsw pcmpeqb pcmpeqw pcmpeqd pcmpgtb pcmpgtw pcmpgtd pand pandn por pxor",
  "pmaddubsw pmulhrsw psignb psignw psignd pabsb pabsw pabsd",
].join(" ");
/** What reads whole operands one after the other: the two are put together. */
const byWhole = "packsswb packuswb packssdw phaddw phaddd phaddsw phsubw phsubd phsubsw";

const shift = (move: (value: Vector, count: Value<"i64">) => Vector): Row =>
  simple(["xx", "xm", "xi"], (tier, shape) => {
    const count = tier.code.let(shape === "xi" ? i64.and(tier.immediate(Q), i64.constant(0xff)) : i64x2.extract(0, mmxSource(tier, shape)));
    const target = mmxAt(tier, shape, 0);
    const value = tier.code.let(move(v128.load(64, target), count));
    enterMmx(tier);
    writeMmx(tier, target, value);
  });
const wordBytes = (tier: Tier): Vector =>
  i16x8.splat(i32.add(i32.mul(i32.and(tier.immediate(D), i32.constant(3)), i32.constant(0x0202)), i32.constant(0x0100)));

export const mmx: Rows = {
  ...named(byLane, compute => row(compute)),
  ...named(byWhole, compute =>
    row((a, b, context, mask) => {
      const both = context.keep(joined(a, b));
      return compute(both, both, context, mask);
    }),
  ),
  ...named("punpcklbw punpcklwd punpckldq", compute => row(compute, { reads: 32 })),
  ...Object.fromEntries(
    ["bw", "wd", "dq"].map(lanes => {
      const compute = computeOf(`punpckl${lanes}`);
      return [`punpckh${lanes}Mmx`, row((a, b, context, mask) => highHalf(context.keep(compute(a, b, context, mask))))];
    }),
  ),
  ...Object.fromEntries(Object.entries(shiftRows).map(([name, { move }]) => [`${name}Mmx`, shift(move)])),
  pshufbMmx: row((a, b) => i8x16.swizzle(a, v128.and(b, repeated(0x87n, 8)))),
  palignrMmx: row((a, b, { tier, keep, immediate }) => computeOf("palignr")(v128.zero, keep(joined(b, a)), { tier, keep, immediate }, b), {
    hasImmediate: true,
  }),
  pshufw: row((_, b, context) => chooseFour(context, b, 2, 0), { hasImmediate: true }),
  movdMmx: simple(
    ["xr", "xm", "rx", "mx"],
    (tier, shape, bits) => {
      const isWide = bits === 64;
      if (shape[0] === "x") {
        const from = tier.code.let(isWide ? operand(tier, shape, 1, Q).read() : D.widenUnsigned(operand(tier, shape, 1, D).read()));
        enterMmx(tier);
        writeMmx(tier, mmxAt(tier, shape, 0), i64x2.splat(from));
        return;
      }
      const from = tier.code.let(i64.load(64, mmxAt(tier, shape, 1)));
      if (isWide) {
        const target = operand(tier, shape, 0, Q, "write");
        enterMmx(tier);
        target.write(from);
        return;
      }
      const target = operand(tier, shape, 0, D, "write");
      enterMmx(tier);
      target.write(D.narrow(from));
    },
    [32, 64],
  ),
  movqMmx: simple(["xx", "xm", "mx"], (tier, shape) => {
    if (shape === "mx") {
      const target = memoryPlace(tier, tier.address(), Q, "write");
      enterMmx(tier);
      target.write(i64.load(64, mmxAt(tier, shape, 1)));
      return;
    }
    const from = mmxSource(tier, shape);
    enterMmx(tier);
    writeMmx(tier, mmxAt(tier, shape, 0), from);
  }),
  movq2dq: simple(["vx"], (tier, shape) => {
    const from = mmxSource(tier, shape);
    enterMmx(tier);
    tier.operandVector(0).write(from);
  }),
  movdq2q: simple(["xv"], (tier, shape) => {
    enterMmx(tier);
    writeMmx(tier, mmxAt(tier, shape, 0), tier.operandVector(1).read());
  }),
  pmovmskbMmx: simple(
    ["rx"],
    (tier, shape) => {
      const mask = tier.code.let(i8x16.bitmask(mmxSource(tier, shape)));
      enterMmx(tier);
      tier.operandRegister(0).write(D, mask);
    },
    [32],
  ),
  pextrwMmx: simple(
    ["rxi"],
    (tier, shape) => {
      const word = tier.code.let(i16x8.extractU(0, i8x16.swizzle(mmxSource(tier, shape), wordBytes(tier))));
      enterMmx(tier);
      tier.operandRegister(0).write(D, word);
    },
    [32],
  ),
  pinsrwMmx: simple(
    ["xri", "xmi"],
    (tier, shape) => {
      const word = tier.code.let(shape[1] === "m" ? operand(tier, shape, 1, W).read() : operand(tier, shape, 1, D).read());
      const target = mmxAt(tier, shape, 0);
      enterMmx(tier);
      const at = i32.add(target, i32.shl(i32.and(tier.immediate(D), i32.constant(3)), i32.constant(1)));
      tier.code.do(i32.store(16, at, word));
      tier.code.do(i32.store(16, target, i32.constant(ONES), 8));
    },
    [32],
  ),
  /** To the bytes at RDI whose bytes in the mask have bit 7 set. `m`: the segment's base. */
  maskmovq: simple(["xx", "xxm"], (tier, shape) => {
    const mask = mmxSource(tier, shape);
    const to = maskTarget(tier, shape, 8, false);
    enterMmx(tier);
    storeChosen(tier, to, 8, v128.load(64, mmxAt(tier, shape, 0)), mask);
  }),
  maskmovq32: simple(["xx", "xxm"], (tier, shape) => {
    const mask = mmxSource(tier, shape);
    const to = maskTarget(tier, shape, 8, true);
    enterMmx(tier);
    storeChosen(tier, to, 8, v128.load(64, mmxAt(tier, shape, 0)), mask);
  }),
  maskmovdqu: { ...maskMove(false), vex: { ...maskMove(false), shapes: ["vv"], widths: [128] } },
  maskmovdqu32: maskMove(true),
};
function maskMove(isAddress32: boolean): Row {
  return {
    shapes: ["vv", "vvm"],
    widths: [64],
    define(tier, shape) {
      const to = maskTarget(tier, shape, 16, isAddress32);
      storeChosen(tier, to, 16, tier.operandVector(0).read(), tier.operandVector(1).read());
    },
  };
}
function maskTarget(tier: Tier, shape: string, bytes: number, isAddress32: boolean): Value<"i32"> {
  const pointer = tier.register(RDI).read(Q);
  const offset = isAddress32 ? i64.and(pointer, i64.constant(0xffff_ffff)) : pointer;
  return tier.translate(tier.code.let(shape.endsWith("m") ? i64.add(tier.address(), offset) : offset), bytes, "write");
}
function storeChosen(tier: Tier, to: Value<"i32">, bytes: 8 | 16, value: Vector, mask: Vector): void {
  const { code } = tier;
  const kept = code.let(value);
  const chosen = code.let(i8x16.gtS(v128.zero, mask));
  const bits = bytes === 8 ? 64 : 128;
  code.do(v128.store(bits, to, v128.or(v128.and(kept, chosen), v128.andNot(v128.load(bits, to), chosen))));
}
