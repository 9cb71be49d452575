// x87 instructions about the unit itself, and those that TypeScript performs (see assists/x87.ts), which are only named here.
import { FXSAVE_BYTES, fxsaveAt, MXCSR_MASK } from "../fxsave.ts";
import { memoryPlace, operand } from "../operands.ts";
import { RAX, type Tier } from "../tier.ts";
import { extendU, i32, i64, loadByte, loadHalf, select, type Value, v128 } from "../wasm/value.ts";
import { widths } from "../width.ts";
import { INITIAL_CONTROL } from "../x87/state.ts";
import { type Row, type Rows, simple } from "./row.ts";
import { EXCEPTIONS, FloatStack, TOP_MASK, wait } from "./x87-stack.ts";

const W = widths[16];
const NOTHING = i32.constant(0);
/** ES and B. */
const SUMMARY = 0x8080;
/** FNCLEX leaves the condition codes and TOP. */
const WITHOUT_EXCEPTIONS = 0x7f00;
/** Bit 6 of the control word is always set; bits 7 and 13 to 15 never. */
export const CONTROL_MASK = 0x1f3f;
export const CONTROL_FIXED = 0x40;

const statusWord = (tier: Tier): Value<"i32"> => {
  const status = tier.code.let(tier.readHalf("x87Status"));
  const pending = i32.and(i32.and(status, i32.xor(tier.readHalf("x87Control"), i32.constant(-1))), i32.constant(EXCEPTIONS));
  return i32.or(status, select(pending, i32.constant(SUMMARY), NOTHING));
};
/** Turns the stack, or frees one of its registers. */
const stackRow = (shapes: readonly string[], change: (stack: FloatStack, place: Value<"i32">) => void): Row => ({
  shapes,
  widths: [64],
  define: (tier, shape) => {
    const place = shape === "s" ? tier.code.let(tier.operandStackNumber(0)) : NOTHING;
    const stack = new FloatStack(tier);
    stack.conclude(NOTHING, () => change(stack, place));
  },
});
const leaveMmx = (tier: Tier): void => {
  wait(tier);
  // Like every MMX instruction it makes TOP zero.
  tier.writeHalf("x87Status", i32.and(tier.readHalf("x87Status"), i32.constant(~TOP_MASK)));
  tier.writeHalf("x87Tag", NOTHING);
};
const assisted = (isWaiting = true): Row =>
  simple(tier => {
    if (isWaiting) wait(tier);
    tier.refuse("assist");
  });
/** TypeScript is given the place in wasm memory. */
const assistedMemory = (bytes: number, access: "read" | "write", { isWaiting = true } = {}): Row => ({
  shapes: ["m"],
  widths: [64],
  define: tier => {
    if (isWaiting) wait(tier);
    tier.refuse("assist", extendU(tier.translate(tier.address(), bytes, access)));
  },
});

/** The whole unit at once, in wasm: ld.so does it around each function that it looks for. Compiled code leaves that to the interpreter. */
const wholeUnit = (access: "read" | "write", move: (tier: Tier, place: Value<"i32">) => void): Row => ({
  shapes: ["m"],
  widths: [64],
  define: tier => {
    const address = tier.code.let(tier.address());
    tier.code.if(i32.and(widths[32].narrow(address), i32.constant(15)), () => tier.refuse("general"));
    const place = tier.code.let(tier.translate(address, FXSAVE_BYTES, access));
    if (tier.isCompiled) tier.refuse("assist");
    else move(tier, place);
  },
});
const eachRegister = (count: number, visit: (number: number) => void): void => {
  for (let number = 0; number < count; number++) visit(number);
};

/** VEX changes nothing. */
const withVex = (row: Row): Row => ({ ...row, vex: row });
export const x87Control: Rows = {
  fwait: simple(wait),
  fnop: simple(wait),
  // Of the 8087 and the 80287: they do nothing, and do not wait.
  fneni: simple(() => {}),
  fndisi: simple(() => {}),
  fnsetpm: simple(() => {}),
  fninit: simple(tier => {
    tier.writeHalf("x87Control", i32.constant(INITIAL_CONTROL));
    tier.writeHalf("x87Status", NOTHING);
    tier.writeHalf("x87Tag", NOTHING);
    tier.writeHalf("x87Opcode", NOTHING);
  }),
  fnclex: simple(tier => tier.writeHalf("x87Status", i32.and(tier.readHalf("x87Status"), i32.constant(WITHOUT_EXCEPTIONS)))),
  fnstsw: {
    shapes: ["m", ""],
    widths: [16],
    define: (tier, shape) => {
      if (shape === "m") memoryPlace(tier, tier.address(), W, "write").write(statusWord(tier));
      else tier.register(RAX).write(W, statusWord(tier));
    },
  },
  fnstcw: { shapes: ["m"], widths: [16], define: (tier, shape) => operand(tier, shape, 0, W, "write").write(tier.readHalf("x87Control")) },
  fldcw: {
    shapes: ["m"],
    widths: [16],
    define: (tier, shape) => {
      wait(tier);
      const word = operand(tier, shape, 0, W).read();
      tier.writeHalf("x87Control", i32.or(i32.and(word, i32.constant(CONTROL_MASK)), i32.constant(CONTROL_FIXED)));
    },
  },
  fincstp: stackRow([""], stack => stack.turn(1)),
  fdecstp: stackRow([""], stack => stack.turn(-1)),
  ffree: stackRow(["s"], (stack, place) => stack.free(place)),
  ffreep: stackRow(["s"], (stack, place) => {
    stack.free(place);
    stack.pop();
  }),
  emms: simple(leaveMmx),
  // What it may leave undefined is what EMMS leaves (APM vol. 5). All of AMD's processors of family 15 have it, and CPUID says that ours is one: OpenBLAS asks for no more.
  femms: simple(leaveMmx),
  ldmxcsr: withVex({
    shapes: ["m"],
    widths: [32],
    define: (tier, shape) => {
      const value = tier.code.let(operand(tier, shape, 0, widths[32]).read());
      tier.code.if(i32.shrU(value, i32.constant(16)), () => tier.refuse("general"));
      tier.writeHalf("mxcsr", value);
    },
  }),
  stmxcsr: withVex({ shapes: ["m"], widths: [32], define: (tier, shape) => operand(tier, shape, 0, widths[32], "write").write(tier.readHalf("mxcsr")) }),
  ...Object.fromEntries(
    ["fxam", "fscale", "fxtract", "fprem", "fprem1", "f2xm1", "fyl2x", "fyl2xp1", "fpatan", "fptan", "fsin", "fcos", "fsincos"].map(name => [name, assisted()]),
  ),
  fbld: assistedMemory(10, "read"),
  fbstp: assistedMemory(10, "write"),
  fldenv: assistedMemory(28, "read"),
  fnstenv: assistedMemory(28, "write", { isWaiting: false }),
  frstor: assistedMemory(108, "read"),
  fnsave: assistedMemory(108, "write", { isWaiting: false }),
  fldenvShort: assistedMemory(14, "read"),
  fnstenvShort: assistedMemory(14, "write", { isWaiting: false }),
  frstorShort: assistedMemory(94, "read"),
  fnsaveShort: assistedMemory(94, "write", { isWaiting: false }),
  fxsave: wholeUnit("write", (tier, place) => {
    const { code } = tier;
    const put = (at: number, half: Value<"i32">) => code.do(i32.store(16, place, half, at));
    put(fxsaveAt.control, tier.readHalf("x87Control"));
    put(fxsaveAt.status, statusWord(tier));
    put(fxsaveAt.tag, tier.readHalf("x87Tag"));
    put(fxsaveAt.opcode, tier.readHalf("x87Opcode"));
    for (const at of [fxsaveAt.pointers, fxsaveAt.pointers + 8]) code.do(i64.store(64, place, i64.constant(0), at));
    code.do(i32.store(32, place, tier.readHalf("mxcsr"), fxsaveAt.mxcsr));
    code.do(i32.store(32, place, i32.constant(MXCSR_MASK), fxsaveAt.mxcsrMask));
    const places = tier.floatPlaces();
    eachRegister(8, number => {
      const from = code.let(places.at(i32.constant(number)));
      code.do(i64.store(64, place, i64.load(64, from), fxsaveAt.x87 + 16 * number));
      code.do(i64.store(64, place, extendU(loadHalf(from, 8)), fxsaveAt.x87 + 16 * number + 8));
    });
    eachRegister(16, number => code.do(v128.store(128, place, tier.vector(number).read(), fxsaveAt.xmm + 16 * number)));
  }),
  fxrstor: wholeUnit("read", (tier, place) => {
    const { code } = tier;
    code.if(loadHalf(place, fxsaveAt.mxcsr + 2), () => tier.refuse("general"));
    tier.writeHalf("mxcsr", loadHalf(place, fxsaveAt.mxcsr));
    tier.writeHalf("x87Control", i32.or(i32.and(loadHalf(place, fxsaveAt.control), i32.constant(CONTROL_MASK)), i32.constant(CONTROL_FIXED)));
    tier.writeHalf("x87Status", i32.and(loadHalf(place, fxsaveAt.status), i32.constant(~SUMMARY)));
    tier.writeHalf("x87Tag", loadByte(place, fxsaveAt.tag));
    tier.writeHalf("x87Opcode", loadHalf(place, fxsaveAt.opcode));
    const places = tier.floatPlaces();
    eachRegister(8, number => {
      const to = code.let(places.at(i32.constant(number)));
      code.do(i64.store(64, to, i64.load(64, place, fxsaveAt.x87 + 16 * number)));
      code.do(i32.store(16, to, loadHalf(place, fxsaveAt.x87 + 16 * number + 8), 8));
    });
    eachRegister(16, number => tier.vector(number).write(v128.load(128, place, fxsaveAt.xmm + 16 * number)));
  }),
};
