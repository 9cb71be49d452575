// Segment registers, which in 64-bit mode are little more than numbers; what tells of descriptors; and the bases of FS and GS. The rest is assists/segment: segment-assists.ts.
import { memoryPlace, operand } from "../operands.ts";
import { RSP, type Tier } from "../tier.ts";
import { extendU, i32, i64, type Value } from "../wasm/value.ts";
import { atWidth, widths } from "../width.ts";
import { type Row, type Rows, WORD_WIDTHS } from "./row.ts";
import { push } from "./stack.ts";

const [W, D, Q] = [widths[16], widths[32], widths[64]];
export const CODE_SELECTOR = 0x33;
export const STACK_SELECTOR = 0x2b;
const half = (tier: Tier, field: "dataSelectors" | "baseSelectors", shift: number): Value<"i32"> =>
  i32.and(i32.shrU(tier.readHalf(field), i32.constant(shift)), i32.constant(0xff));
const selectors: Readonly<Record<string, (tier: Tier) => Value<"i32">>> = {
  Es: tier => half(tier, "dataSelectors", 8),
  Cs: () => i32.constant(CODE_SELECTOR),
  Ss: () => i32.constant(STACK_SELECTOR),
  Ds: tier => half(tier, "dataSelectors", 0),
  Fs: tier => half(tier, "baseSelectors", 0),
  Gs: tier => half(tier, "baseSelectors", 8),
};
/** To a register of any width, to memory always a word. */
const moveFrom = (read: (tier: Tier) => Value<"i32">): Row => ({
  shapes: ["r", "m"],
  widths: WORD_WIDTHS,
  define(tier, shape, bits) {
    if (shape === "m") memoryPlace(tier, tier.address(), W, "write").write(read(tier));
    else atWidth(bits, w => tier.operandRegister(0).write(w, w.fromI32(read(tier))));
  },
});
/** Handed on as a number. */
const withSelector = (shapes: Row["shapes"], rowWidths: Row["widths"], place = 0): Row => ({
  shapes,
  widths: rowWidths,
  define: (tier, shape) => tier.refuse("assist", extendU(W.unsigned(operand(tier, shape, place, W).read()))),
});
const fromStack = (bytes: number): Row => ({
  shapes: [""],
  widths: [16, 64],
  define: (tier, _, bits) => tier.refuse("assist", extendU(tier.translate(tier.code.let(tier.register(RSP).read(Q)), Math.max(bytes, bits / 8), "read"))),
});
const pushRow = (read: (tier: Tier) => Value<"i32">): Row => ({
  shapes: [""],
  widths: [16, 64],
  define: (tier, _, bits) => push(tier, tier.code.let(extendU(read(tier))), bits === 16 ? 16 : 64),
});
const farPointer: Row = {
  shapes: ["rm"],
  widths: WORD_WIDTHS,
  define: (tier, _, bits) => tier.refuse("assist", extendU(tier.translate(tier.address(), bits / 8 + 2, "read"))),
};

/** Linux emulates these where the processor forbids them to user code (UMIP), and answers what tells nothing (arch/x86/kernel/umip.c). The upper half of a 32-bit target stays. */
const TASK_SELECTOR = 0x40;
const CONTROL_REGISTER = 0x8005_0033;
const constantWord = (value: number): Row => ({
  shapes: ["r", "m"],
  widths: WORD_WIDTHS,
  define(tier, shape, bits) {
    if (shape === "m") return memoryPlace(tier, tier.address(), W, "write").write(i32.constant(value));
    const target = tier.operandRegister(0);
    if (bits === 16) target.write(W, i32.constant(value));
    else if (bits === 64) target.write(Q, i64.constant(value));
    else target.write(Q, i64.or(i64.and(target.read(Q), i64.constant(-(2n ** 32n))), i64.constant(value)));
  },
});
const table = (base: bigint): Row => ({
  shapes: ["m"],
  widths: [64],
  define(tier) {
    const at = tier.code.let(tier.translate(tier.address(), 10, "write"));
    tier.code.do(i64.store(16, at, i64.constant(0)));
    tier.code.do(i64.store(64, at, i64.constant(base), 2));
  },
});
const readBase = (field: "fsBase" | "gsBase"): Row => ({
  shapes: ["r"],
  widths: [32, 64],
  define: (tier, _, bits) =>
    bits === 64 ? tier.operandRegister(0).write(Q, tier.readField(field)) : tier.operandRegister(0).write(D, D.narrow(tier.readField(field))),
});
/** A base that is not canonical is refused. */
const writeBase = (field: "fsBase" | "gsBase"): Row => ({
  shapes: ["r"],
  widths: [32, 64],
  define(tier, _, bits) {
    const source = tier.operandRegister(0);
    const value = tier.code.let(bits === 64 ? source.read(Q) : D.widenUnsigned(source.read(D)));
    if (bits === 64) tier.code.if(i64.ne(i64.shrS(i64.shl(value, i64.constant(16)), i64.constant(16)), value), () => tier.refuse("general"));
    tier.writeField(field, value);
  },
});

export const segments: Rows = {
  ...Object.fromEntries(Object.entries(selectors).map(([name, read]) => [`mov${name}To`, moveFrom(read)])),
  ...Object.fromEntries(["Es", "Ss", "Ds", "Fs", "Gs"].map(name => [`movTo${name}`, withSelector(["r", "m"], [16])])),
  pushFs: pushRow(selectors.Fs!),
  pushGs: pushRow(selectors.Gs!),
  popFs: fromStack(2),
  popGs: fromStack(2),
  loadSsFar: farPointer,
  loadFsFar: farPointer,
  loadGsFar: farPointer,
  lar: withSelector(["rr", "rm"], WORD_WIDTHS, 1),
  lsl: withSelector(["rr", "rm"], WORD_WIDTHS, 1),
  verr: withSelector(["r", "m"], [16]),
  verw: withSelector(["r", "m"], [16]),
  sldt: constantWord(0),
  str: constantWord(TASK_SELECTOR),
  smsw: constantWord(CONTROL_REGISTER),
  sgdt: table(0xffff_ffff_fffe_0000n),
  sidt: table(0xffff_ffff_ffff_0000n),
  rdfsbase: readBase("fsBase"),
  rdgsbase: readBase("gsBase"),
  wrfsbase: writeBase("fsBase"),
  wrgsbase: writeBase("gsBase"),
};
