// Pushing and popping, and the frames made of it.
import { ofBits, STATUS_BITS, toBits } from "../flags.ts";
import { memoryPlace, operand } from "../operands.ts";
import { USER_FLAGS } from "../register-file.ts";
import { RBP, RSP, type Tier } from "../tier.ts";
import { i64, type Value } from "../wasm/value.ts";
import { atWidth, widths } from "../width.ts";
import { type Row, type Rows, simple } from "./row.ts";

const Q = widths[64];

export function push(tier: Tier, value: Value<"i64">, bits: 16 | 64 = 64): void {
  const stack = tier.register(RSP);
  const top = tier.code.let(i64.sub(stack.read(Q), i64.constant(bits / 8)));
  tier.code.do(i64.store(bits, tier.translate(top, bits / 8, "write"), value));
  stack.write(Q, top);
}
/** `extra` bytes more are taken off. */
export function pop(tier: Tier, bits: 16 | 64 = 64, extra = i64.constant(0)): Value<"i64"> {
  const stack = tier.register(RSP);
  const top = tier.code.let(stack.read(Q));
  const value = tier.code.let(i64.load(bits, tier.translate(top, bits / 8, "read")));
  stack.write(Q, i64.add(i64.add(top, i64.constant(bits / 8)), extra));
  return value;
}
const stackBits = (bits: number): 16 | 64 => (bits === 16 ? 16 : 64);

/** All of RFLAGS as the guest sees it. */
export const readFlags = (tier: Tier): Value<"i64"> => i64.or(tier.readField("rflags"), toBits(tier.flags()));
function writeFlags(tier: Tier, value: Value<"i64">, mask: bigint): void {
  const settable = mask & ~BigInt(STATUS_BITS);
  tier.writeField("rflags", i64.or(i64.and(tier.readField("rflags"), i64.constant(~settable)), i64.and(value, i64.constant(settable))));
  tier.setFlags(ofBits(value));
}

const popRow: Row = {
  shapes: ["r", "m"],
  widths: [16, 64],
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      if (shape === "r") return operand(tier, shape, 0, w, "write").write(w.narrow(pop(tier, stackBits(bits))));
      // The address is computed with RSP already raised (SDM vol. 2, POP); a miss must still leave it as it was.
      const stack = tier.register(RSP);
      const top = tier.code.let(stack.read(Q));
      const value = tier.code.let(w.int.load(w.bits, tier.translate(top, w.bits / 8, "read")));
      stack.write(Q, i64.add(top, i64.constant(w.bits / 8)));
      const address = tier.code.let(tier.address());
      stack.write(Q, top);
      memoryPlace(tier, address, w, "write").write(value);
      stack.write(Q, i64.add(top, i64.constant(w.bits / 8)));
    }),
};

export const stack: Rows = {
  push: {
    shapes: ["r", "i", "m"],
    widths: [16, 64],
    define: (tier, shape, bits) => atWidth(bits, w => push(tier, tier.code.let(w.widen(operand(tier, shape, 0, w).read())), stackBits(bits))),
  },
  pop: popRow,
  leave: simple(tier => {
    const frame = tier.code.let(tier.register(RBP).read(Q));
    const value = tier.code.let(i64.load(64, tier.translate(frame, 8, "read")));
    tier.register(RSP).write(Q, i64.add(frame, i64.constant(8)));
    tier.register(RBP).write(Q, value);
  }),
  /** Nested frames (a second operand that is not zero) are not decoded. */
  enter: {
    shapes: ["i"],
    widths: [64],
    define(tier) {
      const stack = tier.register(RSP);
      const frame = tier.code.let(i64.sub(stack.read(Q), i64.constant(8)));
      const top = tier.code.let(i64.sub(frame, i64.and(tier.immediate(Q), i64.constant(0xffff))));
      tier.code.do(i64.store(64, tier.translate(frame, 8, "write"), tier.register(RBP).read(Q)));
      // A write where the stack then ends must be possible (SDM vol. 2, ENTER); where it is not, RBP has been stored all the same.
      tier.translate(top, 8, "write");
      tier.register(RBP).write(Q, frame);
      stack.write(Q, top);
    },
  },
  // RF and VM, bits 16 and 17, are pushed as zero.
  pushf: simple(tier => push(tier, tier.code.let(i64.and(readFlags(tier), i64.constant(~0x3_0000))))),
  popf: simple(tier => writeFlags(tier, pop(tier), USER_FLAGS)),
};
