// The code that finds the record at an address: by the execution TLB, and the directory of the address's page.
import { DIRECTORY_BYTES, EXECUTE_TLB_ENTRIES, LINE_SHIFT, layout, tlbEntry } from "../../memory/layout.ts";
import type { Func } from "../wasm/func.ts";
import { i32, i64, type Value, wrap } from "../wasm/value.ts";
import { LENGTH_BITS, record } from "./record.ts";

export const PAGE_MASK = -4096;
/** The directory of a page that is known, and its frame. */
export const directory = (entry: Value<"i32">): Value<"i32"> => i32.load(32, entry, layout.executeTlb + tlbEntry.frame);
export const codeFrame = (entry: Value<"i32">): Value<"i32"> => i32.load(32, entry, layout.executeTlb + tlbEntry.code);

/** The address of a record's instruction. */
export function ripOf(at: Value<"i32">): Value<"i64"> {
  const unused = i64.constant(LENGTH_BITS);
  return i64.shrS(i64.shl(i64.load(64, at, record.rip), unused), unused);
}
/** A page's place in the execution TLB, and whether the TLB knows the page. */
export function executeEntry(code: Func, page: Value<"i64">): { entry: Value<"i32">; isKnown: Value<"i32"> } {
  const mask = (EXECUTE_TLB_ENTRIES - 1) * tlbEntry.bytes;
  const kept = code.let(page);
  const entry = code.let(i32.and(wrap(i64.shrU(kept, i64.constant(12 - Math.log2(tlbEntry.bytes)))), i32.constant(mask)));
  return { entry, isKnown: i64.eq(i64.load(64, entry, layout.executeTlb + tlbEntry.tag), kept) };
}
/** Whether a page's decoded code is the one whose directory this is. */
export function hasDirectory(code: Func, page: Value<"i64">, expected: Value<"i32">): Value<"i32"> {
  const { entry, isKnown } = executeEntry(code, code.let(page));
  return i32.and(isKnown, i32.eq(directory(entry), expected));
}
/** In a directory, the place of an offset's line. */
export const linePlace = (directory: Value<"i32">, offset: Value<"i32">): Value<"i32"> =>
  i32.add(directory, i32.and(i32.shrU(offset, i32.constant(LINE_SHIFT - 2)), i32.constant(DIRECTORY_BYTES - 4)));
/** Where it stands what is decoded at an offset, to be read. */
export const entryPlace = (directory: Value<"i32">, offset: Value<"i32">): Value<"i32"> =>
  i32.add(i32.load(32, linePlace(directory, offset)), i32.shl(i32.and(offset, i32.constant(2 ** LINE_SHIFT - 1)), i32.constant(2)));
/** `go` is handed the record at a stable address, where there is one. */
export function withRecord(code: Func, target: Value<"i64">, go: (found: Value<"i32">) => void): void {
  const { entry, isKnown } = executeEntry(code, i64.and(target, i64.constant(PAGE_MASK)));
  code.if(isKnown, () => {
    const found = code.let(i32.load(32, entryPlace(directory(entry), code.let(wrap(target)))));
    code.if(found, () => go(found));
  });
}
