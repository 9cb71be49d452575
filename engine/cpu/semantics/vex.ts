// The forms with VEX of what is defined once for SSE: one operand more, where the target was a source as well; 32 bytes as twice 16; and all above what is written becomes zero (SDM vol. 1, 14.2).
import { operand, registerPlace } from "../operands.ts";
import type { Tier, VectorRegister } from "../tier.ts";
import { type Bits, extendU, i32, i64, simd, type Value, v128, wrap } from "../wasm/value.ts";
import { i8x16, i32x4, joined } from "../wasm/vector-lanes.ts";
import { type FormBits, widths } from "../width.ts";
import type { Row } from "./row.ts";
import type { Vector, VectorOperation } from "./vector-operation.ts";

/** Both halves, of which the upper one is computed only where it is asked for. */
export interface Halves {
  readonly low: Vector;
  readonly high: Vector;
}
const ALIGNMENT_MASK = { 128: 15, 256: 31 } as const;
type Length = keyof typeof ALIGNMENT_MASK;
export const lengthOf = (bits: FormBits): Length => (bits === 256 ? 256 : 128);
export const BOTH_LENGTHS: readonly FormBits[] = [128, 256];

export function pointerTo(tier: Tier, bits: FormBits, access: "read" | "write", isAligned = false): Value<"i32"> {
  const address = tier.address();
  if (isAligned) {
    const misaligned = i32.and(wrap(address), i32.constant(ALIGNMENT_MASK[lengthOf(bits)]));
    tier.code.if(i32.ne(misaligned, i32.constant(0)), () => tier.refuse("general"));
  }
  return tier.translate(address, bits / 8, access);
}
/** The vector register at a place of the shape. */
export const vectorOf = (tier: Tier, shape: string, place: number): VectorRegister => tier.operandVector(registerPlace(shape, place));
export interface Placed extends Halves {
  /** Where its bytes lie, for an assist. */
  readonly place: () => Value<"i64">;
}
/** A vector operand as it is, in memory of any alignment or in a register. */
export function halvesAt(tier: Tier, shape: string, place: number, bits: FormBits, isAligned = false): Placed {
  const keep = (value: Vector) => tier.code.let(value);
  if (shape[place] === "m") {
    const at = tier.code.let(pointerTo(tier, bits, "read", isAligned));
    return { low: keep(v128.load(128, at)), high: bits === 256 ? keep(v128.load(128, at, 16)) : v128.zero, place: () => extendU(at) };
  }
  const register = vectorOf(tier, shape, place);
  return { low: keep(register.read()), high: bits === 256 ? keep(register.readHigh()) : v128.zero, place: () => extendU(register.place()) };
}
/** Writes a target that no source is read after. */
export function writeWhole(target: VectorRegister, { low, high }: Halves): void {
  target.write(low);
  target.writeHigh(high);
}

export const eachHalf = (bits: FormBits, { low, high }: Halves, compute: (a: Vector) => Vector): Halves => ({
  low: compute(low),
  high: bits === 256 ? compute(high) : v128.zero,
});

/** A source of fewer bits than the vector: where the form is twice as long there are twice as many, and the upper half is made of the upper ones. */
export function spreadAt(tier: Tier, shape: string, place: number, reads: 16 | 32 | 64, isLong: boolean): Placed {
  const all = isLong ? 2 * reads : reads;
  const placed = (): { low: Vector; place: () => Value<"i64"> } => {
    if (shape[place] !== "m") return halvesAt(tier, shape, place, 128);
    const size = all === 128 ? 128 : all === 64 ? 64 : 32;
    if (all === 16) return { low: i32x4.splat(operand(tier, shape, place, widths[16]).read()), place: () => i64.constant(0) };
    const at = tier.code.let(pointerTo(tier, size, "read"));
    return { low: v128.load(size, at), place: () => extendU(at) };
  };
  const { low: read, place: where } = placed();
  const low = tier.code.let(read);
  const upper = bytes.map(i => (i + reads / 8) % 16);
  return { low, high: isLong ? tier.code.let(i8x16.shuffle(upper, low, low)) : low, place: where };
}
function sourceHalves(tier: Tier, shape: string, place: number, bits: FormBits, { reads, isUnary, isRepeating }: VectorOperation): Halves {
  if (reads === 128 || (isRepeating && bits === 256)) return halvesAt(tier, shape, place, bits);
  if (!isUnary) throw new Error("An operation of two operands reads 128 bits, or has no form with VEX.");
  return spreadAt(tier, shape, place, reads, bits === 256);
}

/** Lane by lane: each half by itself. */
export function vexOf(operation: VectorOperation): Row<FormBits> {
  const { isUnary, hasMask, hasImmediate, highImmediate = 0 } = operation;
  const rest = `${hasMask ? "v" : ""}${hasImmediate ? "i" : ""}`;
  const place = isUnary ? 1 : 2;
  return {
    shapes: ["v", "m"].map(last => `${isUnary ? "v" : "vv"}${last}${rest}`),
    widths: operation.isShort ? [128] : BOTH_LENGTHS,
    define(tier, shape, bits) {
      const b = sourceHalves(tier, shape, place, bits, operation);
      const a = isUnary ? b : halvesAt(tier, shape, 1, bits);
      const mask = hasMask ? halvesAt(tier, shape, 3, bits) : b;
      const keep = <T extends "i32" | "i64" | "v128">(value: Value<T>) => tier.code.let(value);
      const compute = (half: keyof Halves): Vector => {
        const immediate = () => (half === "high" ? i32.shrU(tier.immediate(widths[32]), i32.constant(highImmediate)) : tier.immediate(widths[32]));
        return keep(operation.compute(a[half], b[half], { tier, keep, immediate }, mask[half]));
      };
      const low = compute("low");
      writeWhole(vectorOf(tier, shape, 0), { low, high: bits === 256 ? compute("high") : v128.zero });
    },
  };
}

/** Where a definition names no length it is that of XMM. */
const lengths = ({ widths: given }: Row): readonly FormBits[] => given.map(bits => (given.length === 1 && bits === 64 ? 128 : bits));

/** The same operands, of which the vectors are only read. */
export const reading = (row: Row): Row<FormBits> => ({
  ...row,
  widths: lengths(row),
  isScalar: true,
  define: (tier, shape, bits) => row.define(tier, shape, legacyBits(bits)),
});
const legacyBits = (bits: FormBits): Bits => (bits === 128 || bits === 256 ? 64 : bits);
/** The same operands; the upper half becomes zero. */
export const clearing = (row: Row, shapes = row.shapes): Row<FormBits> => ({
  ...row,
  shapes,
  widths: lengths(row),
  define(tier, shape, bits) {
    row.define(tier, shape, legacyBits(bits));
    if (shape[0] === "v") vectorOf(tier, shape, 0).writeHigh(v128.zero);
  },
});

/** To a definition of two operands the target's old value is the source before the last. */
function asTwoOperands(tier: Tier): Tier {
  const [target, first] = [tier.operandVector(0), tier.operandVector(1)];
  const write = (low: Vector) => writeWhole(target, { low, high: v128.zero });
  const merged: VectorRegister = {
    ...first,
    write,
    writeLow: (bits, value) => write(joined(bits, value, first.read())),
    writeLane: (w, lane, value) => write(simd("v128", w.bits === 64 ? REPLACE_QUADWORD : REPLACE_DOUBLEWORD, [first.read(), value], [lane])),
  };
  const own: Pick<Tier, "operandVector" | "operandRegister"> = {
    operandVector: place => (place === 0 ? merged : tier.operandVector(place + 1)),
    operandRegister: place => tier.operandRegister(place + 1),
  };
  return new Proxy(tier, {
    get(all, key) {
      const value = Reflect.get(key in own ? own : all, key);
      return typeof value === "function" ? value.bind(all) : value;
    },
  });
}
const bytes = [...Array(16).keys()];
const [REPLACE_DOUBLEWORD, REPLACE_QUADWORD] = [0x1c, 0x1e];
/** A third operand before the last; what the definition leaves of its target comes from there. `also`: shapes that have no third operand. */
export const threeOperands = (
  row: Row,
  { shapes = row.shapes.filter(shape => shape[0] === "v"), also = [] as readonly string[], isScalar = false } = {},
): Row<FormBits> => ({
  shapes: [...shapes.map(shape => `vv${shape.slice(1)}`), ...also],
  widths: lengths(row),
  isScalar,
  define(tier, shape, bits) {
    if (also.includes(shape)) clearing(row).define(tier, shape, bits);
    else row.define(asTwoOperands(tier), `v${shape.slice(2)}`, legacyBits(bits));
  },
});
