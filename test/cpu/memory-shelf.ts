// Compiled regions of one run, for another in the same process.
import type { Keepsakes, KeptRegion, LivingRegion, RegionShelf } from "../../engine/cpu/region/compiled-region.ts";
import type { SavedAccount } from "../../engine/cpu/region/sampler.ts";
import { PAGE_BYTES } from "../../engine/memory/layout.ts";

export const keptFrom = ({ of, code }: LivingRegion): KeptRegion => ({ ...of, code: code() });

export class MemoryShelf implements RegionShelf {
  readonly #rows: Set<KeptRegion>;
  #run: Keepsakes | undefined;

  constructor(rows: Iterable<KeptRegion> = []) {
    this.#rows = new Set(rows);
  }
  beginningIn(page: number): readonly KeptRegion[] {
    return [...this.#rows].filter(({ entries }) => entries.some(rip => Math.floor(rip / PAGE_BYTES) === page));
  }
  replaced(region: KeptRegion): void {
    this.#rows.delete(region);
  }
  accounts(): readonly SavedAccount[] {
    return [];
  }
  follow(run: Keepsakes): void {
    this.#run = run;
  }
  /** Of the last machine that was given the shelf. */
  living(): readonly LivingRegion[] {
    return [...(this.#run?.regions() ?? [])];
  }
}
