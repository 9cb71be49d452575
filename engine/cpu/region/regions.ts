// The regions that there are: in which slots they lie, where they begin, and how long they live. What happens to their pages decides that.
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { handedPiece, layout, MOST_HANDED, MOST_REGIONS, PAGE_BYTES } from "../../memory/layout.ts";
import { pageOf } from "../../memory/page-table.ts";
import { type CodePage, type CodePages, FIRST_REGION } from "../code-pages.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { coldCount } from "../interpreter/operations.ts";
import { type CodeRange, type CompiledRegion, type KeptRegion, type LivingRegion, type RegionCode, type RegionShelf, regionCode } from "./compiled-region.ts";
import { crossingBytes } from "./crossing-module.ts";
import type { PutRegion } from "./gathered-module.ts";
import { emptyJumpCache, forgetAllJumps, forgetJumps } from "./jump-cache.ts";
import { isInexactRecorded } from "./placing.ts";
import { relaxedRoundsOnce } from "./promotion.ts";
import { crossings, emptyRegionsTable, FIRST_SLOT, instantiateCrossing } from "./regions-table.ts";

export interface Region {
  readonly of: CompiledRegion;
  readonly slot: number;
  readonly run: unknown;
  /** Where its entries could be put, with the pages in which their records stand. */
  readonly begins: ReadonlyMap<number, CodePage>;
  readonly pages: readonly CodePage[];
  readonly ranges: readonly CodeRange[];
  readonly drop: () => void;
  readonly kept: KeptRegion | undefined;
}
/** Where there are as many as there may be, this part of them makes room. */
const DROPPED = 1 / 16;
/** Regions that are put from one look at which are entered to the next. */
const PUT_BETWEEN_LOOKS = 64;
/** A region whose code was something else so often is not looked at any more. */
const MOST_REFUSALS = 3;
const SLOTS_AT_A_TIME = 64;
/** Whether so many pieces of code are what lies at `layout.handed`. */
type AreHanded = (pieces: number) => number;
/** What it costs to put a region that is kept, in interpreted ticks. */
const TICKS_FOR_PUTTING = { alone: 40_000, gathered: 1_000 } as const;

export interface RegionsOptions {
  /** What earlier runs compiled. */
  readonly shelf: RegionShelf | undefined;
  /** Regions with a module of their own that there may be at a time. */
  readonly mostRegions: number;
  /** The module of `crossingBytes`, where it has been compiled before. */
  readonly crossing: (() => WebAssembly.Module | undefined) | undefined;
}
export class Regions {
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  #interpreter: Interpreter;
  readonly #shelf: RegionShelf | undefined;
  readonly #most: number;
  readonly #table = emptyRegionsTable();
  /** What the interpreter calls where a region is to be entered. */
  readonly #enter: WebAssembly.ExportValue;
  readonly #areHanded: AreHanded;
  readonly #gathered = new Map<WebAssembly.Module, PutRegion>();
  readonly #bySlot: (Region | undefined)[] = [];
  /** By when they were last seen to be entered; those come first that nobody has entered for longest. */
  readonly #inOrder = new Set<Region>();
  /** So many of them have a module of their own. */
  #alone = 0;
  #putSinceLook = 0;
  readonly #free: number[] = [];
  readonly #living = new Map<KeptRegion, Region>();
  readonly #refusals = new Map<KeptRegion, number>();
  /** By page, in ticks. */
  readonly #spent = new Map<number, number>();

  /** `interpreter`: whose table leads to the regions, and whose routines they call. */
  constructor(memory: GuestMemory, codePages: CodePages, interpreter: Interpreter, { shelf, mostRegions, crossing }: RegionsOptions) {
    this.#memory = memory;
    this.#codePages = codePages;
    this.#interpreter = interpreter;
    this.#shelf = shelf;
    this.#most = mostRegions;
    const { enter, areHanded, ...others } = instantiateCrossing(crossing?.() ?? new WebAssembly.Module(crossingBytes()), memory.linear.wasm, this.#table);
    this.#enter = enter;
    this.#areHanded = areHanded as unknown as AreHanded;
    for (const [name, index] of Object.entries(crossings)) this.#table.set(index, others[name as keyof typeof crossings]);
    emptyJumpCache(memory.linear);
    memory.onOtherCode = () => this.forgetJumps();
  }
  /** Each way out of a region has to be found again. */
  forgetJumps(): void {
    forgetAllJumps(this.#memory.linear);
  }

  /** Another interpreter leads to them from now on. */
  moveTo(interpreter: Interpreter): void {
    this.#interpreter = interpreter;
    this.#leadTo(this.#bySlot.length - 1);
  }
  /** What the interpreter calls for a slot. */
  #leadTo(slot: number): void {
    const { table } = this.#interpreter;
    const missing = coldCount + slot + 1 - table.length;
    if (missing > 0) table.grow(Math.max(SLOTS_AT_A_TIME, missing), this.#enter);
  }
  all(): Iterable<Region> {
    return this.#inOrder;
  }
  /** The one that begins at an address. */
  beginningAt(space: number, rip: number): Region | undefined {
    const page = this.#codePages.present(space, pageOf(rip));
    const slot = page && this.#codePages.regionAt(page, rip);
    return slot === undefined ? undefined : this.#bySlot[slot];
  }
  goesThrough(space: number, rip: number): boolean {
    for (const region of this.#inOrder) if (region.of.rips.has(rip) && this.isWhatItWas(space, region)) return true;
    return false;
  }
  isWhatItWas(space: number, { pages }: Region): boolean {
    return pages.every(page => this.#codePages.present(space, page.page) === page);
  }
  /** MXCSR's PE is recorded and masked: inexact results need no second thought. */
  get isInexactRecorded(): boolean {
    return isInexactRecorded(this.#memory);
  }

  /** Puts what earlier runs have kept of a page's code, if it is the same code and the ticks that have been interpreted in the page pay for that. Answers whether anything was put. */
  plant(space: number, page: number, ticks = Number.POSITIVE_INFINITY): boolean {
    const waiting = this.#waitingIn(page);
    if (waiting.length === 0) return false;
    const spent = (this.#spent.get(page) ?? 0) + ticks;
    const isPaid = spent >= waiting.reduce((sum, { gathered }) => sum + (gathered ? TICKS_FOR_PUTTING.gathered : TICKS_FOR_PUTTING.alone), 0);
    this.#spent.set(page, isPaid ? 0 : spent);
    return isPaid && waiting.filter(kept => this.#plant(space, kept)).length > 0;
  }
  /** Those that were gathered, in a page to which execution comes for the first time: earlier runs have shown that they pay. */
  plantGathered(space: number, page: number): void {
    for (const kept of this.#waitingIn(page)) if (kept.gathered) this.#plant(space, kept);
  }
  #waitingIn(page: number): readonly KeptRegion[] {
    return (this.#shelf?.lyingIn(page) ?? []).filter(kept => !this.#living.has(kept) && this.#refusals.get(kept) !== MOST_REFUSALS);
  }
  #plant(space: number, kept: KeptRegion): boolean {
    if (kept.relies && (kept.relies === "recorded") !== this.isInexactRecorded) return false;
    if (kept.fuses && !relaxedRoundsOnce()) return false;
    const pages = this.#pagesOf(space, kept.code);
    if (pages === "absent") return false;
    if (pages === "other") {
      this.#refusals.set(kept, (this.#refusals.get(kept) ?? 0) + 1);
      return false;
    }
    const others = kept.entries.map(rip => this.#regionIn(pages, rip));
    if (!others.includes(undefined)) {
      if (others.some(other => !other!.kept)) this.#shelf!.replaced(kept);
      return false;
    }
    return this.put(space, kept, pages, kept.code.ranges, kept) !== undefined;
  }
  #regionIn(pages: readonly CodePage[], rip: number): Region | undefined {
    const page = pageAmong(pages, rip);
    const slot = page && this.#codePages.regionAt(page, rip);
    return slot === undefined ? undefined : this.#bySlot[slot];
  }
  /** The pages in which this code lies; or one of them is not there yet, or holds something else. */
  #pagesOf(space: number, { ranges, bytes }: RegionCode): readonly CodePage[] | "absent" | "other" {
    const pages: CodePage[] = [];
    let [start, length, pieces] = [0, 0, 0];
    // Compared in wasm: here V8 has compiled nothing yet when hundreds of regions are put.
    const areSame = (): boolean => {
      this.#memory.linear.bytes.set(bytes.subarray(start, start + length), layout.handed + handedPiece.bytes * pieces);
      return this.#areHanded(pieces) !== 0;
    };
    for (const [at, ofPiece] of ranges) {
      const number = pageOf(at);
      // They are in the order of their addresses.
      if (pages.at(-1)?.page !== number) {
        const page = this.#codePages.present(space, number);
        if (!page) return "absent";
        pages.push(page);
      }
      if (handedPiece.bytes * (pieces + 1) + length + ofPiece > MOST_HANDED) {
        if (!areSame()) return "other";
        start += length;
        length = pieces = 0;
      }
      const { words } = this.#memory.linear;
      const piece = layout.handed + handedPiece.bytes * pieces++;
      words[(piece + handedPiece.place) >>> 2] = pages.at(-1)!.frame + (at - number * PAGE_BYTES);
      words[(piece + handedPiece.length) >>> 2] = ofPiece;
      length += ofPiece;
    }
    return areSame() ? pages : "other";
  }
  /** From now on execution goes on in it at its entries, as far as records can stand there; nothing, where none can. `pages`: in which its code lies. */
  put(space: number, compiled: CompiledRegion, pages: readonly CodePage[], ranges: readonly CodeRange[], kept?: KeptRegion): Region | undefined {
    if (!compiled.gathered && ++this.#putSinceLook === PUT_BETWEEN_LOOKS) this.#look();
    if (!compiled.gathered && this.#alone >= this.#most) this.#dropIdle(this.#most, ({ of }) => !of.gathered);
    if (this.#inOrder.size === MOST_REGIONS) this.#dropIdle(MOST_REGIONS);
    const slot = this.#free.pop() ?? this.#bySlot.length;
    if (slot === this.#bySlot.length) this.#bySlot.push(undefined);
    const begins = new Map<number, CodePage>();
    for (const [number, rip] of compiled.entries.entries()) {
      const page = pageAmong(pages, rip);
      if (page && this.#codePages.putRegion(space, page, rip, FIRST_REGION + slot, number)) begins.set(rip, page);
      forgetJumps(this.#memory.linear, rip);
    }
    if (begins.size === 0) {
      this.#free.push(slot);
      return undefined;
    }
    this.#leadTo(slot);
    const run = this.#fill(FIRST_SLOT + slot, compiled);
    const drop = (): void => this.#drop(region);
    const region: Region = { of: compiled, slot, run, begins, pages, ranges, kept, drop };
    for (const page of pages) page.watchers.add(drop);
    this.#bySlot[slot] = region;
    this.#inOrder.add(region);
    if (!compiled.gathered) this.#alone++;
    if (kept) this.#living.set(kept, region);
    const { words } = this.#memory.linear;
    words[(layout.regionEpochs >>> 2) + slot] = words[(layout.olderEpochs >>> 2) + slot] = 0;
    return region;
  }
  /** Answers the function where it is one of its own. */
  #fill(place: number, compiled: CompiledRegion): WebAssembly.ExportValue | undefined {
    const { gathered } = compiled;
    if (gathered) {
      let put = this.#gathered.get(gathered.module);
      if (!put) {
        put = this.#instantiate(gathered.module).put as unknown as PutRegion;
        this.#gathered.set(gathered.module, put);
      }
      put(place, gathered.number);
      return undefined;
    }
    const { region } = this.#instantiate(compiled.module);
    this.#table.set(place, region);
    return region;
  }
  #instantiate(module: WebAssembly.Module): WebAssembly.Exports {
    return new WebAssembly.Instance(module, { m: { memory: this.#memory.linear.wasm, regions: this.#table, ...this.#interpreter } }).exports;
  }
  /** Whether the region's pages are what they were when it was compiled: if so it may be entered for as long as the epoch lasts. */
  admit(space: number, slot: number): boolean {
    const region = this.#bySlot[slot]!;
    if ((region.of.relies === "clear" && this.isInexactRecorded) || !this.isWhatItWas(space, region)) {
      region.drop();
      return false;
    }
    const { words } = this.#memory.linear;
    const at = (layout.regionEpochs >>> 2) + slot;
    words[(layout.olderEpochs >>> 2) + slot] = words[at]!;
    words[at] = words[layout.epoch >>> 2]!;
    this.#inOrder.delete(region);
    this.#inOrder.add(region);
    return true;
  }
  /** Others are to begin where it did. */
  replace(region: Region): void {
    region.drop();
    if (region.kept) this.#shelf?.replaced(region.kept);
  }
  /** Each has to be admitted when it is entered next. */
  #look(): void {
    this.#putSinceLook = 0;
    this.forgetJumps();
    const { words } = this.#memory.linear;
    for (const { slot } of this.#inOrder) words[(layout.regionEpochs >>> 2) + slot] = words[(layout.olderEpochs >>> 2) + slot] = 0;
  }
  #dropIdle(most: number, isMeant: (region: Region) => boolean = () => true): void {
    for (const region of [...this.#inOrder].filter(isMeant).slice(0, Math.ceil(most * DROPPED))) region.drop();
  }
  #drop(region: Region): void {
    const { of, slot, begins, pages, drop, kept } = region;
    if (!of.gathered) this.#alone--;
    for (const page of pages) page.watchers.delete(drop);
    for (const [rip, page] of begins) {
      this.#codePages.takeRegion(page, rip);
      forgetJumps(this.#memory.linear, rip);
    }
    this.#table.set(FIRST_SLOT + slot, null);
    this.#inOrder.delete(region);
    this.#bySlot[slot] = undefined;
    this.#free.push(slot);
    if (kept) this.#living.delete(kept);
  }
  *living(): Iterable<LivingRegion> {
    for (const { of, run, kept, pages, ranges } of this.#inOrder) {
      const bytesAt = (at: number, length: number): Uint8Array => {
        const place = pageAmong(pages, at)!.frame + (at % PAGE_BYTES);
        return this.#memory.linear.bytes.subarray(place, place + length);
      };
      yield { of, run, kept, isOfFiles: () => pages.every(({ frame }) => this.#memory.isOfFile(frame)), code: () => regionCode(ranges, bytesAt) };
    }
  }
}
const pageAmong = (pages: readonly CodePage[], rip: number): CodePage | undefined => pages.find(({ page }) => page === pageOf(rip));
