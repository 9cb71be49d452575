// Rows of a gathered module come back as they were packed, the columns of each from where those of the row before end.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PackedRows } from "../../repl/packed-rows.ts";
import type { RegionRow } from "../../repl/region-files.ts";

const bytes = (...all: readonly number[]) => Uint8Array.from(all);
const PLAIN: RegionRow = {
  entries: [0x40_1000],
  ranges: [[0x40_1000, 3]],
  code: bytes(1, 2, 3),
  rips: bytes(4),
  profile: bytes(5, 6),
  size: 2,
  extent: "function",
  relies: null,
  fuses: false,
  calls: false,
};
const rows: readonly RegionRow[] = [
  PLAIN,
  { ...PLAIN, entries: [], ranges: [], code: bytes(), rips: bytes(), profile: bytes(), size: 0, extent: "whole", relies: "clear" },
  {
    ...PLAIN,
    entries: [0x7fff_f7d7_4ba1, 0x7fff_f7d7_4ca0],
    ranges: [
      [0x7fff_f7d7_4ba0, 1],
      [0x7fff_f7d7_5000, 2],
    ],
    code: bytes(7, 8, 9),
    size: 70_000,
    relies: "recorded",
    fuses: true,
  },
  { ...PLAIN, extent: "whole", calls: true },
];
const plainly = ({ entries, ranges, code, rips, profile, size, extent, relies, fuses, calls }: RegionRow): RegionRow => ({
  entries,
  ranges,
  code,
  rips,
  profile,
  size,
  extent,
  relies,
  fuses,
  calls,
});
test("each row has what it had", () => {
  const parts = PackedRows.pack(rows).map(part => Uint8Array.from(part));
  assert.is(parts.length, PackedRows.PARTS);
  const packed = new PackedRows(parts);
  assert.is(packed.length, rows.length);
  for (const [i, row] of rows.entries()) {
    assert.equal(plainly(packed.at(i)), row, `row ${i}`);
    const starts: number[] = [];
    packed.forEachRange(i, at => starts.push(at));
    assert.equal(
      starts,
      row.ranges.map(([at]) => at),
    );
  }
});
test.run();
