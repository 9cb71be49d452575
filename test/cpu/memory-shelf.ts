// Compiled regions of one run, for another in the same process, and where it executed instructions.
import type { StartsInPage } from "../../engine/cpu/code-pages.ts";
import { compileAhead } from "../../engine/cpu/region/ahead.ts";
import type { Keepsakes, KeptRegion, LivingRegion, RegionShelf, Spent } from "../../engine/cpu/region/compiled-region.ts";
import { gatheredBytes, standInBytes } from "../../engine/cpu/region/gathered-module.ts";
import type { SavedAccount } from "../../engine/cpu/region/sampler.ts";
import type { Traces } from "../../engine/cpu/region/traces.ts";
import { bodiesOf } from "../../engine/cpu/wasm/module.ts";
import { PAGE_BYTES } from "../../engine/memory/layout.ts";

export const keptFrom = ({ of, code }: LivingRegion): KeptRegion => ({ ...of, code: code() });

/** What is compiled ahead of a run, of what others did, in one module; or what stands in for that. */
export function gatheredFrom({ codes, isInexactRecorded }: Traces, isStandIn = false): readonly KeptRegion[] {
  const regions = codes.flatMap(code => compileAhead(code, [], isInexactRecorded)).filter(({ compiled }) => !compiled.calls);
  const bytes = isStandIn ? standInBytes(regions.length, Uint8Array.of(1, 2, 3)) : gatheredBytes(regions.map(({ compiled }) => bodiesOf(compiled.bytes)[0]!));
  const module = new WebAssembly.Module(bytes);
  return regions.map(({ compiled, code }, number) => ({ ...compiled, module, code, gathered: { module, number } }));
}

export class MemoryShelf implements RegionShelf {
  readonly #rows: Set<KeptRegion>;
  readonly #starts: ReadonlyMap<number, Uint8Array>;
  #run: Keepsakes | undefined;

  constructor(rows: Iterable<KeptRegion> = [], decoded: readonly StartsInPage[] = []) {
    this.#rows = new Set(rows);
    this.#starts = new Map(decoded.map(({ page, starts }) => [page, starts]));
  }
  startsIn(page: number): Uint8Array | undefined {
    return this.#starts.get(page);
  }
  lyingIn(page: number): readonly KeptRegion[] {
    return [...this.#rows].filter(({ code }) => code.ranges.some(([at]) => Math.floor(at / PAGE_BYTES) === page));
  }
  replaced(region: KeptRegion): void {
    this.#rows.delete(region);
  }
  get isGathered(): boolean {
    return [...this.#rows].some(({ gathered }) => gathered !== undefined);
  }
  readonly wantsTraces = true;
  accounts(): readonly SavedAccount[] {
    return [];
  }
  follow(run: Keepsakes): void {
    this.#run = run;
  }
  add(rows: Iterable<KeptRegion>): void {
    for (const row of rows) this.#rows.add(row);
  }
  next(_: Spent): ReturnType<RegionShelf["next"]> {
    return undefined;
  }
  decoded(): readonly StartsInPage[] {
    return [...this.#run!.decoded()];
  }
  traces(): Traces {
    return this.#run!.traces()!;
  }
  /** Of the last machine that was given the shelf. */
  living(): readonly LivingRegion[] {
    return [...(this.#run?.regions() ?? [])].filter(region => region.isOfFiles());
  }
}

/** Of a run that goes on for long: what it does is compiled again and again, and put while it goes on. */
export class LongShelf extends MemoryShelf {
  readonly #ticks: number;
  #since = 0;
  #after: "trace" | "enough" | "come" = "trace";

  /** `ticks`: that are interpreted from one step to the next. */
  constructor(ticks: number) {
    super();
    this.#ticks = ticks;
  }
  override next({ interpreted }: Spent): ReturnType<RegionShelf["next"]> {
    if (interpreted - this.#since < this.#ticks) return undefined;
    this.#since = interpreted;
    if (this.#after === "trace") {
      this.add(gatheredFrom(this.traces()));
      this.#after = "enough";
    } else this.#after = this.#after === "enough" ? "come" : "trace";
    return this.#after;
  }
}
