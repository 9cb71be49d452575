// Images whose contents are read when they are wanted: the same machine as with contents in memory, files changed without touching the image, damage found when it is read.
import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { storedContents } from "../../engine/loader/image.ts";
import { demoImage } from "../../guest-images/demo.ts";
import { type Image, type ImageEntry, makeImage } from "../../guest-images/image.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { machineRoot } from "../../guest-images/machine-root.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { Session } from "../../snapshots/session.ts";
import { runGuest } from "../headless.ts";

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

function saved(store: ImageStore, image: Image): Image {
  const writer = store.writer();
  const entries = image.entries.map(({ content, ...entry }): ImageEntry => (content ? { ...entry, stored: writer.store(content) } : entry));
  store.saveWritten(writer, makeImage(image.name, entries, image.config));
  return store.open(image.name);
}

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
