// Makes regions: what was seen of execution decides of what.
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { pageOf } from "../../memory/page-table.ts";
import type { CodePage, CodePages } from "../code-pages.ts";
import { discover, type Extent, MOST_ENTRIES, MOST_INSTRUCTIONS, type Profile, sizeOf } from "./blocks.ts";
import { type Making, makeRegion, rangesOf } from "./making.ts";
import { counter, FIRST_WAY_OUT } from "./placing.ts";
import type { Region, Regions } from "./regions.ts";
import type { WayOut } from "./way-out.ts";

/** Nothing was watched. */
const NO_PROFILE: Profile = { hot: new Set(), went: new Map(), loops: new Set(), rounds: new Set(), starts: new Map(), heavy: new Set() };

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
  /** How often its dispatcher was gone through: at each entry, and where a way cannot be nested. */
  readonly dispatched: number;
  readonly ticks: number;
  /** Most often taken first. */
  readonly left: readonly (WayOut & { readonly count: number })[];
}

/** Whether a region is compiled again for what it would have more: one that is full would only have something else. */
const isWorthwhile = (before: number, after: number): boolean => before < MOST_INSTRUCTIONS && after > before + before / 8;

/** Where more than this was seen, no region could hold it all. */
const MOST_SEEN_WHOLE = 700;

/** Instructions of a region that is compiled again for another entry. */
const MOST_ANEW = { whole: 500, function: 150 } as const;

/** A region takes another's place that has fewer instructions than this part of its own. */
const SMALLER = 0.75;

/** How many times what was spent must pay for compiling a region of the whole again: most of it was there. */
const AGAIN = { whole: 6, function: 1 } as const;

interface Found extends Making {
  readonly pages: readonly CodePage[];
  readonly isCut: boolean;
}
/** All that these say; where computed jumps went, first as the last one says. */
function joined(profiles: readonly Profile[]): Profile {
  const [first, ...others] = profiles;
  if (first && others.length === 0) return first;
  const all = {
    hot: new Set<number>(),
    went: new Map<number, readonly number[]>(),
    loops: new Set<number>(),
    rounds: new Set<number>(),
    starts: new Map<number, number>(),
    heavy: new Set<number>(),
  };
  for (const { hot, went, loops, rounds, starts, heavy } of profiles) {
    for (const rip of hot) all.hot.add(rip);
    for (const [from, targets] of went) all.went.set(from, [...new Set([...targets, ...(all.went.get(from) ?? [])])]);
    for (const rip of loops) all.loops.add(rip);
    for (const rip of rounds) all.rounds.add(rip);
    for (const [rip, start] of starts) all.starts.set(rip, start);
    for (const rip of heavy) all.heavy.add(rip);
  }
  return all;
}

/** Whether more was seen than a region was made of: of a function, in that function. */
function addsTo({ begins, of: { extent, rips } }: Region, known: Profile, seen: Profile): boolean {
  if (extent === "whole") return true;
  for (const [rip, start] of seen.starts) if (!rips.has(rip) && !known.hot.has(rip) && begins.has(start)) return true;
  return false;
}

/** A region of the whole that is compiled again gets at once what else it was come to at. */
const MOST_BESIDES = 3;
const besides = ({ begins, of: { rips } }: Region, rip: number, others: readonly number[]): readonly number[] =>
  others.filter(other => other !== rip && rips.has(other) && !begins.has(other)).slice(0, MOST_BESIDES);

export class RegionCompiler {
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  readonly #regions: Regions;
  readonly #isCounting: boolean;
  readonly #counted: Counted[] = [];

  /** `isCounting`: regions count what happens in them. */
  constructor(memory: GuestMemory, codePages: CodePages, regions: Regions, isCounting: boolean) {
    this.#memory = memory;
    this.#codePages = codePages;
    this.#regions = regions;
    this.#isCounting = isCounting;
  }

  /** The regions that counted, by their ticks. */
  report(): readonly RegionReport[] {
    const { words } = this.#memory.linear;
    return this.#counted
      .map(({ rip, entries, instructions, bytes, counters, waysOut }) => {
        const count = (i: number) => words[(counters >>> 2) + i]! >>> 0;
        const left = waysOut.map((way, i) => ({ ...way, count: count(FIRST_WAY_OUT + i) })).filter(way => way.count > 0);
        return {
          rip,
          entries,
          instructions,
          wasmBytes: bytes,
          entered: count(counter.entered),
          dispatched: count(counter.dispatched),
          ticks: count(counter.ticks),
          left: left.sort((a, b) => b.count - a.count),
        };
      })
      .sort((a, b) => b.ticks - a.ticks);
  }
  /**
   * Compiles what is reached from an address, if so many instructions pay: with all that it calls, or, where that is too much, the function that it stands in. A region that begins there, or
   * goes through there, is compiled again where that adds to it. `known`: it does not, or no region can begin there.
   */
  compile(
    space: number,
    rip: number,
    seen = NO_PROFILE,
    pays: (instructions: number, isAgain: boolean) => boolean = () => true,
    others: readonly number[] = [],
  ): "compiled" | "known" | "costly" {
    if (!this.#entryPage(space, rip)) return "known";
    const before = this.#regionFor(space, rip, seen);
    const isEntry = before?.begins.has(rip) ?? false;
    const known = before?.of.profile.open();
    if (before && known && isEntry && !addsTo(before, known, seen)) return "known";
    const profile = known ? joined([known, seen]) : seen;
    if (known && isEntry && profile.hot.size === known.hot.size) return "known";
    const isWide = seen.hot.size > MOST_SEEN_WHOLE;
    const found =
      (isWide
        ? undefined
        : (this.#whole(space, [...(before ? besides(before, rip, others) : []), rip], before, profile) ?? this.#whole(space, [rip], undefined, seen))) ??
      this.#function(space, rip, before, profile);
    if (!found || (before && isEntry && !isWorthwhile(before.of.size, found.size))) return "known";
    if (!pays(found.size * (before ? AGAIN[found.extent] : 1), before?.kept !== undefined)) return "costly";
    for (const entry of [...found.entries, ...(before?.begins.keys() ?? [])]) {
      const other = this.#regionAt(space, entry);
      if (other) this.#regions.replace(other);
    }
    return this.#build(space, found) ? "compiled" : "known";
  }
  /** What was seen, with what is known of the regions that were gone through meanwhile. */
  withPassed(space: number, seen: Profile, entries: Iterable<number>): Profile {
    const regions = new Set([...entries].map(rip => this.#regionAt(space, rip)));
    const passed = [...regions].flatMap(region => (region?.of.extent === "whole" ? [region.of.profile.open()] : []));
    return joined([...passed.toReversed(), seen]);
  }
  /** The page of an address where a region can begin. */
  #entryPage(space: number, rip: number): CodePage | undefined {
    const page = this.#codePages.present(space, pageOf(rip));
    return page && this.#codePages.canPutRegion(page, rip) ? page : undefined;
  }
  #regionAt(space: number, rip: number): Region | undefined {
    return this.#regions.beginningAt(space, rip);
  }
  /** The one that begins at an address, or the largest that goes through it and may begin there too: where a large one of a function is left in the middle, another for that is cheaper. */
  #regionFor(space: number, rip: number, { hot }: Profile): Region | undefined {
    const known = this.#regionAt(space, rip);
    if (known || hot.size === 0) return known;
    let largest: Region | undefined;
    for (const region of this.#regions.all())
      if (
        region.of.rips.has(rip) &&
        region.of.size <= MOST_ANEW[region.of.extent] &&
        region.begins.size < MOST_ENTRIES[region.of.extent] &&
        region.of.size > (largest?.of.size ?? 0) &&
        this.#regions.isWhatItWas(space, region)
      )
        largest = region;
    return largest;
  }
  /** With all that is called, if there is room for it. */
  #whole(space: number, rips: readonly number[], before: Region | undefined, profile: Profile): Found | undefined {
    if (before?.of.extent === "function") return undefined;
    const found = this.#find(space, [...(before?.begins.keys() ?? []), ...rips], profile, { kind: "whole", isElsewhere: this.#elsewhere(space, before) });
    return found?.isCut ? undefined : found;
  }
  /** The function that an address stands in, if that is known. */
  #function(space: number, rip: number, before: Region | undefined, profile: Profile): Found | undefined {
    const isElsewhere = this.#elsewhere(space, before);
    const start = profile.starts.get(rip) ?? rip;
    const named = [...(isElsewhere(start) ? [] : [start]), ...(before?.of.extent === "function" ? before.begins.keys() : []), rip];
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
    if (!kept.every((entry, i) => blocks[i]?.rip === entry)) return undefined;
    const all = extent.kind === "function" ? rips : new Set(blocks.flatMap(({ instructions }) => instructions.map(one => one.rip)));
    return {
      entries: kept,
      blocks,
      isCut,
      size: sizeOf(blocks),
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
      const entries = [...region.begins.keys()];
      return region.of.extent === "whole" && region.of.rips.size < SMALLER * reached.size && entries.every(entry => reached.has(entry)) ? entries : [];
    });
  }
  #build(space: number, found: Found): boolean {
    const { entries, blocks, size, pages } = found;
    const counters = this.#isCounting ? this.#memory.linear.allocate(2) : undefined;
    if (counters !== undefined) this.#memory.linear.bytes.fill(0, counters, counters + 8192);
    const { isInexactRecorded } = this.#regions;
    const { compiled, waysOut } = makeRegion(found, { isInexactRecorded, ...(counters === undefined ? {} : { counters }) });
    const region = this.#regions.put(space, compiled, pages, rangesOf(blocks));
    if (!region) return false;
    if (counters !== undefined)
      this.#counted.push({ rip: entries[0]!, entries: region.begins.size, instructions: size, bytes: compiled.bytes.length, counters, waysOut });
    return true;
  }
}
