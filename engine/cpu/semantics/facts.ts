// What decoding needs to know of the rows, as plain data, and the way to their definitions. The build keeps the data instead of what makes it (build.ts):
// the definitions, of which a decoder needs none, are then loaded when first asked for.
import type { Shape } from "../operands.ts";
import type { Tier } from "../tier.ts";
import type { FormBits } from "../width.ts";
import type { Row } from "./row.ts";
import { table } from "./table.ts";

export interface Facts extends Pick<Row<FormBits>, "shapes" | "widths" | "control" | "ifCountIsZero" | "isScalar"> {
  readonly name: string;
}
const all: readonly Facts[] = Object.entries(table).map(([name, { shapes, widths, control, ifCountIsZero, isScalar }]) => ({
  name,
  shapes,
  widths,
  ...(control ? { control } : {}),
  ...(ifCountIsZero === undefined ? {} : { ifCountIsZero }),
  ...(isScalar ? { isScalar } : {}),
}));
export const rowNames: readonly string[] = all.map(({ name }) => name);
export const factsAt = (row: number): Facts => all[row]!;
/** By row: the number of its first form, each shape and width being one; at the end, how many forms there are. */
export const firstForms: readonly number[] = firsts();
export const define = (name: string, tier: Tier, shape: Shape, bits: FormBits): void => table[name]!.define(tier, shape, bits);
function firsts(): readonly number[] {
  const numbers = [0];
  for (const { shapes, widths } of all) numbers.push(numbers.at(-1)! + shapes.length * widths.length);
  return numbers;
}
