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
export const facts: readonly Facts[] = Object.entries(table).map(([name, { shapes, widths, control, ifCountIsZero, isScalar }]) => ({
  name,
  shapes,
  widths,
  ...(control ? { control } : {}),
  ...(ifCountIsZero === undefined ? {} : { ifCountIsZero }),
  ...(isScalar ? { isScalar } : {}),
}));
export const define = (name: string, tier: Tier, shape: Shape, bits: FormBits): void => table[name]!.define(tier, shape, bits);
