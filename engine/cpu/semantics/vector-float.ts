// Floating point on vectors and on their lowest lane. The fast path computes to nearest; what raises an exception that is not yet recorded, and what MXCSR asks for otherwise,
// is left to the exact way (vector-assists.ts).
import { ofComparison } from "../flags.ts";
import { roundedSums } from "../sse/inexact.ts";
import { double, type Lane, single, type Vector } from "../sse/lane.ts";
import { bailIfInexact, orExactly } from "../sse/mxcsr.ts";
import type { Tier } from "../tier.ts";
import { call, i32, i64, select, type Value, v128 } from "../wasm/value.ts";
import { anyTrue, choose, f32x4, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { operandOf, vectorAt } from "./vector-move.ts";

/** What an operation reads or writes: all lanes, or the lowest alone. */
export interface Extent {
  readonly lane: Lane;
  readonly isPacked: boolean;
}
type Bail = (condition: Value<"i32">) => void;
const ONES = repeated(0xffff_ffff_ffff_ffffn, 64);
/** The bits of a routine's answer that count: one for each lane. */
const ofLanes = ({ isPacked }: Extent, mask: Value<"i32">): Value<"i32"> => (isPacked ? mask : i32.and(mask, i32.constant(1)));
/** Whether any lane has something, tested packed or in the lowest lane alone. */
const anyOf = ({ isPacked }: Extent, packed: readonly Vector[], low: readonly Value<"i32">[]): Value<"i32"> =>
  isPacked ? anyTrue(packed.reduce(v128.or)) : low.reduce(i32.or);

/** An operation of IEEE 754 on stable vectors: it knows nothing of where they come from. */
export interface Operation {
  readonly compute: (lane: Lane, a: Vector, b: Vector) => Vector;
  /** Whether a result of zero is always exact. */
  readonly isSum: boolean;
  /** Bits of the lanes where `result` was rounded. */
  readonly isInexact: (tier: Tier, extent: Extent, a: Vector, b: Vector, result: Vector) => Value<"i32">;
}
/** x * y is not z. */
function isNotProduct(tier: Tier, { lane, isPacked }: Extent, x: Vector, y: Vector, z: Vector): Value<"i32"> {
  if (lane.bits === 32) return call("i32", tier.routine("inexactProduct32"), [x, y, z]);
  const product = (part: (v: Vector) => Vector) => call("i32", tier.routine("inexactProduct64"), [part(x), part(y), part(z)]);
  const low = product(v => v);
  const high = (v: Vector) => i64x2.splat(i64x2.extract(1, v));
  return isPacked ? i32.or(low, product(high)) : low;
}
const LOW_27 = i64.constant(0x7ff_ffff);
/** Doubles whose factors both have 26 bits at most, as most integers do, need no call. */
const isRoundedProduct: Operation["isInexact"] = (tier, extent, a, b, result) => {
  if (extent.isPacked || extent.lane.bits === 32) return isNotProduct(tier, extent, a, b, result);
  const answer = tier.code.temporary("i32");
  answer.set(i32.constant(0));
  const isShort = i64.eqz(i64.and(i64.or(i64x2.extract(0, a), i64x2.extract(0, b)), LOW_27));
  tier.code.if(i32.eqz(isShort), () => answer.set(isNotProduct(tier, extent, a, b, result)));
  return answer;
};
/** Of scalars without a call. */
const isRoundedSum = (tier: Tier, { lane, isPacked }: Extent, a: Vector, b: Vector, sum: Vector): Value<"i32"> =>
  isPacked ? call("i32", tier.routine(`inexactSum${lane.bits}`), [a, b, sum]) : roundedSums(tier.code, lane, a, tier.code.let(b), sum);
export const operations = {
  add: { compute: ({ float }, a, b) => float.add(a, b), isSum: true, isInexact: isRoundedSum },
  sub: {
    compute: ({ float }, a, b) => float.sub(a, b),
    isSum: true,
    isInexact: (tier, extent, a, b, result) => isRoundedSum(tier, extent, a, extent.lane.float.neg(b), result),
  },
  mul: { compute: ({ float }, a, b) => float.mul(a, b), isSum: false, isInexact: isRoundedProduct },
  div: { compute: ({ float }, a, b) => float.div(a, b), isSum: false, isInexact: (tier, extent, a, b, result) => isNotProduct(tier, extent, result, b, a) },
  /** Of one operand, given twice. */
  sqrt: { compute: ({ float }, a) => float.sqrt(a), isSum: true, isInexact: (tier, extent, a, _, result) => isNotProduct(tier, extent, result, result, a) },
} satisfies Readonly<Record<string, Operation>>;

/** The result of an operation, unless it bails out to the exact way. */
export function computed(tier: Tier, bail: Bail, extent: Extent, operation: Operation, a: Vector, b: Vector): Vector {
  const { code } = tier;
  const { lane } = extent;
  const result = code.temporary("v128");
  result.set(operation.compute(lane, a, b));
  const operands = a === b ? [a] : [a, b];
  const isUnusual = anyOf(extent, [lane.isExtreme(result), ...operands.map(lane.isDenormal)], [lane.isExtremeLow(result), ...operands.map(lane.isDenormalLow)]);
  code.if(isUnusual, () => {
    bail(ofLanes(extent, call("i32", tier.routine(`raises${lane.bits}`), [a, b, result, operation.isSum ? ONES : v128.zero])));
    result.set(call("v128", tier.routine(`settle${lane.bits}`), [a, b, result]));
  });
  bailIfInexact(tier, bail, () => ofLanes(extent, operation.isInexact(tier, extent, a, b, result)));
  return result;
}
/** Bails out where a comparison of stable vectors raises something. `signals`: of ones where a quiet NaN does. */
export function bailIfComparisonRaises(tier: Tier, bail: Bail, extent: Extent, a: Vector, b: Vector, signals: () => Vector): void {
  const { lane } = extent;
  const isNan = (v: Vector) => lane.float.ne(v, v);
  const isUnusual = anyOf(
    extent,
    [lane.isDenormal(a), lane.isDenormal(b), isNan(a), isNan(b)],
    [lane.isDenormalLow(a), lane.isDenormalLow(b), lane.isNanLow(a), lane.isNanLow(b)],
  );
  tier.code.if(isUnusual, () => bail(ofLanes(extent, call("i32", tier.routine(`raisesComparing${lane.bits}`), [a, b, signals()]))));
}

const readTarget = (tier: Tier, shape: string, { lane, isPacked }: Extent): Vector => {
  const target = vectorAt(tier, shape, 0);
  return tier.code.let(isPacked ? target.read() : target.readLow(lane.bits));
};
function write(tier: Tier, shape: string, { lane, isPacked }: Extent, value: Vector): void {
  const target = vectorAt(tier, shape, 0);
  if (isPacked) target.write(value);
  else target.writeLow(lane.bits, value);
}
const bitsOf = ({ lane, isPacked }: Extent): 32 | 64 | 128 => (isPacked ? 128 : lane.bits);

/** One operation in its four forms, as ADDPS ADDPD ADDSS ADDSD. */
const fourForms = (name: string, define: (tier: Tier, shape: string, extent: Extent) => void, shapes: Row["shapes"] = ["vv", "vm"]): Rows =>
  Object.fromEntries(
    (
      [
        ["ps", { lane: single, isPacked: true }],
        ["pd", { lane: double, isPacked: true }],
        ["ss", { lane: single, isPacked: false }],
        ["sd", { lane: double, isPacked: false }],
      ] as const
    ).map(([suffix, extent]): [string, Row] => [`${name}${suffix}`, { shapes, widths: [64], define: (tier, shape) => define(tier, shape, extent) }]),
  );
const arithmetic = (name: string, operation: Operation): Rows =>
  fourForms(name, (tier, shape, extent) => {
    const { value: b, place } = operandOf(tier, shape, bitsOf(extent));
    const a = readTarget(tier, shape, extent);
    let result = a;
    orExactly(tier, place, bail => {
      result = computed(tier, bail, extent, operation, a, b);
    });
    write(tier, shape, extent, result);
  });
const sqrt = fourForms("sqrt", (tier, shape, extent) => {
  const { value: b, place } = operandOf(tier, shape, bitsOf(extent));
  let result = b;
  orExactly(tier, place, bail => {
    result = computed(tier, bail, extent, operations.sqrt, b, b);
  });
  write(tier, shape, extent, result);
});
/** MIN and MAX give the second operand where either is a NaN or both are zero: exactly WebAssembly's pseudo-minimum with operands exchanged. */
const extreme = (name: string, compute: (lane: Lane) => (a: Vector, b: Vector) => Vector): Rows =>
  fourForms(name, (tier, shape, extent) => {
    const { value: b, place } = operandOf(tier, shape, bitsOf(extent));
    const a = readTarget(tier, shape, extent);
    orExactly(tier, place, bail => bailIfComparisonRaises(tier, bail, extent, a, b, () => ONES));
    write(tier, shape, extent, compute(extent.lane)(b, a));
  });

/** The predicates of CMPPS by the low three bits of the immediate (SDM vol. 2, table 3-1). */
const compare = fourForms(
  "cmp",
  (tier, shape, extent) => {
    const { value: b, place } = operandOf(tier, shape, bitsOf(extent));
    const a = readTarget(tier, shape, extent);
    const { float } = extent.lane;
    const predicate = tier.code.let(i32.and(tier.immediate(widths[32]), i32.constant(7)));
    const bit = (n: number) => i32.and(i32.shrU(predicate, i32.constant(n)), i32.constant(1));
    // The four of "less".
    const signals = () => select(i32.xor(bit(0), bit(1)), ONES, v128.zero);
    orExactly(tier, place, bail => bailIfComparisonRaises(tier, bail, extent, a, b, signals));
    const isUnordered = v128.or(float.ne(a, a), float.ne(b, b));
    const base = select(bit(1), select(bit(0), isUnordered, float.le(a, b)), select(bit(0), float.lt(a, b), float.eq(a, b)));
    write(tier, shape, extent, v128.xor(base, select(bit(2), ONES, v128.zero)));
  },
  ["vvi", "vmi"],
);

/** UCOMISS and its like: unordered sets ZF, PF and CF. */
const ordered = (lane: Lane, signals: boolean): Row => ({
  shapes: ["vv", "vm"],
  widths: [64],
  define: (tier, shape) => {
    const extent = { lane, isPacked: false };
    const { value: b, place } = operandOf(tier, shape, lane.bits);
    const a = readTarget(tier, shape, extent);
    orExactly(tier, place, bail => bailIfComparisonRaises(tier, bail, extent, a, b, () => (signals ? ONES : v128.zero)));
    const lowest = (mask: Vector): Value<"i32"> => i32.and(i32x4.extract(0, mask), i32.constant(1));
    const isUnordered = tier.code.let(lowest(v128.or(lane.float.ne(a, a), lane.float.ne(b, b))));
    const or = (other: Vector) => i32.or(isUnordered, lowest(other));
    tier.setFlags(ofComparison(or(lane.float.eq(a, b)), isUnordered, or(lane.float.lt(a, b))));
  },
});

/** RCPPS and RSQRTPS are approximations, which Chronix defines: the correctly rounded quotient, with twelve bits kept. */
const UNIT = repeated(0x3f80_0000n, 32);
const KEPT = repeated(0xffff_f000n, 32);
const approximation = (name: string, compute: (b: Vector) => Vector): Rows =>
  Object.fromEntries(
    (
      [
        ["ps", true],
        ["ss", false],
      ] as const
    ).map(([suffix, isPacked]): [string, Row] => [
      `${name}${suffix}`,
      {
        shapes: ["vv", "vm"],
        widths: [64],
        define: (tier, shape) => {
          const extent = { lane: single, isPacked };
          const { value: b } = operandOf(tier, shape, bitsOf(extent));
          const result = call("v128", tier.routine("settle32"), [b, b, compute(b)]);
          write(tier, shape, extent, v128.and(result, choose(ONES, KEPT, f32x4.ne(b, b))));
        },
      },
    ]),
  );

const signs = (name: string, mask: (a: Vector) => Value<"i32">): Rows => ({
  [name]: { shapes: ["rv"], widths: [32], define: (tier, shape) => tier.operandRegister(0).write(widths[32], mask(vectorAt(tier, shape, 1).read())) },
});

export const vectorFloats: Rows = {
  ...arithmetic("add", operations.add),
  ...arithmetic("sub", operations.sub),
  ...arithmetic("mul", operations.mul),
  ...arithmetic("div", operations.div),
  ...extreme("min", lane => lane.float.pmin),
  ...extreme("max", lane => lane.float.pmax),
  ...sqrt,
  ...compare,
  comiss: ordered(single, true),
  comisd: ordered(double, true),
  ucomiss: ordered(single, false),
  ucomisd: ordered(double, false),
  ...approximation("rcp", b => f32x4.div(UNIT, b)),
  ...approximation("rsqrt", b => f32x4.div(UNIT, f32x4.sqrt(b))),
  ...signs("movmskps", i32x4.bitmask),
  ...signs("movmskpd", i64x2.bitmask),
};
