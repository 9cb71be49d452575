// Instructions that read and write in one step, as locks and counters are made of. LOCK changes nothing here: nobody else runs meanwhile.
import { ofAddition, ofBits, ofDifference, toBits } from "../flags.ts";
import { memoryPlace, operand } from "../operands.ts";
import { RAX, RBX, RCX, RDX, type Tier } from "../tier.ts";
import { extendU, i32, i64, select, type Value } from "../wasm/value.ts";
import { atWidth, widths } from "../width.ts";
import { EVERY_WIDTH, type Rows } from "./row.ts";

const Q = widths[64];
const D = widths[32];

export const exchange: Rows = {
  xchg: {
    shapes: ["rr", "mr"],
    widths: EVERY_WIDTH,
    define: (tier, shape, bits) =>
      atWidth(bits, w => {
        const [left, right] = [operand(tier, shape, 0, w, "write"), operand(tier, shape, 1, w)];
        const [a, b] = [tier.code.let(left.read()), tier.code.let(right.read())];
        left.write(b);
        right.write(a);
      }),
  },
  xadd: {
    shapes: ["rr", "mr"],
    widths: EVERY_WIDTH,
    define: (tier, shape, bits) =>
      atWidth(bits, w => {
        const [left, right] = [operand(tier, shape, 0, w, "write"), operand(tier, shape, 1, w)];
        const [a, b] = [tier.code.let(left.read()), tier.code.let(right.read())];
        const sum = tier.code.let(w.signed(w.int.add(a, b)));
        // In this order XADD of a register with itself leaves the sum.
        right.write(a);
        left.write(sum);
        tier.setFlags(ofAddition(w, a, b, sum));
      }),
  },
  cmpxchg: {
    shapes: ["rr", "mr"],
    widths: EVERY_WIDTH,
    define: (tier, shape, bits) =>
      atWidth(bits, w => {
        const [target, source, accumulator] = [operand(tier, shape, 0, w, "write"), operand(tier, shape, 1, w), tier.register(RAX)];
        const [old, next, expected] = [tier.code.let(target.read()), tier.code.let(source.read()), tier.code.let(accumulator.read(w))];
        const isEqual = tier.code.let(w.int.eq(old, expected));
        // A register of 32 bits keeps its upper half where they differ; memory is written in any case.
        if (shape === "rr") tier.code.if(isEqual, () => target.write(next));
        else target.write(select(isEqual, next, old));
        // The accumulator is written only where they differ: a 32-bit write would clear its upper half.
        tier.code.if(i32.eqz(isEqual), () => accumulator.write(w, old));
        tier.setFlags(ofDifference(w, expected, old, tier.code.let(w.signed(w.int.sub(expected, old)))));
      }),
  },
  cmpxchg8b: {
    shapes: ["m"],
    widths: [64],
    define(tier) {
      const place = memoryPlace(tier, tier.address(), Q, "write");
      const pair = (high: number, low: number) => i64.or(i64.shl(tier.register(high).read(Q), i64.constant(32)), D.widenUnsigned(tier.register(low).read(D)));
      const old = tier.code.let(place.read());
      const isEqual = tier.code.let(i64.eq(old, pair(RDX, RAX)));
      place.write(select(isEqual, pair(RCX, RBX), old));
      tier.code.if(i32.eqz(isEqual), () => {
        tier.register(RAX).write(D, D.narrow(old));
        tier.register(RDX).write(D, D.narrow(i64.shrU(old, i64.constant(32))));
      });
      setZeroFlag(tier, isEqual);
    },
  },
  cmpxchg16b: {
    shapes: ["m"],
    widths: [64],
    define(tier) {
      const address = tier.address();
      tier.code.if(i32.ne(i32.and(D.narrow(address), i32.constant(15)), i32.constant(0)), () => tier.refuse("general"));
      const at = tier.translate(address, 16, "write");
      const [low, high] = [tier.code.let(i64.load(64, at)), tier.code.let(i64.load(64, at, 8))];
      const [rax, rdx] = [tier.register(RAX), tier.register(RDX)];
      const isEqual = tier.code.let(i32.and(i64.eq(low, rax.read(Q)), i64.eq(high, rdx.read(Q))));
      tier.code.do(i64.store(64, at, select(isEqual, tier.register(RBX).read(Q), low)));
      tier.code.do(i64.store(64, at, select(isEqual, tier.register(RCX).read(Q), high), 8));
      rax.write(Q, low);
      rdx.write(Q, high);
      setZeroFlag(tier, isEqual);
    },
  },
};
/** ZF alone changes. */
function setZeroFlag(tier: Tier, isZero: Value<"i32">): void {
  const bits = tier.code.let(toBits(tier.flags()));
  tier.setFlags(ofBits(tier.code.let(i64.or(i64.and(bits, i64.constant(~0x40)), i64.shl(extendU(isZero), i64.constant(6))))));
}
