// How a pure function of operands becomes a row: reads, computes, writes, sets flags.
import type { Flags } from "../flags.ts";
import { operand } from "../operands.ts";
import type { IntegerType, Value } from "../wasm/value.ts";
import { atWidth, type Width } from "../width.ts";
import { EVERY_WIDTH, type Row } from "./row.ts";

export interface Effect<T extends IntegerType> {
  readonly value: Value<T>;
  readonly flags?: Flags;
  /** Flags change only where this holds. */
  readonly flagsIf?: Value<"i32">;
}
/** `keep` computes a value once, for all its uses. */
export interface Context<T extends IntegerType> {
  readonly w: Width<T>;
  keep<U extends IntegerType>(value: Value<U>): Value<U>;
  flags(): Flags;
}
export type Unary = <T extends IntegerType>(context: Context<T>, a: Value<T>) => Effect<T>;
export type Binary = <T extends IntegerType>(context: Context<T>, a: Value<T>, b: Value<T>) => Effect<T>;

interface Options {
  readonly shapes?: readonly string[];
  readonly widths?: Row["widths"];
  /** The target is only read. */
  readonly isTest?: boolean;
  readonly ifCountIsZero?: string;
}
export const two = (compute: Binary, { shapes = ["rr", "ri", "rm", "mr", "mi"], widths = EVERY_WIDTH, isTest = false, ifCountIsZero }: Options = {}): Row => ({
  shapes,
  widths,
  ...(ifCountIsZero ? { ifCountIsZero } : {}),
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const keep = <U extends IntegerType>(value: Value<U>) => tier.code.let(value);
      const target = operand(tier, shape, 0, w, isTest ? "read" : "write");
      const last = shape.length - 1;
      // imul's third form has its sources after the target: places 1 and 2.
      const left = last === 2 ? operand(tier, shape, 1, w) : target;
      const { value, flags, flagsIf } = compute({ w, keep, flags: () => tier.flags() }, keep(left.read()), keep(operand(tier, shape, last, w).read()));
      const result = flags ? keep(value) : value;
      if (!isTest) target.write(result);
      if (flags) tier.setFlags(flags, flagsIf);
    }),
});
export const one = (compute: Unary, widths = EVERY_WIDTH): Row => ({
  shapes: ["r", "m"],
  widths,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const target = operand(tier, shape, 0, w, "write");
      const keep = <U extends IntegerType>(value: Value<U>) => tier.code.let(value);
      const { value, flags } = compute({ w, keep, flags: () => tier.flags() }, keep(target.read()));
      const result = flags ? keep(value) : value;
      target.write(result);
      if (flags) tier.setFlags(flags);
    }),
});
