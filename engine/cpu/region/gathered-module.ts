// Many regions in one module: V8 puts the machine code of all of them into its place at once, and keeps once what it keeps of a module, 30 KB.
import { Func } from "../wasm/func.ts";
import { moduleBytes, renamed } from "../wasm/module.ts";
import { i32 } from "../wasm/value.ts";
import { crossings, regionsTable } from "./regions-table.ts";

/** `bodies`: those of regions that call no routines, which have numbers of their own in each module. The one export puts a region, by its number here, into a place of the regions' table. */
export function gatheredBytes(bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const { params, results } = regionsTable;
  const put = new Func(["i32", "i32"], []);
  for (const operand of [put.param("i32", 0), put.param("i32", 1), i32.constant(1)]) put.result(operand);
  put.do(sink => sink.push(...TABLE_INIT));
  return moduleBytes({
    importedTable: regionsTable,
    functions: [...bodies.map(body => ({ params, results, encode: () => body })), put],
    exports: { put: bodies.length },
    segment: bodies.map((_, number) => number),
  });
}
/**
 * A module with as many regions, each of which declines to be entered: what a host is told that the machine code of another is of, which it does not look at, and which is a thousand times as long.
 * Should a host make code of it after all, as V8 does for a debugger, the interpreter goes on in their place. `mark`: of the other, since hosts know modules by their bytes.
 */
export function standInBytes(count: number, mark: Uint8Array): Uint8Array<ArrayBuffer> {
  const code = new Func(regionsTable.params, regionsTable.results);
  code.goOnAs([code.param("i32", 0), code.param("i32", 1), i32.constant(0)], i32.constant(crossings.decline));
  const body = code.encode();
  return renamed(gatheredBytes(Array.from({ length: count }, () => body)), mark);
}
/** From segment 0 into table 0 (WebAssembly specification, 5.4.5). */
const TABLE_INIT = [0xfc, 0x0c, 0, 0] as const;
/** What a gathered module exports. */
export type PutRegion = (place: number, number: number) => void;
