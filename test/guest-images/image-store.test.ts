// The cache folder under damage, a full disk, and two processes: the old image or the new one, never something between, and one sentence that says what to do.
import { spawn } from "node:child_process";
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Image } from "../../engine/loader/image.ts";
import { makeImage } from "../../guest-images/image.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";

interface Context {
  folder: string;
  store: ImageStore;
}
const test = suite<Context>("image store");
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-store-"));
  context.store = new ImageStore(context.folder);
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const imageWith = (text: string): Image =>
  makeImage(
    "sample",
    [
      { path: "/bin/hello", kind: "file", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 1, content: Buffer.from(text) },
      { path: "/bin/hi", kind: "symlink", mode: 0o777, uid: 0, gid: 0, mtimeSeconds: 1, target: "hello" },
    ],
    { entrypoint: ["/bin/hello"], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } },
  );
const plain = (image: Image) => image.entries.map(({ content, ...entry }) => ({ ...entry, content: content && Buffer.from(content).toString() }));
const fileOf = (folder: string, { digest }: Image) => join(folder, "images", `${digest.slice("sha256:".length)}.image`);
const isMistake = (pattern: RegExp) => (error: unknown) => error instanceof UserMistake && pattern.test(error.message);

test("what is saved is opened again, by name and by digest", ({ store }) => {
  const image = imageWith("hello");
  store.save(image);
  for (const key of ["sample", image.digest]) {
    assert.ok(store.has(key));
    assert.equal(plain(store.open(key)), plain(image));
    assert.is(store.open(key).digest, image.digest);
  }
  assert.equal(
    store.list().map(({ name, digest }) => [name, digest]),
    [["sample", image.digest]],
  );
});

test("a name moves on; the older image stays under its digest", ({ store }) => {
  const [older, newer] = [imageWith("older"), imageWith("newer")];
  store.save(older);
  store.save(newer);
  assert.is(store.open("sample").digest, newer.digest);
  assert.equal(plain(store.open(older.digest)), plain(older));
  store.remove("sample");
  assert.not.ok(store.has("sample"));
  assert.ok(store.has(older.digest));
  assert.throws(() => store.remove("sample"), isMistake(/chronix image ls/));
});

test("names that could leave the folder are refused", ({ store }) => {
  for (const name of ["../escape", "", "A", "a/b", ".hidden", "x".repeat(65)]) {
    assert.throws(() => store.save({ ...imageWith("x"), name }), isMistake(/cannot be named/));
    assert.throws(() => store.open(name), isMistake(/There is no image/));
  }
});

test("a file cut at any byte is refused in one sentence", ({ store, folder }) => {
  const image = imageWith("content that is long enough to be cut");
  store.save(image);
  const path = fileOf(folder, image);
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    assert.throws(() => store.open("sample"), isMistake(/^The image file .* (is|should).*; delete it and fetch the image again/), `cut at ${length}`);
  }
});

test("any changed byte is found", ({ store, folder }) => {
  const image = imageWith("content");
  store.save(image);
  const path = fileOf(folder, image);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1 << (at % 8);
    writeFileSync(path, damaged);
    assert.throws(() => store.open("sample"), isMistake(/delete it and fetch the image again/), `byte ${at}`);
  }
});

test("an intact file under another digest's name is refused", ({ store, folder }) => {
  const [one, other] = [imageWith("one"), imageWith("other")];
  store.save(one);
  store.save(other);
  writeFileSync(fileOf(folder, one), readFileSync(fileOf(folder, other)));
  assert.throws(() => store.open(one.digest), isMistake(/is damaged/));
});

test("a name file that holds no digest is as if it were not there", ({ store, folder }) => {
  store.save(imageWith("x"));
  writeFileSync(join(folder, "images/names/sample"), "sha256:../../etc/passwd\n");
  assert.not.ok(store.has("sample"));
  assert.throws(() => store.open("sample"), isMistake(/There is no image/));
});

/** Replaces one function of node:fs for as long as `act` runs. */
function withFailing(name: "writevSync" | "renameSync", code: string, act: () => void): void {
  const original = fs[name];
  let calls = 0;
  Object.assign(fs, {
    [name]: () => {
      calls++;
      throw Object.assign(new Error(`${code}: injected`), { code });
    },
  });
  syncBuiltinESMExports();
  try {
    act();
    assert.ok(calls > 0, "the injected failure was met");
  } finally {
    Object.assign(fs, { [name]: original });
    syncBuiltinESMExports();
  }
}
for (const [name, code, says] of [
  ["writevSync", "ENOSPC", /No space is left for .*CHRONIX_HOME/],
  ["writevSync", "EDQUOT", /No space is left/],
  ["renameSync", "EROFS", /Cannot write .*\(EROFS\); set CHRONIX_HOME/],
] as const)
  test(`${code} from ${name}: one sentence, nothing left behind, the older image intact`, ({ store, folder }) => {
    const older = imageWith("older");
    store.save(older);
    withFailing(name, code, () => assert.throws(() => store.save(imageWith("newer")), isMistake(says)));
    assert.equal(plain(store.open("sample")), plain(older));
    assert.equal(
      readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(path => path.endsWith(".tmp")),
      [],
    );
  });

test("a folder that cannot be made says which and what to do", ({ folder }) => {
  const path = join(folder, "file");
  writeFileSync(path, "");
  assert.throws(() => new ImageStore(path).save(imageWith("x")), isMistake(/Cannot write .*CHRONIX_HOME/));
});

const WRITER = `
import { ImageStore } from ${JSON.stringify(new URL("../../guest-images/image-store.ts", import.meta.url).href)};
import { makeImage } from ${JSON.stringify(new URL("../../guest-images/image.ts", import.meta.url).href)};
const [folder, word] = process.argv.slice(1);
const store = new ImageStore(folder);
const config = { entrypoint: ["/x"], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } };
for (let i = 0; i < 40; i++) {
  const content = Buffer.from((word + i).repeat(5000));
  store.save(makeImage("shared", [{ path: "/x", kind: "file", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 1, content }], config));
}`;
test("two processes that save under one name never show a third half of an image", async ({ folder, store }) => {
  const ends = ["left", "right"].map(
    word =>
      new Promise<number | null>(resolve => {
        spawn(process.execPath, ["--input-type=module", "-e", WRITER, folder, word], { stdio: "inherit" }).on("close", resolve);
      }),
  );
  let opened = 0;
  let isRunning = true;
  const all = Promise.all(ends).finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    if (store.has("shared")) {
      assert.match(Buffer.from(store.open("shared").entries.find(({ path }) => path === "/x")!.content!).toString(), /^((left|right)\d+)\1*$/);
      opened++;
    }
    await new Promise(setImmediate);
  }
  assert.equal(await all, [0, 0]);
  assert.ok(opened > 0, "the image was read while it was being written");
  assert.match(store.open("shared").digest, /^sha256:/);
});

test.run();
