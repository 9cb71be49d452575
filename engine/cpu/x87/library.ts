// Every generated routine, in the order of `routineNames`: those of x87, and those by which SSE finds its exceptions.
import { fused32, fused64, inexactFused32, inexactFused64, isFusedUnusual32, isFusedUnusual64 } from "../sse/fused.ts";
import { inexactProduct32, inexactProduct64, inexactSum } from "../sse/inexact.ts";
import { double, single } from "../sse/lane.ts";
import { raises, raisesComparing, raisesNarrowing, settle } from "../sse/unusual.ts";
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
  raises32: () => raises("raises32", single),
  raises64: () => raises("raises64", double),
  raisesComparing32: () => raisesComparing("raisesComparing32", single),
  raisesComparing64: () => raisesComparing("raisesComparing64", double),
  raisesNarrowing,
  settle32: () => settle("settle32", single),
  settle64: () => settle("settle64", double),
  inexactSum32: () => inexactSum("inexactSum32", single),
  inexactSum64: () => inexactSum("inexactSum64", double),
  inexactProduct32,
  inexactProduct64,
  fused32,
  fused64,
  isFusedUnusual32,
  isFusedUnusual64,
  inexactFused32,
  inexactFused64,
};
/** Where a routine is, in a module whose x87 routines begin at function `base`. */
export const indicesFrom =
  (base: number): Indices =>
  name =>
    base + routineNames.indexOf(name);
export const buildRoutines = (base: number): readonly Routine[] => routineNames.map(name => builders[name](indicesFrom(base)));
