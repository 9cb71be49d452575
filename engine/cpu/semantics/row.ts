// A row of the instruction table: the operand shapes and widths that exist, and the one definition for all of them.
import type { Shape } from "../operands.ts";
import type { Tier } from "../tier.ts";
import type { Bits } from "../wasm/value.ts";
import type { VectorOperation } from "./vector-operation.ts";

export interface Row {
  readonly shapes: readonly Shape[];
  /** For rows of vectors, a name only: 64. */
  readonly widths: readonly Bits[];
  /** Ends a block: what comes next is not, or not always, the following instruction. `jumps`: never. */
  readonly control?: "branches" | "jumps" | "stops";
  /** The immediate is a count: masked, and this row instead where nothing is left of it. */
  readonly ifCountIsZero?: string;
  /** What a row of vectors computes, for those made of it. */
  readonly operation?: VectorOperation;
  define(tier: Tier, shape: Shape, bits: Bits): void;
}
export type Rows = Readonly<Record<string, Row>>;

export const EVERY_WIDTH: readonly Bits[] = [8, 16, 32, 64];
export const WORD_WIDTHS: readonly Bits[] = [16, 32, 64];
export const WIDE: readonly Bits[] = [32, 64];

export const simple = (define: (tier: Tier) => void, control?: Row["control"]): Row => ({
  shapes: [""],
  widths: [64],
  define,
  ...(control ? { control } : {}),
});
