// What blocks refer to, while a log is read: bytes that were met lately, and else those of the block that holds them.
import { LogDamage } from "./damage.ts";
import { LatelyUsed } from "./lately-used.ts";
import type { ContentPlace, Contents } from "./references.ts";

/** Whoever reads from front to back finds nearly all of a database's pages here; each that is not here costs a block's decompression, some 200 µs. */
const MOST_BYTES = 2 ** 26;

export class RecalledContents implements Contents {
  readonly #bytesOfBlock: (seq: number) => Uint8Array | undefined;
  readonly #known = new LatelyUsed<string, Uint8Array>(
    MOST_BYTES,
    ({ length }) => length,
    () => new Map(),
  );

  constructor(bytesOfBlock: (seq: number) => Uint8Array | undefined) {
    this.#bytesOfBlock = bytesOfBlock;
  }
  recall(place: ContentPlace, length: number): Uint8Array {
    const known = this.#known.get(nameOf(place));
    if (known?.length === length) return known;
    const { seq, at } = place;
    const found = this.#bytesOfBlock(seq)?.subarray(at, at + length);
    if (found?.length !== length) throw new LogDamage(`An event carries ${length} bytes that should lie in the block of event ${seq}, and are not there.`);
    const bytes = new Uint8Array(found);
    this.remember(place, bytes);
    return bytes;
  }
  remember(place: ContentPlace, bytes: Uint8Array): void {
    this.#known.set(nameOf(place), bytes);
  }
}
const nameOf = ({ seq, at }: ContentPlace): string => `${seq} ${at}`;
