// Short loops that mostly go round more than twice have several rounds one after the other: the budget, and V8's own stop, are looked at in the last alone, and what is known after one round, as which page an address
// lies in, is known in the next.
import type { Block } from "./blocks.ts";
import { type Loop, leadingTo, type Nodes } from "./loops.ts";

const MOST_ROUNDS = 4;
/** In instructions: of a loop, of all its rounds, and of all copies in a region. */
const [MOST_OF_LOOP, MOST_OF_ROUNDS, MOST_OF_COPIES] = [80, 240, 600];

export interface Unrolled {
  /** The same, and copies after them. */
  readonly blocks: readonly Block[];
  /** By the number of a copy. */
  readonly originals: ReadonlyMap<number, number>;
}
/** `loops`: the smallest first; `goesRound`: whether a loop at an address mostly goes round more than twice; `mayBeCopied`: of a block in a loop with this body. */
export function unrolled(
  blocks: readonly Block[],
  loops: readonly Loop[],
  goesRound: (rip: number) => boolean,
  mayBeCopied: (block: number, body: Nodes) => boolean,
): Unrolled {
  const headers = new Set(loops.map(({ header }) => header));
  const out = [...blocks];
  const originals = new Map<number, number>();
  let left = MOST_OF_COPIES;
  for (const { header, body } of loops) {
    const nodes = [...body];
    const isInnermost = nodes.every(node => node === header || !headers.has(node));
    if (!isInnermost || !nodes.every(node => mayBeCopied(node, body)) || !nodes.some(node => goesRound(blocks[node]!.rip))) continue;
    const size = nodes.reduce((sum, node) => sum + blocks[node]!.instructions.length, 0);
    const rounds = Math.min(MOST_ROUNDS, Math.floor(MOST_OF_ROUNDS / size));
    const added = (rounds - 1) * size;
    if (size > MOST_OF_LOOP || rounds < 2 || added > left) continue;
    left -= added;
    const copyOf = (node: number): number => {
      const copy = out.push(blocks[node]!) - 1;
      originals.set(copy, node);
      return copy;
    };
    const own = new Map(nodes.map(node => [node, node]));
    const all = [own, ...Array.from({ length: rounds - 1 }, () => new Map(nodes.map(node => [node, copyOf(node)])))];
    all.forEach((round, i) => {
      const next = all[(i + 1) % rounds]!.get(header)!;
      for (const [node, copy] of round) out[copy] = leadingTo(blocks[node]!, to => (to === header ? next : (round.get(to) ?? to)));
    });
  }
  return { blocks: out, originals };
}
