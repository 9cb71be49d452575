// Numbers by digest, of which those that have been asked for lately are kept.
// A digest is 128 bits, in arrays: some 50 bytes for each in place of the 150 that a string in a Map takes, and nothing that a collection of garbage has to look at. A long recording knows a hundred thousand.
import { type Generation, LatelyUsed } from "./lately-used.ts";

/** Four words of a digest that spreads its bits evenly. */
export type Digest = Int32Array;
const WORDS = 4;
const FIRST_SLOTS = 2 ** 8;
/** Of its slots, so many are taken at most. */
const MOST_TAKEN = 0.75;

/** Of a digest in binary, a letter for each byte. */
export function digestOfBinary(text: string): Digest {
  const digest = new Int32Array(WORDS);
  for (let word = 0, at = 0; word < WORDS; word++, at += 4)
    digest[word] = (text.charCodeAt(at) << 24) | (text.charCodeAt(at + 1) << 16) | (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3);
  return digest;
}
/** In `digest`, where it is needed only until the next. */
export function digestOfHex(text: string, digest: Digest = new Int32Array(WORDS)): Digest {
  for (let word = 0; word < WORDS; word++) digest[word] = Number.parseInt(text.slice(8 * word, 8 * word + 8), 16);
  return digest;
}

/** Open addressing with linear probing. A slot whose first word is 0 is free: a digest that begins so has 1 there. */
class DigestMap implements Generation<Digest, number> {
  #count = 0;
  #words = new Int32Array(WORDS * FIRST_SLOTS);
  /** Made with the first that is not 0. */
  #values: Float64Array | undefined;

  get #slots(): number {
    return this.#words.length / WORDS;
  }
  get(digest: Digest): number | undefined {
    const slot = this.#find(digest);
    return this.#words[WORDS * slot] === 0 ? undefined : (this.#values?.[slot] ?? 0);
  }
  set(digest: Digest, value: number): void {
    if (this.#count + 1 > MOST_TAKEN * this.#slots) this.#grow();
    const slot = this.#find(digest);
    if (this.#words[WORDS * slot] === 0) {
      this.#count++;
      this.#words.set(digest, WORDS * slot);
      this.#words[WORDS * slot] ||= 1;
    }
    if (value !== 0) this.#values ??= new Float64Array(this.#slots);
    if (this.#values) this.#values[slot] = value;
  }
  /** Empty, with as much room. */
  clear(): void {
    this.#count = 0;
    this.#words.fill(0);
  }
  /** Where it is, or belongs. */
  #find(digest: Digest): number {
    const words = this.#words;
    const first = digest[0]! || 1;
    const mask = this.#slots - 1;
    for (let slot = first & mask; ; slot = (slot + 1) & mask) {
      const at = WORDS * slot;
      if (words[at] === 0) return slot;
      if (words[at] === first && words[at + 1] === digest[1] && words[at + 2] === digest[2] && words[at + 3] === digest[3]) return slot;
    }
  }
  #grow(): void {
    const [words, values] = [this.#words, this.#values];
    this.#count = 0;
    this.#words = new Int32Array(2 * words.length);
    this.#values = values && new Float64Array(2 * values.length);
    for (let at = 0; at < words.length; at += WORDS) if (words[at] !== 0) this.set(words.subarray(at, at + WORDS), values?.[at / WORDS] ?? 0);
  }
}

/** Each weighs one. */
export class DigestTable extends LatelyUsed<Digest, number> {
  constructor(most: number) {
    super(
      most,
      () => 1,
      () => new DigestMap(),
    );
  }
}
