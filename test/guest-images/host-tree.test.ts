// A host's folder that is listed, and its files read, when they are wanted: what the guest sees where this host changes them meanwhile.
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostFolder } from "../../guest-images/host-folder.ts";
import { HostTrees } from "../../guest-images/host-tree.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";

const test = suite<{ folder: string; file: string }>("host tree");
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-tree-"));
  context.file = join(context.folder, "file");
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

function mounted(folder: string, limits?: { readonly bytes: number; readonly entries: number }) {
  const notes: string[] = [];
  const trees = new HostTrees(sentence => notes.push(sentence));
  const tree = trees.of(folder, limits);
  const names = (path: string): readonly string[] => tree.list(path).map(entry => entry.path);
  const text = (name: string): string => Buffer.from(contentBytes(tree.list("/").find(entry => entry.path === name)!)).toString();
  return { trees, tree, notes, names, text };
}
const isMistake = (pattern: RegExp) => (error: unknown) => error instanceof UserMistake && pattern.test(error.message);

test("what is wanted is what the eager copy holds, in the same pieces each time", ({ folder, file }) => {
  writeFileSync(file, Buffer.alloc(10_000, "abcdefg"));
  writeFileSync(join(folder, "empty"), "");
  const { tree, text } = mounted(folder);
  assert.is(text("file"), Buffer.from(hostFolder(folder).entries.at(-1)!.content!).toString());
  assert.is(text("empty"), "");
  const { stored } = tree.list("/").at(-1)!;
  assert.equal([stored!.length, stored!.piece(2).length], [10_000, 10_000 - 8192]);
  assert.is(stored!.piece(1), stored!.piece(1));
});
test("once the rest is read, nothing that this host does is seen", ({ folder, file }) => {
  writeFileSync(file, "before");
  mkdirSync(join(folder, "sub/inner"), { recursive: true });
  const { trees, notes, text, names } = mounted(folder);
  trees.readRest();
  writeFileSync(file, "after!");
  writeFileSync(join(folder, "sub/inner/new"), "");
  assert.equal([text("file"), names("/sub"), names("/sub/inner"), notes], ["before", ["inner"], [], []]);
});
test("what is appended is not seen", ({ folder, file }) => {
  writeFileSync(file, "before");
  const { notes, text, names } = mounted(folder);
  names("/");
  appendFileSync(file, ", and more");
  assert.equal([text("file"), notes], ["before", []]);
});
test("of another change a sentence tells; the length stays", ({ folder, file }) => {
  const changes = {
    "as long, later": () => {
      writeFileSync(file, "other!");
      utimesSync(file, 1, 1);
    },
    shorter: () => truncateSync(file, 3),
    replaced: () => {
      writeFileSync(`${file}.new`, "replacement");
      renameSync(`${file}.new`, file);
    },
  };
  const seen = Object.values(changes).map(change => {
    writeFileSync(file, "before");
    const { notes, text, names } = mounted(folder);
    names("/");
    change();
    const found = text("file");
    assert.match(notes.join(), /^\/.*file was changed on this host while the guest started, which sees it as it is now\.$/);
    return found;
  });
  assert.equal(seen, ["other!", "bef\0\0\0", "replac"]);
});
test("what is gone is missed where the guest wants it, and not before", ({ folder, file }) => {
  writeFileSync(file, "before");
  const { trees, names, text } = mounted(folder);
  names("/");
  rmSync(file);
  trees.readRest();
  assert.throws(() => text("file"), isMistake(/^Cannot read .*file to mount it \(ENOENT\)/));
});
test("the rest is read in pieces, each from where the one before ended", ({ folder }) => {
  for (const name of ["a", "b"]) writeFileSync(join(folder, name), "before");
  const { trees, names, text } = mounted(folder);
  names("/");
  const piece = (steps: number): boolean => trees.readRest(() => steps-- === 0);
  // The folder, and a file.
  assert.not(piece(2));
  for (const name of ["a", "b"]) writeFileSync(join(folder, name), "after!");
  assert.ok(piece(2));
  assert.equal([text("a"), text("b")], ["before", "after!"]);
});
test("a folder is listed when it is looked into, and stays as it was then", ({ folder }) => {
  mkdirSync(join(folder, "sub"));
  const { names } = mounted(folder);
  assert.equal(names("/"), ["sub"]);
  for (const name of ["sub/b", "sub/a", "late"]) writeFileSync(join(folder, name), "");
  assert.equal([names("/"), names("/sub")], [["sub"], ["a", "b"]]);
});
test("what is told of a folder is what the eager copy has, in its order", ({ folder, file }) => {
  writeFileSync(file, "x", { mode: 0o640 });
  mkdirSync(join(folder, "file.d"), 0o750);
  symlinkSync("file", join(folder, "a link"));
  utimesSync(file, 7, 8);
  const { tree } = mounted(folder);
  const plain = ({ content: _, stored: __, ...entry }: (typeof tree)["root"]) => ({ ...entry, path: entry.path.replace(/^\//, "") });
  const [root, ...entries] = hostFolder(folder).entries.map(plain);
  assert.equal([plain(tree.root), tree.list("/").map(plain)], [root, entries]);
});
test("names of one file say so wherever they lie; a file whose other name lies outside is like any", ({ folder, file }) => {
  writeFileSync(file, "shared");
  for (const sub of ["one", "two"]) mkdirSync(join(folder, "in", sub), { recursive: true });
  for (const name of ["in/one/b", "in/two/c"]) linkSync(file, join(folder, name));
  const { tree } = mounted(join(folder, "in"));
  assert.equal(
    tree.list("/").map(({ hardLinkTo }) => hardLinkTo),
    [undefined, undefined],
  );
  const [b, c] = [tree.list("/one")[0]!, tree.list("/two")[0]!];
  assert.equal([b.path, b.hardLinkTo, c.path, c.hardLinkTo], ["b", "/one/b", "c", "/one/b"]);
  assert.is(b.stored, c.stored);
  unlinkSync(join(folder, "in/two/c"));
  const other = mounted(join(folder, "in"));
  assert.equal(other.names("/"), ["one", "two"]);
  assert.is(other.tree.list("/one")[0]!.hardLinkTo, undefined);
});
test("limits are for what is looked into, whether the rest has been read or not", ({ folder, file }) => {
  writeFileSync(file, "");
  mkdirSync(join(folder, "large"));
  for (const name of ["a", "b"]) writeFileSync(join(folder, "large", name), Buffer.alloc(1000));
  const limitsOf = { bytes: { bytes: 1999, entries: 100 }, entries: { bytes: 2000, entries: 4 } };
  for (const [what, limits] of Object.entries(limitsOf)) {
    for (const isLate of [false, true]) {
      const { trees, notes, names } = mounted(folder, limits);
      if (isLate) trees.readRest();
      assert.is(names("/").length, 2);
      assert.throws(() => names("/large"), isMistake(/holds more than (0 MiB|4 files), which is the most a mount can copy; mount a smaller folder/));
      const told = notes.map(sentence =>
        /holds more than .* copy; what the guest has not looked into, it will see as it is on this host then\.$/.test(sentence),
      );
      assert.equal(told, isLate ? [true] : [], what);
    }
  }
  const { names } = mounted(folder, { bytes: 2000, entries: 5 });
  assert.equal([names("/").length, names("/large").length], [2, 2]);
});
test("a link that has come in a folder's place is not followed", ({ folder }) => {
  for (const name of ["sub", "elsewhere"]) mkdirSync(join(folder, name));
  const { names } = mounted(folder);
  names("/");
  rmdirSync(join(folder, "sub"));
  symlinkSync("elsewhere", join(folder, "sub"));
  assert.throws(() => names("/sub"), isMistake(/sub was replaced on this host before the guest looked into it/));
});
test("a folder that is gone is missed where the guest looks into it, and one that cannot be mounted at once", ({ folder }) => {
  mkdirSync(join(folder, "sub"));
  const { trees, names } = mounted(folder);
  names("/");
  rmdirSync(join(folder, "sub"));
  trees.readRest();
  assert.throws(() => names("/sub"), isMistake(/^Cannot read .*sub to mount it \(ENOENT\)/));
  assert.throws(() => mounted(join(folder, "missing")), isMistake(/^Cannot read .*missing to mount it \(ENOENT\)/));
});

test.run();
