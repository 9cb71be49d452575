// Where the runs of a program have executed instructions, by page, in columns: a run reads hundreds of pages, and looks at those to which it comes.
import type { StartsInPage } from "../engine/cpu/code-pages.ts";

/** A page: its number, and where its offsets end, in bytes; those of the page before it end where they begin. */
const [NUMBER, END, WORDS] = [0, 1, 2];

export class PackedStarts {
  readonly #pages: Float64Array;
  readonly #offsets: Uint8Array;

  /** `parts`: as `pack` has made them, each in a buffer of its own. */
  constructor([pages, offsets]: readonly Uint8Array<ArrayBuffer>[]) {
    this.#pages = new Float64Array(pages!.buffer);
    this.#offsets = offsets!;
  }
  static readonly PARTS = 2;
  /** Of pages that come several times, all that was seen. */
  static pack(all: Iterable<StartsInPage>, mostPages: number): readonly Uint8Array[] {
    const offsetsOf = new Map<number, Set<number>>();
    for (const { page, starts } of all) {
      const known = offsetsOf.get(page) ?? new Set();
      for (let at = 0; at < starts.length; at += 2) known.add(starts[at]! + 256 * starts[at + 1]!);
      offsetsOf.set(page, known);
    }
    const rows = [...offsetsOf].slice(0, mostPages).sort(([a], [b]) => a - b);
    let end = 0;
    const pages = rows.flatMap(([page, { size }]) => {
      end += 2 * size;
      return [page, end];
    });
    const offsets = rows.flatMap(([, known]) => [...known].sort((a, b) => a - b));
    return [new Uint8Array(Float64Array.from(pages).buffer), new Uint8Array(Uint16Array.from(offsets).buffer)];
  }
  in(page: number): Uint8Array | undefined {
    let [from, to] = [0, this.#pages.length / WORDS];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#word(middle, NUMBER) < page) from = middle + 1;
      else to = middle;
    }
    return this.#word(from, NUMBER) === page ? this.#startsOf(from) : undefined;
  }
  *[Symbol.iterator](): Iterator<StartsInPage> {
    for (let i = 0; i < this.#pages.length / WORDS; i++) yield { page: this.#word(i, NUMBER)!, starts: this.#startsOf(i) };
  }
  #startsOf(i: number): Uint8Array {
    return this.#offsets.subarray(i === 0 ? 0 : this.#word(i - 1, END), this.#word(i, END));
  }
  #word(i: number, word: number): number {
    return this.#pages[WORDS * i + word]!;
  }
}
