// The numbers in records: first the hot forms, then pairs of them, then the extras, then the cold forms.
import { allForms, type Form, formCount, formNumbered } from "../semantics/forms.ts";
import { hotNumbers, pairs } from "./hot.ts";
import { type Extra, extras } from "./record.ts";

/** By the number of the first form: where its pairs begin, and how many of the seconds it has. */
const pairsByFirst = new Map<number, { readonly from: number; readonly count: number }>();
let firstExtra = hotNumbers.length;
for (const [firsts, count] of [[pairs.all, pairs.seconds.length] as const, [pairs.any, pairs.secondsOfAny] as const])
  for (const first of firsts) {
    pairsByFirst.set(first, { from: firstExtra, count });
    firstExtra += count;
  }
const FIRST_COLD = firstExtra + extras.length;
/** How many of the hot forms have a number below this one. */
function hotBelow(number: number): number {
  let [from, to] = [0, hotNumbers.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (hotNumbers[middle]! < number) from = middle + 1;
    else to = middle;
  }
  return from;
}

export const operationOf = ({ number }: Form): number => {
  const below = hotBelow(number);
  return hotNumbers[below] === number ? below : FIRST_COLD + number - below;
};
export const extraOperation = (extra: Extra): number => firstExtra + extras.indexOf(extra);
export const firstCold = FIRST_COLD;
export const coldCount = formCount - hotNumbers.length;
/** What comes behind all forms: regions. */
export const firstBeyond = FIRST_COLD + coldCount;

export const hotForms = (): readonly Form[] => {
  const forms = allForms();
  return hotNumbers.map(number => forms[number]!);
};
export interface Pair {
  readonly first: Form;
  readonly second: Form;
}
/** In the order of their operations. */
export const pairsOf = (): readonly (Pair & { readonly operation: number })[] =>
  [...pairsByFirst].flatMap(([first, { from, count }]) =>
    pairs.seconds.slice(0, count).map((second, i) => ({ operation: from + i, first: formNumbered(first), second: formNumbered(second) })),
  );
/** For what puts records: where the pairs of a first operation begin and how many there are, and the second operations in their order. */
export const pairPlaces = () => ({
  firsts: [...pairsByFirst].map(([first, place]) => ({ operation: operationOf(formNumbered(first)), ...place })),
  seconds: pairs.seconds.map(second => operationOf(formNumbered(second))),
});
export const coldForms = (): readonly Form[] => allForms().filter(form => operationOf(form) >= FIRST_COLD);
/** Whether a record of an operation leads to other addresses than the next: then its fields do. */
export function leadsOn(operation: number): boolean {
  const form = operation < hotNumbers.length ? formNumbered(hotNumbers[operation]!) : coldFormOf(operation);
  return form?.row.control === "jumps" || form?.row.control === "branches";
}
/** The cold form that an operation is, or undefined for a hot one. */
export const coldFormOf = (operation: number): Form | undefined => {
  if (operation < FIRST_COLD || operation >= FIRST_COLD + coldCount) return undefined;
  // So many forms are cold before it; and so many are hot.
  const cold = operation - FIRST_COLD;
  let [from, to] = [0, hotNumbers.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (hotNumbers[middle]! - middle <= cold) from = middle + 1;
    else to = middle;
  }
  return formNumbered(cold + from);
};
