// Lists of areas against a plain model: an array of pages.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Areas, areaAt, cut, highestGap, isCovered, isFree, isGap, lowestGap, patch, place } from "../../../engine/kernel/objects/areas.ts";
import type { Area } from "../../../engine/kernel/state/vmm.ts";

const PAGE = 4096;
const area = (startPage: number, endPage: number, more: Partial<Area> = {}): Area => ({
  start: startPage * PAGE,
  end: endPage * PAGE,
  protection: 3,
  maxProtection: 7,
  isShared: false,
  growsDown: false,
  isLocked: false,
  backing: { kind: "anonymous" },
  ...more,
});
const file = (startPage: number, endPage: number, offsetPages: number): Area =>
  area(startPage, endPage, { backing: { kind: "file", inode: 7, offset: offsetPages * PAGE, path: "/f" } });
const pagesOf = (areas: Areas): readonly string[] => areas.map(one => `${one.start / PAGE}-${one.end / PAGE}`);

test("what continues the area before it becomes one with it", () => {
  assert.equal(pagesOf(place(place([], area(10, 12)), area(12, 14))), ["10-14"]);
  assert.equal(pagesOf(place([file(10, 12, 0)], file(12, 14, 2))), ["10-14"]);
  assert.equal(pagesOf(place([file(10, 12, 0)], file(12, 14, 3))), ["10-12", "12-14"]);
  assert.equal(pagesOf(place([area(10, 12)], area(12, 14, { protection: 1 }))), ["10-12", "12-14"]);
  assert.equal(pagesOf(place([area(10, 12)], area(12, 14, { name: "[heap]" }))), ["10-12", "12-14"]);
});
test("cutting a file's area moves the offset along", () => {
  const { head, inside, tail } = cut([file(10, 20, 5)], 12 * PAGE, 15 * PAGE);
  assert.equal([head, inside, tail].map(pagesOf), [["10-12"], ["12-15"], ["15-20"]]);
  assert.equal(
    [...inside, ...tail].map(({ backing }) => backing.kind === "file" && backing.offset / PAGE),
    [7, 10],
  );
});

const changed = (areas: Areas, from: number, to: number, change: (inside: Areas) => Areas): Areas => {
  const { at, removed, added } = patch(areas, from * PAGE, to * PAGE, change);
  return areas.toSpliced(at, removed, ...added);
};
/** A generator with a fixed seed, so that a failure can be seen again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}
test("a thousand random changes leave what the model says", () => {
  const next = numbers(1);
  const size = 64;
  const model: number[] = new Array(size).fill(0);
  let areas: Areas = [];
  for (let step = 0; step < 1000; step++) {
    const from = next(size);
    const to = Math.min(size, from + 1 + next(12));
    const protection = next(5);
    if (protection === 0) {
      areas = changed(areas, from, to, () => []);
    } else if (protection === 4) {
      areas = changed(areas, from, to, inside => inside.map(one => ({ ...one, protection: 2 })));
    } else areas = place(areas, area(from, to, { protection }));
    for (let page = from; page < to; page++) if (protection !== 4 || model[page] !== 0) model[page] = protection === 4 ? 2 : protection;
    for (let page = 0; page < size; page++) assert.is(areaAt(areas, page * PAGE)?.protection ?? 0, model[page], `step ${step}, page ${page}`);
    for (const [i, one] of areas.entries()) assert.ok(one.start < one.end && (i === 0 || areas[i - 1]!.end <= one.start), `step ${step}: order`);
    const low = next(size);
    const high = Math.min(size, low + 1 + next(8));
    const range = model.slice(low, high);
    assert.is(
      isFree(areas, low * PAGE, high * PAGE),
      range.every(page => page === 0),
    );
    assert.is(
      isCovered(areas, low * PAGE, high * PAGE),
      range.every(page => page !== 0),
    );
  }
});
test("gaps are found from above or from below, and stacks keep their distance", () => {
  const areas = [area(100, 110), area(120, 130)];
  assert.is(highestGap(areas, 5 * PAGE, 140 * PAGE)! / PAGE, 135);
  assert.is(highestGap(areas, 10 * PAGE, 135 * PAGE)! / PAGE, 110);
  assert.is(highestGap(areas, 11 * PAGE, 135 * PAGE)! / PAGE, 89);
  assert.is(highestGap(areas, 100 * PAGE, 135 * PAGE), undefined);
  assert.is(lowestGap(areas, 10 * PAGE, 95 * PAGE, 140 * PAGE)! / PAGE, 110);
  assert.is(lowestGap(areas, 11 * PAGE, 95 * PAGE, 140 * PAGE), undefined);
  const stack = [area(1000, 1010, { growsDown: true })];
  assert.is(highestGap(stack, PAGE, 1005 * PAGE)! / PAGE, 743);
  assert.is(isGap(stack, 750 * PAGE, PAGE), false);
  assert.is(isGap(stack, 743 * PAGE, PAGE), true);
});

test.run();
