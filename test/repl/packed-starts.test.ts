// Where a program executes instructions, as it is kept in columns.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PackedStarts } from "../../repl/packed-starts.ts";

const startsOf = (...offsets: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(offsets).buffer);
const packed = (pages: readonly (readonly [page: number, offsets: readonly number[]])[], most = 100): PackedStarts =>
  new PackedStarts(
    PackedStarts.pack(
      pages.map(([page, offsets]) => ({ page, starts: startsOf(...offsets) })),
      most,
    ).map(part => Uint8Array.from(part)),
  );

test("each page has its offsets again, and no other has any", () => {
  const high = 2 ** 35 - 1;
  const starts = packed([
    [high, [0, 4095]],
    [1026, [17]],
    [1024, [256, 3, 255]],
  ]);
  assert.equal(
    [1024, 1026, high].map(page => starts.in(page)),
    [startsOf(3, 255, 256), startsOf(17), startsOf(0, 4095)],
  );
  assert.equal(
    [0, 1023, 1025, 1027, 2 ** 36].map(page => starts.in(page)),
    Array(5).fill(undefined),
  );
  assert.equal(
    [...starts].map(({ page }) => page),
    [1024, 1026, high],
  );
});
test("a page that comes several times has what was seen in any of them", () => {
  const starts = packed([
    [7, [8, 4]],
    [9, [1]],
    [7, [4, 12]],
  ]);
  assert.equal(starts.in(7), startsOf(4, 8, 12));
});
test("of more pages than are kept those are left out that come last", () => {
  const starts = packed(
    [
      [5, [1]],
      [3, [2]],
      [4, [3]],
    ],
    2,
  );
  assert.equal(
    [3, 4, 5].map(page => starts.in(page)),
    [startsOf(2), undefined, startsOf(1)],
  );
});
test.run();
