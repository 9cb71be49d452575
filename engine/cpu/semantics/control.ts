// Where execution goes next.
import { conditions } from "../flags.ts";
import { operand } from "../operands.ts";
import { R11, RCX, type Tier } from "../tier.ts";
import { i32, i64, type Value } from "../wasm/value.ts";
import { widths } from "../width.ts";
import { type Row, type Rows, simple } from "./row.ts";
import { pop, push, readFlags } from "./stack.ts";

const Q = widths[64];

const throughOperand = (define: (tier: Tier, target: Value<"i64">) => void): Row => ({
  shapes: ["r", "m"],
  widths: [64],
  control: "jumps",
  define: (tier, shape) => define(tier, tier.code.let(operand(tier, shape, 0, Q).read())),
});
/** LOOP and its kin count RCX down; flags play no part in the count. */
const loop = (isMore: (tier: Tier) => Value<"i32">): Row =>
  simple(tier => {
    const count = tier.code.let(i64.sub(tier.register(RCX).read(Q), i64.constant(1)));
    tier.register(RCX).write(Q, count);
    tier.branch(i32.and(i64.ne(count, i64.constant(0)), isMore(tier)));
  }, "branches");
const condition = (name: string) => conditions.find(([known]) => known === name)![1];

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
  ret: simple(tier => tier.jumpTo(pop(tier)), "jumps"),
  retTaking: { shapes: ["i"], widths: [64], control: "jumps", define: tier => tier.jumpTo(pop(tier, 64, i64.and(tier.immediate(Q), i64.constant(0xffff)))) },
  loop: loop(() => i32.constant(1)),
  loope: loop(tier => condition("z")(tier.flags())),
  loopne: loop(tier => condition("nz")(tier.flags())),
  jrcxz: simple(tier => tier.branch(i64.eqz(tier.register(RCX).read(Q))), "branches"),
  syscall: simple(tier => {
    tier.register(RCX).write(Q, tier.nextRip());
    tier.register(R11).write(Q, readFlags(tier));
    tier.complete("syscall");
  }, "stops"),
  int3: simple(tier => tier.complete("breakpoint"), "stops"),
  ud2: simple(tier => tier.refuse("illegal"), "stops"),
  /** HLT, IN, OUT, CLI, INT n and all that user code may not do. */
  privileged: { ...simple(tier => tier.refuse("general"), "stops"), shapes: ["", "i"] },
};
