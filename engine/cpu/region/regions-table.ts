// The one table through which regions are entered: first what they all share when one is not simply gone on with as another (crossing-module.ts), then the regions, by slot.
import { MOST_REGIONS } from "../../memory/layout.ts";
import type { CrossingExports } from "./crossing-module.ts";

/** Of those with a module of their own: each takes some 40 KB of the host's memory, most of it V8's. The rounds of a shell with a dozen programs need some 500. */
export const MOST_ALONE = 1024;
/**
 * `leave`: for an address of which nothing is known; RIP is in its register, and for a record there is the place in the jump cache. `interpret`: for a record that is no region's. `decline`: the region
 * cannot be entered now. `refuse`: nor later, unless it is admitted.
 */
export const crossings = { leave: 0, interpret: 1, decline: 2, refuse: 3 } as const;
export const FIRST_SLOT = Object.keys(crossings).length;
/** What lies there takes the entry's record, the ticks that are left, and the entry's number, and answers a record at which to go on, or a reason. V8 need not load a size that is fixed. */
export const regionsTable = { name: "regions", size: FIRST_SLOT + MOST_REGIONS, params: ["i32", "i32", "i32"], results: ["i32"] } as const;
export const emptyRegionsTable = (): WebAssembly.Table => new WebAssembly.Table({ element: "anyfunc", initial: regionsTable.size, maximum: regionsTable.size });
export function instantiateCrossing(module: WebAssembly.Module, memory: WebAssembly.Memory, regions: WebAssembly.Table): CrossingExports {
  const { exports } = new WebAssembly.Instance(module, { m: { memory, regions } });
  // The module's own code: its exports have the types that are named there.
  return exports as unknown as CrossingExports;
}
