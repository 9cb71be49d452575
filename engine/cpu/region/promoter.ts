// Where much is interpreted, execution is promoted to compiled code: what to watch, what of earlier runs to put, what to compile, and when to look again. Nothing of it can be seen by the guest.
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { layout } from "../../memory/layout.ts";
import { pageOf } from "../../memory/page-table.ts";
import type { CodePages } from "../code-pages.ts";
import { MOST_BYTES } from "../decode/decode.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import type { Stop } from "../stop.ts";
import type { RegionShelf } from "./compiled-region.ts";
import type { RegionCompiler, RegionReport } from "./compiler.ts";
import { createCompiler } from "./promotion.ts";
import { Regions } from "./regions.ts";
import { Sampler } from "./sampler.ts";
import { Traces } from "./traces.ts";
import { kindOf, profileOf, type Step } from "./watching.ts";
import { wayOutCodes } from "./way-out.ts";

/** What runs, as far as it is looked at from here. */
export interface Execution {
  readonly interpreter: Interpreter;
  readonly space: number;
  readonly rip: number;
  /** Of the budget. */
  readonly left: number;
  /** One instruction at a time, by the trap flag. */
  readonly isTraced: boolean;
  /** An address that lies in wasm memory. */
  numberAt(place: number): number;
  /** So much of what is left, if nothing stops it; `isOneStep`: until wasm is left first. */
  runPart(ticks: number, isOneStep?: boolean): Stop | undefined;
  trace(most: number): Traced;
}
/** So many instructions have happened one after the other; their addresses lie at `layout.trace`. */
export interface Traced {
  readonly count: number;
  readonly stop: Stop | undefined;
}
export interface PromoterOptions {
  /** Interpreted ticks spent near an address before it is compiled. */
  readonly promotionTicks: number;
  readonly mostRegions: number;
  readonly isCounting: boolean;
  readonly shelf: RegionShelf | undefined;
}
/** Between two looks at where execution is. The longer ones are for when nearly all of it is compiled. */
const [SHORTEST_SLICE, LONGEST_SLICE] = [8192, 2 ** 22];
/** A share of the ticks that compiled code may leave to the interpreter. */
const LITTLE_INTERPRETED = 256;
/** Execution is watched until nothing new has come for a while, and longer where much has come. */
const [FEWEST_STEPS, STEPS_FOR_ADDRESS, MOST_STEPS] = [200, 4, 6000];
/** Ticks spent near one address before it is compiled earlier than that. Then the interpreter may never be busy. */
const EARLY_TICKS = 2_000_000;
/** Before so many times the threshold has been interpreted nobody asks what earlier runs compiled. */
const THRESHOLDS_UNTIL_SHELF = 4;
/** What compiles is loaded for the first region, which takes as long as to compile so many instructions: a part of the threshold, 2,000 of the usual one. Where one address has had `EARLY_TICKS` for itself they pay for that and a small loop. */
const OF_THRESHOLD_FOR_FIRST = { early: 1 / 150, later: 1 / 30 } as const;
/** Of a region. */
const USUAL_INSTRUCTIONS = 150;
/** Instructions, at the end of a slice of which more than a little was interpreted: else what is traced, at 40 ns each, could be a tenth of what compiled code takes for as many ticks. */
const TRACED_AT_A_TIME = 64;
/** No address. */
const NOWHERE = Number.NEGATIVE_INFINITY;

export class Promoter {
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  readonly #execution: Execution;
  readonly #options: PromoterOptions;
  readonly #sampler: Sampler;
  /** Taken where there is somebody to leave them to, and not of a short run. */
  #traces: Traces | undefined;
  #known: Regions | undefined;
  #compiled: RegionCompiler | undefined;
  #ticksUntilShelf: number;
  #slice = SHORTEST_SLICE;
  #untilLook = SHORTEST_SLICE;
  #compiledTicks = 0;

  constructor(memory: GuestMemory, codePages: CodePages, execution: Execution, options: PromoterOptions) {
    this.#memory = memory;
    this.#codePages = codePages;
    this.#execution = execution;
    this.#options = options;
    this.#sampler = new Sampler(options.promotionTicks);
    this.#ticksUntilShelf = options.shelf ? THRESHOLDS_UNTIL_SHELF * options.promotionTicks : Number.POSITIVE_INFINITY;
  }

  report(): readonly RegionReport[] {
    return this.#compiled?.report() ?? [];
  }
  /** Made when the first is put or looked for. */
  get regions(): Regions {
    const { shelf, mostRegions } = this.#options;
    this.#known ??= new Regions(this.#memory, this.#codePages, this.#execution.interpreter, shelf, mostRegions);
    return this.#known;
  }
  /** Made at the first promotion. */
  get compiler(): RegionCompiler {
    this.#compiled ??= createCompiler(this.#memory, this.#codePages, this.regions, this.#options.isCounting);
    return this.#compiled;
  }
  /** Another interpreter leads to the regions from now on. */
  moveTo(interpreter: Interpreter): void {
    this.#known?.moveTo(interpreter);
  }
  /** A part of the budget, and a look at where it was spent. */
  runSlice(isEarly: boolean): Stop | undefined {
    const { words } = this.#memory.linear;
    const part = Math.min(this.#execution.left, this.#untilLook);
    const compiledBefore = words[layout.compiledTicks >>> 2]!;
    const left = this.#execution.left;
    const stop = this.#execution.runPart(part);
    const spent = left - this.#execution.left;
    this.#untilLook -= spent;
    this.#compiledTicks += (this.#memory.linear.words[layout.compiledTicks >>> 2]! - compiledBefore) | 0;
    if (stop || this.#untilLook > 0) return stop;
    const slice = this.#slice;
    const interpreted = slice - this.#compiledTicks;
    const isCompiled = this.#compiledTicks > 0 && this.#memory.linear.words[layout.lastWayOut >>> 2] === wayOutCodes.budget;
    this.#sampler.passed(interpreted, this.#compiledTicks);
    this.#slice = Math.min(LONGEST_SLICE, Math.floor((SHORTEST_SLICE * slice) / Math.max(1, interpreted)));
    this.#untilLook = this.#slice;
    this.#compiledTicks = 0;
    this.#traces?.passed(interpreted, slice);
    if (isCompiled && interpreted * LITTLE_INTERPRETED < slice) return undefined;
    if (this.#traces) {
      const { count, stop } = this.#execution.trace(TRACED_AT_A_TIME);
      this.#traces.add(this.#execution.space, count);
      if (stop || this.#execution.left === 0) return stop;
    }
    this.#openShelf(interpreted);
    if (this.#plantAll([this.#execution.rip], interpreted)) return undefined;
    const least = isEarly ? EARLY_TICKS : 0;
    return this.#sampler.note(this.#execution.rip, isCompiled ? interpreted : slice, least) ? this.#promote(isEarly, interpreted < slice) : undefined;
  }
  /** Watches execution from here, but not in the regions that it goes through, and compiles all that. */
  #promote(isEarly: boolean, isPartlyCompiled: boolean): Stop | undefined {
    const from = this.#execution.rip;
    this.regions.forgetJumps();
    const lastRip = this.#memory.linear.words[layout.lastWayOut >>> 2] === wayOutCodes.elsewhere ? this.#execution.numberAt(layout.lastRip) : NOWHERE;
    const { steps, passed, seen, stop } = this.#watch();
    this.#sampler.watched(steps.length);
    if (steps.length === 0) {
      this.#sampler.putOff(from, seen);
      return stop;
    }
    if (this.#plantAll(seen)) return stop;
    const { entries, profile: stepped } = profileOf(steps);
    if (!this.#compiled && !this.#sampler.affords(from, this.#firstPrice(isEarly, stepped.hot.size), stepped.hot)) return stop;
    const profile = this.compiler.withPassed(this.#execution.space, stepped, passed);
    const pays = (instructions: number, isAgain: boolean) => this.#sampler.pays(from, instructions, profile.hot, isAgain);
    let isCompiled = false;
    for (const entry of entries) {
      if (isCompiled && this.regions.goesThrough(this.#execution.space, entry)) continue;
      const outcome = this.compiler.compile(this.#execution.space, entry, profile, pays, entries);
      if (outcome === "costly") return stop;
      isCompiled ||= outcome === "compiled";
    }
    if (isCompiled) return stop;
    // Else the stretch from where compiled code left off stays interpreted, unless a region that is met goes through it.
    const last = isPartlyCompiled && profile.hot.has(lastRip) ? lastRip : from;
    if (!this.regions.goesThrough(this.#execution.space, last) && this.compiler.compile(this.#execution.space, last, profile, pays) !== "known") return stop;
    this.#sampler.putOff(from, profile.hot);
    return stop;
  }
  /** Until nothing new comes: what was done outside of regions, which of them were gone through, and all addresses that were come to. */
  #watch(): { readonly steps: readonly Step[]; readonly passed: ReadonlySet<number>; readonly seen: ReadonlySet<number>; readonly stop: Stop | undefined } {
    const execution = this.#execution;
    const { space } = execution;
    const steps: Step[] = [];
    const passed = new Set<number>();
    const seen = new Set<number>();
    const kindAt = (rip: number): Step["kind"] => {
      const instruction = this.#codePages.fetch(space, rip);
      return instruction ? kindOf(instruction) : "other";
    };
    let stop: Stop | undefined;
    let lastNew = 0;
    let left = execution.left;
    for (let i = 0; i < MOST_STEPS && i < lastNew + FEWEST_STEPS + STEPS_FOR_ADDRESS * seen.size && left > 0 && !stop && !execution.isTraced; i++) {
      const from = execution.rip;
      if (!seen.has(from)) {
        lastNew = i;
        seen.add(from);
      }
      const before = left;
      if (this.regions.beginningAt(space, from)) {
        passed.add(from);
        stop = this.#runRegion();
        left = execution.left;
        if (left < before || stop) continue;
      }
      stop = execution.runPart(1);
      left = execution.left;
      if (stop) continue;
      const to = execution.rip;
      // To decode each instruction would take most of the time.
      steps.push({ from, to, kind: to >= from && to <= from + MOST_BYTES ? "other" : kindAt(from) });
    }
    return { steps, passed, seen, stop };
  }
  /** In instructions: of the first region, where so many were seen. */
  #firstPrice(isEarly: boolean, seen: number): number {
    const { promotionTicks } = this.#options;
    return isEarly ? promotionTicks * OF_THRESHOLD_FOR_FIRST.early + seen : promotionTicks * OF_THRESHOLD_FOR_FIRST.later + Math.min(seen, USUAL_INSTRUCTIONS);
  }
  /** A short run has no use for it. */
  #openShelf(interpreted: number): void {
    const isBefore = this.#ticksUntilShelf > 0;
    this.#ticksUntilShelf -= interpreted;
    const { shelf } = this.#options;
    if (!isBefore || this.#ticksUntilShelf > 0 || !shelf) return;
    if (shelf.isGathered) this.#sampler.beGathered();
    this.#sampler.take(shelf.accounts());
    const traces = new Traces(this.#memory, this.#codePages);
    this.#traces = traces;
    shelf.follow({ regions: () => this.regions.worthKeeping(), accounts: () => this.#sampler.save(), traces });
  }
  /** What earlier runs compiled around these addresses; answers whether there was anything. */
  #plantAll(rips: Iterable<number>, ticks?: number): boolean {
    if (this.#ticksUntilShelf > 0) return false;
    let isAny = false;
    for (const page of new Set(Array.from(rips, pageOf))) isAny = this.regions.plant(this.#execution.space, page, ticks) || isAny;
    return isAny;
  }
  /** At the entry of a region: until it is left. */
  #runRegion(): Stop | undefined {
    this.#memory.linear.words[layout.isWatched >>> 2] = 1;
    const stop = this.#execution.runPart(Math.min(this.#execution.left, LONGEST_SLICE), true);
    this.#memory.linear.words[layout.isWatched >>> 2] = 0;
    return stop;
  }
}
