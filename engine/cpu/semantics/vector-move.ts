// Moving vectors, and the bitwise operations on them.
import { operand, registerPlace } from "../operands.ts";
import type { Tier, VectorRegister } from "../tier.ts";
import { extendU, i32, simd, type Value, v128, wrap } from "../wasm/value.ts";
import { i8x16 } from "../wasm/vector-lanes.ts";
import { type Width, widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { BOTH_LENGTHS, clearing, halvesAt, pointerTo, threeOperands, writeWhole } from "./vex.ts";

type LaneBits = 32 | 64 | 128;
export const vectorAt = (tier: Tier, shape: string, place: number): VectorRegister => tier.operandVector(registerPlace(shape, place));

/** Memory operands of 16 bytes must be aligned where the instruction says so. */
function vectorPointer(tier: Tier, bits: LaneBits, access: "read" | "write", isAligned = false): Value<"i32"> {
  const address = tier.address();
  if (isAligned) tier.code.if(i32.ne(i32.and(wrap(address), i32.constant(15)), i32.constant(0)), () => tier.refuse("general"));
  return tier.translate(address, bits / 8, access);
}
/** The second operand as a whole vector. */
export const source = (tier: Tier, shape: string, bits: LaneBits = 128, isAligned = bits === 128): Value<"v128"> =>
  shape[1] === "m" ? v128.load(bits, vectorPointer(tier, bits, "read", isAligned)) : vectorAt(tier, shape, 1).read();
/** The second operand of arithmetic, and its place, for the exact way. */
export interface Operand {
  readonly value: Value<"v128">;
  readonly place: () => Value<"i64">;
}
/** Of fewer bits than 128 only the lowest lane is looked at, unless `lanes` says that it is several. */
export function operandOf(tier: Tier, shape: string, bits: LaneBits = 128, { isAligned = bits === 128, lanes = 1 } = {}): Operand {
  const { code } = tier;
  if (shape[1] === "m") {
    const at = code.let(vectorPointer(tier, bits, "read", isAligned));
    return { value: code.let(v128.load(bits, at)), place: () => extendU(at) };
  }
  const register = vectorAt(tier, shape, 1);
  return { value: code.let(bits === 128 || lanes > 1 ? register.read() : register.readLow(bits)), place: () => extendU(register.place()) };
}
/** A row whose target is computed from itself and the source. */
export const binary = (compute: (a: Value<"v128">, b: Value<"v128">) => Value<"v128">): Row => ({
  shapes: ["vv", "vm"],
  widths: [64],
  operation: { reads: 128, compute },
  define: (tier, shape) => {
    const from = source(tier, shape);
    const target = vectorAt(tier, shape, 0);
    target.write(compute(target.read(), from));
  },
});
const wholeMove = (isAligned: boolean): Row => ({
  shapes: ["vv", "vm", "mv"],
  widths: [64],
  define: (tier, shape) => {
    if (shape === "mv") {
      const at = vectorPointer(tier, 128, "write", isAligned);
      tier.code.do(v128.store(128, at, vectorAt(tier, shape, 1).read()));
    } else vectorAt(tier, shape, 0).write(source(tier, shape, 128, isAligned));
  },
  vex: {
    shapes: ["vv", "vm", "mv"],
    widths: BOTH_LENGTHS,
    define: (tier, shape, bits) => {
      if (shape !== "mv") {
        writeWhole(vectorAt(tier, shape, 0), halvesAt(tier, shape, 1, bits, isAligned));
        return;
      }
      const at = pointerTo(tier, bits, "write", isAligned);
      const { low, high } = halvesAt(tier, shape, 1, bits);
      tier.code.do(v128.store(128, at, low));
      if (bits === 256) tier.code.do(v128.store(128, at, high, 16));
    },
  },
});
/** MOVSS, MOVSD: from memory the rest becomes zero, from a register it stays. */
const scalarMove = (w: Width<"i32"> | Width<"i64">): Row => {
  const row = legacyScalarMove(w);
  return { ...row, vex: threeOperands(row, { shapes: ["vv"], also: ["vm", "mv"], isScalar: true }) };
};
const legacyScalarMove = (w: Width<"i32"> | Width<"i64">): Row => ({
  shapes: ["vv", "vm", "mv"],
  widths: [64],
  define: (tier, shape) => {
    const bits = w.bits === 64 ? 64 : 32;
    if (shape === "mv") tier.code.do(v128.store(bits, vectorPointer(tier, bits, "write"), vectorAt(tier, shape, 1).readLow(bits)));
    else if (shape === "vm") vectorAt(tier, shape, 0).write(source(tier, shape, bits));
    else if (bits === 64) vectorAt(tier, shape, 0).writeLane(widths[64], 0, vectorAt(tier, shape, 1).readLane(widths[64], 0));
    else vectorAt(tier, shape, 0).writeLane(widths[32], 0, vectorAt(tier, shape, 1).readLane(widths[32], 0));
  },
});
const zeroExtended = (integer: Value<"i64">): Value<"v128"> => {
  const low = simd("v128", 0x1e, [v128.zero, integer], [0]);
  return { ...low, joined: { bits: 64, low, rest: v128.zero } };
};
const withClearing = (row: Row): Row => ({ ...row, vex: clearing(row) });
const withThird = (row: Row, also: readonly string[] = []): Row => ({ ...row, vex: threeOperands(row, { also }) });
const isTo = (shape: string): boolean => shape[0] === "v";

export const vectorMoves: Rows = {
  movups: wholeMove(false),
  movaps: wholeMove(true),
  movss: scalarMove(widths[32]),
  movsdVector: scalarMove(widths[64]),
  /** MOVD, MOVQ between general registers or memory and vectors. */
  movd: withClearing({
    shapes: ["vr", "vm", "rv", "mv"],
    widths: [32, 64],
    define: (tier, shape, bits) => {
      const w = widths[bits === 64 ? 64 : 32];
      if (isTo(shape)) {
        const value = bits === 64 ? operand(tier, shape, 1, widths[64]).read() : widths[32].widenUnsigned(operand(tier, shape, 1, widths[32]).read());
        vectorAt(tier, shape, 0).write(zeroExtended(value));
      } else if (w.bits === 64) operand(tier, shape, 0, widths[64], "write").write(vectorAt(tier, shape, 1).readLane(widths[64], 0));
      else operand(tier, shape, 0, widths[32], "write").write(vectorAt(tier, shape, 1).readLane(widths[32], 0));
    },
  }),
  /** MOVQ between vectors, or a vector and memory. */
  movq: withClearing({
    shapes: ["vv", "vm", "mv"],
    widths: [64],
    define: (tier, shape) => {
      if (shape === "mv") tier.code.do(v128.store(64, vectorPointer(tier, 64, "write"), vectorAt(tier, shape, 1).readLow(64)));
      else if (shape === "vm") vectorAt(tier, shape, 0).write(source(tier, shape, 64));
      else vectorAt(tier, shape, 0).write(zeroExtended(vectorAt(tier, shape, 1).readLane(widths[64], 0)));
    },
  }),
  ...Object.fromEntries(
    (
      [
        ["movlps", 0],
        ["movhps", 1],
      ] as const
    ).map(([name, lane]): [string, Row] => [
      name,
      withThird(
        {
          shapes: ["vm", "mv", "vv"],
          widths: [64],
          define: (tier, shape) => {
            if (shape === "mv") operand(tier, shape, 0, widths[64], "write").write(vectorAt(tier, shape, 1).readLane(widths[64], lane));
            else if (shape === "vm") vectorAt(tier, shape, 0).writeLane(widths[64], lane, operand(tier, shape, 1, widths[64]).read());
            // Between registers these are MOVHLPS and MOVLHPS: the other half.
            else vectorAt(tier, shape, 0).writeLane(widths[64], lane, vectorAt(tier, shape, 1).readLane(widths[64], 1 - lane));
          },
        },
        ["mv"],
      ),
    ]),
  ),
  pand: binary(v128.and),
  pandn: binary((a, b) => v128.andNot(b, a)),
  por: binary(v128.or),
  pxor: binary(v128.xor),
  pmovmskb: {
    shapes: ["rv"],
    widths: [32],
    define: (tier, shape) => tier.operandRegister(0).write(widths[32], i8x16.bitmask(vectorAt(tier, shape, 1).read())),
    vex: {
      shapes: ["rv"],
      widths: BOTH_LENGTHS,
      define(tier, shape, bits) {
        const { low, high } = halvesAt(tier, shape, 1, bits);
        const mask = bits === 256 ? i32.or(i8x16.bitmask(low), i32.shl(i8x16.bitmask(high), i32.constant(16))) : i8x16.bitmask(low);
        tier.operandRegister(0).write(widths[32], mask);
      },
    },
  },
};
