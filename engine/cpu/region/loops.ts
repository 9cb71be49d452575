// The loops of a flow, and copies of their blocks.
import type { Block, Ending, Target } from "./blocks.ts";
import { dominates, type Flow, isBackward } from "./structure.ts";

/** Numbers of nodes, or of blocks. */
export type Nodes = ReadonlySet<number>;
export interface Loop {
  readonly header: number;
  readonly body: Nodes;
}

/** Those that have one header, the smallest first; nodes are numbered from `first` on. */
export function loopsIn(flow: Flow, first: number): readonly Loop[] {
  return flow.order
    .flatMap(node => {
      const back = flow.predecessors[node]!.filter(from => isBackward(flow, from, node) && dominates(flow, node, from));
      return back.length > 0 ? [{ header: node - first, body: bodyOf(flow, node, back, first) }] : [];
    })
    .sort((a, b) => a.body.size - b.body.size);
}
function bodyOf({ predecessors }: Flow, header: number, back: readonly number[], first: number): Nodes {
  const body = new Set([header, ...back]);
  for (const node of body) if (node !== header) for (const from of predecessors[node]!) body.add(from);
  return new Set([...body].map(node => node - first));
}
export const leadingTo = (block: Block, place: (block: number) => number): Block => {
  const targets = block.ending.targets.map((target): Target => (target.block === undefined ? target : { ...target, block: place(target.block) }));
  return { ...block, ending: { ...block.ending, targets } as Ending };
};
