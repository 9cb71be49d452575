// The shape of a region before any code: its nodes and the ways between them, where ticks are paid and checked, and which flags must be kept.
// Node 0 is a dispatcher, for several entries and for what wasm's nesting cannot express: irreducible loops, computed jumps with many targets that are part of such. It is followed by a stub for each
// block that it leads to; the blocks come last.
import type { Block } from "./blocks.ts";
import { effectsOf } from "./effects.ts";
import { loopsIn, type Nodes } from "./loops.ts";
import { peeled } from "./peeling.ts";
import { analyse, type Flow, type Graph, irreducibleEdges, isBackward } from "./structure.ts";
import { type Unrolled, unrolled } from "./unrolling.ts";

export const DISPATCHER = 0;
/** With more targets than this a computed jump has a table. */
export const MOST_COMPARED = 4;

/** Whether the flags from before a block are needed in it: not; only if the region is left; or by an instruction. */
export const flagNeed = { none: 0, exits: 1, uses: 2 } as const;
export type FlagNeed = (typeof flagNeed)[keyof typeof flagNeed];

export interface Plan {
  readonly blocks: readonly Block[];
  readonly flow: Flow;
  readonly successors: readonly (readonly number[])[];
  /** The blocks that the dispatcher leads to, in the order of their stubs. The entries come first. */
  readonly dispatched: readonly number[];
  /** At so many of them, the first, the region is entered. */
  readonly entries: number;
  readonly firstBlock: number;
  isCut(from: number, to: number): boolean;
  /** The computed jump at a node's end has the dispatcher's table. */
  isRedirected(node: number): boolean;
  /** Ticks that may be spent from a node's start until the budget is looked at again. */
  readonly reserve: readonly number[];
  /** The budget is looked at before the last instruction of the block. */
  isChecked(node: number): boolean;
  readonly flagNeeds: readonly FlagNeed[];
}
export const isManyWay = ({ ending }: Block): boolean => ending.kind === "computes" && ending.targets.length > MOST_COMPARED;
const inside = ({ ending }: Block): readonly number[] => ending.targets.flatMap(({ block }) => (block === undefined ? [] : [block]));

/** The ways between blocks, where some are dispatched to and some ways cut: whoever goes there goes through the dispatcher. */
class Ways {
  readonly blocks: readonly Block[];
  readonly dispatched: readonly number[];
  readonly firstBlock: number;
  readonly successors: Graph;
  readonly flow: Flow;
  /** What must be cut besides. */
  readonly bad: readonly (readonly [from: number, to: number])[];
  readonly #cut: ReadonlySet<string>;
  readonly #redirected: ReadonlySet<number>;

  /** `redirected`: blocks whose computed jump has the dispatcher's table. */
  constructor(blocks: readonly Block[], dispatched: Iterable<number>, cut: ReadonlySet<string>, redirected: ReadonlySet<number>) {
    this.blocks = blocks;
    this.dispatched = [...dispatched];
    this.firstBlock = this.dispatched.length + 1;
    this.#cut = cut;
    this.#redirected = redirected;
    this.successors = [
      this.dispatched.map((_, i) => i + 1),
      ...this.dispatched.map(block => [this.firstBlock + block]),
      ...blocks.map((block, i) => this.#successorsOf(block, this.firstBlock + i)),
    ];
    this.flow = analyse(this.successors);
    this.bad = irreducibleEdges(this.flow);
  }
  /** Copies are cut where their originals are. */
  withCopies({ blocks, originals }: Unrolled): Ways {
    const cut = new Set(this.#cut);
    for (const [copy, original] of originals) for (const to of inside(blocks[copy]!)) if (this.#cut.has(wayName(original, to))) cut.add(wayName(copy, to));
    return new Ways(blocks, this.dispatched, cut, this.#redirected);
  }
  readonly isCut = (from: number, to: number): boolean => this.#cut.has(wayName(from - this.firstBlock, to - this.firstBlock));

  #successorsOf(block: Block, node: number): readonly number[] {
    if (this.#redirected.has(node - this.firstBlock)) return [DISPATCHER];
    const direct = inside(block).map(to => this.firstBlock + to);
    const kept = direct.filter(to => !this.isCut(node, to));
    return kept.length < direct.length ? [...kept, DISPATCHER] : kept;
  }
}
const wayName = (from: number, to: number): string => `${from} ${to}`;
/** Ways that wasm can express: loops that are entered in the middle are peeled; what still is none that nests is cut. */
function nesting(found: readonly Block[], entries: number): Ways {
  const dispatched = new Set(Array(entries).keys());
  const [cut, redirected] = [new Set<string>(), new Set<number>()];
  const ways = new Ways(found, dispatched, cut, redirected);
  if (ways.bad.length === 0) return ways;
  const blocks = peeled(found, entries, found.map(inside));
  for (;;) {
    const now = new Ways(blocks, dispatched, cut, redirected);
    const { bad, firstBlock } = now;
    if (bad.length === 0) return now;
    for (const [from, to] of bad) {
      const block = blocks[from - firstBlock]!;
      if (isManyWay(block)) {
        redirected.add(from - firstBlock);
        for (const target of inside(block)) dispatched.add(target);
      } else {
        cut.add(wayName(from - firstBlock, to - firstBlock));
        dispatched.add(to - firstBlock);
      }
    }
  }
}

/** Short loops with several rounds. */
function withRounds(ways: Ways, goesRound: (rip: number) => boolean): Ways {
  const { blocks, firstBlock, flow } = ways;
  const mayBeCopied = (block: number, body: Nodes): boolean => {
    const of = blocks[block];
    if (!of || isManyWay(of)) return false;
    return inside(of).every(to => !body.has(to) || !ways.isCut(firstBlock + block, firstBlock + to));
  };
  const rounds = unrolled(blocks, loopsIn(flow, firstBlock), goesRound, mayBeCopied);
  return rounds.originals.size > 0 ? ways.withCopies(rounds) : ways;
}

/** The region is entered at the first so many blocks; `goesRound`: whether a loop that begins at an address mostly goes round more than twice. */
export function plan(found: readonly Block[], entries: number, goesRound: (rip: number) => boolean): Plan {
  const { blocks, dispatched, firstBlock, successors, flow, isCut } = withRounds(nesting(found, entries), goesRound);
  const ticks = ticksOf(successors, flow, blocks, firstBlock);
  return {
    blocks,
    flow,
    successors,
    dispatched,
    entries,
    firstBlock,
    isCut,
    isRedirected: node => isManyWay(blocks[node - firstBlock]!) && successors[node]!.includes(DISPATCHER),
    ...ticks,
    flagNeeds: needsOf(successors, flow, blocks, firstBlock, ticks.isChecked),
  };
}

const hasTerminator = ({ ending }: Block): boolean => ending.kind !== "falls";

function ticksOf(graph: readonly (readonly number[])[], flow: Flow, blocks: readonly Block[], firstBlock: number): Pick<Plan, "reserve" | "isChecked"> {
  const reserve = graph.map(() => 0);
  const isChecked = (node: number): boolean => node >= firstBlock && graph[node]!.some(to => to === DISPATCHER || isBackward(flow, node, to));
  for (const node of flow.order.toReversed()) {
    const block = blocks[node - firstBlock];
    const ticks = block?.instructions.length ?? 0;
    if (block && isChecked(node)) reserve[node] = hasTerminator(block) ? ticks - 1 : ticks;
    else reserve[node] = ticks + Math.max(0, ...graph[node]!.map(to => reserve[to]!));
  }
  return { reserve, isChecked };
}
/** What must be left of the budget at a block's check: the last instruction, and whatever may follow until the next check. */
export function neededAtCheck({ blocks, firstBlock, successors, reserve }: Plan, node: number): number {
  return (hasTerminator(blocks[node - firstBlock]!) ? 1 : 0) + Math.max(0, ...successors[node]!.map(to => reserve[to]!));
}

function needsOf(graph: readonly (readonly number[])[], flow: Flow, blocks: readonly Block[], firstBlock: number, isChecked: Plan["isChecked"]): FlagNeed[] {
  const needs = graph.map((): FlagNeed => flagNeed.none);
  const before = (node: number): FlagNeed => {
    let need: number = Math.max(flagNeed.none, ...graph[node]!.map(to => needs[to]!));
    const block = blocks[node - firstBlock];
    if (!block) return need as FlagNeed;
    if (block.ending.kind === "computes" || block.ending.targets.some(to => to.block === undefined)) need = Math.max(need, flagNeed.exits);
    if (isChecked(node)) need = Math.max(need, flagNeed.exits);
    for (const { instruction } of block.instructions.toReversed()) {
      const { setsFlags, readsFlags, mayLeave, control } = effectsOf(instruction.form);
      if (setsFlags && !readsFlags) need = flagNeed.none;
      if (readsFlags) need = flagNeed.uses;
      if (mayLeave || (control && isChecked(node))) need = Math.max(need, flagNeed.exits);
    }
    return need as FlagNeed;
  };
  for (let isStable = false; !isStable; ) {
    isStable = true;
    for (const node of flow.order.toReversed()) {
      const found = before(node);
      if (found !== needs[node]) {
        needs[node] = found;
        isStable = false;
      }
    }
  }
  return needs;
}
