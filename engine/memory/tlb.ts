// The TLBs in wasm memory, as TypeScript empties them. Wasm fills those for data, engine/cpu/code-pages.ts the one for execution.
import { EXECUTE_TLB_ENTRIES, layout, MOST_LOGGED, TLB_ENTRIES, tlbEntry } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";

const DATA_BYTES = TLB_ENTRIES * tlbEntry.bytes;
const HIGH = 2 ** 20;
/** What slot 0 holds when it is empty: zero is the page that belongs there. */
const OTHER_PAGE = 0x1000;

export class Tlb {
  readonly #memory: LinearMemory;
  constructor(memory: LinearMemory) {
    this.#memory = memory;
    memory.words[layout.readTlb >>> 2] = OTHER_PAGE;
    memory.words[layout.writeTlb >>> 2] = OTHER_PAGE;
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
  // An empty slot holds a page that belongs to another slot, so that no address passes its check.
  #empty(tlb: number, log: number): void {
    const { words, bytes } = this.#memory;
    const count = words[log >>> 2]!;
    if (count > MOST_LOGGED) bytes.fill(0, tlb, tlb + DATA_BYTES);
    else
      for (let i = 1; i <= count; i++) {
        const at = words[(log >>> 2) + i]! >>> 2;
        words[at] = words[at + 1] = 0;
      }
    words[tlb >>> 2] = OTHER_PAGE;
    words[log >>> 2] = 0;
  }
  #forget(tlb: number, page: number): void {
    const { words } = this.#memory;
    const slot = page % TLB_ENTRIES;
    const at = (tlb + slot * tlbEntry.bytes) >>> 2;
    if (words[at] !== page << 12 || words[at + 1] !== Math.floor(page / HIGH)) return;
    words[at] = (slot ^ 1) << 12;
    words[at + 1] = 0;
  }
}
