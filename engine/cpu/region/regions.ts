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
import { type Block, discover, type Profile } from "./blocks.ts";
import { plan } from "./plan.ts";
import { FIRST_WAY_OUT, RegionTier } from "./region-tier.ts";
import type { WayOut } from "./way-out.ts";

interface Region {
  readonly slot: number;
  readonly rip: number;
  /** Instructions. */
  readonly size: number;
  /** The addresses of them all. */
  readonly rips: ReadonlySet<number>;
  readonly profile: Profile;
  /** Compiled while MXCSR's PE was clear: it is to be compiled again when that is recorded. */
  readonly waitsForInexact: boolean;
  /** The page in which its record stands comes first. */
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
const NO_PROFILE: Profile = { hot: new Set(), went: new Map() };

interface Counted {
  readonly rip: number;
  readonly instructions: number;
  readonly bytes: number;
  readonly counters: number;
  readonly waysOut: readonly WayOut[];
}
/** What happened in a region since it was compiled. */
export interface RegionReport {
  readonly rip: number;
  readonly instructions: number;
  readonly wasmBytes: number;
  readonly entered: number;
  readonly ticks: number;
  /** Most often taken first. */
  readonly left: readonly (WayOut & { readonly count: number })[];
}

/** What a region is to be made of. */
interface Found extends Pick<Region, "size" | "profile" | "pages"> {
  readonly blocks: readonly Block[];
}
/** Both, or nothing where the second adds nothing to the first. */
function joined(known: Profile, seen: Profile): Profile | undefined {
  const hot = new Set([...known.hot, ...seen.hot]);
  if (hot.size === known.hot.size) return undefined;
  const went = new Map(known.went);
  for (const [from, targets] of seen.went) went.set(from, [...new Set([...targets, ...(went.get(from) ?? [])])]);
  return { hot, went };
}

export class Regions {
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  readonly #interpreter: Interpreter;
  readonly #bySlot: (Region | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #isCounting: boolean;
  readonly #counted: Counted[] = [];

  /** `interpreter`: whose table leads to the regions, and whose routines they call. `isCounting`: regions count what happens in them. */
  constructor(memory: GuestMemory, codePages: CodePages, interpreter: Interpreter, isCounting: boolean) {
    this.#memory = memory;
    this.#codePages = codePages;
    this.#interpreter = interpreter;
    this.#isCounting = isCounting;
  }

  /** The regions that counted, by their ticks. */
  report(): readonly RegionReport[] {
    const { words } = this.#memory.linear;
    return this.#counted
      .map(({ rip, instructions, bytes, counters, waysOut }) => {
        const count = (i: number) => words[(counters >>> 2) + i]! >>> 0;
        const left = waysOut.map((way, i) => ({ ...way, count: count(FIRST_WAY_OUT + i) })).filter(way => way.count > 0);
        return { rip, instructions, wasmBytes: bytes, entered: count(0), ticks: count(1), left: left.sort((a, b) => b.count - a.count) };
      })
      .sort((a, b) => b.ticks - a.ticks);
  }
  /**
   * Compiles what is reached from an address, if so many instructions pay; a region that begins there is compiled again where more is known now of what it reaches.
   * `known`: that is not so, or no region can begin there.
   */
  compile(space: number, rip: number, seen = NO_PROFILE, pays: (instructions: number) => boolean = () => true): "compiled" | "known" | "costly" {
    const pages = new Set<CodePage>();
    const entryPage = this.#codePages.present(space, Math.floor(rip / PAGE_BYTES));
    if (!entryPage || !this.#codePages.canPutRegion(entryPage, rip)) return "known";
    const slot = this.#codePages.regionAt(entryPage, rip);
    const before = slot === undefined ? undefined : this.#bySlot[slot];
    const profile = before ? joined(before.profile, seen) : seen;
    if (!profile) return "known";
    pages.add(entryPage);
    const blocks = discover(rip, at => this.#codePages.fetch(space, at, pages), profile);
    const size = blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
    if (size <= (before?.size ?? 0)) return "known";
    if (!pays(size)) return "costly";
    before?.drop();
    return this.#build(space, rip, { blocks, size, profile, pages: [...pages] }) ? "compiled" : "known";
  }
  /** Whether a region that begins at one of these addresses goes through another. */
  covers(space: number, entries: Iterable<number>, rip: number): boolean {
    for (const entry of entries) {
      const page = this.#codePages.present(space, Math.floor(entry / PAGE_BYTES));
      const slot = page && this.#codePages.regionAt(page, entry);
      if (slot !== undefined && this.#bySlot[slot]?.rips.has(rip)) return true;
    }
    return false;
  }
  #build(space: number, rip: number, { blocks, size, profile, pages }: Found): boolean {
    const entryPage = pages[0]!;
    const slot = this.#free.pop() ?? this.#bySlot.length;
    if (slot >= MOST_REGIONS) return false;
    const epochWord = layout.regionEpochs + 4 * slot;
    const counters = this.#isCounting ? this.#memory.linear.allocate(2) : undefined;
    if (counters !== undefined) this.#memory.linear.bytes.fill(0, counters, counters + 8192);
    const isInexactRecorded = this.#isInexactRecorded;
    const tier = new RegionTier(
      plan(blocks),
      { slot, firstOperation: FIRST_REGION, isInexactRecorded, ...(counters === undefined ? {} : { counters }) },
      routine,
    );
    const code = tier.build();
    const bytes = moduleBytes({ imports: imports(), functions: [code], exports: { region: imports().length } });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { memory: this.#memory.linear.wasm, ...this.#interpreter } });
    const index = coldCount + slot;
    const { table } = this.#interpreter;
    if (index >= table.length) table.grow(64);
    table.set(index, exports.region);
    if (!this.#codePages.putRegion(space, entryPage, rip, FIRST_REGION + slot)) {
      table.set(index, null);
      this.#free.push(slot);
      if (slot === this.#bySlot.length) this.#bySlot.push(undefined);
      return false;
    }
    if (counters !== undefined)
      this.#counted.push({
        rip,
        instructions: size,
        bytes: bytes.length,
        counters,
        waysOut: tier.waysOut,
      });
    const waitsForInexact = tier.asksForMode && !isInexactRecorded;
    const rips = new Set(blocks.flatMap(({ instructions }) => instructions.map(one => one.rip)));
    const region: Region = { slot, rip, size, rips, profile, waitsForInexact, pages, drop: () => this.#drop(region) };
    for (const page of pages) page.watchers.add(region.drop);
    this.#bySlot[slot] = region;
    this.#memory.linear.words[epochWord >>> 2] = 0;
    return true;
  }
  get #isInexactRecorded(): boolean {
    const both = mxcsrBits.inexact | mxcsrBits.inexactMask;
    return (this.#memory.linear.view.getUint16(layout.registers + fileOffset.mxcsr, true) & both) === both;
  }
  /** Whether the region's pages are what they were when it was compiled: if so it may be entered for as long as the epoch lasts. */
  admit(space: number, slot: number): boolean {
    const region = this.#bySlot[slot]!;
    if ((region.waitsForInexact && this.#isInexactRecorded) || !region.pages.every(page => this.#codePages.present(space, page.page) === page)) {
      region.drop();
      return false;
    }
    const { words } = this.#memory.linear;
    words[(layout.regionEpochs >>> 2) + slot] = words[layout.epoch >>> 2]!;
    return true;
  }
  #drop({ slot, rip, pages, drop }: Region): void {
    for (const page of pages) page.watchers.delete(drop);
    this.#codePages.takeRegion(pages[0]!, rip);
    this.#interpreter.table.set(coldCount + slot, null);
    this.#bySlot[slot] = undefined;
    this.#free.push(slot);
  }
}
