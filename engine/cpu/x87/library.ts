// Every generated x87 routine, in the order of `routineNames`.
import { add, subtract } from "./add.ts";
import { compareOrdered, compareUnordered } from "./compare.ts";
import { divide } from "./divide.ts";
import { fromInteger, roundToInteger, toInteger } from "./integer.ts";
import { multiply } from "./multiply.ts";
import { chooseNaN } from "./nan.ts";
import { squareRoot } from "./root.ts";
import { roundExtended } from "./round.ts";
import { type Indices, type Routine, type RoutineName, routineNames } from "./routine.ts";
import { loadFloat32, loadFloat64, toFloat32, toFloat64, widenFloat32, widenFloat64 } from "./single-double.ts";

const builders: Readonly<Record<RoutineName, (indices: Indices) => Routine>> = {
  roundExtended,
  chooseNaN,
  add,
  subtract,
  multiply,
  divide,
  squareRoot,
  compareOrdered,
  compareUnordered,
  roundToInteger,
  fromInteger,
  widenFloat32,
  widenFloat64,
  loadFloat32,
  loadFloat64,
  toFloat32,
  toFloat64,
  toInteger,
};
/** Where a routine is, in a module whose x87 routines begin at function `base`. */
export const indicesFrom =
  (base: number): Indices =>
  name =>
    base + routineNames.indexOf(name);
export const buildRoutines = (base: number): readonly Routine[] => routineNames.map(name => builders[name](indicesFrom(base)));
