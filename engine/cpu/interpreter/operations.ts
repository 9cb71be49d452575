// The numbers in records: first the hot forms, then the extras, then the cold forms.
import { allForms, type Form, formCount, formNumbered } from "../semantics/forms.ts";
import { hotNumbers } from "./hot.ts";
import { type Extra, extras } from "./record.ts";

const FIRST_COLD = hotNumbers.length + extras.length;
const numbers = new Int32Array(formCount).fill(-1);
hotNumbers.forEach((number, i) => {
  numbers[number] = i;
});
/** By operation, from the first cold one on: the form's number. */
const coldNumbers = new Int32Array(formCount - hotNumbers.length);
let next = FIRST_COLD;
for (let number = 0; number < formCount; number++)
  if (numbers[number]! < 0) {
    coldNumbers[next - FIRST_COLD] = number;
    numbers[number] = next++;
  }

export const operationOf = ({ number }: Form): number => numbers[number]!;
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
  const number = operation < FIRST_COLD ? undefined : coldNumbers[operation - FIRST_COLD];
  return number === undefined ? undefined : formNumbered(number);
};
