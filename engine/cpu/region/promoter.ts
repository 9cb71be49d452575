// Where much is interpreted, execution is promoted to compiled code: what to watch, what of earlier runs to put, what to compile, and when to look again. Nothing of it can be seen by the guest.
import type { GuestMemory } from "../../memory/guest-memory.ts";
import { layout } from "../../memory/layout.ts";
import { pageOf } from "../../memory/page-table.ts";
import type { CodePages } from "../code-pages.ts";
import { MOST_BYTES } from "../decode/decode.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import type { Stop } from "../stop.ts";
import type { Spent } from "./compiled-region.ts";
import type { RegionCompiler, RegionReport } from "./compiler.ts";
import { createCompiler } from "./promotion.ts";
import { Regions, type RegionsOptions } from "./regions.ts";
import { Sampler } from "./sampler.ts";
import { Traces } from "./traces.ts";
import { kindOf, pathTo, profileOf, type Step } from "./watching.ts";
import { wayOutCodes } from "./way-out.ts";

/** What runs, as far as it is looked at from here. */
export interface Execution {
  readonly interpreter: Interpreter;
  readonly space: number;
  rip(): number;
  /** Of the budget. */
  left(): number;
  /** One instruction at a time, by the trap flag. */
  isTraced(): boolean;
  /** An address that lies in wasm memory. */
  numberAt(place: number): number;
  runPart(ticks: number, how?: RunPart): Stop | undefined;
  trace(most: number): Traced;
}
/** So much of what is left, if nothing stops it. */
export interface RunPart {
  /** The interpreter stops after so many of its own. */
  readonly interpreting?: number;
  /** Until wasm is left first. */
  readonly isOneStep?: boolean;
}
/** So many instructions have happened one after the other; their addresses lie at `layout.trace`. */
export interface Traced {
  readonly count: number;
  readonly stop: Stop | undefined;
}
/** Of a slice: see `Spent`. */
interface Passed {
  readonly interpreted: number;
  readonly compiled: number;
  readonly timesLeft: number;
}
export interface PromoterOptions extends RegionsOptions {
  /** Interpreted ticks spent near an address before it is compiled. */
  readonly promotionTicks: number;
  readonly isCounting: boolean;
}
/** Interpreted ticks between two looks at where the interpreter is; the shorter one where instructions are traced at each. That takes a fifth longer. */
const [SLICE, TRACED_SLICE] = [8192, 2048];
const TRACED_AT_A_TIME = 128;
/** What has been executed since compiled code was left is looked at as far back. */
const MOST_SINCE_LEFT = 64;
/** Slices differ in length: a loop that takes as long as one, or a part of it, would be looked at in one place. */
const [VARIATION, STRIDE] = [512, 199];
/** Of a region that is met while execution is watched. */
const MOST_PASSED = 2 ** 22;
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
/** No address. */
const NOWHERE = Number.NEGATIVE_INFINITY;

export class Promoter {
  readonly #memory: GuestMemory;
  readonly #codePages: CodePages;
  readonly #execution: Execution;
  readonly #options: PromoterOptions;
  readonly #sampler: Sampler;
  /** Taken where somebody asks for them, and not of a short run. */
  #traces: Traces | undefined;
  #known: Regions | undefined;
  #compiled: RegionCompiler | undefined;
  #ticksUntilShelf: number;
  /** Code pages that were come to before it opened. */
  #pagesBefore: number[] = [];
  #slice = SLICE;
  #untilLook = SLICE;
  #compiledTicks = 0;
  #timesLeft = 0;
  #looks = 0;
  #spent: Spent = { ticks: 0, interpreted: 0, timesLeft: 0 };

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
    this.#known ??= new Regions(this.#memory, this.#codePages, this.#execution.interpreter, this.#options);
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
  /** The budget until the interpreter has had a slice of it, and a look at where it is. */
  runSlice(isEarly: boolean): Stop | undefined {
    const { words } = this.#memory.linear;
    const compiledBefore = words[layout.compiledTicks >>> 2]!;
    const before = this.#execution.left();
    words[layout.budgetAtLeave >>> 2] = words[layout.timesLeft >>> 2] = 0;
    const stop = this.#execution.runPart(before, { interpreting: this.#untilLook });
    const compiled = (this.#memory.linear.words[layout.compiledTicks >>> 2]! - compiledBefore) | 0;
    this.#compiledTicks += compiled;
    this.#untilLook -= before - this.#execution.left() - compiled;
    this.#timesLeft += this.#memory.linear.words[layout.timesLeft >>> 2]!;
    if (stop || this.#untilLook > 0) return stop;
    const passed = { interpreted: this.#slice - this.#untilLook, compiled: this.#compiledTicks, timesLeft: this.#timesLeft };
    if (this.#traces) this.#slice = TRACED_SLICE + ((++this.#looks * STRIDE) % VARIATION);
    this.#untilLook = this.#slice;
    this.#compiledTicks = this.#timesLeft = 0;
    return this.#look(passed, isEarly);
  }
  #look({ interpreted, compiled, timesLeft }: Passed, isEarly: boolean): Stop | undefined {
    this.#sampler.passed(interpreted, compiled);
    const { ticks, interpreted: before, timesLeft: leftBefore } = this.#spent;
    this.#spent = { ticks: ticks + interpreted + compiled, interpreted: before + interpreted, timesLeft: leftBefore + timesLeft };
    if (this.#traces) {
      this.#traces.passed(interpreted);
      const sinceLeft = this.#sinceLeft();
      const { count, stop } = this.#execution.trace(TRACED_AT_A_TIME);
      this.#traces.add(this.#execution.space, sinceLeft, count);
      if (stop || this.#execution.left() === 0) return stop;
    }
    this.#openShelf(interpreted);
    this.#followShelf();
    if (this.#ticksUntilShelf <= 0 && this.regions.plant(this.#execution.space, pageOf(this.#execution.rip()), interpreted)) return undefined;
    const least = isEarly ? EARLY_TICKS : 0;
    return this.#sampler.note(this.#execution.rip(), interpreted, least) ? this.#promote(isEarly, compiled > 0) : undefined;
  }
  /** What has been executed since compiled code was left, where that is no more than a few instructions of which there is no doubt: mostly it is one or two, and the last of them would be all that is traced. */
  #sinceLeft(): readonly number[] {
    const { words } = this.#memory.linear;
    const count = words[layout.budgetAtLeave >>> 2]!;
    if (count <= 0 || count > MOST_SINCE_LEFT || words[layout.lastWayOut >>> 2] !== wayOutCodes.elsewhere) return [];
    const { space } = this.#execution;
    return pathTo(this.#execution.numberAt(layout.lastRip), this.#execution.rip(), count, rip => this.#codePages.fetch(space, rip)) ?? [];
  }
  /** Watches execution from here, but not in the regions that it goes through, and compiles all that. */
  #promote(isEarly: boolean, isPartlyCompiled: boolean): Stop | undefined {
    const from = this.#execution.rip();
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
    let left = execution.left();
    for (let i = 0; i < MOST_STEPS && i < lastNew + FEWEST_STEPS + STEPS_FOR_ADDRESS * seen.size && left > 0 && !stop && !execution.isTraced(); i++) {
      const from = execution.rip();
      if (!seen.has(from)) {
        lastNew = i;
        seen.add(from);
      }
      const before = left;
      if (this.regions.beginningAt(space, from)) {
        passed.add(from);
        stop = this.#runRegion();
        left = execution.left();
        if (left < before || stop) continue;
      }
      stop = execution.runPart(1);
      left = execution.left();
      if (stop) continue;
      const to = execution.rip();
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
  /** To pages in which nothing has been executed before. */
  comeTo(pages: readonly number[]): void {
    const { shelf } = this.#options;
    if (!shelf) return;
    if (this.#ticksUntilShelf > 0) {
      this.#pagesBefore.push(...pages);
      return;
    }
    for (const page of pages) {
      const starts = shelf.startsIn(page);
      if (starts) this.#codePages.decodeAhead(page, starts);
      this.regions.plantGathered(this.#execution.space, page);
    }
  }
  /** A short run has no use for it. */
  #openShelf(interpreted: number): void {
    const isBefore = this.#ticksUntilShelf > 0;
    this.#ticksUntilShelf -= interpreted;
    const { shelf } = this.#options;
    if (!isBefore || this.#ticksUntilShelf > 0 || !shelf) return;
    if (shelf.isGathered) this.#sampler.beGathered();
    this.#sampler.take(shelf.accounts());
    if (shelf.wantsTraces) this.#beginTraces();
    this.comeTo(this.#pagesBefore.splice(0));
    shelf.follow({
      regions: () => this.regions.living(),
      accounts: () => this.#sampler.save(),
      spent: () => this.#spent,
      traces: () => this.#traces,
      decoded: () => this.#codePages.decoded(),
      coldPlaces: () => this.#codePages.coldPlaces(),
    });
  }
  /** In a run that goes on for long what it does is compiled elsewhere, and put as soon as it is there. */
  #followShelf(): void {
    if (this.#ticksUntilShelf > 0) return;
    const next = this.#options.shelf?.next(this.#spent);
    if (next === "trace") this.#beginTraces();
    if (next === "enough") {
      this.#traces = undefined;
      this.#slice = SLICE;
    }
    if (next !== "come") return;
    this.#sampler.beGathered();
    for (const { page } of [...this.#codePages.decoded()]) this.regions.plantGathered(this.#execution.space, page);
  }
  #beginTraces(): void {
    this.#traces = new Traces(this.#memory, this.#codePages);
    this.#slice = this.#untilLook = TRACED_SLICE;
  }
  /** What earlier runs compiled around these addresses; answers whether there was anything. */
  #plantAll(rips: Iterable<number>): boolean {
    if (this.#ticksUntilShelf > 0) return false;
    let isAny = false;
    for (const page of new Set(Array.from(rips, pageOf))) isAny = this.regions.plant(this.#execution.space, page) || isAny;
    return isAny;
  }
  /** At the entry of a region: until it is left. */
  #runRegion(): Stop | undefined {
    this.#memory.linear.words[layout.isWatched >>> 2] = 1;
    const stop = this.#execution.runPart(Math.min(this.#execution.left(), MOST_PASSED), { isOneStep: true });
    this.#memory.linear.words[layout.isWatched >>> 2] = 0;
    return stop;
  }
}
