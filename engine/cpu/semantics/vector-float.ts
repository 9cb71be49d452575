// Floating point on vectors and on their lowest lane. The fast path computes to nearest; what raises an exception that is not yet recorded, and what MXCSR asks for otherwise,
// is left to the exact way (vector-assists.ts).
import { ofOrder } from "../flags.ts";
import { hasShortFactors, isPowerOfTwo, roundedSums, sumError } from "../sse/inexact.ts";
import { double, type Lane, single, type Vector } from "../sse/lane.ts";
import { bailIfInexact, orExactly } from "../sse/mxcsr.ts";
import { comparisonRaises } from "../sse/unusual.ts";
import type { Tier } from "../tier.ts";
import { call, i32, type Value, v128 } from "../wasm/value.ts";
import { anyTrue, choose, compareLow, f32x4, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { type FormBits, widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { operandOf, vectorAt } from "./vector-move.ts";
import { BOTH_LENGTHS, type Halves, halvesAt, reading, threeOperands, writeWhole } from "./vex.ts";

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
/** Doubles whose factors both have 26 bits at most, as most integers do, or one of which is a power of two, need no call; in compiled code the others count as rounded. */
const isRoundedProduct: Operation["isInexact"] = (tier, extent, a, b, result) => {
  if (extent.isPacked || extent.lane.bits === 32) return isNotProduct(tier, extent, a, b, result);
  const answer = tier.code.temporary("i32");
  answer.set(i32.constant(0));
  tier.code.if(i32.eqz(hasShortFactors(a, b)), () =>
    answer.set(tier.isCompiled ? i32.eqz(i32.or(isPowerOfTwo(a), isPowerOfTwo(b))) : isNotProduct(tier, extent, a, b, result)),
  );
  return answer;
};
/** Of scalars without a call. */
const isRoundedSum = (tier: Tier, { lane, isPacked }: Extent, a: Vector, b: Vector, sum: Vector): Value<"i32"> => {
  if (isPacked) return call("i32", tier.routine(`inexactSum${lane.bits}`), [a, b, sum]);
  const { code } = tier;
  return tier.isCompiled ? compareLow(lane.bits, "ne", sumError(code, lane, a, code.let(b), sum), v128.zero) : roundedSums(code, lane, a, code.let(b), sum);
};
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
  if (tier.isCompiled) {
    const isZero = (x: Vector) => lane.float.eq(x, v128.zero);
    bailIfMoreThanZero(tier, bail, extent, [a, b], result, () => (operation.isSum ? isZero(result) : v128.and(isZero(result), v128.or(isZero(a), isZero(b)))));
    bailIfInexact(tier, bail, () => ofLanes(extent, operation.isInexact(tier, extent, a, b, result)));
    return { ...result, ordinary: { bits: lane.bits, isPacked: extent.isPacked } };
  }
  const operands = a === b ? [a] : [a, b];
  const isUnusual = anyOf(extent, [lane.isExtreme(result), ...operands.map(lane.isDenormal)], [lane.isExtremeLow(result), ...operands.map(lane.isDenormalLow)]);
  code.if(isUnusual, () => {
    bail(ofLanes(extent, call("i32", tier.routine(`raises${lane.bits}`), [a, b, result, operation.isSum ? ONES : v128.zero])));
    result.set(call("v128", tier.routine(`settle${lane.bits}`), [a, b, result]));
  });
  bailIfInexact(tier, bail, () => ofLanes(extent, operation.isInexact(tier, extent, a, b, result)));
  return result;
}
/** Known to be no denormal and no NaN. */
const isOrdinary = ({ ordinary }: Vector, { lane, isPacked }: Extent): boolean =>
  ordinary !== undefined && ordinary.bits === lane.bits && (ordinary.isPacked || !isPacked);
/**
 * In compiled code only a zero, as exact as its operands (`isExactZero`: a mask of lanes), is taken for usual: whatever else is rare is the interpreter's, so that nothing need be called here.
 * Vectors are stable.
 */
export function bailIfMoreThanZero(tier: Tier, bail: Bail, extent: Extent, operands: readonly Vector[], result: Vector, isExactZero: () => Vector): void {
  const { code } = tier;
  const { lane } = extent;
  const unknown = [...new Set(operands)].filter(operand => !isOrdinary(operand, extent));
  const bailIfMore = () => {
    const isMore = [v128.andNot(lane.isExtreme(result), isExactZero()), ...unknown.map(lane.isDenormal)].reduce(v128.or);
    bail(extent.isPacked ? anyTrue(isMore) : ofLanes(extent, lane.bitmask(isMore)));
  };
  if (extent.isPacked) {
    code.if(anyTrue([lane.isExtreme(result), ...unknown.map(lane.isDenormal)].reduce(v128.or)), bailIfMore);
    return;
  }
  // A branch for each: V8 joins a comparison with its branch, but puts conditions together one by one.
  code.block(usual => {
    code.block(unusual => {
      for (const condition of [lane.mayBeExtremeLow(result), ...unknown.map(lane.mayBeDenormalLow)]) code.brIf(unusual, condition);
      code.br(usual);
    });
    bailIfMore();
  });
}
/** Bails out where a comparison of stable vectors raises something. `signals`: of ones where a quiet NaN does. */
export function bailIfComparisonRaises(tier: Tier, bail: Bail, extent: Extent, a: Vector, b: Vector, signals: () => Vector): void {
  const { lane } = extent;
  const isNan = (v: Vector) => lane.float.ne(v, v);
  const unknown = [a, b].filter(operand => !isOrdinary(operand, extent));
  if (unknown.length === 0) return;
  if (tier.isCompiled && !extent.isPacked) {
    tier.code.block(usual => {
      tier.code.block(unusual => {
        for (const v of unknown) for (const condition of [lane.isDenormalLow(v), compareLow(lane.bits, "ne", v, v)]) tier.code.brIf(unusual, condition);
        tier.code.br(usual);
      });
      bail(ofLanes(extent, lane.bitmask(comparisonRaises(lane, a, b, signals()))));
    });
    return;
  }
  const isUnusual = anyOf(
    extent,
    unknown.flatMap(v => [lane.isDenormal(v), isNan(v)]),
    unknown.flatMap(v => [lane.isDenormalLow(v), lane.isNanLow(v)]),
  );
  const raised = () =>
    tier.isCompiled ? lane.bitmask(comparisonRaises(lane, a, b, signals())) : call("i32", tier.routine(`raisesComparing${lane.bits}`), [a, b, signals()]);
  tier.code.if(isUnusual, () => bail(ofLanes(extent, raised())));
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

/** What an instruction makes of each vector of its operands, unless it bails out to the exact way. */
export interface FloatOperation {
  /** The target is only written. */
  readonly isUnary?: boolean;
  readonly hasImmediate?: boolean;
  /** There is no form of 256 bits. */
  readonly isShort?: boolean;
  /** It raises nothing. */
  readonly isExact?: boolean;
  /** Where compiled code does not bail out its operands are ordinary. */
  readonly isArithmetic?: boolean;
  readonly compute: (tier: Tier, bail: Bail, extent: Extent, a: Vector, b: Vector) => Vector;
}
export function floatRow(extent: Extent, { isUnary, hasImmediate, isShort, isExact, isArithmetic, compute }: FloatOperation): Row {
  const rest = hasImmediate ? "i" : "";
  const inExactWay = (tier: Tier, place: () => Value<"i64">, body: (bail: Bail) => void) => (isExact ? body(() => {}) : orExactly(tier, place, body));
  const row: Row = {
    shapes: [`vv${rest}`, `vm${rest}`],
    widths: [64],
    define(tier, shape) {
      const { value: b, place } = operandOf(tier, shape, bitsOf(extent));
      const a = isUnary ? b : readTarget(tier, shape, extent);
      let result = b;
      inExactWay(tier, place, bail => {
        result = compute(tier, bail, extent, a, b);
      });
      if (isArithmetic)
        for (const place of isUnary ? [1] : [0, 1])
          if (shape[place] === "v") vectorAt(tier, shape, place).passed?.({ bits: extent.lane.bits, isPacked: extent.isPacked });
      write(tier, shape, extent, result);
    },
  };
  if (!extent.isPacked) return { ...row, vex: threeOperands(row, { isScalar: true }) };
  const vex: Row<FormBits> = {
    shapes: isUnary ? row.shapes : row.shapes.map(shape => `v${shape}`),
    widths: isShort ? [128] : BOTH_LENGTHS,
    define(tier, shape, bits) {
      const { place, ...b } = halvesAt(tier, shape, isUnary ? 1 : 2, bits);
      const a = isUnary ? b : halvesAt(tier, shape, 1, bits);
      let result: Halves = b;
      inExactWay(tier, place, bail => {
        const half = (which: keyof Halves) => tier.code.let(compute(tier, bail, extent, a[which], b[which]));
        result = { low: half("low"), high: bits === 256 ? half("high") : v128.zero };
      });
      writeWhole(vectorAt(tier, shape, 0), result);
    },
  };
  return { ...row, vex };
}
export const extents = [
  ["ps", { lane: single, isPacked: true }],
  ["pd", { lane: double, isPacked: true }],
  ["ss", { lane: single, isPacked: false }],
  ["sd", { lane: double, isPacked: false }],
] as const;
/** One operation in its four forms, as ADDPS ADDPD ADDSS ADDSD. */
const fourForms = (name: string, make: (extent: Extent) => Row): Rows =>
  Object.fromEntries(extents.map(([suffix, extent]): [string, Row] => [`${name}${suffix}`, make(extent)]));
const arithmetic = (name: string, operation: Operation): Rows =>
  fourForms(name, extent => floatRow(extent, { isArithmetic: true, compute: (tier, bail, _, a, b) => computed(tier, bail, extent, operation, a, b) }));
const sqrt = fourForms("sqrt", extent =>
  floatRow(extent, { isUnary: true, isArithmetic: true, compute: (tier, bail, _, a, b) => computed(tier, bail, extent, operations.sqrt, a, b) }),
);
/** MIN and MAX give the second operand where either is a NaN or both are zero: exactly WebAssembly's pseudo-minimum with operands exchanged. */
const extreme = (name: string, choose: (lane: Lane) => (a: Vector, b: Vector) => Vector): Rows =>
  fourForms(name, extent =>
    floatRow(extent, {
      compute(tier, bail, _, a, b) {
        bailIfComparisonRaises(tier, bail, extent, a, b, () => ONES);
        return choose(extent.lane)(b, a);
      },
    }),
  );

/** Which predicates of CMPPS hold for an order, and which signal, as bits (SDM vol. 2, table 3-1). The second sixteen signal where the first do not. */
const predicates = { less: 0x9696, equal: 0xa5a5, greater: 0xf0f0, unordered: 0x8778, signals: 0x6666 } as const;
/** Those without VEX are the first eight. */
const comparing = (count: 8 | 32): FloatOperation => ({
  hasImmediate: true,
  compute(tier, bail, extent, a, b) {
    const { float } = extent.lane;
    const predicate = tier.code.let(i32.and(tier.immediate(widths[32]), i32.constant(count - 1)));
    const known = predicate.constant === undefined ? undefined : Number(predicate.constant);
    const bit = (mask: number) =>
      known === undefined
        ? i32.and(i32.shrU(i32.constant(mask), i32.and(predicate, i32.constant(15))), i32.constant(1))
        : i32.constant((mask >> (known & 15)) & 1);
    const where = (isSet: Value<"i32">) => {
      if (isSet.constant !== undefined) return isSet.constant ? ONES : v128.zero;
      return i32x4.splat(i32.sub(i32.constant(0), isSet));
    };
    bailIfComparisonRaises(tier, bail, extent, a, b, () =>
      where(i32.xor(bit(predicates.signals), known === undefined ? i32.shrU(predicate, i32.constant(4)) : i32.constant(known >> 4))),
    );
    const parts = [
      [predicates.less, float.lt(a, b)],
      [predicates.equal, float.eq(a, b)],
      [predicates.greater, float.gt(a, b)],
      [predicates.unordered, v128.or(float.ne(a, a), float.ne(b, b))],
    ] as const;
    // A known predicate leaves the orders for which it holds.
    const counted = parts.filter(([mask]) => bit(mask).constant !== 0n);
    return counted.map(([mask, lanes]) => (bit(mask).constant === undefined ? v128.and(lanes, where(bit(mask))) : lanes)).reduce(v128.or, v128.zero);
  },
});
const compare = fourForms("cmp", (extent): Row => {
  const vex = floatRow(extent, comparing(32)).vex;
  return { ...floatRow(extent, comparing(8)), ...(vex ? { vex } : {}) };
});

/** UCOMISS and its like: unordered sets ZF, PF and CF. */
const ordered = (lane: Lane, signals: boolean): Row => {
  const row = orderedRow(lane, signals);
  return { ...row, vex: reading(row) };
};
const orderedRow = (lane: Lane, signals: boolean): Row => ({
  shapes: ["vv", "vm"],
  widths: [64],
  define: (tier, shape) => {
    const extent = { lane, isPacked: false };
    const { value: b, place } = operandOf(tier, shape, lane.bits);
    const a = readTarget(tier, shape, extent);
    orExactly(tier, place, bail => bailIfComparisonRaises(tier, bail, extent, a, b, () => (signals ? ONES : v128.zero)));
    const [x, y] = [tier.code.let(a), tier.code.let(b)];
    tier.setFlags(ofOrder(lane.bits, [x, y], compareLow, [lane.lowBits(x), lane.lowBits(y)], isOrdinary(a, extent) && isOrdinary(b, extent)));
  },
});

/** RCPPS and RSQRTPS are approximations, which Chronix defines: the correctly rounded quotient, with twelve bits kept. Denormals count as zeros of their sign, and so does a result that is one. */
const UNIT = repeated(0x3f80_0000n, 32);
const KEPT = repeated(0xffff_f000n, 32);
const EXPONENT = repeated(0x7f80_0000n, 32);
const SIGN = repeated(0x8000_0000n, 32);
const flushed = (stable: Vector): Vector => v128.andNot(stable, v128.andNot(i32x4.eq(v128.and(stable, EXPONENT), v128.zero), SIGN));
const approximation = (name: string, approximate: (b: Vector) => Vector): Rows =>
  Object.fromEntries(
    extents
      .filter(([, { lane }]) => lane === single)
      .map(([suffix, extent]): [string, Row] => [
        `${name}${suffix}`,
        floatRow(extent, {
          isUnary: true,
          isExact: true,
          compute: (tier, _, __, b) => {
            const quotient = tier.code.let(approximate(tier.code.let(flushed(b))));
            return v128.and(call("v128", tier.routine("settle32"), [b, b, flushed(quotient)]), choose(ONES, KEPT, f32x4.ne(b, b)));
          },
        }),
      ]),
  );

const signs = (name: string, lanes: 2 | 4, mask: (a: Vector) => Value<"i32">): Rows => ({
  [name]: {
    shapes: ["rv"],
    widths: [32],
    define: (tier, shape) => tier.operandRegister(0).write(widths[32], mask(vectorAt(tier, shape, 1).read())),
    vex: {
      shapes: ["rv"],
      widths: BOTH_LENGTHS,
      define(tier, shape, bits) {
        const { low, high } = halvesAt(tier, shape, 1, bits);
        tier.operandRegister(0).write(widths[32], bits === 256 ? i32.or(mask(low), i32.shl(mask(high), i32.constant(lanes))) : mask(low));
      },
    },
  },
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
  ...signs("movmskps", 4, i32x4.bitmask),
  ...signs("movmskpd", 2, i64x2.bitmask),
};
