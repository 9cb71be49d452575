// The code that turns a guest address into a place in wasm memory: a direct-mapped TLB with exact tags, refilled from the page table.
import {
  BOUNCE_BYTES,
  BOUNCE_SLOTS,
  bounceSlot,
  CROSSED_PLACES,
  FRAME_HAS_CODE,
  FRAME_IS_CLEAN,
  FRAME_REFERENCES,
  HASH_FACTOR,
  layout,
  MOST_CROSSED_BYTES,
  MOST_LOGGED,
  PRESENT,
  READABLE,
  SHARED,
  TLB_ENTRIES,
  tableEntry,
  tlbEntry,
  UNSURE,
  WRITABLE,
} from "../../memory/layout.ts";
import { Func } from "../wasm/func.ts";
import { extendU, i32, i64, select, type Value, wrap } from "../wasm/value.ts";

const ZERO = i32.constant(0);
const PAGE = 4096;
const tlbSlot = (code: Func, address: Value<"i64">): Value<"i32"> =>
  code.let(i32.and(i32.shrU(wrap(address), i32.constant(12 - Math.log2(tlbEntry.bytes))), i32.constant((TLB_ENTRIES - 1) * tlbEntry.bytes)));

/** `miss` is handed the condition, and may leave or answer another place. */
export function lookUp(code: Func, address: Value<"i64">, bytes: number, isWrite: boolean, miss: (isMiss: Value<"i32">) => void): Value<"i32"> {
  const tlb = isWrite ? layout.writeTlb : layout.readTlb;
  const entry = tlbSlot(code, address);
  // One unsigned comparison covers the tag, the empty slot, and an access that would run over the page's end. The tag stands on the left: V8 loads what it subtracts twice.
  miss(i64.ltU(i64.sub(i64.load(64, entry, tlb + tlbEntry.tag), address), i64.constant(bytes - PAGE - 1)));
  return code.let(i32.add(wrap(address), i32.load(32, entry, tlb + tlbEntry.distance)));
}

type CallRefill = (address: Value<"i64">, bytes: Value<"i32">, isWrite: Value<"i32">) => Value<"i32">;
/** A read of so many bytes, the first part of which is the first page's, from a place where it has been put together. */
function readAcross(code: Func, address: Value<"i64">, bytes: Value<"i32">, callRefill: CallRefill): void {
  const inFirst = code.let(i32.sub(i32.constant(PAGE), i32.and(wrap(address), i32.constant(PAGE - 1))));
  const parts = [
    { from: code.let(callRefill(address, inFirst, ZERO)), before: ZERO },
    { from: code.temporary("i32"), before: inFirst },
  ] as const;
  const [first, second] = parts;
  code.if(i32.eqz(first.from), () => code.return(ZERO));
  second.from.set(callRefill(i64.add(address, extendU(inFirst)), i32.sub(bytes, inFirst), ZERO));
  code.if(i32.eqz(second.from), () => code.return(ZERO));
  const number = code.let(i32.and(i32.add(i32.load(32, ZERO, layout.nextCrossed), i32.constant(1)), i32.constant(CROSSED_PLACES - 1)));
  code.do(i32.store(32, ZERO, number, layout.nextCrossed));
  const place = code.let(i32.add(i32.constant(layout.crossed), i32.mul(number, i32.constant(2 * MOST_CROSSED_BYTES))));
  for (const { from, before } of parts)
    for (let at = 0; at < MOST_CROSSED_BYTES; at += 8) code.do(i64.store(64, i32.add(place, before), i64.load(64, from, at), at));
  code.return(place);
}

/** (address, bytes, isWrite) to a place, or 0 for a miss that TypeScript must see to: absent, forbidden, copy-on-write, a long read or a write across two pages. */
export function refill(callRefill: CallRefill): Func {
  const code = new Func(["i64", "i32", "i32"]);
  const [address, bytes, isWrite] = [code.param("i64", 0), code.param("i32", 1), code.param("i32", 2)];
  const missed = () => {
    code.do(i64.store(64, ZERO, address, layout.missAddress));
    code.do(i32.store(32, ZERO, bytes, layout.missBytes));
    code.do(i32.store(32, ZERO, isWrite, layout.missIsWrite));
    code.return(ZERO);
  };
  for (let slot = 0; slot < BOUNCE_SLOTS; slot++) {
    const at = layout.bounceSlots + slot * bounceSlot.bytes;
    const isMeant = i32.and(
      i32.gtU(i32.load(32, ZERO, at + bounceSlot.state), isWrite),
      i32.and(i64.eq(i64.load(64, ZERO, at + bounceSlot.address), address), i32.geU(i32.load(32, ZERO, at + bounceSlot.length), bytes)),
    );
    code.if(isMeant, () => code.return(i32.constant(layout.bounceBuffers + slot * BOUNCE_BYTES)));
  }
  const offset = code.let(i32.and(wrap(address), i32.constant(PAGE - 1)));
  const isOutside = (at: Value<"i64">) => i64.ne(i64.shrU(at, i64.constant(47)), i64.constant(0));
  code.if(isOutside(address), missed);
  code.if(i32.gtU(i32.add(offset, bytes), i32.constant(PAGE)), () => {
    const isLong = i32.gtU(bytes, i32.constant(MOST_CROSSED_BYTES));
    code.if(i32.or(isWrite, i32.or(isLong, isOutside(i64.add(address, extendU(bytes))))), missed);
    readAcross(code, address, bytes, callRefill);
  });

  const page = code.let(i64.and(address, i64.constant(-PAGE)));
  const slot = code.temporary("i32");
  const hash = i32.mul(wrap(i64.shrU(address, i64.constant(12))), i32.constant(HASH_FACTOR | 0));
  slot.set(i32.shrU(hash, i32.load(32, ZERO, layout.tableShift)));
  const entry = code.temporary("i32");
  const tag = code.temporary("i64");
  code.block(found => {
    code.loop(again => {
      entry.set(i32.add(i32.load(32, ZERO, layout.tableBase), i32.mul(slot, i32.constant(tableEntry.bytes))));
      tag.set(i64.load(64, entry, tableEntry.tag));
      code.if(i64.eq(i64.and(tag, i64.constant(-PAGE)), page), () => code.br(found));
      code.if(i64.eqz(tag), missed);
      slot.set(i32.and(i32.add(slot, i32.constant(1)), i32.load(32, ZERO, layout.tableMask)));
      code.br(again);
    });
  });
  const flags = code.let(wrap(tag));
  const frame = code.let(i32.load(32, entry, tableEntry.frame));
  const right = select(isWrite, i32.constant(WRITABLE), i32.constant(READABLE));
  const needed = code.let(i32.or(right, i32.constant(PRESENT)));
  code.if(i32.ne(i32.and(flags, i32.or(needed, i32.constant(UNSURE))), needed), missed);
  code.if(isWrite, () => {
    // A private frame must have one holder and no code; a shared one no code, and it must be known to be written.
    const word = i32.load(32, i32.shl(i32.shrU(frame, i32.constant(12)), i32.constant(2)), layout.frameWords);
    const isShared = code.let(i32.and(flags, i32.constant(SHARED)));
    const mask = select(isShared, i32.constant(FRAME_HAS_CODE | FRAME_IS_CLEAN), i32.constant(FRAME_HAS_CODE | FRAME_IS_CLEAN | FRAME_REFERENCES));
    code.if(i32.ne(i32.and(word, mask), i32.eqz(isShared)), missed);
  });
  const place = code.let(i32.add(tlbSlot(code, address), select(isWrite, i32.constant(layout.writeTlb), i32.constant(layout.readTlb))));
  const log = code.let(select(isWrite, i32.constant(layout.writeLog), i32.constant(layout.readLog)));
  const count = code.let(i32.add(i32.load(32, log), i32.constant(1)));
  code.do(i32.store(32, log, count));
  code.if(i32.leU(count, i32.constant(MOST_LOGGED)), () => code.do(i32.store(32, i32.add(log, i32.shl(count, i32.constant(2))), place)));
  code.do(i64.store(64, place, i64.sub(page, i64.constant(1)), tlbEntry.tag));
  code.do(i32.store(32, place, i32.sub(frame, wrap(page)), tlbEntry.distance));
  code.result(i32.add(frame, offset));
  return code;
}

/** The same answer as `refill`, by way of the TLB. */
export function locate(callRefill: CallRefill): Func {
  const code = new Func(["i64", "i32", "i32"]);
  const [address, bytes, isWrite] = [code.param("i64", 0), code.param("i32", 1), code.param("i32", 2)];
  const entry = code.let(i32.add(tlbSlot(code, address), select(isWrite, i32.constant(layout.writeTlb), i32.constant(layout.readTlb))));
  const before = i64.sub(i64.load(64, entry, tlbEntry.tag), address);
  const limit = i64.sub(extendU(bytes), i64.constant(PAGE + 1));
  code.if(i64.ltU(before, limit), () => code.return(callRefill(address, bytes, isWrite)));
  code.result(i32.add(wrap(address), i32.load(32, entry, tlbEntry.distance)));
  return code;
}
