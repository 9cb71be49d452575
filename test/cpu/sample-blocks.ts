// Blocks for tests of a region's shape, by where they lead to.
import type { Block } from "../../engine/cpu/region/blocks.ts";
import { factsAt, rowNames } from "../../engine/cpu/semantics/facts.ts";
import { formOf } from "../../engine/cpu/semantics/forms.ts";

/** Any will do. */
const { shapes, widths } = factsAt(0);
const instruction = { form: formOf(rowNames[0]!, shapes[0]!, widths[0]!)!, length: 1 } as unknown as Block["instructions"][number]["instruction"];
/** Of one instruction each, by where they lead to; a block's address says which it was at first. */
export const blocksOf = (graph: readonly (readonly number[])[]): Block[] =>
  graph.map((targets, rip) => ({
    rip,
    instructions: [{ rip, instruction }],
    ending: {
      kind: targets.length > 1 ? "branches" : targets.length > 0 ? "jumps" : "stops",
      targets: targets.map(block => ({ rip: block, block })),
    } as unknown as Block["ending"],
  }));
export const graphOf = (blocks: readonly Block[]) => blocks.map(({ ending }) => ending.targets.flatMap(({ block }) => (block === undefined ? [] : [block])));
