// Where regions begin, by address: a way from one region to another mostly needs one line of the host's cache, instead of the page's directory and the record.
import { JUMP_CACHE_ENTRIES, layout } from "../../memory/layout.ts";
import type { LinearMemory } from "../../memory/linear-memory.ts";
import { record } from "../interpreter/record.ts";
import type { Func } from "../wasm/func.ts";
import { i32, i64, loadHalf, type Value, wrap } from "../wasm/value.ts";

const ZERO = i32.constant(0);
/** What a region reads of the record that led to it lies as in a record; for as long as the epoch lasts, and the region. */
const entry = { ...record, bytes: 64, epoch: record.nextRip, record: record.nextRip + 4 } as const;
const SHIFT = 11;
const NOWHERE = -1n;

const placeOf = (rip: number): number => {
  const low = (rip % 2 ** 32) | 0;
  return layout.jumpCache + ((low ^ (low >>> SHIFT)) & (JUMP_CACHE_ENTRIES - 1)) * entry.bytes;
};
export function emptyJumpCache({ view }: LinearMemory): void {
  for (let i = 0; i < JUMP_CACHE_ENTRIES; i++) view.setBigInt64(layout.jumpCache + i * entry.bytes + entry.rip, NOWHERE, true);
}
/** No region begins at an address any more. */
export function forgetJumps({ view }: LinearMemory, rip: number): void {
  view.setBigInt64(placeOf(rip) + entry.rip, NOWHERE, true);
}

/** A stable address at which to look for `rip`. */
export function jumpPlace(code: Func, rip: Value<"i64">): Value<"i32"> {
  const low = wrap(rip);
  const number = i32.and(i32.xor(low, i32.shrU(low, i32.constant(SHIFT))), i32.constant(JUMP_CACHE_ENTRIES - 1));
  return code.let(i32.add(i32.shl(number, i32.constant(Math.log2(entry.bytes))), i32.constant(layout.jumpCache)));
}
export const isAt = (place: Value<"i32">, rip: Value<"i64">): Value<"i32"> =>
  i32.and(i64.eq(i64.load(64, place, entry.rip), rip), i32.eq(i32.load(32, place, entry.epoch), i32.load(32, ZERO, layout.epoch)));
export const recordAt = (place: Value<"i32">): Value<"i32"> => i32.load(32, place, entry.record);
/** `found`: the record of a region's entry. */
export function keepJump(code: Func, place: Value<"i32">, rip: Value<"i64">, found: Value<"i32">): void {
  code.do(i64.store(64, place, rip, entry.rip));
  code.do(i32.store(32, place, i32.load(32, ZERO, layout.epoch), entry.epoch));
  code.do(i32.store(32, place, found, entry.record));
  code.do(i32.store(16, place, loadHalf(found, record.operation), entry.operation));
  code.do(i32.store(32, place, i32.load(32, found, record.immediate), entry.immediate));
  code.do(i32.store(32, place, i32.load(32, found, record.taken), entry.taken));
}
