// Where each function lies in the interpreter's module.
import { indicesFrom } from "../x87/library.ts";
import { routineNames } from "../x87/routine.ts";

const FIRST_ROUTINE = 11;
export const functionIndex = {
  refill: 0,
  locate: 1,
  openFlags: 2,
  closeFlags: 3,
  run: 4,
  registerOperand: 5,
  link: 6,
  decodeBlock: 7,
  trace: 8,
  decodeStarts: 9,
  entryToPut: 10,
  routines: FIRST_ROUTINE,
  cold: FIRST_ROUTINE + routineNames.length,
} as const;
export const routineIndex = indicesFrom(FIRST_ROUTINE);
