// Mounted folders of which the state holds nothing before a call looks into them: what calls tell is as if all had been there from the start.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AT_FDCWD } from "../../../engine/kernel/objects/paths.ts";
import { placeOf } from "../../../engine/kernel/objects/standard-files.ts";
import type { FolderTree, ImageEntry } from "../../../engine/loader/image.ts";
import { FileKernel, file } from "./file-kernel.ts";

const directory = (path: string): ImageEntry => ({ path, kind: "directory", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 1000 });
const linked = (path: string): ImageEntry => ({ ...file(path, "shared"), hardLinkTo: "/a/deep/first" });

class TestTree implements FolderTree {
  readonly root = directory("/");
  readonly asked: string[] = [];
  readonly #folders: Readonly<Record<string, readonly ImageEntry[]>>;
  constructor(folders: Readonly<Record<string, readonly ImageEntry[]>>) {
    this.#folders = folders;
  }
  list(path: string): readonly ImageEntry[] {
    this.asked.push(path);
    return this.#folders[path]!;
  }
}
const plainTree = () =>
  new TestTree({
    "/": [directory("a"), directory("b"), file("top", "top of all")],
    "/a": [directory("deep")],
    "/a/deep": [file("text", "found")],
    "/b": [],
  });
const mounted = (tree: FolderTree, isReadOnly = false) => new FileKernel([{ path: "/in", isReadOnly, entries: [], tree }]);
const AT_REMOVEDIR = 0x200;

const test = suite("unlisted folders");

test("a folder is asked for when a path leads through it, once", () => {
  const tree = plainTree();
  const files = mounted(tree);
  assert.equal(tree.asked, []);
  assert.is(files.textOf("/in/top"), "top of all");
  assert.equal(tree.asked, ["/"]);
  assert.is(files.textOf("/in/a/deep/text"), "found");
  assert.is(files.textOf("/in/a/deep/text"), "found");
  assert.equal(tree.asked, ["/", "/a", "/a/deep"]);
});
test("what is not there is missed as in any folder", () => {
  const files = mounted(plainTree());
  assert.is(files.call("access", "/in/a/none", 0).value, "ENOENT");
  assert.is(files.call("access", "/in/top/none", 0).value, "ENOTDIR");
});
test("a folder's links count the folders in it", () => {
  const files = mounted(plainTree());
  const links = (path: string) => files.call("stat", path).outs.statbuf.st_nlink;
  assert.equal(["/in", "/in/a", "/in/a/deep"].map(links), [4, 3, 2]);
});
test("a folder that nobody has looked into is not taken for empty", () => {
  const files = mounted(plainTree());
  assert.is(files.call("rmdir", "/in/a").value, "ENOTEMPTY");
  assert.is(files.call("mkdir", "/in/c", 0o755).value, 0);
  assert.is(files.call("rename", "/in/c", "/in/a").value, "ENOTEMPTY");
  assert.is(files.call("rename", "/in/c", "/in/b").value, 0);
});
test("a folder that was moved has what was in it", () => {
  const files = mounted(plainTree());
  assert.is(files.call("rename", "/in/a", "/in/b/moved").value, 0);
  assert.is(files.textOf("/in/b/moved/deep/text"), "found");
});
test("what the guest makes and removes stays so", () => {
  const files = mounted(plainTree());
  assert.is(files.call("unlinkat", AT_FDCWD, "/in/b", AT_REMOVEDIR).value, 0);
  assert.is(files.call("unlink", "/in/a/deep/text").value, 0);
  assert.equal(
    ["/in/b", "/in/a/deep/text"].map(path => files.call("access", path, 0).value),
    ["ENOENT", "ENOENT"],
  );
});
test("names of one file are one inode with as many links, in whichever order they are met", () => {
  const tree = new TestTree({
    "/": [directory("a"), directory("z")],
    "/a": [directory("deep")],
    "/a/deep": [linked("first"), file("other", "own")],
    "/z": [linked("second")],
  });
  const files = mounted(tree);
  const status = (path: string) => files.call("stat", path).outs.statbuf;
  const [second, first] = [status("/in/z/second"), status("/in/a/deep/first")];
  assert.equal([second.st_ino, second.st_nlink, first.st_nlink], [first.st_ino, 2, 2]);
  assert.is(status("/in/a/deep/other").st_nlink, 1);
  assert.is(files.call("unlink", "/in/z/second").value, 0);
  assert.is(status("/in/a/deep/first").st_nlink, 1);
});
test("files and bytes that come to be known take nothing from what the guest may add", () => {
  const files = mounted(plainTree());
  const free = () => {
    const { f_bfree, f_ffree } = files.call("statfs", "/in").outs.buf;
    return [f_bfree, f_ffree];
  };
  const before = free();
  files.textOf("/in/a/deep/text");
  assert.equal(free(), before);
});
test("a mount point may lie in a folder that is told late", () => {
  const [outer, inner] = [plainTree(), plainTree()];
  const files = new FileKernel([
    { path: "/in", isReadOnly: false, entries: [], tree: outer },
    { path: "/in/a/deep", isReadOnly: true, entries: [], tree: inner },
  ]);
  assert.equal([outer.asked, inner.asked], [["/", "/a"], []]);
  assert.is(files.textOf("/in/a/deep/top"), "top of all");
  assert.is(files.call("mkdir", "/in/a/deep/new", 0o755).value, "EROFS");
});
test("what was looked into for a call that is dropped is looked into again", () => {
  const files = mounted(plainTree());
  const look = (isKept: boolean) =>
    files.store.attempt(
      0,
      kernel => placeOf(kernel, "/in/a/deep/text"),
      () => isKept,
    );
  const [dropped, kept] = [look(false), look(true)];
  assert.ok(dropped);
  assert.equal(dropped, kept);
  assert.is(files.textOf("/in/a/deep/text"), "found");
});

test.run();
