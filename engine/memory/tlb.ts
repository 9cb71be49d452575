// The TLBs in wasm memory, as TypeScript empties them. Wasm fills those for data, engine/cpu/code-pages.ts the one for execution.
import { EXECUTE_TLB_ENTRIES, layout, MOST_LOGGED, PAGE_BYTES, TLB_ENTRIES, tlbEntry } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";

const DATA_BYTES = TLB_ENTRIES * tlbEntry.bytes;
/** What an empty slot holds: a tag that is far from all of its pages. Zero is near to those of the first two. */
const emptyTag = (slot: number): number => (slot < 2 ? 0x3000 : 0);

export class Tlb {
  readonly #memory: LinearMemory;
  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#emptyFirst(layout.readTlb);
    this.#emptyFirst(layout.writeTlb);
    this.flushExecute();
  }
  flush(): void {
    this.#empty(layout.readTlb, layout.readLog);
    this.flushWrites();
    this.flushExecute();
  }
  flushWrites(): void {
    this.#empty(layout.writeTlb, layout.writeLog);
  }
  /** Tags are page addresses: one of all ones is no page's. */
  flushExecute(): void {
    this.#memory.bytes.fill(0xff, layout.executeTlb, layout.executeTlb + EXECUTE_TLB_ENTRIES * tlbEntry.bytes);
  }
  /** Forgets one page, in every TLB. */
  forget(page: number): void {
    this.#forget(layout.readTlb, page);
    this.#forget(layout.writeTlb, page);
    const at = (layout.executeTlb + (page % EXECUTE_TLB_ENTRIES) * tlbEntry.bytes) >>> 2;
    this.#memory.words[at] = -1;
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
    const slot = page % TLB_ENTRIES;
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
