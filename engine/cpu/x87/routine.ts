// A generated wasm function with its signature, and the numbering by which the functions of a module call one another.
import { Func } from "../wasm/func.ts";
import type { Type } from "../wasm/value.ts";

export interface Routine {
  readonly name: RoutineName;
  readonly params: readonly Type[];
  readonly results: readonly Type[];
  readonly code: Func;
}

/** Order is index, counted from where the x87 routines begin in their module. */
export const routineNames = [
  "roundExtended",
  "chooseNaN",
  "add",
  "subtract",
  "multiply",
  "divide",
  "squareRoot",
  "compareOrdered",
  "compareUnordered",
  "roundToInteger",
  "fromInteger",
  "widenFloat32",
  "widenFloat64",
  "loadFloat32",
  "loadFloat64",
  "toFloat32",
  "toFloat64",
  "toInteger",
  // Those of ../sse/, of vectors.
  "raises32",
  "raises64",
  "raisesComparing32",
  "raisesComparing64",
  "raisesNarrowing",
  "settle32",
  "settle64",
  "inexactSum32",
  "inexactSum64",
  "inexactProduct32",
  "inexactProduct64",
  "fused32",
  "fused64",
  "isFusedUnusual32",
  "isFusedUnusual64",
  "inexactFused32",
  "inexactFused64",
] as const;
export type RoutineName = (typeof routineNames)[number];

/** The wasm function index of a routine, for `call`. */
export type Indices = (name: RoutineName) => number;

export function routine(name: RoutineName, params: readonly Type[], results: readonly Type[], build: (code: Func) => void): Routine {
  const code = new Func(params, results);
  build(code);
  return { name, params, results, code };
}
