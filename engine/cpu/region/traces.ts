// What execution did: stretches of it, taken again and again, with the code in which they lie. Of these a process of its own makes compiled code for later runs.
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { layout, PAGE_BYTES } from "../../memory/layout.ts";
import type { CodePages } from "../code-pages.ts";
import { isInexactRecorded } from "./placing.ts";

/** Code that lay in one space, or in several that agree, with what was seen of it. */
export interface TracedCode {
  readonly pages: ReadonlyMap<number, Uint8Array>;
  /** The addresses of instructions that happened one after the other, and behind those of each trace, as a negative number, the ticks for which it stands: eight bytes each. */
  readonly traces: Uint8Array;
}
export interface Trace {
  readonly rips: readonly number[];
  readonly ticks: number;
}
export function tracesOf({ traces }: TracedCode): readonly Trace[] {
  const view = new DataView(traces.buffer, traces.byteOffset, traces.byteLength);
  const all: Trace[] = [];
  let rips: number[] = [];
  for (let at = 0; at < traces.length; at += NUMBER_BYTES) {
    const number = Number(view.getBigInt64(at, true));
    if (number >= 0) rips.push(number);
    else {
      all.push({ rips, ticks: -number });
      rips = [];
    }
  }
  return all;
}
const NUMBER_BYTES = 8;
/** Of traces. Where there are more, every other one is left out, and half as many come to them from then on. */
const MOST_BYTES = 2 ** 22;
/** Programs with other code at the same addresses, and pages of them all: 8 MiB. */
const [MOST_CODES, MOST_PAGES] = [8, 2048];

class Seen implements TracedCode {
  readonly pages = new Map<number, Uint8Array>();
  /** In which the pages lay when they were last looked at. */
  readonly frames = new Map<number, number>();
  #bytes = new Uint8Array(2 ** 16);
  #traces: { readonly end: number; readonly ticks: number }[] = [];

  get traces(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }
  get #end(): number {
    return this.#traces.at(-1)?.end ?? 0;
  }
  add(addresses: Uint8Array, ticks: number): void {
    const end = this.#end + addresses.length + NUMBER_BYTES;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(addresses, this.#end);
    new DataView(this.#bytes.buffer).setBigInt64(end - NUMBER_BYTES, BigInt(-ticks), true);
    this.#traces.push({ end, ticks });
  }
  /** Each of the others stands for two. */
  leaveOutHalf(): void {
    const [bytes, traces] = [this.traces.slice(), this.#traces];
    this.#traces = [];
    for (let i = 0; i < traces.length; i += 2) {
      const { end, ticks } = traces[i]!;
      this.add(bytes.subarray(traces[i - 1]?.end ?? 0, end - NUMBER_BYTES), 2 * ticks);
    }
  }
}

export class Traces {
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  readonly #codes: Seen[] = [];
  #pages = 0;
  /** One of so many is taken. */
  #every = 1;
  #taken = 0;
  #since = 0;

  constructor(memory: GuestMemory, codePages: CodePages) {
    this.#memory = memory;
    this.#codePages = codePages;
  }
  /** Whether the register file has MXCSR's PE recorded and masked: what code that looks at it should rely on. */
  get isInexactRecorded(): boolean {
    return isInexactRecorded(this.#memory);
  }
  get codes(): readonly TracedCode[] {
    return this.#codes;
  }
  /** So many ticks were interpreted: for those the next trace stands. */
  passed(interpreted: number): void {
    this.#since += interpreted;
  }
  /** Instructions of a space that happened one after the other: those at these addresses, and so many more, whose addresses are at `layout.trace`. What lies in pages that are no file's is left out: there a guest makes its own code. */
  add(space: number, before: readonly number[], more: number): void {
    if (++this.#taken % this.#every !== 0) return;
    const ticks = this.#since;
    this.#since = 0;
    const count = before.length + more;
    // A trace that stands for nothing would end in no negative number.
    if (count === 0 || ticks === 0) return;
    const { bytes, view } = this.#memory.linear;
    bytes.copyWithin(layout.trace + before.length * NUMBER_BYTES, layout.trace, layout.trace + more * NUMBER_BYTES);
    before.forEach((rip, i) => void view.setBigInt64(layout.trace + i * NUMBER_BYTES, BigInt(rip), true));
    const frames = this.#framesOf(space, count);
    const code = frames && this.#codeWith(frames);
    if (!code) return;
    for (const [page, frame] of frames) this.#take(code, page, frame);
    code.add(bytes.subarray(layout.trace, layout.trace + count * NUMBER_BYTES), ticks);
    if (this.#codes.reduce((sum, { traces }) => sum + traces.length, 0) <= MOST_BYTES) return;
    this.#every *= 2;
    for (const each of this.#codes) each.leaveOutHalf();
  }
  /** By page; nothing where one is no file's. */
  #framesOf(space: number, count: number): ReadonlyMap<number, number> | undefined {
    const { words } = this.#memory.linear;
    const frames = new Map<number, number>();
    let last = -1;
    for (let at = layout.trace >>> 2, end = at + 2 * count; at < end; at += 2) {
      const page = words[at + 1]! * 2 ** 20 + (words[at]! >>> 12);
      if (page === last) continue;
      last = page;
      const codePage = this.#codePages.present(space, page);
      if (!codePage || !this.#memory.isOfFile(codePage.frame)) return undefined;
      frames.set(page, codePage.frame);
    }
    return frames;
  }
  #codeWith(frames: ReadonlyMap<number, number>): Seen | undefined {
    const known = this.#codes.find(code => [...frames].every(([page, frame]) => this.#is(code, page, frame)));
    if (known || this.#codes.length === MOST_CODES) return known;
    const code = new Seen();
    this.#codes.push(code);
    return code;
  }
  #is({ pages, frames }: Seen, page: number, frame: number): boolean {
    const known = pages.get(page);
    return !known || frames.get(page) === frame || this.#bytesOf(frame).every((byte, i) => byte === known[i]);
  }
  #take({ pages, frames }: Seen, page: number, frame: number): void {
    if (frames.get(page) === frame) return;
    frames.set(page, frame);
    if (!pages.has(page) && this.#pages++ < MOST_PAGES) pages.set(page, this.#bytesOf(frame).slice());
  }
  #bytesOf(frame: number): Uint8Array {
    return this.#memory.linear.bytes.subarray(frame, frame + PAGE_BYTES);
  }
}
