// A vector instruction as a function of 16 bytes and 16 bytes, from which its forms are made: that of SSE here, that of MMX in mmx.ts, those of AVX lane by lane.
import { operand } from "../operands.ts";
import type { Tier } from "../tier.ts";
import type { Value } from "../wasm/value.ts";
import { i32x4 } from "../wasm/vector-lanes.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";
import { source, vectorAt } from "./vector-move.ts";

export type Vector = Value<"v128">;
export interface VectorContext {
  readonly tier: Tier;
  /** The immediate's byte is its low one. */
  readonly immediate: () => Value<"i32">;
  readonly keep: <T extends "i32" | "i64" | "v128">(value: Value<T>) => Value<T>;
}
export interface VectorOperation {
  /** The target is only written. */
  readonly isUnary?: true;
  /** How many bits of the second operand count, and are read where it lies in memory. */
  readonly reads: 16 | 32 | 64 | 128;
  readonly hasImmediate?: true;
  /** In the upper half the immediate begins at this bit. */
  readonly highImmediate?: number;
  /** There is no form of 256 bits. */
  readonly isShort?: true;
  /** Its form of 256 bits reads as many, and not twice what this reads. */
  readonly isRepeating?: true;
  /** A third operand, which SSE takes from XMM0. */
  readonly hasMask?: true;
  /** `a` is the target's old value, nothing to rely on where `isUnary`. All may be placed many times. */
  compute(a: Vector, b: Vector, context: VectorContext, mask: Vector): Vector;
}
export interface OperationRow extends Row {
  readonly operation: VectorOperation;
}
export type OperationRows = Readonly<Record<string, OperationRow>>;

export function contextOf(tier: Tier): VectorContext {
  return { tier, immediate: () => tier.immediate(widths[32]), keep: value => tier.code.let(value) };
}
/** The second operand of an operation, in a form where it has the place 1. */
export const secondOperand = (tier: Tier, shape: string, { reads }: VectorOperation): Vector =>
  tier.code.let(reads === 16 ? (shape[1] === "m" ? i32x4.splat(operand(tier, shape, 1, widths[16]).read()) : source(tier, shape)) : source(tier, shape, reads));

const shapesOf = ({ hasImmediate, hasMask }: VectorOperation): readonly string[] =>
  ["vv", "vm"].map(two => `${two}${hasMask ? "v" : ""}${hasImmediate ? "i" : ""}`);
export const legacy = (operation: VectorOperation): OperationRow => ({
  shapes: shapesOf(operation),
  widths: [64],
  operation,
  define(tier, shape) {
    const b = secondOperand(tier, shape, operation);
    const target = vectorAt(tier, shape, 0);
    const a = operation.isUnary ? b : tier.code.let(target.read());
    const mask = operation.hasMask ? tier.code.let(vectorAt(tier, shape, 2).read()) : b;
    target.write(operation.compute(a, b, contextOf(tier), mask));
  },
});
type Compute = VectorOperation["compute"];
export const binary = (compute: Compute): OperationRow => legacy({ reads: 128, compute });
export const unary = (compute: (b: Vector, context: VectorContext) => Vector, reads: VectorOperation["reads"] = 128): OperationRow =>
  legacy({ reads, isUnary: true, compute: (_, b, context) => compute(b, context) });
export const withImmediate = (compute: Compute, highImmediate = 0): OperationRow => legacy({ reads: 128, hasImmediate: true, highImmediate, compute });
export const masked = (compute: Compute): OperationRow => legacy({ reads: 128, hasMask: true, compute });
export const namedAfter = (names: readonly string[], make: (name: string, i: number) => OperationRow): OperationRows =>
  Object.fromEntries(names.map((name, i) => [name, make(name, i)]));
export type { Rows };
