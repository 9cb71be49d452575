// The TLBs in wasm memory, as TypeScript empties them. Wasm fills those for data, engine/cpu/code-pages.ts the one for execution.
import { EXECUTE_TLB_ENTRIES, layout, MOST_LOGGED, PAGE_BYTES, TLB_ENTRIES, tlbEntry } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";

const DATA_BYTES = TLB_ENTRIES * tlbEntry.bytes;
/** What an empty slot holds: a tag that is far from all of its pages. Zero is near to those of the first two. */
const emptyTag = (slot: number): number => (slot < 2 ? 0x3000 : 0);
/** In the TLB for execution tags are page addresses: one of all ones is no page's. */
const NO_PAGE = -1;
const MOST_FILLED = 256;
/** Slots that are looked at one by one when the space changes. */
const MOST_KEPT = 24;
/** Entries are as many as a power of two; a remainder of numbers beyond 2^31 would be taken by a call of the host's C library. */
const executeSlot = (page: number): number => (layout.executeTlb + (page & (EXECUTE_TLB_ENTRIES - 1)) * tlbEntry.bytes) >>> 2;

export class Tlb {
  readonly #memory: LinearMemory;
  /** Places in words, of the TLB for execution, that were filled since it was last emptied; all of them, where it is full. */
  readonly #filled: number[] = [];
  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#emptyFirst(layout.readTlb);
    this.#emptyFirst(layout.writeTlb);
    this.#emptyExecute();
  }
  flush(): void {
    this.flushData();
    this.flushExecute();
  }
  flushData(): void {
    this.#empty(layout.readTlb, layout.readLog);
    this.flushWrites();
  }
  flushWrites(): void {
    this.#empty(layout.writeTlb, layout.writeLog);
  }
  flushExecute(): void {
    const { words } = this.#memory;
    if (this.#filled.length < MOST_FILLED) for (const at of this.#filled) words[at] = NO_PAGE;
    else this.#emptyExecute();
    this.#filled.length = 0;
  }
  /** Of the pages for execution those remain that `isSame` finds to be what they were, where it pays to ask. */
  keepExecute(isSame: (page: number, frame: number) => boolean): void {
    if (this.#filled.length > MOST_KEPT) {
      this.flushExecute();
      return;
    }
    const { words } = this.#memory;
    for (const at of this.#filled) {
      const page = words[at + 1]! * 2 ** 20 + (words[at]! >>> 12);
      if (words[at] !== NO_PAGE && !isSame(page, words[at + tlbEntry.code / 4]! >>> 0)) words[at] = NO_PAGE;
    }
  }
  /** The directory of a page's decoded code, where it is known. */
  directoryOf(page: number): number | undefined {
    const { words } = this.#memory;
    const at = executeSlot(page);
    return words[at] === page << 12 && words[at + 1] === Math.floor(page / 2 ** 20) ? words[at + 2] : undefined;
  }
  fillExecute(page: number, directory: number, frame: number): void {
    const { words } = this.#memory;
    const at = executeSlot(page);
    words[at] = page << 12;
    words[at + 1] = Math.floor(page / 2 ** 20);
    words[at + 2] = directory;
    words[at + tlbEntry.code / 4] = frame;
    if (this.#filled.length < MOST_FILLED) this.#filled.push(at);
  }
  /** Forgets one page, in every TLB. */
  forget(page: number): void {
    this.#forget(layout.readTlb, page);
    this.#forget(layout.writeTlb, page);
    this.#memory.words[executeSlot(page)] = NO_PAGE;
  }
  #emptyExecute(): void {
    this.#memory.bytes.fill(NO_PAGE, layout.executeTlb, layout.executeTlb + EXECUTE_TLB_ENTRIES * tlbEntry.bytes);
  }
  #empty(tlb: number, log: number): void {
    const { words, bytes } = this.#memory;
    const count = words[log >>> 2]!;
    if (count > MOST_LOGGED) bytes.fill(0, tlb, tlb + DATA_BYTES);
    else
      for (let i = 1; i <= count; i++) {
        const at = words[(log >>> 2) + i]! >>> 2;
        words[at] = words[at + 1] = 0;
      }
    this.#emptyFirst(tlb);
    words[log >>> 2] = 0;
  }
  #forget(tlb: number, page: number): void {
    const { words } = this.#memory;
    const slot = page & (TLB_ENTRIES - 1);
    const at = (tlb + slot * tlbEntry.bytes) >>> 2;
    const tag = page * PAGE_BYTES - 1;
    if (words[at] !== (tag | 0) || words[at + 1] !== Math.floor(tag / 2 ** 32)) return;
    this.#emptySlot(tlb, slot);
  }
  #emptySlot(tlb: number, slot: number): void {
    const { words } = this.#memory;
    const at = (tlb + slot * tlbEntry.bytes) >>> 2;
    words[at] = emptyTag(slot);
    words[at + 1] = 0;
  }
  #emptyFirst(tlb: number): void {
    this.#emptySlot(tlb, 0);
    this.#emptySlot(tlb, 1);
  }
}
