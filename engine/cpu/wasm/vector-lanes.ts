// WebAssembly's SIMD instructions by the shape of their lanes, as far as x86's vectors need them (numbers: WebAssembly specification, 5.4.7).
import { type Sink, simd, type Type, type Value } from "./value.ts";

type Vector = Value<"v128">;
type Binary = (a: Vector, b: Vector) => Vector;
type Unary = (a: Vector) => Vector;
type Shift = (a: Vector, count: Value<"i32">) => Vector;

const binary =
  (opcode: number): Binary =>
  (a, b) =>
    simd("v128", opcode, [a, b]);
const unary =
  (opcode: number): Unary =>
  a =>
    simd("v128", opcode, [a]);
const shift =
  (opcode: number): Shift =>
  (a, count) =>
    simd("v128", opcode, [a, count]);
const splat =
  <T extends Type>(opcode: number) =>
  (a: Value<T>): Vector =>
    simd("v128", opcode, [a]);
const extract =
  <T extends "i32" | "i64">(type: T, opcode: number) =>
  (lane: number, a: Vector): Value<T> => ({ ...simd(type, opcode, [a], [lane]), lane: { vector: a, number: lane } });
const replace =
  <T extends Type>(opcode: number) =>
  (lane: number, a: Vector, value: Value<T>): Vector =>
    simd("v128", opcode, [a, value], [lane]);

export const i8x16 = {
  extractS: extract("i32", 0x15),
  splat: splat<"i32">(0x0f),
  abs: unary(0x60),
  minS: binary(0x76),
  maxS: binary(0x78),
  extractU: extract("i32", 0x16),
  replace: replace<"i32">(0x17),
  eq: binary(0x23),
  gtS: binary(0x27),
  ltU: binary(0x26),
  geU: binary(0x2c),
  add: binary(0x6e),
  addSatS: binary(0x6f),
  addSatU: binary(0x70),
  sub: binary(0x71),
  subSatS: binary(0x72),
  subSatU: binary(0x73),
  minU: binary(0x77),
  maxU: binary(0x79),
  averageU: binary(0x7b),
  bitmask: (a: Vector): Value<"i32"> => simd("i32", 0x64, [a]),
  narrowS: binary(0x65),
  narrowU: binary(0x66),
  /** Lanes of `a` by the numbers in `b`; 16 and above give 0. */
  swizzle: binary(0x0e),
  /** Constant lane numbers: 0 to 15 from `a`, 16 to 31 from `b`. */
  shuffle: (lanes: readonly number[], a: Vector, b: Vector): Vector => simd("v128", 0x0d, [a, b], lanes),
};
export const i16x8 = {
  splat: splat<"i32">(0x10),
  extractS: extract("i32", 0x18),
  extractU: extract("i32", 0x19),
  replace: replace<"i32">(0x1a),
  abs: unary(0x80),
  minU: binary(0x97),
  maxU: binary(0x99),
  narrowU: binary(0x86),
  /** a * b / 2^15, rounded; the greatest stands for what is beyond. */
  mulRoundedSat: binary(0x82),
  eq: binary(0x2d),
  gtS: binary(0x31),
  add: binary(0x8e),
  addSatS: binary(0x8f),
  addSatU: binary(0x90),
  sub: binary(0x91),
  subSatS: binary(0x92),
  subSatU: binary(0x93),
  mul: binary(0x95),
  minS: binary(0x96),
  maxS: binary(0x98),
  averageU: binary(0x9b),
  shl: shift(0x8b),
  shrS: shift(0x8c),
  shrU: shift(0x8d),
  narrowS: binary(0x85),
  extendLowS: unary(0x87),
  extendHighS: unary(0x88),
  extendLowU: unary(0x89),
  extendHighU: unary(0x8a),
  sumPairsU: unary(0x7d),
};
export const i32x4 = {
  splat: splat<"i32">(0x11),
  extract: extract("i32", 0x1b),
  replace: replace<"i32">(0x1c),
  abs: unary(0xa0),
  minS: binary(0xb6),
  minU: binary(0xb7),
  maxS: binary(0xb8),
  maxU: binary(0xb9),
  extendLowS16: unary(0xa7),
  eq: binary(0x37),
  gtS: binary(0x3b),
  add: binary(0xae),
  sub: binary(0xb1),
  mul: binary(0xb5),
  shl: shift(0xab),
  shrS: shift(0xac),
  shrU: shift(0xad),
  bitmask: (a: Vector): Value<"i32"> => simd("i32", 0xa4, [a]),
  dot: binary(0xba),
  extendLowU16: unary(0xa9),
  extendHighU16: unary(0xaa),
  mulLowS16: binary(0xbc),
  mulHighS16: binary(0xbd),
  mulLowU16: binary(0xbe),
  mulHighU16: binary(0xbf),
  sumPairsU: unary(0x7f),
  truncateF32: unary(0xf8),
  truncateF64: unary(0xfc),
};
export const i64x2 = {
  splat: splat<"i64">(0x12),
  eq: binary(0xd6),
  gtS: binary(0xd9),
  extract: extract("i64", 0x1d),
  replace: replace<"i64">(0x1e),
  extendLowS32: unary(0xc7),
  mulLowS32: binary(0xdc),
  add: binary(0xce),
  sub: binary(0xd1),
  shl: shift(0xcb),
  shrS: shift(0xcc),
  shrU: shift(0xcd),
  bitmask: (a: Vector): Value<"i32"> => simd("i32", 0xc4, [a]),
  extendLowU32: unary(0xc9),
  mulLowU32: binary(0xde),
};
const floats = (first: number, relations: number, relaxedMadd: number) => ({
  eq: binary(relations),
  ne: binary(relations + 1),
  lt: binary(relations + 2),
  gt: binary(relations + 3),
  le: binary(relations + 4),
  ge: binary(relations + 5),
  abs: unary(first),
  neg: unary(first + 1),
  sqrt: unary(first + 3),
  add: binary(first + 4),
  sub: binary(first + 5),
  mul: binary(first + 6),
  div: binary(first + 7),
  /** b < a ? b : a, whatever they are. */
  pmin: binary(first + 10),
  /** a < b ? b : a */
  pmax: binary(first + 11),
  /** a * b + c, rounded once or twice: see wasm/relaxed.ts. */
  relaxedMadd: (a: Vector, b: Vector, c: Vector): Vector => simd("v128", relaxedMadd, [a, b, c]),
});
export const f32x4 = {
  ...floats(0xe0, 0x41, 0x105),
  ceil: unary(0x67),
  floor: unary(0x68),
  truncate: unary(0x69),
  nearest: unary(0x6a),
  fromI32: unary(0xfa),
  demoteF64: unary(0x5e),
};
export const f64x2 = {
  ...floats(0xec, 0x47, 0x107),
  ceil: unary(0x74),
  floor: unary(0x75),
  truncate: unary(0x7a),
  nearest: unary(0x94),
  fromI32: unary(0xfe),
  promoteF32: unary(0x5f),
};

/** Bits of `a` where `mask` has ones, else of `b`. */
export const choose = (a: Vector, b: Vector, mask: Vector): Vector => simd("v128", 0x52, [a, b, mask]);
export const anyTrue = (a: Vector): Value<"i32"> => simd("i32", 0x53, [a]);
export const constantBytes = (bytes: readonly number[]): Vector => ({
  type: "v128",
  isStable: true,
  put(sink) {
    sink.push(0xfd, 12, ...bytes);
  },
});
export const repeated = (lane: bigint, bits: 8 | 16 | 32 | 64): Vector => {
  const bytes = Array.from({ length: 16 }, (_, i) => Number((BigInt.asUintN(bits, lane) >> BigInt((i * 8) % bits)) & 0xffn));
  return constantBytes(bytes);
};

// Scalars pass through floating point inside one expression: the types of this builder are integers and vectors.
const through = <T extends Type>(type: T, inner: Value<Type>, ...code: readonly number[]): Value<T> => ({
  type,
  put(sink: Sink) {
    inner.put(sink);
    sink.push(...code);
  },
});
/** The lowest lane, truncated; out of range it saturates, NaN gives 0. */
export const truncateF32ToI64 = (a: Vector): Value<"i64"> => through("i64", a, 0xfd, 0x1f, 0, 0xfc, 0x04);
export const truncateF64ToI64 = (a: Vector): Value<"i64"> => through("i64", a, 0xfd, 0x21, 0, 0xfc, 0x06);
/** The lowest lane's bits, by way of floating point: V8 makes one move of it, and two operations of taking an integer lane out. */
export const lowBitsF64 = (a: Vector): Value<"i64"> => through("i64", a, 0xfd, 0x21, 0, 0xbd);
export const lowBitsF32 = (a: Vector): Value<"i32"> => through("i32", a, 0xfd, 0x1f, 0, 0xbc);
/** The float nearest to an integer, in all lanes. */
export const splatOfInteger = {
  32: (a: Value<"i64">): Vector => through("v128", a, 0xb4, 0xfd, 0x13),
  64: (a: Value<"i64">): Vector => through("v128", a, 0xb9, 0xfd, 0x14),
} as const;

const floatRelations = { eq: 0, ne: 1, lt: 2, gt: 3, le: 4, ge: 5 } as const;
export type FloatRelation = keyof typeof floatRelations;
const compareFloats = (bits: 32 | 64, relation: FloatRelation, a: Value<Type>, b: Value<Type>, asFloat: readonly number[]): Value<"i32"> => ({
  type: "i32",
  put(sink: Sink) {
    for (const operand of [a, b]) {
      operand.put(sink);
      sink.push(...asFloat);
    }
    sink.push((bits === 64 ? 0x61 : 0x5b) + floatRelations[relation]);
  },
});
/** Of lowest lanes: one comparison, which V8 joins with a branch. */
export const compareLow = (bits: 32 | 64, relation: FloatRelation, a: Vector, b: Vector): Value<"i32"> =>
  compareFloats(bits, relation, a, b, bits === 64 ? [0xfd, 0x21, 0] : [0xfd, 0x1f, 0]);
/** Of floats by their bits, of which the upper may be anything. */
export const compareBits = (bits: 32 | 64, relation: FloatRelation, a: Value<"i64">, b: Value<"i64">): Value<"i32"> =>
  compareFloats(bits, relation, a, b, bits === 64 ? [0xbf] : [0xa7, 0xbe]);

/** The lowest `bits` of `low`, and the rest of `whole`. */
export function joined(bits: 32 | 64, low: Vector, whole: Vector): Vector {
  const lanes = Array.from({ length: 16 }, (_, i) => (i < bits / 8 ? 16 + i : i));
  const rest = whole.joined?.bits === bits ? whole.joined.rest : whole;
  return { ...i8x16.shuffle(lanes, whole, low), joined: { bits, low, rest } };
}
