// Which registers a region needs in its locals where it is entered, and which of them it must store where it is left: as far as the ways between its blocks say, no more.
import type { Plan } from "./plan.ts";

/** The words of the x87 unit that its instructions read and write, one after another: in memory each would wait for the one before. */
export const heldWords = ["x87Control", "x87Status", "x87Tag"] as const;
export type HeldWord = (typeof heldWords)[number];
/** General registers and halves of vector registers by their numbers, x87's words, and the flags. */
export type Held = { readonly general: number } | { readonly half: number } | { readonly word: HeldWord } | "flags";
/** One bit each: sixteen general registers, the flags, two halves of each vector register, and the words. */
type Marks = bigint;
const FLAGS = 16;
const FIRST_HALF = 17;
const FIRST_WORD = 49;
const ALL = FIRST_WORD + heldWords.length;
function numberOf(held: Held): number {
  if (held === "flags") return FLAGS;
  if ("half" in held) return FIRST_HALF + held.half;
  return "word" in held ? FIRST_WORD + heldWords.indexOf(held.word) : held.general;
}
function heldOf(number: number): Held {
  if (number < FLAGS) return { general: number };
  if (number === FLAGS) return "flags";
  return number < FIRST_WORD ? { half: number - FIRST_HALF } : { word: heldWords[number - FIRST_WORD]! };
}
const bitOf = (held: Held): Marks => 1n << BigInt(numberOf(held));

/** What a node does to registers, as far as its code has been made. */
interface Doings {
  /** Read, or kept in part, before they were written. */
  used: Marks;
  written: Marks;
  changed: Marks;
}
/** A place where the region is left. */
export interface Exit {
  readonly node: number;
  readonly areFlagsStored: boolean;
  readonly written: Marks;
  /** In its node until here. */
  changed: Marks;
}
interface Solution {
  /** By node: to be loaded before it. */
  readonly needed: readonly Marks[];
  /** What is to be stored at some exit, each once. */
  readonly changes: readonly Marks[];
  /** By exit: which of them. */
  readonly wayOf: ReadonlyMap<Exit, number>;
}

export class HeldRegisters {
  readonly #plan: Pick<Plan, "flow" | "successors">;
  readonly #doings: Doings[];
  readonly #exits: Exit[] = [];
  #solution: Solution | undefined;

  constructor(plan: Pick<Plan, "flow" | "successors">) {
    this.#plan = plan;
    this.#doings = plan.successors.map(() => ({ used: 0n, written: 0n, changed: 0n }));
  }

  read(node: number, held: Held): void {
    const doings = this.#doings[node]!;
    doings.used |= bitOf(held) & ~doings.written;
  }
  /** `isWhole`: whatever it was before no longer counts. */
  write(node: number, held: Held, isWhole: boolean): void {
    if (!isWhole) this.read(node, held);
    const doings = this.#doings[node]!;
    doings.changed |= bitOf(held);
    if (isWhole) doings.written |= bitOf(held);
  }
  exit(node: number, areFlagsStored: boolean): Exit {
    const { written, changed } = this.#doings[node]!;
    const exit = { node, areFlagsStored, written, changed };
    this.#exits.push(exit);
    return exit;
  }
  get exits(): number {
    return this.#exits.length;
  }
  /** What the exits since the given count left behind may be met after the node has done all that it did until now: they stand in a loop of its own. */
  repeat(node: number, since: number): void {
    for (const exit of this.#exits.slice(since)) exit.changed |= this.#doings[node]!.changed;
  }

  /** By way out: what is to be stored there. Asked for, as the next two, when all code has been made. */
  get waysOut(): readonly (readonly Held[])[] {
    return this.#solved.changes.map(heldIn);
  }
  wayOf(exit: Exit): number {
    return this.#solved.wayOf.get(exit)!;
  }
  /** To be loaded before one of these nodes. */
  neededBy(nodes: readonly number[]): readonly Held[] {
    return heldIn(nodes.reduce((all, node) => all | this.#solved.needed[node]!, 0n));
  }

  get #solved(): Solution {
    this.#solution ??= this.#solve();
    return this.#solution;
  }
  #solve(): Solution {
    const { flow, successors } = this.#plan;
    const changedBefore = successors.map(() => 0n);
    untilStable(() => {
      let isStable = true;
      for (const node of flow.order)
        for (const next of successors[node]!) {
          const all = changedBefore[next]! | changedBefore[node]! | this.#doings[node]!.changed;
          if (all !== changedBefore[next]) isStable = false;
          changedBefore[next] = all;
        }
      return isStable;
    });
    // What is stored at an exit must be there, whichever way was taken.
    const used = this.#doings.map(doings => doings.used);
    const numbers = new Map<Marks, number>();
    const wayOf = new Map<Exit, number>();
    for (const exit of this.#exits) {
      const all = exit.changed | changedBefore[exit.node]!;
      const stored = exit.areFlagsStored ? all & ~bitOf("flags") : all;
      used[exit.node]! |= stored & ~exit.written;
      if (!numbers.has(stored)) numbers.set(stored, numbers.size);
      wayOf.set(exit, numbers.get(stored)!);
    }
    const needed = [...used];
    untilStable(() => {
      let isStable = true;
      for (const node of flow.order.toReversed()) {
        const after = successors[node]!.reduce((all, next) => all | needed[next]!, 0n);
        const all = used[node]! | (after & ~this.#doings[node]!.written);
        if (all !== needed[node]) isStable = false;
        needed[node] = all;
      }
      return isStable;
    });
    return { needed, changes: [...numbers.keys()], wayOf };
  }
}
function untilStable(step: () => boolean): void {
  while (!step());
}
function heldIn(marks: Marks): readonly Held[] {
  const found: Held[] = [];
  for (let number = 0; number < ALL; number++) if (marks & (1n << BigInt(number))) found.push(heldOf(number));
  return found;
}
