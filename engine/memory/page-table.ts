// The present pages of one space: a hash table in wasm memory, so that wasm refills the TLBs from it and a fork is a copy of it.
import { HASH_FACTOR, layout, PAGE_BYTES, tableEntry } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";

const SMALLEST = PAGE_BYTES / tableEntry.bytes;
const WORDS = tableEntry.bytes / 4;
const HIGH = 2 ** 20;

export const pageOf = (address: number): number => Math.floor(address / PAGE_BYTES);

export class PageTable {
  readonly #memory: LinearMemory;
  #base: number;
  #entries: number;
  count = 0;
  /** Pages whose code has been executed as it is now. */
  readonly executed = new Set<number>();
  /** Changes whenever one of those may be another. */
  epoch = 0;

  constructor(memory: LinearMemory, entries = SMALLEST) {
    this.#memory = memory;
    this.#entries = entries;
    this.#base = this.#room(entries);
    memory.bytes.fill(0, this.#base, this.#base + entries * tableEntry.bytes);
  }

  /** The place of a page's entry in wasm memory, or 0. */
  find(page: number): number {
    const { words } = this.#memory;
    const low = (page << 12) >>> 12;
    const high = Math.floor(page / HIGH);
    for (let slot = this.#home(page); ; slot = (slot + 1) & (this.#entries - 1)) {
      const at = (this.#base >>> 2) + slot * WORDS;
      const tag = words[at]!;
      if (tag === 0) return 0;
      if (tag >>> 12 === (low & 0xf_ffff) && words[at + 1] === high) return at * 4;
    }
  }
  flags(entry: number): number {
    return this.#memory.words[entry >>> 2]! & 0xfff;
  }
  setFlags(entry: number, flags: number): void {
    const at = entry >>> 2;
    this.#memory.words[at] = (this.#memory.words[at]! & ~0xfff) | flags;
  }
  frame(entry: number): number {
    return this.#memory.words[(entry + tableEntry.frame) >>> 2]! >>> 0;
  }
  setFrame(entry: number, frame: number): void {
    this.#memory.words[(entry + tableEntry.frame) >>> 2] = frame;
  }
  page(entry: number): number {
    const { words } = this.#memory;
    return words[(entry >>> 2) + 1]! * HIGH + (words[entry >>> 2]! >>> 12);
  }

  insert(page: number, flags: number, frame: number): number {
    if (this.count * 2 >= this.#entries) this.#resize();
    const { words } = this.#memory;
    let slot = this.#home(page);
    while (words[(this.#base >>> 2) + slot * WORDS] !== 0) slot = (slot + 1) & (this.#entries - 1);
    const at = (this.#base >>> 2) + slot * WORDS;
    words[at] = (page << 12) | flags;
    words[at + 1] = Math.floor(page / HIGH);
    words[at + 2] = frame;
    words[at + 3] = 0;
    this.count++;
    return at * 4;
  }
  /** Moves later entries of the chain back, so that no mark of a deletion is needed. */
  remove(entry: number): void {
    const { words, bytes } = this.#memory;
    const mask = this.#entries - 1;
    let hole = (entry - this.#base) / tableEntry.bytes;
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const from = this.#base + slot * tableEntry.bytes;
      if (words[from >>> 2] === 0) break;
      const home = this.#home(this.page(from));
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      bytes.copyWithin(this.#base + hole * tableEntry.bytes, from, from + tableEntry.bytes);
      hole = slot;
    }
    bytes.fill(0, this.#base + hole * tableEntry.bytes, this.#base + (hole + 1) * tableEntry.bytes);
    this.count--;
  }
  /** Entries in no order that means anything; the table must not change meanwhile. */
  *all(): Iterable<number> {
    const end = this.#base + this.#entries * tableEntry.bytes;
    for (let at = this.#base; at < end; at += tableEntry.bytes) if (this.#memory.words[at >>> 2] !== 0) yield at;
  }
  forEach(visit: (entry: number) => void): void {
    const end = this.#base + this.#entries * tableEntry.bytes;
    const { words } = this.#memory;
    for (let at = this.#base; at < end; at += tableEntry.bytes) if (words[at >>> 2] !== 0) visit(at);
  }
  copy(): PageTable {
    const copy = new PageTable(this.#memory, this.#entries);
    this.#memory.bytes.copyWithin(copy.#base, this.#base, this.#base + this.#entries * tableEntry.bytes);
    copy.count = this.count;
    return copy;
  }
  free(): void {
    this.#memory.free(this.#base, (this.#entries * tableEntry.bytes) / PAGE_BYTES);
  }
  /** From now on the wasm side looks pages up here. */
  use(): void {
    const { words } = this.#memory;
    words[layout.tableBase >>> 2] = this.#base;
    words[layout.tableShift >>> 2] = Math.clz32(this.#entries - 1);
    words[layout.tableMask >>> 2] = this.#entries - 1;
  }

  #home(page: number): number {
    return Math.imul(page, HASH_FACTOR) >>> Math.clz32(this.#entries - 1);
  }
  #room(entries: number): number {
    const at = this.#memory.allocate((entries * tableEntry.bytes) / PAGE_BYTES);
    if (at === undefined) throw new Error(`There is no room in wasm memory for a page table of ${entries} entries: lower maxFrames.`);
    return at;
  }
  #resize(): void {
    const [base, entries] = [this.#base, this.#entries];
    const isUsed = this.#memory.words[layout.tableBase >>> 2] === base;
    this.#entries = entries * 2;
    this.#base = this.#room(this.#entries);
    this.count = 0;
    this.#memory.bytes.fill(0, this.#base, this.#base + this.#entries * tableEntry.bytes);
    for (let at = base; at < base + entries * tableEntry.bytes; at += tableEntry.bytes)
      if (this.#memory.words[at >>> 2] !== 0) this.insert(this.page(at), this.flags(at), this.frame(at));
    this.#memory.free(base, (entries * tableEntry.bytes) / PAGE_BYTES);
    if (isUsed) this.use();
  }
}
