// A host folder becomes entries: what is kept of each file, what is left out with a sentence, and where the limits are.
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entriesDigest } from "../../guest-images/digest.ts";
import { hostFolder } from "../../guest-images/host-folder.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";

const test = suite<{ folder: string }>("host folder");
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-folder-"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const isMistake = (pattern: RegExp) => (error: unknown) => error instanceof UserMistake && pattern.test(error.message);
const byPath = (folder: string) => new Map(hostFolder(folder).entries.map(entry => [entry.path, entry]));

test("files, folders and links, in one order whatever the host's is", ({ folder }) => {
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "sub/b"), "bee");
  writeFileSync(join(folder, "a"), "ay", { mode: 0o640 });
  chmodSync(join(folder, "a"), 0o4750);
  utimesSync(join(folder, "a"), 5, 7.9);
  symlinkSync("../nowhere", join(folder, "dangling"));
  const entries = byPath(folder);
  assert.equal([...entries.keys()], ["/", "/a", "/dangling", "/sub", "/sub/b"]);
  const { content, ...a } = entries.get("/a")!;
  assert.equal(a, { path: "/a", kind: "file", mode: 0o4750, uid: 0, gid: 0, mtimeSeconds: 7 });
  assert.is(Buffer.from(content!).toString(), "ay");
  assert.equal([entries.get("/dangling")!.kind, entries.get("/dangling")!.target], ["symlink", "../nowhere"]);
});

test("a folder given by a link is the folder", ({ folder }) => {
  mkdirSync(join(folder, "real"));
  writeFileSync(join(folder, "real/x"), "x");
  symlinkSync("real", join(folder, "link"));
  assert.equal([...byPath(join(folder, "link")).keys()], ["/", "/x"]);
});

test("two names of one file stay one file", ({ folder }) => {
  writeFileSync(join(folder, "first"), "shared");
  linkSync(join(folder, "first"), join(folder, "second"));
  const entries = byPath(folder);
  assert.is(Buffer.from(entries.get("/first")!.content!).toString(), "shared");
  assert.equal([entries.get("/second")!.hardLinkTo, entries.get("/second")!.content], ["/first", undefined]);
});

test("a socket is left out, and a sentence says so", async ({ folder }) => {
  writeFileSync(join(folder, "file"), "");
  const server = createServer();
  await new Promise<void>(resolve => server.listen(join(folder, "socket"), resolve));
  try {
    const { entries, notices } = hostFolder(folder);
    assert.equal(
      entries.map(({ path }) => path),
      ["/", "/file"],
    );
    assert.equal(notices, [`${join(folder, "socket")} is a socket and is left out of the mounted copy.`]);
  } finally {
    server.close();
  }
});

test("names that are no text come through as their bytes", ({ folder }) => {
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x41, 0xc3])]), "");
  assert.ok(byPath(folder).has("/\xffA\xc3"));
});

test("the digest is of names, modes, times and contents, and of nothing else", ({ folder }) => {
  const write = (name: string, text: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "x"), text);
    for (const path of [join(folder, name, "x"), join(folder, name)]) utimesSync(path, 1, 1);
    return entriesDigest(hostFolder(join(folder, name)).entries);
  };
  const [one, same, other] = [write("one", "text"), write("same", "text"), write("other", "Text")];
  assert.is(one, same);
  assert.is.not(one, other);
});

test("too much is refused before it is read", ({ folder }) => {
  for (const name of ["a", "b", "c"]) writeFileSync(join(folder, name), Buffer.alloc(1000));
  const limits = { bytes: 2 ** 20, entries: 100 };
  assert.is(hostFolder(folder, limits).entries.length, 4);
  assert.throws(() => hostFolder(folder, { ...limits, entries: 3 }), isMistake(/holds more than 3 files.*mount a smaller folder/));
  assert.throws(() => hostFolder(folder, { ...limits, bytes: 2999 }), isMistake(/holds more than 0 MiB.*mount a smaller folder/));
});

test("what cannot be read is named", ({ folder }) => {
  assert.throws(() => hostFolder(join(folder, "missing")), isMistake(/^Cannot read .*missing to mount it \(ENOENT\)/));
});

test.run();
