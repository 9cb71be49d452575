// The compiled regions of a program, kept between its runs, with the machine code that V8 made of them: making them again takes 200 times as long as putting them where the same code lies.
// Those that a run compiles lie each by itself; from time to time a process of its own gathers them in one module, with what it compiles ahead of what runs interpreted (gather-regions.ts).
import { existsSync } from "node:fs";
import type { CodePart, Keepsakes, KeptRegion, LivingRegion, RegionShelf } from "../engine/cpu/region/compiled-region.ts";
import { AddressSet, PackedProfile } from "../engine/cpu/region/packed-profile.ts";
import type { SavedAccount } from "../engine/cpu/region/sampler.ts";
import { PAGE_BYTES } from "../engine/memory/layout.ts";
import type { BootParameters } from "../events/kernel-event.ts";
import { checksum } from "./kept-code.ts";
import { INTERPRETER_FILE } from "./prebuilt.ts";
import { type LoneRow, placesOf, RegionFiles, type RegionRow, rowOf, type Saved } from "./region-files.ts";
import { natives } from "./v8-natives.ts";

/** Of one program and those that it starts. */
const MOST_BYTES = 48 * 2 ** 20;
/** The file is written where this part of it would be new. */
const LEAST_NEW = 0.01;
/** Of all ticks. A run that interprets less compiles what it needs by itself, and as well. */
const LEAST_INTERPRETED = 0.1;
/** Ticks that runs interpret before what they left is gathered; twice as many each time after that. */
const TICKS_UNTIL_GATHERED = 10_000_000;

abstract class ShelvedRegion implements KeptRegion {
  readonly row: RegionRow;
  readonly entries: readonly number[];
  readonly size: number;
  readonly extent: KeptRegion["extent"];
  readonly relies: KeptRegion["relies"];
  readonly fuses: boolean;
  readonly calls: boolean;
  readonly profile: PackedProfile;
  #rips: AddressSet | undefined;
  abstract readonly bytes: Uint8Array<ArrayBuffer>;
  abstract readonly module: WebAssembly.Module;

  constructor(row: RegionRow) {
    this.row = row;
    this.entries = row.entries;
    this.size = row.size;
    this.extent = row.extent;
    this.relies = row.relies ?? undefined;
    this.fuses = row.fuses;
    this.calls = row.calls;
    this.profile = new PackedProfile(row.profile);
  }
  get code(): readonly CodePart[] {
    const parts: CodePart[] = [];
    let end = 0;
    for (const [at, length] of this.row.places) {
      parts.push({ at, bytes: this.row.code.subarray(end, end + length) });
      end += length;
    }
    return parts;
  }
  get rips(): KeptRegion["rips"] {
    this.#rips ??= AddressSet.unpacked(this.row.rips);
    return this.#rips;
  }
}
class LoneRegion extends ShelvedRegion {
  declare readonly row: LoneRow;
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.row.bytes;
  }
  get module(): WebAssembly.Module {
    const { machine, bytes } = this.row;
    return (machine && natives()?.deserialize(machine, bytes)) ?? new WebAssembly.Module(bytes);
  }
}
class GatheredRegion extends ShelvedRegion {
  readonly gathered: { readonly module: WebAssembly.Module; readonly number: number };
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(row: RegionRow, bytes: Uint8Array<ArrayBuffer>, module: WebAssembly.Module, number: number) {
    super(row);
    this.bytes = bytes;
    this.gathered = { module, number };
  }
  get module(): WebAssembly.Module {
    return this.gathered.module;
  }
}

export class KeptRegions implements RegionShelf {
  readonly #files: RegionFiles;
  #rows: Set<ShelvedRegion> | undefined;
  readonly #byPage = new Map<number, ShelvedRegion[]>();
  #known: Saved | undefined;
  #run: Keepsakes | undefined;

  constructor(files: RegionFiles) {
    this.#files = files;
  }
  beginningIn(page: number): readonly KeptRegion[] {
    this.#shelved();
    return this.#byPage.get(page) ?? [];
  }
  replaced(region: KeptRegion): void {
    if (region instanceof ShelvedRegion) this.#shelved().delete(region);
  }
  get isGathered(): boolean {
    return this.#saved.gatherings > 0;
  }
  accounts(): readonly SavedAccount[] {
    return this.#saved.accounts;
  }
  follow(run: Keepsakes): void {
    this.#run = run;
  }
  /** For the runs after this one: what was compiled in this one, and what it did not need. */
  keep(): void {
    if (!this.#run) return;
    this.#keepLone(this.#run);
    const { traces } = this.#run;
    const interpreted = this.#saved.interpreted + traces.interpreted;
    const isWide = traces.interpreted > LEAST_INTERPRETED * traces.ticks;
    const isGathering = natives() !== null && isWide && interpreted > TICKS_UNTIL_GATHERED * 2 ** this.#saved.gatherings;
    const gatherings = this.#saved.gatherings + (isGathering ? 1 : 0);
    this.#files.saved = { accounts: gatherings > 0 ? [] : this.#run.accounts(), interpreted: isGathering ? 0 : interpreted, gatherings };
    if (!isGathering) return;
    const { codes, isInexactRecorded } = traces;
    this.#files.gathering = { codes: codes.map(({ pages, traces }) => ({ pages: [...pages], traces })), isInexactRecorded };
    gatherElsewhere(this.#files.name);
  }
  get #saved(): Saved {
    this.#known ??= this.#files.saved;
    return this.#known;
  }
  #keepLone(run: Keepsakes): void {
    const others = new Set([...this.#shelved()].filter(region => region instanceof LoneRegion));
    const rows: LoneRow[] = [];
    let news = 0;
    for (const living of run.regions()) {
      if (living.kept instanceof GatheredRegion) continue;
      const kept = living.kept instanceof LoneRegion ? living.kept : undefined;
      if (kept) others.delete(kept);
      const row = withMachineCode(kept?.row ?? { ...rowOf(living.of, living.code()), bytes: living.of.bytes, machine: null }, living);
      if (row !== kept?.row) news += bytesOf(row);
      rows.push(row);
    }
    for (const { row } of others) rows.push(row);
    const fitting: LoneRow[] = [];
    let bytes = 0;
    for (const row of rows) {
      bytes += bytesOf(row);
      if (bytes > MOST_BYTES) break;
      fitting.push(row);
    }
    if (news > LEAST_NEW * bytes) this.#files.lone = fitting;
  }
  /** What the files held, less what has been replaced. */
  #shelved(): Set<ShelvedRegion> {
    if (!this.#rows) {
      const gathered = this.#gathered();
      const taken = new Set(gathered.flatMap(({ row }) => placesOf(row)));
      // What has been gathered need not lie there by itself.
      const lone = this.#files.lone.filter(row => !placesOf(row).every(place => taken.has(place)));
      this.#rows = new Set([...lone.map(row => new LoneRegion(row)), ...gathered]);
      for (const region of this.#rows)
        for (const page of new Set(region.entries.map(entry => Math.floor(entry / PAGE_BYTES)))) {
          const others = this.#byPage.get(page);
          if (others) others.push(region);
          else this.#byPage.set(page, [region]);
        }
    }
    return this.#rows;
  }
  #gathered(): readonly GatheredRegion[] {
    const gathered = this.#files.gathered;
    if (!gathered) return [];
    const { rows, bytes, machine } = gathered;
    const module = natives()?.deserialize(machine, bytes) ?? new WebAssembly.Module(bytes);
    return rows.map((row, number) => new GatheredRegion(row, bytes, module, number));
  }
}
/** Goes on when this process has ended, and takes what nobody else wants of the host. */
function gatherElsewhere(name: string): void {
  // It would wait for a debugger of its own.
  if (process.execArgv.some(word => word.startsWith("--inspect"))) return;
  const { spawn } = process.getBuiltinModule("node:child_process");
  const words = [...process.execArgv, `${import.meta.dirname}/gather-regions.cjs`, name];
  spawn(process.execPath, words, { detached: true, stdio: "ignore" })
    .on("error", () => {})
    .unref();
}
/** With the machine code of a region that has become busy. */
function withMachineCode(row: LoneRow, { of, run }: LivingRegion): LoneRow {
  const v8 = row.machine ? null : natives();
  return v8?.isOptimised(run) ? { ...row, machine: v8.serialize(of.module) } : row;
}
const bytesOf = ({ code, rips, profile, bytes, machine }: LoneRow): number =>
  code.length + rips.length + profile.length + bytes.length + (machine?.length ?? 0);

/** Those of a program in an image; nothing without a build, by which they are known. */
export function keptRegions({ imageDigest, program }: Pick<BootParameters, "imageDigest" | "program">): KeptRegions | undefined {
  if (!existsSync(INTERPRETER_FILE)) return undefined;
  return new KeptRegions(new RegionFiles((checksum(Buffer.from(`${imageDigest} ${program}`.padEnd(4)), 1) >>> 0).toString(16)));
}
