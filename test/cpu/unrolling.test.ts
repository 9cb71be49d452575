// Loops that go round often, with several rounds one after the other.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DISPATCHER, plan } from "../../engine/cpu/region/plan.ts";
import { blocksOf } from "./sample-blocks.ts";

const always = () => true;
/** By the address of a block: the addresses that it and its copies lead to, and how many of them are entered by a way back. */
function shapeOf(graph: readonly (readonly number[])[], goesRound: (rip: number) => boolean = always) {
  const { blocks, firstBlock, successors, flow, isChecked } = plan(blocksOf(graph), 1, goesRound);
  const nodesAt = (rip: number) => blocks.flatMap((block, i) => (block.rip === rip ? [firstBlock + i] : []));
  return {
    copiesOf: (rip: number) => nodesAt(rip).length,
    checkedAt: (rip: number) => nodesAt(rip).filter(isChecked).length,
    waysFrom: (rip: number) => nodesAt(rip).map(node => successors[node]!.map(to => blocks[to - firstBlock]!.rip)),
    isLeftByDispatcher: (rip: number) => nodesAt(rip).every(node => successors[node]!.includes(DISPATCHER)),
    isReached: (rip: number) => nodesAt(rip).every(node => flow.rank[node]! >= 0),
  };
}

test("a long loop has four rounds, of which the last alone leads back", () => {
  const { copiesOf, checkedAt, waysFrom, isReached } = shapeOf([[1], [1, 2], []]);
  assert.is(copiesOf(1), 4);
  assert.is(checkedAt(1), 1);
  assert.equal(waysFrom(1), Array(4).fill([1, 2]));
  assert.ok(isReached(1));
});
test("a loop that does not go round often has one", () => {
  const { copiesOf } = shapeOf([[1], [1, 2], []], () => false);
  assert.is(copiesOf(1), 1);
});
test("only the innermost loops are copied, with all that lies in them", () => {
  // 1 is the header of the outer loop, 2 of the inner one, in which 3 or 4 is executed.
  const { copiesOf, waysFrom } = shapeOf([[1], [2], [3, 4], [5], [5], [2, 6], [1, 7], []]);
  assert.equal([0, 1, 2, 3, 4, 5, 6, 7].map(copiesOf), [1, 1, 4, 4, 4, 4, 1, 1]);
  assert.equal(waysFrom(2), Array(4).fill([3, 4]));
});
test("a loop that is left by way of the dispatcher is copied too", () => {
  // 1 and 2 are a circle with two ways in, of which the way from 1 to 2 is cut; 1 goes round alone, too.
  const graph = [[2, 1], [1, 2], [1, 3], []];
  const { copiesOf, isLeftByDispatcher } = shapeOf(graph);
  assert.is(copiesOf(1), 4);
  assert.ok(isLeftByDispatcher(1));
});
test("a long body has fewer rounds, and one that is too long one", () => {
  const chain = (length: number) => [...Array.from({ length }, (_, i) => [i + 1]), [1, length + 1], []];
  assert.is(shapeOf(chain(60)).copiesOf(1), 4);
  assert.is(shapeOf(chain(79)).copiesOf(1), 3);
  assert.is(shapeOf(chain(81)).copiesOf(1), 1);
});

test.run();
