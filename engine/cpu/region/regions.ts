// The regions that are compiled: what was seen of execution decides which, and what happens to their pages how long they live.
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { layout, MOST_REGIONS, PAGE_BYTES } from "../../memory/layout.ts";
import { type CodePage, type CodePages, FIRST_REGION } from "../code-pages.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { coldCount } from "../interpreter/operations.ts";
import { fileOffset } from "../register-file.ts";
import { mxcsrBits } from "../sse/mxcsr.ts";
import { moduleBytes } from "../wasm/module.ts";

import { buildRoutines, indicesFrom } from "../x87/library.ts";
import { type Block, discover, type Extent, MOST_INSTRUCTIONS, type Profile } from "./blocks.ts";
import { emptyJumpCache, forgetJumps } from "./jump-cache.ts";
import { plan } from "./plan.ts";
import { FIRST_WAY_OUT, RegionTier } from "./region-tier.ts";
import type { WayOut } from "./way-out.ts";

interface Region {
  readonly slot: number;
  /** In the order of the plan's, with the pages in which their records stand. */
  readonly entries: ReadonlyMap<number, CodePage>;
  /** Instructions. */
  readonly size: number;
  /** The addresses of them all; of a function's region, without those of the functions that it takes in. */
  readonly rips: ReadonlySet<number>;
  readonly profile: Profile;
  readonly extent: Extent["kind"];
  /** Compiled while MXCSR's PE was clear: it is to be compiled again when that is recorded. */
  readonly waitsForInexact: boolean;
  readonly pages: readonly CodePage[];
  readonly drop: () => void;
}
const routine = indicesFrom(0);
let signatures:
  | readonly { readonly name: string; readonly params: readonly ("i32" | "i64" | "v128")[]; readonly results: readonly ("i32" | "i64" | "v128")[] }[]
  | undefined;
const imports = () => {
  signatures ??= buildRoutines(0).map(({ name, params, results }) => ({ name, params, results }));
  return signatures;
};

/** Nothing was watched. */
const NO_PROFILE: Profile = { hot: new Set(), went: new Map(), loops: new Set(), starts: new Map(), heavy: new Set() };
/** Of one region. */
const MOST_ENTRIES = { whole: 16, function: 160 } as const;

interface Counted {
  readonly rip: number;
  readonly entries: number;
  readonly instructions: number;
  readonly bytes: number;
  readonly counters: number;
  readonly waysOut: readonly WayOut[];
}
/** What happened in a region since it was compiled. */
export interface RegionReport {
  /** Where it was first begun. */
  readonly rip: number;
  readonly entries: number;
  readonly instructions: number;
  readonly wasmBytes: number;
  readonly entered: number;
  readonly ticks: number;
  /** Most often taken first. */
  readonly left: readonly (WayOut & { readonly count: number })[];
}

/** Whether a region is compiled again for what it would have more: one that is full would only have something else. */
const isWorthwhile = (before: number, after: number): boolean => before < MOST_INSTRUCTIONS && after > before + before / 8;

/** Where more than this was seen, no region could hold it all. */
const MOST_SEEN_WHOLE = 700;

/** Instructions of a region that is compiled again for another entry. */
const MOST_ANEW = { whole: MOST_INSTRUCTIONS, function: 150 } as const;

/** A region takes another's place that has fewer instructions than this part of its own. */
const SMALLER = 0.75;

/** How many times what was spent must pay for compiling a region of the whole again: most of it was there. */
const AGAIN = { whole: 6, function: 1 } as const;
/** Regions that make room at a time when there are as many as there may be. */
const MOST_DROPPED = 256;

/** What a region is to be made of. */
interface Found extends Pick<Region, "entries" | "size" | "rips" | "profile" | "pages" | "extent"> {
  readonly blocks: readonly Block[];
  readonly isCut: boolean;
}
function joined(known: Profile, seen: Profile): Profile {
  const went = new Map(known.went);
  for (const [from, targets] of seen.went) went.set(from, [...new Set([...targets, ...(went.get(from) ?? [])])]);
  return {
    hot: new Set([...known.hot, ...seen.hot]),
    went,
    loops: new Set([...known.loops, ...seen.loops]),
    starts: new Map([...known.starts, ...seen.starts]),
    heavy: new Set([...known.heavy, ...seen.heavy]),
  };
}

/** Whether more was seen than a region was made of: of a function, in that function. */
function addsTo({ extent, entries, rips, profile }: Region, seen: Profile): boolean {
  if (extent === "whole") return true;
  for (const [rip, start] of seen.starts) if (!rips.has(rip) && !profile.hot.has(rip) && entries.has(start)) return true;
  return false;
}

export class Regions {
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  #interpreter: Interpreter;
  /** By slot: where one region goes on as another. */
  readonly #functions = new WebAssembly.Table({ element: "anyfunc", initial: 64 });
  readonly #bySlot: (Region | undefined)[] = [];
  /** By when they were compiled. */
  readonly #inOrder = new Set<Region>();
  readonly #free: number[] = [];
  readonly #isCounting: boolean;
  readonly #counted: Counted[] = [];

  /** `interpreter`: whose table leads to the regions, and whose routines they call. `isCounting`: regions count what happens in them. */
  constructor(memory: GuestMemory, codePages: CodePages, interpreter: Interpreter, isCounting: boolean) {
    this.#memory = memory;
    this.#codePages = codePages;
    this.#interpreter = interpreter;
    this.#isCounting = isCounting;
    emptyJumpCache(memory.linear);
  }

  /** Another interpreter leads to them from now on. */
  moveTo(interpreter: Interpreter): void {
    const { table } = this.#interpreter;
    if (interpreter.table.length < table.length) interpreter.table.grow(table.length - interpreter.table.length);
    for (const region of this.#bySlot) if (region) interpreter.table.set(coldCount + region.slot, table.get(coldCount + region.slot));
    this.#interpreter = interpreter;
  }
  /** The regions that counted, by their ticks. */
  report(): readonly RegionReport[] {
    const { words } = this.#memory.linear;
    return this.#counted
      .map(({ rip, entries, instructions, bytes, counters, waysOut }) => {
        const count = (i: number) => words[(counters >>> 2) + i]! >>> 0;
        const left = waysOut.map((way, i) => ({ ...way, count: count(FIRST_WAY_OUT + i) })).filter(way => way.count > 0);
        return { rip, entries, instructions, wasmBytes: bytes, entered: count(0), ticks: count(1), left: left.sort((a, b) => b.count - a.count) };
      })
      .sort((a, b) => b.ticks - a.ticks);
  }
  /**
   * Compiles what is reached from an address, if so many instructions pay: with all that it calls, or, where that is too much, the function that it stands in. A region that begins there, or
   * goes through there, is compiled again where that adds to it. `known`: it does not, or no region can begin there.
   */
  compile(space: number, rip: number, seen = NO_PROFILE, pays: (instructions: number) => boolean = () => true): "compiled" | "known" | "costly" {
    if (!this.#entryPage(space, rip)) return "known";
    const before = this.#regionFor(space, rip, seen);
    const isEntry = before?.entries.has(rip) ?? false;
    if (before && isEntry && !addsTo(before, seen)) return "known";
    const profile = before ? joined(before.profile, seen) : seen;
    if (before && isEntry && profile.hot.size === before.profile.hot.size) return "known";
    const isWide = seen.hot.size > MOST_SEEN_WHOLE;
    const found =
      (isWide ? undefined : (this.#whole(space, rip, before, profile) ?? this.#whole(space, rip, undefined, seen))) ??
      this.#function(space, rip, before, profile);
    if (!found || (before && isEntry && !isWorthwhile(before.size, found.size))) return "known";
    if (!pays(found.size * (before ? AGAIN[found.extent] : 1))) return "costly";
    for (const entry of [...found.entries.keys(), ...(before?.entries.keys() ?? [])]) this.#regionAt(space, entry)?.drop();
    return this.#build(space, found) ? "compiled" : "known";
  }
  /** Whether a region begins at an address. */
  beginsAt(space: number, rip: number): boolean {
    return this.#regionAt(space, rip) !== undefined;
  }
  /** What was seen, with what is known of the regions that were gone through meanwhile. */
  withPassed(space: number, seen: Profile, entries: Iterable<number>): Profile {
    const regions = new Set([...entries].map(rip => this.#regionAt(space, rip)));
    return [...regions].reduce((profile, region) => (region?.extent === "whole" ? joined(region.profile, profile) : profile), seen);
  }
  /** The page of an address where a region can begin. */
  #entryPage(space: number, rip: number): CodePage | undefined {
    const page = this.#codePages.present(space, Math.floor(rip / PAGE_BYTES));
    return page && this.#codePages.canPutRegion(page, rip) ? page : undefined;
  }
  #regionAt(space: number, rip: number): Region | undefined {
    const page = this.#codePages.present(space, Math.floor(rip / PAGE_BYTES));
    const slot = page && this.#codePages.regionAt(page, rip);
    return slot === undefined ? undefined : this.#bySlot[slot];
  }
  /** The one that begins at an address, or the largest that goes through it and may begin there too: where a large one of a function is left in the middle, another for that is cheaper. */
  #regionFor(space: number, rip: number, { hot }: Profile): Region | undefined {
    const known = this.#regionAt(space, rip);
    if (known || hot.size === 0) return known;
    let largest: Region | undefined;
    for (const region of this.#bySlot)
      if (
        region?.rips.has(rip) &&
        region.size <= MOST_ANEW[region.extent] &&
        region.entries.size < MOST_ENTRIES[region.extent] &&
        region.size > (largest?.size ?? 0) &&
        this.#isWhatItWas(space, region)
      )
        largest = region;
    return largest;
  }
  /** With all that is called, if there is room for it. */
  #whole(space: number, rip: number, before: Region | undefined, profile: Profile): Found | undefined {
    if (before?.extent === "function") return undefined;
    const found = this.#find(space, [...(before?.entries.keys() ?? []), rip], profile, { kind: "whole", isElsewhere: this.#elsewhere(space, before) });
    return found?.isCut ? undefined : found;
  }
  /** The function that an address stands in, if that is known. */
  #function(space: number, rip: number, before: Region | undefined, profile: Profile): Found | undefined {
    const isElsewhere = this.#elsewhere(space, before);
    const start = profile.starts.get(rip) ?? rip;
    const named = [...(isElsewhere(start) ? [] : [start]), ...(before?.extent === "function" ? before.entries.keys() : []), rip];
    return this.#find(space, named, profile, { kind: "function", isElsewhere });
  }
  /** Whether a region begins at an address, but this one. */
  #elsewhere(space: number, but: Region | undefined): (rip: number) => boolean {
    return rip => {
      const region = this.#regionAt(space, rip);
      return region !== undefined && region !== but;
    };
  }
  /** What a region with these entries, the loops that it goes through, and the places that others return to would be; nothing where the last that is asked for cannot be one. */
  #find(space: number, asked: readonly number[], profile: Profile, extent: Extent): Found | undefined {
    const pages = new Set<CodePage>();
    const fetch = (at: number) => this.#codePages.fetch(space, at, pages);
    const named = [...new Set(asked)];
    const first = discover(named, fetch, profile, extent);
    const reached = new Set(first.blocks.flatMap(({ instructions }) => instructions.map(one => one.rip)));
    const wanted =
      extent.kind === "function" ? first.entries : [...new Set([...named, ...this.#loops(space, profile, extent, reached)])].slice(0, MOST_ENTRIES.whole);
    const kept = wanted.filter(entry => reached.has(entry) && this.#entryPage(space, entry));
    if (!kept.includes(asked.at(-1)!)) return undefined;
    const { blocks, rips, isCut } = kept.length === first.entries.length ? first : discover(kept, fetch, profile, extent);
    const entries = new Map<number, CodePage>();
    for (const [i, entry] of kept.entries()) if (blocks[i]?.rip === entry) entries.set(entry, this.#entryPage(space, entry)!);
    if (entries.size < kept.length) return undefined;
    for (const page of entries.values()) pages.add(page);
    const all = extent.kind === "function" ? rips : new Set(blocks.flatMap(({ instructions }) => instructions.map(one => one.rip)));
    return {
      entries,
      blocks,
      isCut,
      size: blocks.reduce((sum, { instructions }) => sum + instructions.length, 0),
      rips: all,
      profile,
      extent: extent.kind,
      pages: [...pages],
    };
  }
  /** Where long loops begin, those of regions included that are so much smaller that this one can stand for them. */
  #loops(space: number, { loops }: Profile, { isElsewhere }: Extent, reached: ReadonlySet<number>): readonly number[] {
    return [...loops].flatMap(loop => {
      const region = isElsewhere(loop) ? this.#regionAt(space, loop) : undefined;
      if (!region) return [loop];
      const entries = [...region.entries.keys()];
      return region.extent === "whole" && region.rips.size < SMALLER * reached.size && entries.every(entry => reached.has(entry)) ? entries : [];
    });
  }
  goesThrough(space: number, rip: number): boolean {
    for (const region of this.#inOrder) if (region.rips.has(rip) && this.#isWhatItWas(space, region)) return true;
    return false;
  }
  #build(space: number, { entries, blocks, size, rips, profile, extent, pages }: Found): boolean {
    if (this.#free.length === 0 && this.#bySlot.length === MOST_REGIONS) this.#dropOldest();
    const slot = this.#free.pop() ?? this.#bySlot.length;
    const counters = this.#isCounting ? this.#memory.linear.allocate(2) : undefined;
    if (counters !== undefined) this.#memory.linear.bytes.fill(0, counters, counters + 8192);
    const isInexactRecorded = this.#isInexactRecorded;
    const tier = new RegionTier(
      plan(blocks, entries.size),
      { slot, firstOperation: FIRST_REGION, isInexactRecorded, ...(counters === undefined ? {} : { counters }) },
      routine,
    );
    const code = tier.build();
    const bytes = moduleBytes({ imports: imports(), importedTable: "regions", functions: [code], exports: { region: imports().length } });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      m: { memory: this.#memory.linear.wasm, regions: this.#functions, ...this.#interpreter },
    });
    const index = coldCount + slot;
    const { table } = this.#interpreter;
    if (index >= table.length) table.grow(64);
    table.set(index, exports.region);
    if (slot >= this.#functions.length) this.#functions.grow(64);
    this.#functions.set(slot, exports.region);
    const put = [...entries].filter(([rip, page], i) => this.#codePages.putRegion(space, page, rip, FIRST_REGION + slot, i));
    if (put.length === 0) {
      table.set(index, null);
      this.#free.push(slot);
      if (slot === this.#bySlot.length) this.#bySlot.push(undefined);
      return false;
    }
    if (counters !== undefined)
      this.#counted.push({
        rip: put[0]![0],
        entries: put.length,
        instructions: size,
        bytes: bytes.length,
        counters,
        waysOut: tier.waysOut,
      });
    const waitsForInexact = tier.asksForMode && !isInexactRecorded;
    const region: Region = { slot, entries: new Map(put), size, rips, profile, extent, waitsForInexact, pages, drop: () => this.#drop(region) };
    for (const page of pages) page.watchers.add(region.drop);
    this.#bySlot[slot] = region;
    this.#inOrder.add(region);
    const { words } = this.#memory.linear;
    words[(layout.regionEpochs >>> 2) + slot] = words[(layout.olderEpochs >>> 2) + slot] = 0;
    return true;
  }
  get #isInexactRecorded(): boolean {
    const both = mxcsrBits.inexact | mxcsrBits.inexactMask;
    return (this.#memory.linear.view.getUint16(layout.registers + fileOffset.mxcsr, true) & both) === both;
  }
  /** Whether the region's pages are what they were when it was compiled: if so it may be entered for as long as the epoch lasts. */
  admit(space: number, slot: number): boolean {
    const region = this.#bySlot[slot]!;
    if ((region.waitsForInexact && this.#isInexactRecorded) || !this.#isWhatItWas(space, region)) {
      region.drop();
      return false;
    }
    const { words } = this.#memory.linear;
    const at = (layout.regionEpochs >>> 2) + slot;
    words[(layout.olderEpochs >>> 2) + slot] = words[at]!;
    words[at] = words[layout.epoch >>> 2]!;
    return true;
  }
  #isWhatItWas(space: number, { pages }: Region): boolean {
    return pages.every(page => this.#codePages.present(space, page.page) === page);
  }
  /** What is in use of them is compiled again soon. */
  #dropOldest(): void {
    let count = 0;
    for (const region of this.#inOrder) {
      if (count++ === MOST_DROPPED) return;
      region.drop();
    }
  }
  #drop({ slot, entries, pages, drop }: Region): void {
    for (const page of pages) page.watchers.delete(drop);
    for (const [rip, page] of entries) {
      this.#codePages.takeRegion(page, rip);
      forgetJumps(this.#memory.linear, rip);
    }
    this.#interpreter.table.set(coldCount + slot, null);
    this.#functions.set(slot, null);
    this.#inOrder.delete(this.#bySlot[slot]!);
    this.#bySlot[slot] = undefined;
    this.#free.push(slot);
  }
}
