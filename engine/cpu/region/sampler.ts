// Decides what is worth compiling: after every slice of ticks it looks at where the interpreter is, and counts what is spent there. Nothing of it can be seen by the guest.

/** Addresses are counted together within so many bytes. */
const BUCKET_BYTES = 64;

export class Sampler {
  readonly #threshold: number;
  #weights = new Map<number, number>();

  /** `threshold`: interpreted ticks that are spent near an address before it is compiled. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }
  /** Interpreted ticks were spent, and now the interpreter is here. True where that is worth compiling. */
  note(rip: number, ticks: number): boolean {
    const bucket = Math.floor(rip / BUCKET_BYTES);
    const weight = (this.#weights.get(bucket) ?? 0) + ticks;
    if (weight < this.#threshold) {
      this.#weights.set(bucket, weight);
      return false;
    }
    this.#weights.delete(bucket);
    if (this.#weights.size > 20_000) this.#weights.clear();
    return true;
  }
}
