// Images whose contents are read when they are wanted: the same machine as with contents in memory, files changed without touching the image, damage found when it is read.
import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { storedContents } from "../../engine/loader/image.ts";
import { demoImage } from "../../guest-images/demo.ts";
import { type Image, makeImage } from "../../guest-images/image.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { machineRoot } from "../../guest-images/machine-root.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { Session } from "../../snapshots/session.ts";
import { runGuest } from "../headless.ts";
import { saved } from "./saved-image.ts";

interface Context {
  folder: string;
  store: ImageStore;
}
const test = suite<Context>("stored image");
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-stored-"));
  context.store = new ImageStore(context.folder);
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test("digest and contents are those of the image in memory, and one content is stored once", ({ store, folder }) => {
  const owned = { kind: "file", mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 5 } as const;
  const big = new Uint8Array(300_001).map((_, i) => i % 251);
  const image = makeImage(
    "twice",
    [
      { path: "/a", ...owned, content: big },
      { path: "/b", ...owned, content: big },
      { path: "/c", ...owned, content: new Uint8Array(0) },
    ],
    demoImage().config,
  );
  const opened = saved(store, image);
  assert.is(opened.digest, image.digest);
  assert.equal(
    opened.entries.map(({ path }) => path),
    image.entries.map(({ path }) => path),
  );
  assert.equal(
    opened.entries.slice(1).map(entry => Buffer.from(contentBytes(entry)).equals(Buffer.from(entry.path === "/c" ? "" : big))),
    [true, true, true],
  );
  const [file = ""] = readdirSync(join(folder, "images")).filter(name => name.endsWith(".image"));
  assert.ok(readFileSync(join(folder, "images", file)).length < 310_000);
});

test("a program runs the same events with contents in memory and in a file", ({ store }) => {
  const image = demoImage();
  const run = (from: Image) => runGuest({ image: from, argv: ["/bin/pipeline"] });
  const [inMemory, inFile] = [run(image), run(saved(store, image))];
  assert.is(Buffer.from(inFile.stdout).toString(), Buffer.from(inMemory.stdout).toString());
  assert.equal(inFile.events, inMemory.events);
});

test("a log holds no page that the image has, and keyframes are read back from both", ({ store }) => {
  const image = saved(store, demoImage());
  const session = Session.boot(bootSource({ image, argv: ["/bin/pipeline"] }));
  session.runToEnd();
  const end = session.length;
  session.goto({ seq: 3, plus: 0 });
  const page = image.entries.find(({ path }) => path === "/bin/pipeline")!.stored!.piece(0);
  let last = page.length;
  while (page[last - 1] === 0) last--;
  assert.is(image.pieces!.get(hash("sha256", page.subarray(0, last), "hex").slice(0, 32)), page);
  assert.is(image.pieces!.get("0".repeat(32)), undefined);
  session.goto({ seq: end, plus: 0 });
  assert.is(session.position.seq, end);
});

test("damage is found when the piece is read, and told in a sentence", ({ store, folder }) => {
  saved(store, demoImage());
  const [file = ""] = readdirSync(join(folder, "images")).filter(name => name.endsWith(".image"));
  const path = join(folder, "images", file);
  const bytes = readFileSync(path);
  bytes[5000]! ^= 1;
  writeFileSync(path, bytes);
  const opened = store.open("demo");
  assert.throws(
    () => opened.entries.forEach(contentBytes),
    (error: unknown) => error instanceof UserMistake && /is damaged/.test(error.message),
  );
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(path, bytes);
  assert.throws(() => store.open("demo"), /is damaged; delete it/);
});

test("what is kept of the list is what the image's file says, is made anew where it is damaged or another's, and goes with the image", ({ store, folder }) => {
  const owned = { mode: 0o7644, uid: 2 ** 32 - 1, gid: 7, mtimeSeconds: -(2 ** 40) } as const;
  const image = makeImage(
    "odd",
    [
      { path: "/\xff\n", kind: "file", ...owned, content: Buffer.from("one") },
      { path: "/also", kind: "file", ...owned, hardLinkTo: "/\xff\n" },
      { path: "/disk", kind: "block", ...owned, device: [8, 1048575] },
      { path: "/empty", kind: "file", ...owned, content: new Uint8Array(0) },
      { path: "/link", kind: "symlink", ...owned, target: "\xe4/.." },
      { path: "/pipe", kind: "fifo", ...owned },
    ],
    demoImage().config,
  );
  const held = (of: Image) => of.entries.map(entry => ({ ...entry, stored: undefined, content: Buffer.from(contentBytes(entry)).toString() }));
  const expected = held(image);
  const lists = join(folder, "images/lists");
  assert.equal(held(saved(store, image)), expected);
  const kept = join(lists, readdirSync(lists)[0]!);
  const list = readFileSync(kept);
  assert.equal(held(store.open("odd")), expected);
  assert.equal(readFileSync(kept), list);
  saved(store, demoImage());
  const other = readFileSync(join(lists, readdirSync(lists).find(name => !kept.endsWith(name))!));
  for (const bad of [other, list.subarray(0, 500), list.map((byte, at) => (at === 300 ? byte ^ 1 : byte)), Buffer.alloc(0)]) {
    writeFileSync(kept, bad);
    assert.equal(held(store.open("odd")), expected);
    assert.equal(readFileSync(kept), list);
  }
  const contents = storedContents(store.open("odd"));
  assert.is(contents.get(hash("sha256", "one"))!.length, 3);
  assert.is(contents.get("0".repeat(64)), undefined);
  store.remove("odd");
  assert.is(readdirSync(lists).length, 1);
});
test("a list that cannot be kept is made each time", ({ store, folder }) => {
  const image = saved(store, demoImage());
  rmSync(join(folder, "images/lists"), { recursive: true });
  writeFileSync(join(folder, "images/lists"), "no folder");
  assert.equal(
    store.open("demo").entries.map(({ path }) => path),
    image.entries.map(({ path }) => path),
  );
});

test("the root that a machine leaves is the image with its changes", ({ store }) => {
  const image = saved(store, demoImage());
  const { machine } = runGuest({ image, argv: ["/bin/hello"] });
  const writer = store.writer();
  const left = makeImage(
    "left",
    machineRoot({ state: machine.state, contents: storedContents(image) }, bytes => writer.store(bytes)),
    image.config,
  );
  const described = ({ entries }: Image) => entries.map(({ stored, mtimeSeconds: _, ...entry }) => ({ ...entry, digest: stored?.digest }));
  writer.abandon();
  const added = new Set(["/dev/pts", "/dev/shm"]);
  assert.equal(
    described(left).filter(({ path }) => !added.has(path)),
    described(image),
  );
});

test.run();
