// The forms of the rows: one for each shape and width. Made when first asked for, since a program meets few of them.
import type { Shape } from "../operands.ts";
import type { FormBits } from "../width.ts";
import { define, type Facts, facts } from "./facts.ts";
import type { Row } from "./row.ts";

export interface Form {
  readonly number: number;
  readonly name: string;
  readonly shape: Shape;
  readonly bits: FormBits;
  readonly row: Pick<Row<FormBits>, "control" | "ifCountIsZero" | "isScalar" | "define">;
}

interface Placed {
  readonly facts: Facts;
  /** The number of its first form; shapes come first, then widths. */
  readonly first: number;
  readonly forms: (Form | undefined)[];
  /** Made with the first of them. */
  row: Form["row"] | undefined;
}
const placed = new Map<string, Placed>();
/** The forms that were asked for by number. */
const byNumber = new Map<number, Form>();
let count = 0;
for (const row of facts) {
  placed.set(row.name, { facts: row, first: count, row: undefined, forms: [] });
  count += row.shapes.length * row.widths.length;
}

function formAt(of: Placed, place: number): Form {
  let form = of.forms[place];
  if (!form) {
    const { name, shapes, widths } = of.facts;
    of.row ??= { ...of.facts, define: (tier, shape, bits) => define(name, tier, shape, bits) };
    form = { number: of.first + place, name, shape: shapes[Math.floor(place / widths.length)]!, bits: widths[place % widths.length]!, row: of.row };
    of.forms[place] = form;
  }
  return form;
}

export const isRow = (name: string): boolean => placed.has(name);
export function formOf(name: string, shape: Shape, width: FormBits): Form | undefined {
  const found = placed.get(name);
  if (!found) return undefined;
  const { shapes, widths } = found.facts;
  const [byShape, byWidth] = [shapes.indexOf(shape), widths.indexOf(width)];
  return byShape < 0 || byWidth < 0 ? undefined : formAt(found, byShape * widths.length + byWidth);
}
export function formNumbered(number: number): Form {
  const known = byNumber.get(number);
  if (known) return known;
  for (const row of placed.values())
    if (number < row.first + row.facts.shapes.length * row.facts.widths.length) {
      const form = formAt(row, number - row.first);
      byNumber.set(number, form);
      return form;
    }
  throw new Error(`There is no form ${number}, only ${count}.`);
}
/** All of them, by number. */
export const allForms = (): readonly Form[] =>
  [...placed.values()].flatMap(row => Array.from({ length: row.facts.shapes.length * row.facts.widths.length }, (_, place) => formAt(row, place)));
export const formCount = count;
