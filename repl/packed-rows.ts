// The rows of a gathered module, in columns: a run reads hundreds of them, and looks at those of the pages to which it comes.
import type { CodeRange } from "../engine/cpu/region/compiled-region.ts";
import type { RegionRow } from "./region-files.ts";

/** What a row has of each column ends there; those before it have the rest. */
const ENDS = ["entries", "ranges", "code", "rips", "profile"] as const;
/** A row's words: the ends, then its size, and what it is. */
const [SIZE, KIND, WORDS] = [ENDS.length, ENDS.length + 1, ENDS.length + 2];
const RELIES = [null, "clear", "recorded"] as const;
const EXTENTS = ["whole", "function"] as const;
/** Columns that are bytes, not addresses. */
const BYTES = ["code", "rips", "profile"] as const;
type Column = (typeof ENDS)[number];

export class PackedRows {
  readonly #words: Uint32Array;
  readonly #entries: Float64Array;
  readonly #ranges: Float64Array;
  readonly #bytes: Readonly<Record<(typeof BYTES)[number], Uint8Array>>;

  /** `parts`: as `pack` has made them, each in a buffer of its own. */
  constructor([words, entries, ranges, code, rips, profile]: readonly Uint8Array<ArrayBuffer>[]) {
    this.#words = new Uint32Array(words!.buffer);
    this.#entries = new Float64Array(entries!.buffer);
    this.#ranges = new Float64Array(ranges!.buffer);
    this.#bytes = { code: code!, rips: rips!, profile: profile! };
  }
  static readonly PARTS = ENDS.length + 1;
  static pack(rows: readonly RegionRow[]): readonly Uint8Array[] {
    const words = new Uint32Array(WORDS * rows.length);
    const ends = new Map<Column, number>();
    for (const [i, row] of rows.entries()) {
      for (const [place, column] of ENDS.entries()) {
        const end = (ends.get(column) ?? 0) + row[column].length;
        ends.set(column, end);
        words[WORDS * i + place] = end;
      }
      words[WORDS * i + SIZE] = row.size;
      words[WORDS * i + KIND] = RELIES.indexOf(row.relies ?? null) + 4 * EXTENTS.indexOf(row.extent) + (row.fuses ? 8 : 0) + (row.calls ? 16 : 0);
    }
    const numbers = (all: readonly number[]) => new Uint8Array(Float64Array.from(all).buffer);
    return [
      new Uint8Array(words.buffer),
      numbers(rows.flatMap(({ entries }) => entries)),
      numbers(rows.flatMap(({ ranges }) => ranges.flat())),
      ...BYTES.map(column => Buffer.concat(rows.map(row => row[column]))),
    ];
  }
  get length(): number {
    return this.#words.length / WORDS;
  }
  at(i: number): RegionRow {
    return new PackedRow(this, i);
  }
  /** Calls with the address of each range of a row. */
  forEachRange(i: number, call: (at: number) => void): void {
    const [from, to] = this.#extent(i, "ranges");
    for (let range = from; range < to; range++) call(this.#ranges[2 * range]!);
  }
  entriesOf(i: number): readonly number[] {
    const entries: number[] = [];
    const [from, to] = this.#extent(i, "entries");
    for (let at = from; at < to; at++) entries.push(this.#entries[at]!);
    return entries;
  }
  rangesOf(i: number): readonly CodeRange[] {
    const ranges: CodeRange[] = [];
    const [from, to] = this.#extent(i, "ranges");
    for (let range = from; range < to; range++) ranges.push([this.#ranges[2 * range]!, this.#ranges[2 * range + 1]!]);
    return ranges;
  }
  bytesOf(i: number, column: (typeof BYTES)[number]): Uint8Array {
    return this.#bytes[column].subarray(...this.#extent(i, column));
  }
  wordOf(i: number, word: number): number {
    return this.#words[WORDS * i + word]!;
  }
  #extent(i: number, column: Column): [from: number, to: number] {
    const place = ENDS.indexOf(column);
    return [i === 0 ? 0 : this.wordOf(i - 1, place), this.wordOf(i, place)];
  }
}
/** Each part is made when it is asked for. */
class PackedRow implements RegionRow {
  readonly #of: PackedRows;
  readonly #i: number;

  constructor(of: PackedRows, i: number) {
    this.#of = of;
    this.#i = i;
  }
  get entries(): readonly number[] {
    return this.#of.entriesOf(this.#i);
  }
  get ranges(): readonly CodeRange[] {
    return this.#of.rangesOf(this.#i);
  }
  get code(): Uint8Array {
    return this.#of.bytesOf(this.#i, "code");
  }
  get rips(): Uint8Array {
    return this.#of.bytesOf(this.#i, "rips");
  }
  get profile(): Uint8Array {
    return this.#of.bytesOf(this.#i, "profile");
  }
  get size(): number {
    return this.#of.wordOf(this.#i, SIZE);
  }
  get #kind(): number {
    return this.#of.wordOf(this.#i, KIND);
  }
  get relies(): RegionRow["relies"] {
    return RELIES[this.#kind & 3]!;
  }
  get extent(): RegionRow["extent"] {
    return EXTENTS[(this.#kind >> 2) & 1]!;
  }
  get fuses(): boolean {
    return (this.#kind & 8) !== 0;
  }
  get calls(): boolean {
    return (this.#kind & 16) !== 0;
  }
}
