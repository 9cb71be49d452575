import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Image } from "../../engine/loader/image.ts";
import { CheckedPieces, keepChecks } from "../../guest-images/checked-pieces.ts";
import { makeImage } from "../../guest-images/image.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { demoImage } from "../../index.ts";

const checked = suite<{ folder: string; list: string }>("pieces that have been checked");
checked.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-checked-"));
  context.list = join(context.folder, "list");
  writeFileSync(context.list, "list");
});
checked.after.each(({ folder }) => rmSync(folder, { recursive: true }));

checked("what was checked of a file counts for that file alone", ({ list }) => {
  const first = new CheckedPieces(list, "one", 20);
  assert.not(first.isListRight);
  first.listIsRight();
  for (const piece of [0, 7, 19]) first.add(piece);
  first.keep();
  const again = new CheckedPieces(list, "one", 20);
  assert.equal(
    Array.from({ length: 20 }, (_, piece) => piece).filter(piece => again.has(piece)),
    [0, 7, 19],
  );
  assert.ok(again.isListRight);
  for (const other of [new CheckedPieces(list, "two", 20), new CheckedPieces(list, "one", 200)]) {
    assert.not(other.has(0));
    assert.not(other.isListRight);
  }
  writeFileSync(list, "another");
  assert.not(new CheckedPieces(list, "one", 20).isListRight);
  rmSync(list);
  assert.not(new CheckedPieces(list, "one", 20).isListRight);
});
checked("a damaged note says nothing, and where nothing is new none is written", ({ list }) => {
  const note = `${list}-checked`;
  const first = new CheckedPieces(list, "one", 8);
  first.add(3);
  first.keep();
  const { mtimeNs, ino } = statSync(note, { bigint: true });
  new CheckedPieces(list, "one", 8).keep();
  assert.equal([statSync(note, { bigint: true }).mtimeNs, statSync(note, { bigint: true }).ino], [mtimeNs, ino]);
  for (const bad of [Buffer.alloc(0), Buffer.from("\0".repeat(40)), readFileSync(note).subarray(1)]) {
    writeFileSync(note, bad);
    assert.not(new CheckedPieces(list, "one", 8).has(3));
  }
});
checked("an image's file that is changed after it was checked is checked again", ({ folder }) => {
  const store = new ImageStore(folder);
  const content = Buffer.alloc(10_000, "content");
  const owned = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 0 };
  const image = makeImage("some", [{ path: "/file", kind: "file", ...owned, content }], demoImage().config);
  const writer = store.writer();
  const stored: Image = { ...image, entries: image.entries.map(({ content: bytes, ...entry }) => (bytes ? { ...entry, stored: writer.store(bytes) } : entry)) };
  store.saveWritten(writer, stored);
  const opened = () => store.open("some").entries.find(({ path }) => path === "/file")!.stored!;
  assert.equal(Buffer.from(opened().piece(1)), content.subarray(4096, 8192));
  keepChecks();
  assert.equal(Buffer.from(opened().piece(1)), content.subarray(4096, 8192));
  const path = join(folder, "images", `${image.digest.slice("sha256:".length)}.image`);
  const at = readFileSync(path).indexOf(content) + 5000;
  writeSync(openSync(path, "r+"), "X", at);
  assert.throws(() => opened().piece(1), /is damaged/);
  assert.equal(Buffer.from(opened().piece(0)), content.subarray(0, 4096));
});
checked.run();
