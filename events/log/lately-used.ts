// Values by key, of which those that have been asked for lately are kept: two generations, of which the older is given up as a whole. To find one changes nothing, where an order of use would be written anew each time.

/** What keeps one generation: a Map, or something smaller. */
export interface Generation<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
  clear(): void;
}

export class LatelyUsed<K, V> {
  readonly #most: number;
  readonly #weigh: (value: V) => number;
  #young: Generation<K, V>;
  #old: Generation<K, V>;
  #weights = { young: 0, old: 0 };

  /** At most so much is kept, and half of it in any case. */
  constructor(most: number, weigh: (value: V) => number, generation: () => Generation<K, V>) {
    this.#most = most;
    this.#weigh = weigh;
    this.#young = generation();
    this.#old = generation();
  }
  /** Of what is kept. */
  get weight(): number {
    return this.#weights.young + this.#weights.old;
  }
  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }
  /** Of a key that is not kept. */
  set(key: K, value: V): void {
    const weight = this.#weigh(value);
    if (this.#weights.young + weight > this.#most / 2) {
      [this.#young, this.#old] = [this.#old, this.#young];
      this.#young.clear();
      this.#weights = { young: 0, old: this.#weights.young };
    }
    this.#young.set(key, value);
    this.#weights.young += weight;
  }
}
