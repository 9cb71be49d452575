// The forms of the rows: one for each shape and width. Made when first asked for, since a program meets few of them.
import type { Shape } from "../operands.ts";
import type { FormBits } from "../width.ts";
import { define, type Facts, factsAt, firstForms, rowNames } from "./facts.ts";
import type { Row } from "./row.ts";

export interface Form {
  readonly number: number;
  readonly name: string;
  readonly shape: Shape;
  readonly bits: FormBits;
  readonly row: Pick<Row<FormBits>, "control" | "ifCountIsZero" | "isScalar" | "define">;
}

interface Made {
  readonly facts: Facts;
  readonly row: Form["row"];
  readonly forms: (Form | undefined)[];
}
const made: (Made | undefined)[] = [];
const rowsByName = new Map<string, number>();
for (let row = 0; row < rowNames.length; row++) rowsByName.set(rowNames[row]!, row);

function rowAt(row: number): Made {
  let known = made[row];
  if (!known) {
    const facts = factsAt(row);
    known = { facts, row: { ...facts, define: (tier, shape, bits) => define(facts.name, tier, shape, bits) }, forms: [] };
    made[row] = known;
  }
  return known;
}
/** Shapes come first, then widths. */
function formAt(row: number, place: number): Form {
  const { facts, row: common, forms } = rowAt(row);
  let form = forms[place];
  if (!form) {
    const { name, shapes, widths } = facts;
    form = { number: firstForms[row]! + place, name, shape: shapes[Math.floor(place / widths.length)]!, bits: widths[place % widths.length]!, row: common };
    forms[place] = form;
  }
  return form;
}

export const isRow = (name: string): boolean => rowsByName.has(name);
export function formOf(name: string, shape: Shape, width: FormBits): Form | undefined {
  const row = rowsByName.get(name);
  if (row === undefined) return undefined;
  const { shapes, widths } = rowAt(row).facts;
  const [byShape, byWidth] = [shapes.indexOf(shape), widths.indexOf(width)];
  return byShape < 0 || byWidth < 0 ? undefined : formAt(row, byShape * widths.length + byWidth);
}
export const formCount = firstForms.at(-1)!;
export function formNumbered(number: number): Form {
  if (number >= formCount) throw new Error(`There is no form ${number}, only ${formCount}.`);
  let [row, after] = [0, rowNames.length];
  while (after - row > 1) {
    const middle = (row + after) >> 1;
    if (firstForms[middle]! <= number) row = middle;
    else after = middle;
  }
  return formAt(row, number - firstForms[row]!);
}
/** All of them, by number. */
export const allForms = (): readonly Form[] => Array.from({ length: formCount }, (_, number) => formNumbered(number));
