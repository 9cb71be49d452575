// Compiles ahead of a run what earlier ones interpreted: from traces, all at once, when nobody waits for it. What execution did there is known of all the program, so that each instruction is compiled
// once, and regions can be entered wherever others were seen to leave for them.
import { GuestMemory } from "../../memory/guest-memory.ts";
import { PAGE_BYTES } from "../../memory/layout.ts";
import { pageOf } from "../../memory/page-table.ts";
import { CodePages } from "../code-pages.ts";
import { MOST_BYTES } from "../decode/decode.ts";
import { type Discovered, discover, type Extent, MOST_ENTRIES, type Profile, sizeOf } from "./blocks.ts";
import { type CompiledRegion, type RegionCode, regionCode } from "./compiled-region.ts";
import { makeRegion, rangesOf } from "./making.ts";
import { type TracedCode, tracesOf } from "./traces.ts";
import { kindOf, profileOf, type Step } from "./watching.ts";

/** Regions of one program. */
const MOST_MADE = 2500;
/** Ticks that an instruction had which is worth compiling, at least and of all: what is seldom executed only makes more to load. */
const [LEAST_TICKS, LEAST_SHARE] = [48, 2.5e-6];
/** And a region: to load it and to put it costs some 40 us. */
const LEAST_OF_REGION = 6000;
/** Of one that has again what another has, which is not entered there: it must take much off the interpreter. */
const LEAST_AGAIN = 40_000;
const SPACE = 1;
const NO_DECODER = { decodeBlock: () => 0, decodeStarts: () => {} };

export interface AheadRegion {
  readonly compiled: CompiledRegion;
  readonly code: RegionCode;
}
/** A part of the program that is to be a region. */
interface Part {
  readonly entries: Set<number>;
  readonly found: Discovered;
}
class Ahead {
  readonly #code: TracedCode;
  readonly #codePages: CodePages;
  readonly #steps: readonly (Step & { readonly weight: number })[];
  readonly #profile: Profile;
  /** Ticks by instruction. */
  readonly #weights = new Map<number, number>();
  readonly #candidates: readonly number[];
  readonly #parts: Part[] = [];
  /** By entry. */
  readonly #beginning = new Map<number, Part | "known">();
  /** By instruction: the first that has it. */
  readonly #covering = new Map<number, Part | "known">();
  /** Instructions of known regions, which cannot be entered there: they were interpreted all the same. */
  readonly #again = new Set<number>();

  constructor(code: TracedCode, known: readonly KnownCode[]) {
    for (const { entries } of known) for (const entry of entries) this.#beginning.set(entry, "known");
    this.#code = code;
    const memory = new GuestMemory();
    memory.createSpace(SPACE);
    memory.resolver = (_, page) => {
      const bytes = code.pages.get(page);
      return bytes ? { kind: "bytes", bytes, isReadable: true, isWritable: false, isExecutable: true } : { kind: "fault", signal: "SIGSEGV", code: 1 };
    };
    // Nothing is executed.
    this.#codePages = new CodePages(memory, () => NO_DECODER);
    for (const page of code.pages.keys()) memory.admit(SPACE, page, "execute");
    const traces = tracesOf(code);
    this.#steps = traces.flatMap(({ rips, ticks }) => rips.slice(0, -1).map((from, i) => this.#step(from, rips[i + 1]!, ticks / rips.length)));
    const { entries, profile } = profileOf(this.#steps, 0);
    for (const { rips, ticks } of traces) for (const rip of rips) this.#weights.set(rip, (this.#weights.get(rip) ?? 0) + ticks / rips.length);
    for (const rip of known.flatMap(({ rips }) => [...rips])) {
      if (this.#weights.has(rip)) this.#again.add(rip);
      else this.#covering.set(rip, "known");
    }
    const least = Math.max(LEAST_TICKS, LEAST_SHARE * traces.reduce((sum, { ticks }) => sum + ticks, 0));
    const hot = new Set([...this.#weights].flatMap(([rip, ticks]) => (ticks >= least ? [rip] : [])));
    this.#profile = { ...profile, hot };
    const reached = this.#steps.flatMap(({ to, kind }) => (kind === "other" ? [] : [to]));
    this.#candidates = [...entries, ...reached, ...traces.map(({ rips }) => rips[0]!)].filter(rip => hot.has(rip));
  }
  readonly #fetch = (rip: number) => this.#codePages.fetch(SPACE, rip);
  #step(from: number, to: number, weight: number): Step & { readonly weight: number } {
    const isNext = to > from && to <= from + MOST_BYTES;
    const instruction = isNext ? undefined : this.#fetch(from);
    return { from, to, weight, kind: instruction ? kindOf(instruction) : "other" };
  }
  compile(isInexactRecorded: boolean): readonly AheadRegion[] {
    for (const rip of this.#candidates) if (this.#parts.length < MOST_MADE && !this.#covering.has(rip)) this.#begin(rip);
    this.#openWays();
    return this.#parts.flatMap(part => this.#make(part, isInexactRecorded) ?? []);
  }
  #extent(part?: Part): Extent {
    return {
      kind: "function",
      isAhead: true,
      isElsewhere: rip => {
        const other = this.#beginning.get(rip);
        return other !== undefined && other !== part;
      },
    };
  }
  /** A part with the function that an address stands in, as far as no other part has it. */
  #begin(rip: number): void {
    const start = this.#profile.starts.get(rip) ?? rip;
    const entries = [...new Set(this.#covering.has(start) ? [rip] : [start, rip])];
    const found = discover(entries, this.#fetch, this.#profile, this.#extent());
    const least = this.#again.has(rip) ? LEAST_AGAIN : LEAST_OF_REGION;
    if (found.blocks[0]?.rip !== entries[0] || this.#weightOf(found.rips) < least) return;
    const part: Part = { entries: new Set(found.entries), found };
    this.#parts.push(part);
    for (const entry of found.entries) if (!this.#beginning.has(entry)) this.#beginning.set(entry, part);
    for (const own of found.rips) if (!this.#covering.has(own)) this.#covering.set(own, part);
  }
  #weightOf(rips: Iterable<number>): number {
    let sum = 0;
    for (const rip of rips) sum += this.#weights.get(rip) ?? 0;
    return sum;
  }
  /** A way into the middle of another part makes an entry there. */
  #openWays(): void {
    for (const { from, to, kind } of this.#steps) {
      if (this.#beginning.has(to)) continue;
      const part = this.#covering.get(to);
      if (!part || part === "known" || part.entries.size >= MOST_ENTRIES.function) continue;
      const isInside = part.found.rips.has(from) && kind !== "return" && kind !== "call" && kind !== "callTo";
      if (isInside && kind !== "computed") continue;
      if (isInside && this.#profile.went.get(from)?.includes(to)) continue;
      part.entries.add(to);
      this.#beginning.set(to, part);
    }
  }
  #make(part: Part, isInexactRecorded: boolean): AheadRegion | undefined {
    const asked = [...part.entries];
    const { blocks, entries, rips } = discover(asked, this.#fetch, this.#profile, this.#extent(part));
    if (blocks.length === 0 || !entries.every((entry, i) => blocks[i]?.rip === entry)) return undefined;
    const all = new Set(blocks.flatMap(({ instructions }) => instructions.map(({ rip }) => rip)));
    const profile = partOf(this.#profile, all);
    const making = { entries: entries.slice(0, MOST_ENTRIES.function), blocks, size: sizeOf(blocks), rips, profile, extent: "function" } as const;
    const { compiled } = makeRegion(making, { isInexactRecorded });
    const code = regionCode(rangesOf(blocks), (at, length) => this.#code.pages.get(pageOf(at))!.subarray(at % PAGE_BYTES, (at % PAGE_BYTES) + length));
    return { compiled, code };
  }
}
/** What it says of these addresses. */
function partOf({ hot, went, loops, rounds, starts, heavy }: Profile, rips: ReadonlySet<number>): Profile {
  const among = (all: ReadonlySet<number>) => new Set([...all].filter(rip => rips.has(rip)));
  const from = <T>(all: ReadonlyMap<number, T>) => new Map([...all].filter(([rip]) => rips.has(rip)));
  return { hot: among(hot), went: from(went), loops: among(loops), rounds: among(rounds), starts: from(starts), heavy: among(heavy) };
}

/** What is compiled already: it begins at its entries, and is left as it is. */
export interface KnownCode {
  readonly entries: Iterable<number>;
  readonly rips: Iterable<number>;
}
/** `isInexactRecorded`: what code that looks at MXCSR relies on. */
export const compileAhead = (code: TracedCode, known: readonly KnownCode[], isInexactRecorded: boolean): readonly AheadRegion[] =>
  new Ahead(code, known).compile(isInexactRecorded);
