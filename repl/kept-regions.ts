// The compiled regions of a program, kept between its runs, with the machine code that V8 made of them: making them again takes 200 times as long as putting them where the same code lies.
// Those that a run compiles lie each by itself; from time to time a process of its own gathers them in one module, with what it compiles ahead of what runs interpreted (gather-regions.ts).
import { existsSync } from "node:fs";
import type { Keepsakes, KeptRegion, LivingRegion, RegionCode, RegionShelf, Spent } from "../engine/cpu/region/compiled-region.ts";
import { AddressSet, PackedProfile } from "../engine/cpu/region/packed-profile.ts";
import type { SavedAccount } from "../engine/cpu/region/sampler.ts";
import type { Traces } from "../engine/cpu/region/traces.ts";
import { PAGE_BYTES } from "../engine/memory/layout.ts";
import type { BootParameters } from "../events/kernel-event.ts";
import { checksum } from "./kept-code.ts";
import type { PackedStarts } from "./packed-starts.ts";
import { INTERPRETER_FILE } from "./prebuilt.ts";
import { type Gathered, type LoneRow, placesOf, RegionFiles, type RegionRow, rowOf, type Saved } from "./region-files.ts";
import { natives } from "./v8-natives.ts";

/** Of one program and those that it starts. */
const MOST_BYTES = 48 * 2 ** 20;
/** The file is written where this part of it would be new. */
const LEAST_NEW = 0.01;
/** Of all ticks. A run that interprets less compiles what it needs by itself, and as well. An interpreted tick takes as long as eight others: of the time it is an eighth. */
const LEAST_INTERPRETED = 0.015;
/** Where code has been gathered nobody else compiles what is left, and most of that is short: to leave compiled code for the interpreter and to come back takes as long as so many interpreted ticks. */
const [LEAST_AFTER_GATHERING, TICKS_OF_LEAVING] = [0.004, 10];
/** Ticks that runs interpret before what the next one does is gathered; twice as many each time after that. */
const TICKS_UNTIL_GATHERED = 10_000_000;
/** A run that goes on for long does not wait for the next: when it has interpreted so much, and so much of what it did, it writes down what it does for a while, and has that compiled beside it; the next time after twice as much. */
const LONG = { interpreted: 100_000_000, share: 0.06, traced: 12_000_000, betweenLooks: 1_000_000 } as const;

/** What is read of a row is kept. */
abstract class ShelvedRegion implements KeptRegion {
  readonly row: RegionRow;
  readonly entries: readonly number[];
  readonly relies: KeptRegion["relies"];
  readonly fuses: boolean;
  #code: RegionCode | undefined;
  #rips: AddressSet | undefined;
  abstract readonly bytes: Uint8Array<ArrayBuffer>;
  abstract readonly module: WebAssembly.Module;

  constructor(row: RegionRow) {
    this.row = row;
    this.entries = row.entries;
    this.relies = row.relies ?? undefined;
    this.fuses = row.fuses;
  }
  get code(): RegionCode {
    this.#code ??= { ranges: this.row.ranges, bytes: this.row.code };
    return this.#code;
  }
  get rips(): AddressSet {
    this.#rips ??= AddressSet.unpacked(this.row.rips);
    return this.#rips;
  }
  get profile(): PackedProfile {
    return new PackedProfile(this.row.profile);
  }
  get size(): number {
    return this.row.size;
  }
  get extent(): KeptRegion["extent"] {
    return this.row.extent;
  }
  get calls(): boolean {
    return this.row.calls;
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

  constructor({ rows, standIn }: Gathered, module: WebAssembly.Module, number: number) {
    super(rows.at(number));
    this.bytes = standIn;
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
  #starts: PackedStarts | undefined;
  #known: Saved | undefined;
  #run: Keepsakes | undefined;
  /** Where a run is that has its code gathered while it goes on, and how much is interpreted until that is looked at again. */
  #stage: "waiting" | "tracing" | "gathering" = "waiting";
  #nextLook: number = LONG.interpreted;
  /** How often, in this run. */
  #within = 0;
  /** Of the run, what has been gathered already. */
  #before: Spent = { ticks: 0, interpreted: 0, timesLeft: 0 };

  constructor(files: RegionFiles) {
    this.#files = files;
  }
  lyingIn(page: number): readonly KeptRegion[] {
    this.#shelved();
    return this.#byPage.get(page) ?? [];
  }
  startsIn(page: number): Uint8Array | undefined {
    this.#shelved();
    return this.#starts?.in(page);
  }
  replaced(region: KeptRegion): void {
    if (region instanceof ShelvedRegion) this.#shelved().delete(region);
  }
  get isGathered(): boolean {
    return this.#saved.gatherings > 0;
  }
  get wantsTraces(): boolean {
    return this.#saved.isDue;
  }
  accounts(): readonly SavedAccount[] {
    return this.#saved.accounts;
  }
  follow(run: Keepsakes): void {
    this.#run = run;
    // A short run is traced to its end.
    if (this.wantsTraces) this.#stage = "tracing";
  }
  next(spent: Spent): ReturnType<RegionShelf["next"]> {
    const { ticks, interpreted } = spent;
    if (interpreted < this.#nextLook) return undefined;
    this.#nextLook = interpreted + LONG.betweenLooks;
    if (this.#stage === "waiting") {
      if (natives() === null || interpreted - this.#before.interpreted < LONG.share * (ticks - this.#before.ticks)) return undefined;
      this.#stage = "tracing";
      this.#nextLook = interpreted + LONG.traced;
      return "trace";
    }
    if (this.#stage === "tracing") {
      const traces = this.#run?.traces();
      // What another process of the program has left is compiled first.
      if (!traces || this.#files.isGathering) return undefined;
      this.#stage = "gathering";
      this.#before = spent;
      this.#files.saved = this.#known = { accounts: [], interpreted: 0, gatherings: this.#saved.gatherings + 1, isDue: false };
      this.#gather(this.#run!, traces);
      return "enough";
    }
    if (this.#files.isGathering) return undefined;
    this.#stage = "waiting";
    this.#nextLook = interpreted + LONG.interpreted * 2 ** ++this.#within;
    // What lies by itself stays as it is.
    const lone = [...this.#shelved()].filter(region => region instanceof LoneRegion);
    this.#rows = this.#shelve(() => lone);
    return "come";
  }
  #gather(run: Keepsakes, { codes, isInexactRecorded }: Traces): void {
    const starts = [...run.decoded()];
    const coldPlaces = [...run.coldPlaces()];
    this.#files.gathering = { codes: codes.map(({ pages, traces }) => ({ pages: [...pages], traces })), isInexactRecorded, starts, coldPlaces };
    gatherElsewhere(this.#files.name);
  }
  /** For the runs after this one: what was compiled in this one, and what it did not need. */
  keep(): void {
    if (!this.#run) return;
    this.#keepLone(this.#run);
    const traces = this.#run.traces();
    const spent = this.#run.spent();
    const [ticks, own, timesLeft] = [spent.ticks - this.#before.ticks, spent.interpreted - this.#before.interpreted, spent.timesLeft - this.#before.timesLeft];
    const isGathered = this.#saved.gatherings > 0;
    const interpreted = isGathered ? own + TICKS_OF_LEAVING * timesLeft : own;
    const isWide = natives() !== null && interpreted > (isGathered ? LEAST_AFTER_GATHERING : LEAST_INTERPRETED) * ticks;
    const gathering = isWide ? traces : undefined;
    const gatherings = this.#saved.gatherings + (gathering ? 1 : 0);
    const since = gathering ? 0 : this.#saved.interpreted + interpreted;
    // It stays due where a run that interprets little comes in between.
    const isDue = !gathering && (this.#saved.isDue || (isWide && since > TICKS_UNTIL_GATHERED * 2 ** gatherings));
    this.#files.saved = { accounts: gatherings > 0 ? [] : this.#run.accounts(), interpreted: since, gatherings, isDue };
    if (gathering) this.#gather(this.#run, gathering);
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
      if (living.of.gathered || !living.isOfFiles()) continue;
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
    this.#rows ??= this.#shelve(regions => this.#loneBeside(regions));
    return this.#rows;
  }
  /** What has been gathered, and what is to lie beside it by itself. */
  #shelve(beside: (gathered: readonly GatheredRegion[]) => readonly LoneRegion[]): Set<ShelvedRegion> {
    const gathered = this.#files.gathered;
    this.#starts = gathered?.starts;
    const regions = gathered ? this.#regionsOf(gathered) : [];
    const lone = beside(regions);
    this.#byPage.clear();
    for (const region of lone) for (const [at] of region.row.ranges) this.#lies(region, at);
    for (const [number, region] of regions.entries()) gathered!.rows.forEachRange(number, at => this.#lies(region, at));
    return new Set([...lone, ...regions]);
  }
  #regionsOf(gathered: Gathered): readonly GatheredRegion[] {
    const { rows, standIn, machine } = gathered;
    const module = natives()?.deserialize(machine, standIn) ?? moduleOf(this.#files.bytesOf(gathered));
    return module ? Array.from({ length: rows.length }, (_, number) => new GatheredRegion(gathered, module, number)) : [];
  }
  /** What has been gathered need not lie there by itself. */
  #loneBeside(gathered: readonly GatheredRegion[]): readonly LoneRegion[] {
    const lone = this.#files.lone;
    const taken = lone.length === 0 ? undefined : new Set(gathered.flatMap(({ row }) => placesOf(row)));
    return lone.flatMap(row => (placesOf(row).every(place => taken!.has(place)) ? [] : [new LoneRegion(row)]));
  }
  /** With code at an address. */
  #lies(region: ShelvedRegion, at: number): void {
    const page = Math.floor(at / PAGE_BYTES);
    const others = this.#byPage.get(page);
    if (!others) this.#byPage.set(page, [region]);
    else if (others.at(-1) !== region) others.push(region);
  }
}
const moduleOf = (bytes: Uint8Array<ArrayBuffer> | undefined) => bytes && new WebAssembly.Module(bytes);
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

/**
 * Those of a program in an image; nothing without a build, by which they are known. A program of many names is another under each: what BusyBox's shell has compiled of the library, piece by piece,
 * its awk would have compiled with what calls it, and took a fifth longer.
 */
export function keptRegions({ imageDigest, program, argv }: Pick<BootParameters, "imageDigest" | "program" | "argv">): KeptRegions | undefined {
  if (!existsSync(INTERPRETER_FILE)) return undefined;
  return new KeptRegions(new RegionFiles((checksum(Buffer.from(`${imageDigest} ${program} ${nameIn(argv)}`.padEnd(4)), 1) >>> 0).toString(16)));
}
/** By which a program of many names knows what to do: its own, or after BusyBox's the one that follows. */
function nameIn(argv: readonly string[]): string {
  const [own = "", following = ""] = argv.map(word => word.slice(word.lastIndexOf("/") + 1));
  return own === "busybox" ? following : own;
}
