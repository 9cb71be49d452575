// Floating point on vectors and on their lowest lane. WebAssembly leaves the payload of a NaN open: where a result is one, x86's rule is applied
// by hand (SDM vol. 1, 4.8.3.5: the first operand if it is a NaN, else the second, made quiet; else the default, which is negative).
import { ofComparison } from "../flags.ts";
import type { Tier } from "../tier.ts";
import { i32, select, type Value, v128 } from "../wasm/value.ts";
import { anyTrue, choose, f32x4, f64x2, i32x4, i64x2, repeated } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { source, sourcePlace, unlessPlain, vectorAt } from "./vector-move.ts";

type Vector = Value<"v128">;
type Compute = (a: Vector, b: Vector) => Vector;

interface Lane {
  readonly bits: 32 | 64;
  readonly float: typeof f64x2 | typeof f32x4;
  readonly quiet: Vector;
  readonly defaultNan: Vector;
}
const single: Lane = { bits: 32, float: f32x4, quiet: repeated(0x0040_0000n, 32), defaultNan: repeated(0xffc0_0000n, 32) };
const double: Lane = { bits: 64, float: f64x2, quiet: repeated(0x0008_0000_0000_0000n, 64), defaultNan: repeated(0xfff8_0000_0000_0000n, 64) };

/** The result, with x86's NaNs where there are any. The operands must be stable. */
function settled(tier: Tier, { float, quiet, defaultNan }: Lane, a: Vector, b: Vector, value: Vector): Vector {
  const result = tier.code.temporary("v128");
  result.set(value);
  tier.code.if(anyTrue(float.ne(result, result)), () => {
    const isNan = (v: Vector) => float.ne(v, v);
    const chosen = choose(v128.or(a, quiet), choose(v128.or(b, quiet), defaultNan, isNan(b)), isNan(a));
    result.set(choose(chosen, result, isNan(result)));
  });
  return result;
}
/** Writes all lanes, or the lowest alone. */
function write(tier: Tier, shape: string, lane: Lane, isPacked: boolean, value: Vector): void {
  const target = vectorAt(tier, shape, 0);
  if (isPacked) target.write(value);
  else if (lane.bits === 64) target.writeLane(widths[64], 0, i64x2.extract(0, value));
  else target.writeLane(widths[32], 0, i32x4.extract(0, value));
}
const operandOf = (tier: Tier, shape: string, lane: Lane, isPacked: boolean): Vector => tier.code.let(source(tier, shape, isPacked ? 128 : lane.bits));
/** The second operand, where MXCSR is plain. */
function read(tier: Tier, shape: string, lane: Lane, isPacked: boolean): Vector {
  unlessPlain(tier, () => sourcePlace(tier, shape, isPacked ? 128 : lane.bits));
  return operandOf(tier, shape, lane, isPacked);
}

/** One operation in its four forms, as ADDPS ADDPD ADDSS ADDSD. */
const fourForms = (name: string, define: (tier: Tier, shape: string, lane: Lane, isPacked: boolean) => void, shapes = ["vv", "vm"]): Rows =>
  Object.fromEntries(
    (
      [
        ["ps", single, true],
        ["pd", double, true],
        ["ss", single, false],
        ["sd", double, false],
      ] as const
    ).map(([suffix, lane, isPacked]): [string, Row] => [
      `${name}${suffix}`,
      { shapes, widths: [64], define: (tier, shape) => define(tier, shape, lane, isPacked) },
    ]),
  );
const arithmetic = (name: string, compute: (lane: Lane) => Compute): Rows =>
  fourForms(name, (tier, shape, lane, isPacked) => {
    const b = read(tier, shape, lane, isPacked);
    const a = tier.code.let(vectorAt(tier, shape, 0).read());
    write(tier, shape, lane, isPacked, settled(tier, lane, a, b, compute(lane)(a, b)));
  });
/** MIN and MAX give the second operand where either is a NaN or both are zero: exactly WebAssembly's pseudo-minimum with operands exchanged. */
const extreme = (name: string, compute: (lane: Lane) => Compute): Rows =>
  fourForms(name, (tier, shape, lane, isPacked) => {
    const b = read(tier, shape, lane, isPacked);
    write(tier, shape, lane, isPacked, compute(lane)(b, vectorAt(tier, shape, 0).read()));
  });
const sqrt = fourForms("sqrt", (tier, shape, lane, isPacked) => {
  const b = read(tier, shape, lane, isPacked);
  write(tier, shape, lane, isPacked, settled(tier, lane, b, b, lane.float.sqrt(b)));
});

/** The predicates of CMPPS by the low three bits of the immediate (SDM vol. 2, table 3-1). */
const compare = fourForms(
  "cmp",
  (tier, shape, lane, isPacked) => {
    const b = read(tier, shape, lane, isPacked);
    const a = tier.code.let(vectorAt(tier, shape, 0).read());
    const { float } = lane;
    const predicate = i32.and(tier.immediate(widths[32]), i32.constant(7));
    const bit = (n: number) => i32.and(i32.shrU(predicate, i32.constant(n)), i32.constant(1));
    const isUnordered = v128.or(float.ne(a, a), float.ne(b, b));
    const base = select(bit(1), select(bit(0), isUnordered, float.le(a, b)), select(bit(0), float.lt(a, b), float.eq(a, b)));
    write(tier, shape, lane, isPacked, v128.xor(base, select(bit(2), repeated(0xffff_ffff_ffff_ffffn, 64), v128.zero)));
  },
  ["vvi", "vmi"],
);

/** UCOMISS and its like: unordered sets ZF, PF and CF. */
const ordered = (lane: Lane): Row => ({
  shapes: ["vv", "vm"],
  widths: [64],
  define: (tier, shape) => {
    const b = read(tier, shape, lane, false);
    const a = tier.code.let(vectorAt(tier, shape, 0).read());
    const lowest = (mask: Vector): Value<"i32"> => i32.and(i32x4.extract(0, mask), i32.constant(1));
    const isUnordered = tier.code.let(lowest(v128.or(lane.float.ne(a, a), lane.float.ne(b, b))));
    const or = (other: Vector) => i32.or(isUnordered, lowest(other));
    tier.setFlags(ofComparison(or(lane.float.eq(a, b)), isUnordered, or(lane.float.lt(a, b))));
  },
});

/** RCPPS and RSQRTPS are approximations, which Chronix defines: the correctly rounded quotient, with twelve bits kept. */
const ONE = repeated(0x3f80_0000n, 32);
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
          const b = operandOf(tier, shape, single, isPacked);
          write(tier, shape, single, isPacked, v128.and(settled(tier, single, b, b, compute(b)), choose(repeated(0xffff_ffffn, 32), KEPT, f32x4.ne(b, b))));
        },
      },
    ]),
  );

const signs = (name: string, mask: (a: Vector) => Value<"i32">): Rows => ({
  [name]: { shapes: ["rv"], widths: [32], define: (tier, shape) => tier.operandRegister(0).write(widths[32], mask(vectorAt(tier, shape, 1).read())) },
});

export const vectorFloats: Rows = {
  ...arithmetic("add", lane => lane.float.add),
  ...arithmetic("sub", lane => lane.float.sub),
  ...arithmetic("mul", lane => lane.float.mul),
  ...arithmetic("div", lane => lane.float.div),
  ...extreme("min", lane => lane.float.pmin),
  ...extreme("max", lane => lane.float.pmax),
  ...sqrt,
  ...compare,
  comiss: ordered(single),
  comisd: ordered(double),
  // They differ in what a quiet NaN raises.
  ucomiss: ordered(single),
  ucomisd: ordered(double),
  ...approximation("rcp", b => f32x4.div(ONE, b)),
  ...approximation("rsqrt", b => f32x4.div(ONE, f32x4.sqrt(b))),
  ...signs("movmskps", i32x4.bitmask),
  ...signs("movmskpd", i64x2.bitmask),
};
