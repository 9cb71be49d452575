// What lies at an address where regions are left for: a way from one region to another, or to the interpreter, mostly needs one line of the host's cache, instead of the page's directory and the record.
// What stands here holds for as long as the epoch, the region and the decoded code: at the end of any it is taken out, so that whoever comes by compares the address and nothing else.
import { JUMP_CACHE_ENTRIES, layout } from "../../memory/layout.ts";
import type { LinearMemory } from "../../memory/linear-memory.ts";
import type { Func } from "../wasm/func.ts";
import { i32, i64, loadHalf, select, type Value, wrap } from "../wasm/value.ts";
import { wayOutCodes } from "./way-out.ts";

/** `number`: in the regions' table; `record`: what is at the address, and `way`: the number of the region's entry. */
const cell = { bytes: 16, rip: 0, record: 8, number: 12, way: 14 } as const;
const CELL_BITS = Math.log2(cell.bytes);
const SHIFT = 11;
/** Behind the cells stands one for each way out after which no region may go on, in which nothing is ever kept. */
const END = layout.jumpCache + JUMP_CACHE_ENTRIES * cell.bytes;
const ALL_BYTES = (JUMP_CACHE_ENTRIES + Object.keys(wayOutCodes).length) * cell.bytes;
/** An empty cell's address is one that belongs into another cell: a guest may jump to any. */
const EMPTY = { byte: 0xff, rip: -1n, ripInFirst: 2n } as const;
const ZERO = i32.constant(0);

/** Of the cell in which what begins at `rip` is kept. */
export function jumpPlaceOf(rip: number): number {
  const low = (rip % 2 ** 32) | 0;
  return layout.jumpCache + ((low ^ (low >>> SHIFT)) & (JUMP_CACHE_ENTRIES - 1)) * cell.bytes;
}
/** The same in wasm; worked out here where `rip` is known. */
export function jumpPlace(code: Func, rip: Value<"i64">): Value<"i32"> {
  if (rip.constant !== undefined) return i32.constant(jumpPlaceOf(Number(rip.constant)));
  const low = code.let(wrap(rip));
  const number = i32.and(i32.xor(low, i32.shrU(low, i32.constant(SHIFT))), i32.constant(JUMP_CACHE_ENTRIES - 1));
  return i32.add(i32.shl(number, i32.constant(CELL_BITS)), i32.constant(layout.jumpCache));
}
export const placeOfWayOut = (wayOut: number): number => END + wayOut * cell.bytes;
/** What a place says of the way out that was taken. */
export const wayOutAt = (place: Value<"i32">): Value<"i32"> =>
  select(i32.ltU(place, i32.constant(END)), ZERO, i32.shrU(i32.sub(place, i32.constant(END)), i32.constant(CELL_BITS)));

export function emptyJumpCache({ bytes, words, view }: LinearMemory): void {
  words[layout.areJumpsKept >>> 2] = 0;
  bytes.fill(EMPTY.byte, layout.jumpCache, layout.jumpCache + ALL_BYTES);
  view.setBigInt64(layout.jumpCache + cell.rip, EMPTY.ripInFirst, true);
}
/** The same, where it may not be empty. */
export function forgetAllJumps(memory: LinearMemory): void {
  if (memory.words[layout.areJumpsKept >>> 2]) emptyJumpCache(memory);
}
/** A region begins at an address from now on, or none does any more. */
export function forgetJumps({ view }: LinearMemory, rip: number): void {
  const place = jumpPlaceOf(rip);
  view.setBigInt64(place + cell.rip, place === layout.jumpCache ? EMPTY.ripInFirst : EMPTY.rip, true);
}

export const isAt = (place: Value<"i32">, rip: Value<"i64">): Value<"i32"> => i64.eq(i64.load(64, place, cell.rip), rip);
export const numberAt = (place: Value<"i32">): Value<"i32"> => loadHalf(place, cell.number);
export const wayAt = (place: Value<"i32">): Value<"i32"> => loadHalf(place, cell.way);
export const recordAt = (place: Value<"i32">): Value<"i32"> => i32.load(32, place, cell.record);
export interface Jump {
  readonly rip: Value<"i64">;
  readonly number: Value<"i32">;
  readonly way: Value<"i32">;
  readonly record: Value<"i32">;
}
export function keepJump(code: Func, place: Value<"i32">, { rip, number, way, record }: Jump): void {
  code.do(i32.store(32, ZERO, i32.constant(1), layout.areJumpsKept));
  code.do(i64.store(64, place, rip, cell.rip));
  code.do(i32.store(16, place, number, cell.number));
  code.do(i32.store(16, place, way, cell.way));
  code.do(i32.store(32, place, record, cell.record));
}
