// Decides what is worth compiling: after every slice of ticks it looks at where the interpreter is; where enough has been spent, execution is watched for a while,
// one instruction at a time, to find the place to begin at and where computed jumps go. Nothing of it can be seen by the guest.
import type { Instruction } from "../decode/decode.ts";
import type { Profile } from "./blocks.ts";
import { effectsOf } from "./effects.ts";

/** What a watched instruction did: where it was, and where the next one is. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly kind: "call" | "computed" | "branch" | "other";
}
/** Addresses are counted together within so many bytes. */
const BUCKET_BYTES = 64;
const MOST_TARGETS = 24;

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

export const NO_PROFILE: Profile = { hot: new Set(), went: new Map() };
export function kindOf({ form }: Instruction): Step["kind"] {
  const { control } = effectsOf(form);
  if (control === "jumpTo") return form.name === "ret" || form.name === "retTaking" ? "other" : "computed";
  return control === undefined ? "other" : form.name === "call" ? "call" : "branch";
}
/** Addresses to begin at, best first: where ways lead back to, functions that are called, where the watching began. */
export function profileOf(steps: readonly Step[]): { readonly entries: readonly number[]; readonly profile: Profile } {
  const hot = new Set<number>();
  const went = new Map<number, Map<number, number>>();
  const arrivals = new Map<number, number>();
  const called: number[] = [];
  const count = (counts: Map<number, number>, rip: number) => counts.set(rip, (counts.get(rip) ?? 0) + 1);
  for (const { from, to, kind } of steps) {
    hot.add(from);
    if (kind === "computed") {
      const targets = went.get(from) ?? new Map<number, number>();
      went.set(from, targets);
      count(targets, to);
    }
    if (kind !== "other" && kind !== "call" && to <= from) count(arrivals, to);
    if (kind === "call") called.push(to);
  }
  const mostFirst = (counts: ReadonlyMap<number, number>) => [...counts].sort((a, b) => b[1] - a[1]).map(([rip]) => rip);
  const expected = new Map([...went].map(([from, targets]) => [from, mostFirst(targets).slice(0, MOST_TARGETS)] as const));
  return { entries: [...new Set([...mostFirst(arrivals), ...called, steps[0]!.from])], profile: { hot, went: expected } };
}
