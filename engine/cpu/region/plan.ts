// The shape of a region before any code: its nodes and the ways between them, where ticks are paid and checked, and which flags must be kept.
// Node 0 is a dispatcher, for several entries and for what wasm's nesting cannot express: irreducible loops, and computed jumps with many targets. It is followed by a stub for each
// block that it leads to; the blocks come last.
import type { Block } from "./blocks.ts";
import { effectsOf } from "./effects.ts";
import { analyse, type Flow, irreducibleEdges, isBackward } from "./structure.ts";

export const DISPATCHER = 0;
/** With more targets than this a computed jump goes through the dispatcher. */
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
  /** Ticks that may be spent from a node's start until the budget is looked at again. */
  readonly reserve: readonly number[];
  /** The budget is looked at before the last instruction of the block. */
  isChecked(node: number): boolean;
  readonly flagNeeds: readonly FlagNeed[];
}
export const isManyWay = ({ ending }: Block): boolean => ending.kind === "computes" && ending.targets.length > MOST_COMPARED;
const inside = ({ ending }: Block): readonly number[] => ending.targets.flatMap(({ block }) => (block === undefined ? [] : [block]));

/** The region is entered at the first so many blocks. */
export function plan(blocks: readonly Block[], entries: number): Plan {
  const dispatched = new Set([...Array(entries).keys(), ...blocks.filter(isManyWay).flatMap(inside)]);
  const cut = new Set<string>();
  for (;;) {
    const list = [...dispatched];
    const firstBlock = list.length + 1;
    const isCut = (from: number, to: number) => cut.has(`${from - firstBlock} ${to - firstBlock}`);
    const successors = (block: Block, node: number): readonly number[] => {
      if (isManyWay(block)) return [DISPATCHER];
      const direct = inside(block).map(to => firstBlock + to);
      const kept = direct.filter(to => !isCut(node, to));
      return kept.length < direct.length ? [...kept, DISPATCHER] : kept;
    };
    const graph = [list.map((_, i) => i + 1), ...list.map(block => [firstBlock + block]), ...blocks.map((block, i) => successors(block, firstBlock + i))];
    const flow = analyse(graph);
    const bad = irreducibleEdges(flow);
    if (bad.length === 0) {
      const ticks = ticksOf(graph, flow, blocks, firstBlock);
      return {
        blocks,
        flow,
        successors: graph,
        dispatched: list,
        entries,
        firstBlock,
        isCut,
        ...ticks,
        flagNeeds: needsOf(graph, flow, blocks, firstBlock, ticks.isChecked),
      };
    }
    for (const [from, to] of bad) {
      cut.add(`${from - firstBlock} ${to - firstBlock}`);
      dispatched.add(to - firstBlock);
    }
  }
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
