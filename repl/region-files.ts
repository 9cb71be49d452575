// The files in which the compiled regions of a program are kept, with what runs have left to be compiled: docs/decisions/kept-code.md.
import { Packr, Unpackr } from "msgpackr";
import type { StartsInPage } from "../engine/cpu/code-pages.ts";
import type { CodeRange, CompiledRegion, KeptRegion, RegionCode } from "../engine/cpu/region/compiled-region.ts";
import type { SavedAccount } from "../engine/cpu/region/sampler.ts";
import type { TracedCode } from "../engine/cpu/region/traces.ts";
import { KeptCode } from "./kept-code.ts";
import { PackedRows } from "./packed-rows.ts";
import { PackedStarts } from "./packed-starts.ts";
import { INTERPRETER_FILE } from "./prebuilt.ts";

/** Programs. */
const MOST_FILES = 64;
/** Of a program and those that it starts, of which is kept where they execute instructions: for as many there may be records. */
const MOST_PAGES = 2048;

/** What is kept of a region, but for its wasm. */
export interface RegionRow extends Pick<KeptRegion, "entries" | "size" | "extent" | "fuses" | "calls"> {
  readonly relies: KeptRegion["relies"] | null;
  /** Where its code lies, and what it is: see `RegionCode`. */
  readonly ranges: readonly CodeRange[];
  readonly code: Uint8Array;
  /** As `AddressSet` and `PackedProfile` have them. */
  readonly rips: Uint8Array;
  readonly profile: Uint8Array;
}
/** One that has a module of its own. */
export interface LoneRow extends RegionRow {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** V8's code of the module. */
  readonly machine: Uint8Array<ArrayBuffer> | null;
}
/** The functions of the module are those of the rows, in their order, and one more. */
export interface Gathered {
  readonly rows: PackedRows;
  /** In place of the module's own bytes: see `standInBytes`. */
  readonly standIn: Uint8Array<ArrayBuffer>;
  /** V8's code of the module. */
  readonly machine: Uint8Array<ArrayBuffer>;
  readonly starts: PackedStarts;
}
interface ToKeep extends Pick<Gathered, "standIn" | "machine"> {
  readonly rows: readonly RegionRow[];
  readonly starts: Iterable<StartsInPage>;
  /** Of the module. */
  readonly bytes: Uint8Array;
}
/** What runs leave to be compiled. */
export interface Gathering {
  readonly codes: readonly { readonly pages: readonly (readonly [page: number, bytes: Uint8Array])[]; readonly traces: TracedCode["traces"] }[];
  readonly isInexactRecorded: boolean;
  readonly starts: readonly StartsInPage[];
  /** Places in the interpreter's table. */
  readonly coldPlaces: readonly number[];
}
/** What is known of a program beside its regions. */
export interface Saved {
  readonly accounts: readonly SavedAccount[];
  /** Ticks that runs have interpreted since regions were gathered last, and how often they were. */
  readonly interpreted: number;
  readonly gatherings: number;
  /** They are enough for the next time. */
  readonly isDue: boolean;
}

export function rowOf({ entries, size, extent, relies, fuses, calls, rips, profile }: CompiledRegion, { ranges, bytes }: RegionCode): RegionRow {
  return {
    entries,
    size,
    extent,
    relies: relies ?? null,
    fuses,
    calls,
    ranges,
    code: bytes,
    rips: rips.packed(),
    profile: profile.bytes,
  };
}

/** By what a region is in another's place: of two for one entry each may be for another state of MXCSR. */
export const placesOf = ({ entries, relies }: Pick<RegionRow, "entries" | "relies">): readonly string[] => entries.map(entry => `${entry} ${relies}`);

const NOTHING_SAVED: Saved = { accounts: [], interpreted: 0, gatherings: 0, isDue: false };

/** The files of a program. */
export class RegionFiles {
  readonly name: string;
  readonly #options = { useRecords: false, encodeUndefinedAsNil: true } as const;
  readonly #packr = new Packr(this.#options);
  readonly #unpackr = new Unpackr(this.#options);

  constructor(name: string) {
    this.name = name;
  }
  get lone(): readonly LoneRow[] {
    return this.#read<readonly LoneRow[]>("regions") ?? [];
  }
  set lone(rows: readonly LoneRow[]) {
    this.#write("regions", rows);
  }
  get gathered(): Gathered | undefined {
    const [standIn, machine, ...columns] = this.#of("gathered").read()?.parts ?? [];
    if (!standIn || !machine || columns.length !== PackedRows.PARTS + PackedStarts.PARTS) return undefined;
    return { standIn, machine, rows: new PackedRows(columns), starts: new PackedStarts(columns.slice(PackedRows.PARTS)) };
  }
  /** The module itself, which runs do without; undefined where it is not there. */
  bytesOf({ standIn }: Gathered): Uint8Array<ArrayBuffer> | undefined {
    const [bytes, itsStandIn] = this.#of("gathered-wasm").read()?.parts ?? [];
    return itsStandIn && Buffer.compare(itsStandIn, standIn) === 0 ? bytes : undefined;
  }
  keepGathered({ rows, starts, standIn, machine, bytes }: ToKeep): void {
    this.#of("gathered-wasm").write(() => [bytes, standIn]);
    this.#of("gathered").write(() => [standIn, machine, ...PackedRows.pack(rows), ...PackedStarts.pack(starts, MOST_PAGES)]);
  }
  get saved(): Saved {
    return this.#read<Saved>("accounts") ?? NOTHING_SAVED;
  }
  set saved(saved: Saved) {
    this.#write("accounts", saved);
  }
  get gathering(): Gathering | undefined {
    return this.#read<Gathering>("gatherings");
  }
  set gathering(gathering: Gathering) {
    this.#write("gatherings", gathering);
  }
  /** Nobody has ended it, and the folder is there. */
  get isGathering(): boolean {
    return this.#of("gatherings").isThere;
  }
  endGathering(): void {
    this.#of("gatherings").remove();
  }
  #of(folder: string): KeptCode {
    return new KeptCode(INTERPRETER_FILE, { name: `-${this.name}`, folder, mostFiles: MOST_FILES });
  }
  #read<T>(folder: string): T | undefined {
    try {
      const packed = this.#of(folder).read()?.parts[0];
      return packed && (this.#unpackr.unpack(packed) as T);
    } catch {
      return undefined; // Damaged where the checksum does not look.
    }
  }
  #write(folder: string, value: unknown): void {
    this.#of(folder).write(() => [this.#packr.pack(value)]);
  }
}
