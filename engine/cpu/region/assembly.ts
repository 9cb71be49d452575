// From a region's blocks to its module. What this needs is plain data, so that another thread can do it while execution goes on.
import { decode, MOST_BYTES } from "../decode/decode.ts";
import { moduleBytes } from "../wasm/module.ts";
import { buildRoutines, indicesFrom } from "../x87/library.ts";
import type { Block } from "./blocks.ts";
import { plan } from "./plan.ts";
import { type Placing, RegionTier } from "./region-tier.ts";
import type { WayOut } from "./way-out.ts";

/** A region that is to be made: it is entered at the first so many blocks. */
export interface Design {
  readonly blocks: readonly Block[];
  readonly entries: number;
  readonly placing: Placing;
}
export interface Assembled {
  /** Exports `region`. */
  readonly module: WebAssembly.Module;
  readonly bytes: number;
  /** It relies on MXCSR. */
  readonly asksForMode: boolean;
  /** In the order of their counters. */
  readonly waysOut: readonly WayOut[];
}
const routine = indicesFrom(0);
let signatures:
  | readonly { readonly name: string; readonly params: readonly ("i32" | "i64" | "v128")[]; readonly results: readonly ("i32" | "i64" | "v128")[] }[]
  | undefined;
const imports = () => {
  signatures ??= buildRoutines(0).map(({ name, params, results }) => ({ name, params, results }));
  return signatures;
};

export function assemble({ blocks, entries, placing }: Design): Assembled {
  const tier = new RegionTier(plan(blocks, entries), placing, routine);
  const code = tier.build();
  const bytes = moduleBytes({ imports: imports(), importedTable: "regions", functions: [code], exports: { region: imports().length } });
  return { module: new WebAssembly.Module(bytes), bytes: bytes.length, asksForMode: tier.asksForMode, waysOut: tier.waysOut };
}

/** A design as another thread is told of it: of each block how many instructions it has, and their bytes with some that follow, since what is no instruction is known by more bytes than are its own. */
export interface RegionOrder {
  readonly number: number;
  readonly blocks: readonly (Omit<Block, "instructions"> & { readonly count: number; readonly code: Uint8Array })[];
  readonly entries: number;
  readonly placing: Placing;
}
/** What comes back; `failure` where it could not be made, which is a bug. */
export type RegionDelivery = { readonly number: number } & (Assembled | { readonly failure: string });
/** Makes modules while execution goes on. When they are ready changes nothing that a guest can see. */
export interface RegionMaker {
  /** Orders will come before long. */
  prepare(): void;
  order(order: RegionOrder): void;
  /** One that is ready, if any. Never waits. */
  take(): RegionDelivery | undefined;
}
/** `read` answers as many bytes as there are. */
export const orderOf = (number: number, { blocks, entries, placing }: Design, read: (rip: number, most: number) => Uint8Array): RegionOrder => ({
  number,
  entries,
  placing,
  blocks: blocks.map(({ rip, instructions, ending }) => {
    const last = instructions.at(-1)!;
    return { rip, ending, count: instructions.length, code: read(rip, last.rip - rip + MOST_BYTES) };
  }),
});
export const deliver = ({ number, blocks, entries, placing }: RegionOrder): RegionDelivery => ({
  number,
  ...assemble({ blocks: blocks.map(({ rip, ending, count, code }) => ({ rip, ending, instructions: decodedAll(rip, count, code) })), entries, placing }),
});
function decodedAll(rip: number, count: number, code: Uint8Array): Block["instructions"] {
  let at = 0;
  return Array.from({ length: count }, () => {
    const instruction = decode(rip + at, code, at);
    if (typeof instruction === "string") throw new Error(`An instruction at 0x${(rip + at).toString(16)} was decoded once, and cannot be now.`);
    const located = { rip: rip + at, instruction };
    at += instruction.length;
    return located;
  });
}
