// From a place where much is interpreted to compiled code: execution is watched for a while, one instruction at a time, to find where to begin and where computed jumps go.
import type { Instruction } from "../decode/decode.ts";
import type { Profile } from "./blocks.ts";

/** What a watched instruction did: where it was, and where the next one is. */
export interface Step {
  readonly from: number;
  readonly to: number;
  /** For how many such it stands: one. */
  readonly weight?: number;
  readonly kind: "call" | "callTo" | "computed" | "return" | "branch" | "other";
}
const MOST_TARGETS = 24;
/** A loop that goes round so often before it ends is where a budget mostly ends. */
const LONG_LOOP = 8;
/** One that mostly goes round three times leads back twice. */
const SHORT_LOOP = 1.5;

const kindsOfJumps: Readonly<Record<string, Step["kind"]>> = { call: "call", callTo: "callTo", jmpTo: "computed", ret: "return", retTaking: "return" };
export function kindOf({ form }: Instruction): Step["kind"] {
  const { control } = form.row;
  return control === undefined || control === "stops" ? "other" : (kindsOfJumps[form.name] ?? "branch");
}
/**
 * Where the instructions lie that lead from an address to another, as many as happened; undefined where that is in doubt. After a computed jump or a return nothing is known: it is the last.
 */
export function pathTo(from: number, to: number, count: number, fetch: (rip: number) => Instruction | undefined): readonly number[] | undefined {
  const path: number[] = [];
  let rip = from;
  while (path.length < count) {
    const instruction = fetch(rip);
    if (!instruction) return undefined;
    path.push(rip);
    const next = rip + instruction.length;
    const kind = kindOf(instruction);
    if (kind === "callTo" || kind === "computed" || kind === "return") return path.length === count ? path : undefined;
    const { control } = instruction.form.row;
    if (control === "jumps") rip = instruction.target;
    else rip = control === "branches" && path.length === count && instruction.target === to ? to : next;
  }
  return rip === to ? path : undefined;
}
/** A stub that jumps to a function which another file has, as a PLT's entry: so many instructions, that of CET's included. */
const STUB_STEPS = 2;
/** A share of the steps that makes it worth while to begin somewhere. */
const LEAST_SHARE = 1 / 256;
/** And one that makes a function part of what calls it. */
const HEAVY_SHARE = 1 / 8;
/** Addresses to begin at, best first: where ways lead back to, then functions that are called and places where compiled code was left, by what is spent there. */
export function profileOf(steps: readonly Step[], leastShare = LEAST_SHARE): { readonly entries: readonly number[]; readonly profile: Profile } {
  const hot = new Set<number>();
  const went = new Map<number, Map<number, number>>();
  const arrivals = new Map<number, number>();
  const reached = new Map<number, number>();
  const places = new Map<number, number>();
  const starts = new Map<number, number>();
  const within = new Map<number, number>();
  const callers: (number | undefined)[] = [];
  /** Of the function that is executed, where that is known, and the steps since. */
  let [start, since]: [number | undefined, number] = [undefined, 0];
  let [one, all] = [1, 0];
  const count = (counts: Map<number, number>, rip: number) => counts.set(rip, (counts.get(rip) ?? 0) + one);
  let last: number | undefined;
  /** Where a region was left last, until another function is come to. */
  let landing: number | undefined;
  for (const { from, to, kind, weight = 1 } of steps) {
    one = weight;
    all += weight;
    hot.add(from);
    count(reached, to);
    if (from !== last) {
      // A region was gone through meanwhile.
      start = undefined;
      callers.length = 0;
      // Budgets end before the jump back of a loop: an entry there would only make it carry the flags.
      landing = last === undefined ? undefined : kind === "branch" ? to : from;
    }
    last = to;
    if (landing !== undefined) count(places, landing);
    since++;
    if (start !== undefined) {
      count(places, start);
      count(within, start);
      if (!starts.has(from)) starts.set(from, start);
    }
    if (kind === "callTo" || kind === "computed" || kind === "return") {
      const targets = went.get(from) ?? new Map<number, number>();
      went.set(from, targets);
      count(targets, to);
    }
    if ((kind === "branch" || kind === "computed") && to <= from) count(arrivals, to);
    if (kind === "call" || kind === "callTo") callers.push(start);
    if (kind === "return" || kind === "call" || kind === "callTo") landing = undefined;
    if (kind === "return") [start, since] = [callers.pop(), STUB_STEPS];
    else if (kind === "call" || kind === "callTo" || (kind === "computed" && start !== undefined && since <= STUB_STEPS)) [start, since] = [to, 0];
  }
  const least = all * leastShare;
  const mostFirst = (counts: ReadonlyMap<number, number>) => [...counts].sort((a, b) => b[1] - a[1]).map(([rip]) => rip);
  const expected = new Map([...went].map(([from, targets]) => [from, mostFirst(targets).slice(0, MOST_TARGETS)] as const));
  const leadingBack = (often: number) =>
    new Set([...arrivals].filter(([rip, back]) => back >= often * Math.max(1, reached.get(rip)! - back)).map(([rip]) => rip));
  return {
    entries: [...new Set([...mostFirst(arrivals), ...mostFirst(places).filter(rip => places.get(rip)! >= least)])],
    profile: {
      hot,
      went: expected,
      loops: leadingBack(LONG_LOOP),
      rounds: leadingBack(SHORT_LOOP),
      starts,
      heavy: new Set([...within.keys()].filter(rip => within.get(rip)! >= all * HEAVY_SHARE)),
    },
  };
}
