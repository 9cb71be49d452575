// Where execution goes next.
import { conditions } from "../flags.ts";
import { operand } from "../operands.ts";
import { R11, RCX, RSP, type Tier } from "../tier.ts";
import { extendU, i32, i64, type Value } from "../wasm/value.ts";
import { atWidth, type Width, widths } from "../width.ts";
import { type Row, type Rows, simple } from "./row.ts";
import { CODE_SELECTOR } from "./segment.ts";
import { pop, push, readFlags } from "./stack.ts";

const [D, Q] = [widths[32], widths[64]];

const throughOperand = (define: (tier: Tier, target: Value<"i64">) => void): Row => ({
  shapes: ["r", "m"],
  widths: [64],
  control: "computed",
  define: (tier, shape) => define(tier, tier.code.let(operand(tier, shape, 0, Q).read())),
});
/** LOOP and its kin count RCX down, or ECX with the prefix 67; flags play no part in the count. */
const loop = (isMore: (tier: Tier) => Value<"i32">, w: Width<"i32"> | Width<"i64"> = Q): Row =>
  simple(
    tier =>
      atWidth(w.bits, width => {
        const count = tier.code.let(width.int.sub(tier.register(RCX).read(width), width.int.constant(1)));
        tier.register(RCX).write(width, count);
        tier.branch(i32.and(width.int.ne(count, width.int.constant(0)), isMore(tier)));
      }),
    "branches",
  );
const condition = (name: string) => conditions.find(([known]) => known === name)![1];

/** What is popped begins at the top of the stack. */
function far(shapes: Row["shapes"], rowWidths: Row["widths"] = [16, 32, 64], words = 2): Row {
  return {
    shapes,
    widths: rowWidths,
    control: "stops",
    define: (tier, _, bits) => tier.refuse("assist", extendU(tier.translate(tier.code.let(tier.register(RSP).read(Q)), (words * bits) / 8, "read"))),
  };
}
/** The argument's low half is the place of the address, the high one that of what a call pushes: which it does only to code of 64 bits. */
function farIndirect(isCall: boolean): Row {
  return {
    shapes: ["m"],
    widths: [16, 32, 64],
    control: "stops",
    define(tier, _, bits) {
      const place = tier.translate(tier.address(), bits / 8 + 2, "read");
      const from = extendU(place);
      if (!isCall) return tier.refuse("assist", from);
      const selector = i32.and(i32.load(16, i32.add(place, i32.constant(bits / 8))), i32.constant(0xfffc));
      tier.code.if(i32.ne(selector, i32.constant(CODE_SELECTOR & ~3)), () => tier.refuse("general"));
      const top = tier.code.let(i64.sub(tier.register(RSP).read(Q), i64.constant(bits / 4)));
      tier.refuse("assist", i64.or(from, i64.shl(extendU(tier.translate(top, bits / 4, "write")), i64.constant(32))));
    },
  };
}

export const control: Rows = {
  ...Object.fromEntries(conditions.map(([name, holds]) => [`j${name}`, simple(tier => tier.branch(holds(tier.flags())), "branches")])),
  jmp: simple(tier => tier.jump(), "jumps"),
  call: simple(tier => {
    push(tier, tier.nextRip());
    tier.jump();
  }, "jumps"),
  jmpTo: throughOperand((tier, target) => tier.jumpTo(target)),
  callTo: throughOperand((tier, target) => {
    push(tier, tier.nextRip());
    tier.jumpTo(target);
  }),
  ret: simple(tier => tier.jumpTo(pop(tier)), "computed"),
  retTaking: { shapes: ["i"], widths: [64], control: "computed", define: tier => tier.jumpTo(pop(tier, 64, i64.and(tier.immediate(Q), i64.constant(0xffff)))) },
  loop: loop(() => i32.constant(1)),
  loope: loop(tier => condition("z")(tier.flags())),
  loopne: loop(tier => condition("nz")(tier.flags())),
  loop32: loop(() => i32.constant(1), D),
  loope32: loop(tier => condition("z")(tier.flags()), D),
  loopne32: loop(tier => condition("nz")(tier.flags()), D),
  jrcxz32: simple(tier => tier.branch(i32.eqz(tier.register(RCX).read(D))), "branches"),
  jrcxz: simple(tier => tier.branch(i64.eqz(tier.register(RCX).read(Q))), "branches"),
  syscall: simple(tier => {
    tier.register(RCX).write(Q, tier.nextRip());
    tier.register(R11).write(Q, readFlags(tier));
    tier.complete("syscall");
  }, "stops"),
  int3: simple(tier => tier.complete("breakpoint"), "stops"),
  /** Bytes that are no instruction: #UD. */
  bad: simple(tier => tier.refuse("illegal"), "stops"),
  /** More than fifteen bytes: #GP. */
  tooLong: simple(tier => tier.refuse("general"), "stops"),
  ud2: simple(tier => tier.refuse("illegal"), "stops"),
  /** 3 is the breakpoint's; 4 that of overflow, a trap; the others are the kernel's own. */
  int: {
    shapes: ["i"],
    widths: [64],
    control: "stops",
    define(tier) {
      tier.code.if(i64.ne(tier.immediate(Q), i64.constant(3)), () => tier.refuse("assist"));
      tier.complete("breakpoint");
    },
  },
  int1: simple(tier => tier.complete("trap"), "stops"),
  /** To another code segment, or to the same by such a way: far.ts. */
  retf: far([""]),
  retfTaking: far(["i"]),
  iret: far([""], [32, 16, 64], 5),
  jmpFar: farIndirect(false),
  callFar: farIndirect(true),
  /** HLT, IN, OUT, CLI, INT n and all that user code may not do. */
  privileged: { ...simple(tier => tier.refuse("general"), "stops"), shapes: ["", "i"] },
};
