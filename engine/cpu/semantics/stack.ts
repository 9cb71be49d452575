// Pushing and popping, and the frames made of it.
import { ofBits, STATUS_BITS, toBits } from "../flags.ts";
import { memoryPlace, operand } from "../operands.ts";
import { TRAP_FLAG, USER_FLAGS } from "../register-file.ts";
import { RBP, RSP, type Tier } from "../tier.ts";
import { i32, i64, type Value, wrap } from "../wasm/value.ts";
import { atWidth, widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";

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

/**
 * ENTER: the frame's size, and in the immediate's upper half how many frames it is nested in, of which it copies the pointers (SDM vol. 2, ENTER).
 * With the prefix 66 what is pushed has two bytes.
 */
const enter: Row = {
  shapes: ["i"],
  widths: [16, 64],
  define(tier, _, bits) {
    const { code } = tier;
    const size = stackBits(bits);
    const bytes = size / 8;
    const [stackTop, frame] = [code.let(tier.register(RSP).read(Q)), code.let(tier.register(RBP).read(Q))];
    const level = code.let(i64.and(i64.shrU(tier.immediate(Q), i64.constant(32)), i64.constant(31)));
    const below = (from: Value<"i64">, count: Value<"i64">) => code.let(i64.sub(from, i64.mul(count, i64.constant(bytes))));
    const n = code.temporary("i64");
    /** The frames between the caller's and this one: `body` for each. */
    const forEach = (body: () => void) => {
      n.set(i64.constant(1));
      code.block(end =>
        code.loop(start => {
          code.if(i64.geS(n, level), () => code.br(end));
          body();
          n.set(i64.add(n, i64.constant(1)));
          code.br(start);
        }),
      );
    };
    const [one, none] = [i64.constant(1), i64.constant(0)];
    const newFrame = below(stackTop, one);
    const isNested = code.let(i64.ne(level, none));
    // All that may fault comes first.
    const first = code.let(tier.translate(newFrame, bytes, "write"));
    const source = () => tier.translate(below(frame, n), bytes, "read");
    const target = () => tier.translate(below(newFrame, n), bytes, "write");
    forEach(() => {
      code.let(source());
      code.let(target());
    });
    const ownAt = code.temporary("i32");
    code.if(isNested, () => ownAt.set(tier.translate(below(newFrame, level), bytes, "write")));
    code.do(i64.store(size, first, frame));
    forEach(() => {
      const value = code.let(i64.load(size, source()));
      code.do(i64.store(size, target(), value));
    });
    code.if(isNested, () => code.do(i64.store(size, ownAt, newFrame)));
    const top = code.let(i64.sub(below(newFrame, level), i64.and(tier.immediate(Q), i64.constant(0xffff))));
    // A write where the stack then ends must be possible (SDM vol. 2, ENTER); where it is not, RBP has been stored all the same.
    tier.translate(top, bytes, "write");
    if (size === 16) tier.register(RBP).write(widths[16], wrap(newFrame));
    else tier.register(RBP).write(Q, newFrame);
    tier.register(RSP).write(Q, top);
  },
};

export const stack: Rows = {
  push: {
    shapes: ["r", "i", "m"],
    widths: [16, 64],
    define: (tier, shape, bits) => atWidth(bits, w => push(tier, tier.code.let(w.widen(operand(tier, shape, 0, w).read())), stackBits(bits))),
  },
  pop: popRow,
  leave: {
    shapes: [""],
    widths: [16, 64],
    define: (tier, _, bits) =>
      atWidth(bits, w => {
        const frame = tier.code.let(tier.register(RBP).read(Q));
        const value = tier.code.let(w.int.load(w.bits, tier.translate(frame, bits / 8, "read")));
        tier.register(RSP).write(Q, i64.add(frame, i64.constant(bits / 8)));
        tier.register(RBP).write(w, value);
      }),
  },
  enter,
  // RF and VM, bits 16 and 17, are pushed as zero.
  pushf: {
    shapes: [""],
    widths: [16, 64],
    define: (tier, _, bits) => push(tier, tier.code.let(i64.and(readFlags(tier), i64.constant(~0x3_0000))), stackBits(bits)),
  },
  popf: {
    shapes: [""],
    widths: [16, 64],
    define(tier, _, bits) {
      const top = tier.code.let(tier.register(RSP).read(Q));
      const value = tier.code.let(i64.load(stackBits(bits), tier.translate(top, bits / 8, "read")));
      // Whoever counts the steps has to know.
      tier.code.if(i32.and(wrap(value), i32.constant(TRAP_FLAG)), () => tier.refuse("assist", value));
      tier.register(RSP).write(Q, i64.add(top, i64.constant(bits / 8)));
      writeFlags(tier, value, bits === 16 ? USER_FLAGS & 0xffffn : USER_FLAGS);
    },
  },
};
