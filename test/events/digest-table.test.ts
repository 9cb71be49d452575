// What is known by digest: as a Map has it, but for what has not been asked for lately.
import { hash } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DigestTable, digestOfBinary, digestOfHex } from "../../events/log/digest-table.ts";

const digestOf = (i: number) => digestOfBinary(hash("sha256", `content ${i}`, "binary"));

test("the same digest from both spellings", () => {
  for (let i = 0; i < 50; i++) assert.equal(digestOfHex(hash("sha256", `content ${i}`, "hex")), digestOf(i));
});
test("thousands are told apart, and have their numbers", () => {
  const table = new DigestTable(20_000);
  for (let i = 0; i < 10_000; i++) {
    assert.is(table.get(digestOf(i)), undefined);
    table.set(digestOf(i), i * 2 ** 33);
  }
  for (let i = 0; i < 10_000; i++) assert.is(table.get(digestOf(i)), i * 2 ** 33);
});
test("digests that differ in one word, or begin with zeros", () => {
  const table = new DigestTable(100);
  const all = [
    [0, 0, 0, 0],
    [0, 0, 0, 5],
    [7, 1, 2, 3],
    [7, 1, 2, 4],
    [7, 0, 2, 3],
    [-1, -1, -1, -1],
  ].map(words => Int32Array.from(words));
  for (const [i, digest] of all.entries()) table.set(digest, i + 1);
  assert.equal(
    all.map(digest => table.get(digest)),
    all.map((_, i) => i + 1),
  );
});
test("without end, it keeps half of the most and never more than that; what is asked for stays", () => {
  const table = new DigestTable(1000);
  for (let i = 0; i < 50_000; i++) {
    table.set(digestOf(i), i);
    assert.is(table.get(digestOf(0)), 0);
    assert.ok(table.weight <= 1000);
    if (i % 1000 === 999) for (let back = 0; back < 499; back++) assert.is(table.get(digestOf(i - back)), i - back);
  }
  assert.is(table.get(digestOf(1)), undefined);
});

test.run();
