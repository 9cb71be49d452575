// The numbers in records: first the hot forms, then the extras, then the cold forms.
import { allForms, type Form, formCount, formNumbered } from "../semantics/forms.ts";
import { hotNumbers } from "./hot.ts";
import { type Extra, extras } from "./record.ts";

const FIRST_COLD = hotNumbers.length + extras.length;
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
export const extraOperation = (extra: Extra): number => hotNumbers.length + extras.indexOf(extra);
export const hotCount = hotNumbers.length;
export const firstCold = FIRST_COLD;
export const coldCount = formCount - hotCount;

export const hotForms = (): readonly Form[] => {
  const forms = allForms();
  return hotNumbers.map(number => forms[number]!);
};
export const coldForms = (): readonly Form[] => allForms().filter(form => operationOf(form) >= FIRST_COLD);
/** The cold form that an operation is, or undefined for a hot one. */
export const coldFormOf = (operation: number): Form | undefined => {
  if (operation < FIRST_COLD || operation >= FIRST_COLD + coldCount) return undefined;
  // The hot forms that come before it: each that does moves it on.
  let number = operation - FIRST_COLD;
  for (let below = 0; below < hotNumbers.length && hotNumbers[below]! <= number; below++) number++;
  return formNumbered(number);
};
