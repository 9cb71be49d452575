// From a place where much is interpreted to compiled code: execution is watched for a while, one instruction at a time, to find where to begin and where computed jumps go.
// The build loads this, and all that compiles, when it is first asked for: short runs need none of it.
import type { Instruction } from "../decode/decode.ts";
import type { Profile } from "./blocks.ts";
import { effectsOf } from "./effects.ts";
import { Regions } from "./regions.ts";

/** What a watched instruction did: where it was, and where the next one is. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly kind: "call" | "computed" | "return" | "branch" | "other";
}
const MOST_TARGETS = 24;
/** A loop that goes round so often before it ends is where a budget mostly ends. */
const LONG_LOOP = 8;

export const createRegions = (...all: ConstructorParameters<typeof Regions>): Regions => new Regions(...all);
export function kindOf({ form }: Instruction): Step["kind"] {
  const { control } = effectsOf(form);
  if (control === "jumpTo") return form.name === "ret" || form.name === "retTaking" ? "return" : "computed";
  return control === undefined ? "other" : form.name === "call" ? "call" : "branch";
}
/** Addresses to begin at, best first: where ways lead back to, then functions that are called. */
export function profileOf(steps: readonly Step[]): { readonly entries: readonly number[]; readonly profile: Profile } {
  const hot = new Set<number>();
  const went = new Map<number, Map<number, number>>();
  const arrivals = new Map<number, number>();
  const reached = new Map<number, number>();
  const called: number[] = [];
  const count = (counts: Map<number, number>, rip: number) => counts.set(rip, (counts.get(rip) ?? 0) + 1);
  for (const { from, to, kind } of steps) {
    hot.add(from);
    count(reached, to);
    if (kind === "computed" || kind === "return") {
      const targets = went.get(from) ?? new Map<number, number>();
      went.set(from, targets);
      count(targets, to);
    }
    if ((kind === "branch" || kind === "computed") && to <= from) count(arrivals, to);
    if (kind === "call") called.push(to);
  }
  const mostFirst = (counts: ReadonlyMap<number, number>) => [...counts].sort((a, b) => b[1] - a[1]).map(([rip]) => rip);
  const expected = new Map([...went].map(([from, targets]) => [from, mostFirst(targets).slice(0, MOST_TARGETS)] as const));
  const loops = new Set([...arrivals].filter(([rip, back]) => back >= LONG_LOOP * Math.max(1, reached.get(rip)! - back)).map(([rip]) => rip));
  return { entries: [...new Set([...mostFirst(arrivals), ...called])], profile: { hot, went: expected, loops } };
}
