// A row of the instruction table: the operand shapes and widths that exist, and the one definition for all of them.
import type { Shape } from "../operands.ts";
import type { Tier } from "../tier.ts";
import type { Bits } from "../wasm/value.ts";
import type { FormBits } from "../width.ts";
import type { VectorOperation } from "./vector-operation.ts";

export interface Row<B extends FormBits = Bits> {
  readonly shapes: readonly Shape[];
  /** For rows of vectors, a name only: 64; for those with VEX, the length of the vectors, unless an integer has part in it. */
  readonly widths: readonly B[];
  /** Ends a block: what comes next is not, or not always, the following instruction. `jumps`: never; `computed`: never, and where it goes does not stand in it. */
  readonly control?: "branches" | "jumps" | "computed" | "stops";
  /** The immediate is a count: masked, and this row instead where nothing is left of it. */
  readonly ifCountIsZero?: string;
  /** The row of the same instruction with VEX, whose name has a V before it. */
  readonly vex?: Row<FormBits>;
  /** What the rows with and without VEX are made of, where each lane goes by itself. */
  readonly operation?: VectorOperation;
  /** VEX.L says nothing. */
  readonly isScalar?: boolean;
  define(tier: Tier, shape: Shape, bits: B): void;
}
export type Rows<B extends FormBits = Bits> = Readonly<Record<string, Row<B>>>;

export const EVERY_WIDTH: readonly Bits[] = [8, 16, 32, 64];
export const WORD_WIDTHS: readonly Bits[] = [16, 32, 64];
export const WIDE: readonly Bits[] = [32, 64];

export const simple = (define: (tier: Tier) => void, control?: Row["control"]): Row => ({
  shapes: [""],
  widths: [64],
  define,
  ...(control ? { control } : {}),
});
