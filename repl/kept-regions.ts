// The compiled regions of a program, kept between its runs, with the machine code that V8 made of those that were busy: making them again takes 200 times as long as putting them where the same code lies.
import { existsSync } from "node:fs";
import { Packr, Unpackr } from "msgpackr";
import type { CodePart, Keepsakes, KeptRegion, LivingRegion, RegionShelf } from "../engine/cpu/region/compiled-region.ts";
import { AddressSet, PackedProfile } from "../engine/cpu/region/packed-profile.ts";
import type { SavedAccount } from "../engine/cpu/region/sampler.ts";
import { PAGE_BYTES } from "../engine/memory/layout.ts";
import type { BootParameters } from "../events/kernel-event.ts";
import { checksum, KeptCode } from "./kept-code.ts";
import { INTERPRETER_FILE } from "./prebuilt.ts";
import { natives } from "./v8-natives.ts";

/** Of one program and those that it starts. */
const MOST_BYTES = 48 * 2 ** 20;
/** Programs. */
const MOST_FILES = 64;
/** The file is written where this part of it would be new. */
const LEAST_NEW = 0.01;

interface Row extends Pick<KeptRegion, "entries" | "size" | "extent" | "fuses" | "bytes"> {
  readonly relies: KeptRegion["relies"] | null;
  /** The parts of its code, which lie one after another in `code`. */
  readonly places: readonly (readonly [at: number, length: number])[];
  readonly code: Uint8Array;
  /** As `AddressSet` and `PackedProfile` have them. */
  readonly rips: Uint8Array;
  readonly profile: Uint8Array;
  /** V8's code of the module. */
  readonly machine: Uint8Array | null;
}
const options = { useRecords: false, encodeUndefinedAsNil: true } as const;
const unpackr = new Unpackr(options);

class ShelvedRegion implements KeptRegion {
  readonly row: Row;
  readonly entries: readonly number[];
  readonly size: number;
  readonly extent: KeptRegion["extent"];
  readonly relies: KeptRegion["relies"];
  readonly fuses: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly profile: PackedProfile;
  #rips: AddressSet | undefined;

  constructor(row: Row) {
    this.row = row;
    this.entries = row.entries;
    this.size = row.size;
    this.extent = row.extent;
    this.relies = row.relies ?? undefined;
    this.fuses = row.fuses;
    this.bytes = row.bytes;
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
  get module(): WebAssembly.Module {
    const { machine, bytes } = this.row;
    return (machine && natives()?.deserialize(Uint8Array.from(machine).buffer, bytes)) ?? new WebAssembly.Module(bytes);
  }
}

export class KeptRegions implements RegionShelf {
  readonly #regionsFile: KeptCode;
  readonly #accountsFile: KeptCode;
  readonly #packr = new Packr(options);
  #rows: Set<ShelvedRegion> | undefined;
  readonly #byPage = new Map<number, ShelvedRegion[]>();
  #run: Keepsakes | undefined;

  constructor(regions: KeptCode, accounts: KeptCode) {
    this.#regionsFile = regions;
    this.#accountsFile = accounts;
  }
  beginningIn(page: number): readonly KeptRegion[] {
    this.#shelved();
    return this.#byPage.get(page) ?? [];
  }
  replaced(region: KeptRegion): void {
    if (region instanceof ShelvedRegion) this.#shelved().delete(region);
  }
  accounts(): readonly SavedAccount[] {
    return this.#read(this.#accountsFile) as readonly SavedAccount[];
  }
  follow(run: Keepsakes): void {
    this.#run = run;
  }
  /** For the runs after this one: what was compiled in this one, what it has spent elsewhere, and what it did not need. */
  keep(): void {
    if (!this.#run) return;
    this.#write(this.#accountsFile, this.#run.accounts());
    const others = new Set(this.#shelved());
    const rows: Row[] = [];
    let news = 0;
    for (const living of this.#run.regions()) {
      const kept = living.kept instanceof ShelvedRegion ? living.kept : undefined;
      if (kept) others.delete(kept);
      const row = kept ? withMachineCode(kept.row, living) : this.#rowOf(living);
      if (row !== kept?.row) news += bytesOf(row);
      rows.push(row);
    }
    for (const { row } of others) rows.push(row);
    const fitting: Row[] = [];
    let bytes = 0;
    for (const row of rows) {
      bytes += bytesOf(row);
      if (bytes > MOST_BYTES) break;
      fitting.push(row);
    }
    if (news > LEAST_NEW * bytes) this.#write(this.#regionsFile, fitting);
  }
  #rowOf(living: LivingRegion): Row {
    const { entries, size, extent, relies, fuses, rips, profile, bytes } = living.of;
    const code = living.code();
    const row: Row = {
      entries,
      size,
      extent,
      relies: relies ?? null,
      fuses,
      places: code.map(({ at, bytes }) => [at, bytes.length]),
      code: Buffer.concat(code.map(({ bytes }) => bytes)),
      rips: rips.packed(),
      profile: profile.bytes,
      bytes,
      machine: null,
    };
    return withMachineCode(row, living);
  }
  /** What the file held, less what has been replaced. */
  #shelved(): Set<ShelvedRegion> {
    if (!this.#rows) {
      const rows = (this.#read(this.#regionsFile) as Row[]).map(row => new ShelvedRegion(row));
      this.#rows = new Set(rows);
      for (const row of rows)
        for (const page of new Set(row.entries.map(entry => Math.floor(entry / PAGE_BYTES)))) this.#byPage.set(page, [...(this.#byPage.get(page) ?? []), row]);
    }
    return this.#rows;
  }
  #read(file: KeptCode): readonly unknown[] {
    try {
      const kept = file.read();
      return kept ? unpackr.unpack(kept.code) : [];
    } catch {
      return []; // Damaged where the checksum does not look.
    }
  }
  #write(file: KeptCode, rows: readonly unknown[]): void {
    file.write(() => Buffer.from(this.#packr.pack(rows)));
  }
}
/** With the machine code of a region that has become busy. */
function withMachineCode(row: Row, { of, run }: LivingRegion): Row {
  const v8 = row.machine ? null : natives();
  return v8?.isOptimised(run) ? { ...row, machine: new Uint8Array(v8.serialize(of.module)) } : row;
}
const bytesOf = ({ code, rips, profile, bytes, machine }: Row): number => code.length + rips.length + profile.length + bytes.length + (machine?.length ?? 0);

/** Those of a program in an image; nothing without a build, by which they are known. */
export function keptRegions({ imageDigest, program }: Pick<BootParameters, "imageDigest" | "program">): KeptRegions | undefined {
  if (!existsSync(INTERPRETER_FILE)) return undefined;
  const name = (checksum(Buffer.from(`${imageDigest} ${program}`.padEnd(4)), 1) >>> 0).toString(16);
  const of = (kind: string) => new KeptCode(INTERPRETER_FILE, { name: `-${name}`, folder: kind, mostFiles: MOST_FILES });
  return new KeptRegions(of("regions"), of("accounts"));
}
