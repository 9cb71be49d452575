// Values by name, of which those that have been asked for lately are kept: two generations, of which the older is given up as a whole. To find one changes nothing, where an order of use would be written anew each time.

export class LatelyUsed<V> {
  readonly #most: number;
  readonly #weigh: (value: V) => number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #weight = 0;

  /** At most so much is kept. */
  constructor(most: number, weigh: (value: V) => number) {
    this.#most = most;
    this.#weigh = weigh;
  }
  get(name: string): V | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }
  set(name: string, value: V): void {
    const weight = this.#weigh(value);
    if (this.#weight + weight > this.#most / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#young.set(name, value);
    this.#weight += weight;
  }
}
