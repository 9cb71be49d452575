// Where a computed jump goes, told from its target in one look. Targets that lie close together have a slot for each address between the lowest and the highest. Where V8's optimising compiler would have to merge
// every local of the region in thousands of slots, a multiplication spreads the targets over two to four times as many as they are, and what lies in the slot is compared.
import type { Func, Label } from "../wasm/func.ts";
import { i32, i64, type Value, wrap } from "../wasm/value.ts";

/** How far behind the lowest address another may lie: the lowest 32 bits of the distance tell them apart. */
const MOST_SPAN = 2 ** 32 - 1;
/** A slot for each address takes no comparison: an interpreter of the guest's was a tenth slower with one. */
const MOST_SLOTS_OF_ADDRESSES = 512;
/** Factors that are tried for one that puts few into a slot that is taken. */
const FACTORS = 16;
/** Odd, near the golden ratio of 2^32 (Knuth, volume 3, 6.4), and one after another as far apart. */
const factors = Array.from({ length: FACTORS }, (_, attempt) => (Math.imul(attempt + 1, 0x9e37_79b9) | 1) >>> 0);

/** The highest bits of a product. */
interface Hash {
  readonly factor: number;
  readonly shift: number;
}
const hashed = (away: number, { factor, shift }: Hash): number => Math.imul(away, factor) >>> shift;
/** The one of the factors that takes most slots. */
function hashOf(distances: readonly number[]): Hash {
  const shift = 32 - (Math.ceil(Math.log2(distances.length)) + 1);
  const taken = (factor: number) => new Set(distances.map(away => hashed(away, { factor, shift }))).size;
  return { factor: factors.reduce((best, factor) => (taken(factor) > taken(best) ? factor : best)), shift };
}

export class JumpTable {
  /** By slot: those that lie in it. */
  readonly slots: readonly (readonly number[])[];
  readonly #lowest: number;
  readonly #span: number;
  /** Absent where each address has a slot. */
  readonly #hash: Hash | undefined;

  constructor(targets: readonly number[]) {
    this.#lowest = targets.reduce((a, b) => Math.min(a, b), targets[0] ?? 0);
    const near = [...new Set(targets)].filter(rip => rip - this.#lowest < MOST_SPAN);
    this.#span = near.reduce((most, rip) => Math.max(most, rip - this.#lowest + 1), 0);
    if (this.#span > MOST_SLOTS_OF_ADDRESSES) this.#hash = hashOf(near.map(rip => rip - this.#lowest));
    const slots: number[][] = Array.from({ length: this.#hash ? 2 ** (32 - this.#hash.shift) : this.#span }, () => []);
    for (const rip of near) slots[this.#slotOf(rip - this.#lowest)]!.push(rip);
    this.slots = slots;
  }
  #slotOf(away: number): number {
    return this.#hash ? hashed(away, this.#hash) : away;
  }
  /** Does something with the slot of an address that may be in the table. */
  find(code: Func, rip: Value<"i64">, act: (slot: Value<"i32">) => void): void {
    const away = code.let(i64.sub(rip, i64.constant(this.#lowest)));
    const low = wrap(away);
    const slot = this.#hash ? i32.shrU(i32.mul(low, i32.constant(this.#hash.factor | 0)), i32.constant(this.#hash.shift)) : low;
    code.if(i64.ltU(away, i64.constant(this.#span)), () => act(slot));
  }
  /** One block for each slot whose addresses are to be compared, around `jump`, which is given the place of each slot: from there it goes on to what is at the address, or to `nowhere`. */
  place(code: Func, rip: Value<"i64">, labelOf: (rip: number) => Label, nowhere: Label, jump: (slots: readonly Label[]) => void): void {
    const labels: Label[] = this.slots.map(() => nowhere);
    const nest = (slot: number): void => {
      const within = this.slots[slot];
      if (within === undefined) jump(labels);
      else if (within.length === 0) nest(slot + 1);
      else if (!this.#hash) {
        labels[slot] = labelOf(within[0]!);
        nest(slot + 1);
      } else {
        code.block(here => {
          labels[slot] = here;
          nest(slot + 1);
        });
        for (const one of within) code.brIf(labelOf(one), i64.eq(rip, i64.constant(one)));
        code.br(nowhere);
      }
    };
    nest(0);
  }
}
