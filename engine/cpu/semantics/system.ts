// Flags by name, and what asks about the processor itself.
import { carry, ofBits, toBits, withCarry } from "../flags.ts";
import { RAX, type Tier } from "../tier.ts";
import { extendU, i32, i64, type Value, wrap } from "../wasm/value.ts";
import { widths } from "../width.ts";
import { AVX, LEGACY_BYTES, XSAVE_BYTES } from "../xsave.ts";
import { type Row, type Rows, simple, WORD_WIDTHS } from "./row.ts";

const DIRECTION = 0x400;
const setDirection = (tier: Tier, isDown: boolean): void => {
  const kept = i64.and(tier.readField("rflags"), i64.constant(~DIRECTION));
  tier.writeField("rflags", isDown ? i64.or(kept, i64.constant(DIRECTION)) : kept);
};
const setCarry = (choose: (tier: Tier) => Value<"i32">) => simple(tier => tier.setFlags(withCarry(tier.flags(), tier.code.let(choose(tier)))));
/** SF ZF AF PF CF: the flags of the low byte. */
const LOW_FLAGS = 0xd5;

/** The area is aligned to 64; only who asks for the upper halves of the vectors has more than the legacy area and the header touched. */
const extendedState = (access: "read" | "write"): Row => ({
  shapes: ["m"],
  widths: [64],
  define(tier) {
    const address = tier.address();
    tier.code.if(i32.and(wrap(address), i32.constant(63)), () => tier.refuse("general"));
    const place = (bytes: number) => extendU(tier.translate(address, bytes, access));
    const asksForAvx = i32.and(tier.register(RAX).read(widths[32]), i32.constant(AVX));
    tier.code.if(asksForAvx, () => tier.refuse("assist", place(XSAVE_BYTES)));
    tier.refuse("assist", place(LEGACY_BYTES));
  },
});

export const system: Rows = {
  clc: setCarry(() => i32.constant(0)),
  stc: setCarry(() => i32.constant(1)),
  cmc: setCarry(tier => i32.eqz(carry(tier.flags()))),
  cld: simple(tier => setDirection(tier, false)),
  std: simple(tier => setDirection(tier, true)),
  lahf: simple(tier => {
    const flags = i64.or(i64.and(toBits(tier.flags()), i64.constant(LOW_FLAGS)), i64.constant(2));
    const rax = tier.register(RAX);
    const kept = i64.and(rax.read(widths[64]), i64.constant(~0xff00));
    rax.write(widths[64], i64.or(kept, i64.shl(flags, i64.constant(8))));
  }),
  sahf: simple(tier => {
    const ah = i64.and(i64.shrU(tier.register(RAX).read(widths[64]), i64.constant(8)), i64.constant(LOW_FLAGS));
    tier.setFlags(ofBits(tier.code.let(i64.or(ah, i64.and(toBits(tier.flags()), i64.constant(0x800))))));
  }),
  cpuid: simple(tier => tier.refuse("assist")),
  rdtsc: simple(tier => tier.refuse("assist")),
  rdtscp: simple(tier => tier.refuse("assist")),
  xgetbv: simple(tier => tier.refuse("assist")),
  /** From the machine's seed: random-number.ts. */
  rdrand: { shapes: ["r"], widths: WORD_WIDTHS, define: tier => tier.refuse("assist") },
  rdseed: { shapes: ["r"], widths: WORD_WIDTHS, define: tier => tier.refuse("assist") },
  /** There is one processor, and its number is 0. */
  rdpid: { shapes: ["r"], widths: [64], define: tier => tier.operandRegister(0).write(widths[64], i64.constant(0)) },
  /** Nothing to flush, but the byte must be there. */
  clflush: { shapes: ["m"], widths: [64], define: tier => void tier.code.let(tier.translate(tier.address(), 1, "read")) },
  xsave: extendedState("write"),
  xsaveopt: extendedState("write"),
  xsavec: extendedState("write"),
  xrstor: extendedState("read"),
};
