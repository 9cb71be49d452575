// Regions that begin in the middle of a loop: the loop keeps its header, and whoever enters in the middle goes through a copy until there.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Block } from "../../engine/cpu/region/blocks.ts";
import { peeled } from "../../engine/cpu/region/peeling.ts";
import { plan } from "../../engine/cpu/region/plan.ts";
import { blocksOf, graphOf } from "./sample-blocks.ts";

/** By address, where each block leads to. */
const addresses = (blocks: readonly Block[]) => blocks.map(({ rip, ending }) => [rip, ending.targets.map(({ block }) => blocks[block!]!.rip)] as const);
const peel = (graph: readonly (readonly number[])[], entries: number) => peeled(blocksOf(graph), entries, graph);

/** The end of a loop, with the loop around it: 2 is the header of the one, 4 of the other. */
const ROTATED = [[1, 2], [3], [0, 1], [4], [2]];

test("an entry between a loop's header and its end leads to a copy of what lies between", () => {
  const blocks = peel(ROTATED, 1);
  assert.is(blocks.length, 6);
  assert.is(blocks[0]!.rip, 0);
  const graph = graphOf(blocks);
  const isLedTo = graph.some(targets => targets.includes(0));
  assert.not(isLedTo, "the copy is for those who enter");
  const ways = addresses(blocks);
  for (const [rip, targets] of ways) assert.equal(targets, ROTATED[rip]);
});
test("such a loop goes round without the dispatcher", () => {
  const { firstBlock, successors, blocks } = plan(blocksOf(ROTATED), 1, () => false);
  const nodesAt = (address: number) => blocks.flatMap(({ rip }, i) => (rip === address ? [firstBlock + i] : []));
  const [header] = nodesAt(2);
  const goesRound = nodesAt(0).some(end => successors[header!]!.includes(end) && successors[end]!.includes(header!));
  assert.ok(goesRound);
});
test("an entry at a loop's header needs no copy, nor does one outside loops", () => {
  assert.is(peel([[1], [2, 0], []], 1).length, 3);
  assert.is(peel([[1], [2], [1, 3], []], 1).length, 4);
});
test("several entries of a loop share the copies", () => {
  // The header is 3, where 4 leads; entered at 0, 1 and 2, which follow one another.
  const graph = [[1], [2], [3, 5], [0], [3], []];
  const blocks = peel(graph, 3);
  assert.is(blocks.length, 9);
  assert.equal(
    blocks.slice(0, 3).map(({ rip }) => rip),
    [0, 1, 2],
  );
  assert.equal(graphOf(blocks).slice(0, 2), [[1], [2]]);
  for (const [rip, targets] of addresses(blocks)) assert.equal(targets, graph[rip]);
});
test.run();
