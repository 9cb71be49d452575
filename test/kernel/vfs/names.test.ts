// Paths and names: links, mounts, permissions, what renaming and removing may and may not do.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initialCredentials } from "../../../engine/kernel/objects/credentials.ts";
import { FileKernel, file } from "./file-kernel.ts";

const AT_FDCWD = -100;
const ls = (machine: FileKernel, path: string): readonly string[] => {
  const { value: fd } = machine.call("open", path, 0o200000, 0);
  const { outs } = machine.call("getdents64", fd, 0, 65_536);
  machine.call("close", fd);
  const view = new DataView(outs.dirp.buffer, outs.dirp.byteOffset, outs.dirp.length);
  const names: string[] = [];
  for (let at = 0; at < view.byteLength; at += view.getUint16(at + 16, true)) {
    let name = "";
    for (let i = at + 19; view.getUint8(i) !== 0; i++) name += String.fromCharCode(view.getUint8(i));
    names.push(name);
  }
  return names;
};
const cwd = (machine: FileKernel): string => String.fromCharCode(...machine.call("getcwd", 0, 4096).outs.buf).replace("\0", "");
const become = (machine: FileKernel, uid: number): void => {
  Object.assign(machine.kernel.procTable.processes.get(machine.tid)!, { credentials: initialCredentials(uid, uid) });
};

test("the root holds what the image and the kernel put there", () => {
  const machine = new FileKernel();
  assert.equal(ls(machine, "/"), [".", "..", "etc", "tmp", "proc", "dev", "sys"]);
  assert.ok(ls(machine, "/dev").includes("null"));
  assert.equal(ls(machine, "/dev/pts"), [".", "..", "0"]);
});

test("links are followed, up to forty", () => {
  const machine = new FileKernel();
  machine.call("symlink", "/etc", "/tmp/l");
  assert.is(machine.textOf("/tmp/l/motd"), "hello\n");
  assert.is(machine.call("readlink", "/tmp/l", 0, 3).outs.buf.length, 3);
  machine.call("symlink", "loop", "/tmp/loop");
  assert.is(machine.call("stat", "/tmp/loop").value, "ELOOP");
  assert.is(machine.call("lstat", "/tmp/loop").value, 0);
  assert.is(machine.call("lstat", "/tmp/l/").outs.statbuf.st_mode & 0o170000, 0o040000);
});

test("getcwd follows renames and mounts, and fails in a removed directory", () => {
  const machine = new FileKernel();
  machine.call("mkdir", "/tmp/a", 0o755);
  machine.call("mkdir", "/tmp/a/b", 0o755);
  machine.call("chdir", "/tmp/a/b");
  machine.call("rename", "/tmp/a", "/tmp/c");
  assert.is(cwd(machine), "/tmp/c/b");
  machine.call("chdir", "/dev/pts");
  assert.is(cwd(machine), "/dev/pts");
  machine.call("chdir", "../..");
  assert.is(cwd(machine), "/");
  machine.call("chdir", "/tmp/c/b");
  assert.is(machine.call("rmdir", "/tmp/c/b").value, 0);
  assert.is(machine.call("getcwd", 0, 100).value, "ENOENT");
  assert.is(machine.call("creat", "x", 0o644).value, "ENOENT");
});

test("link counts of directories follow their subdirectories", () => {
  const machine = new FileKernel();
  const links = (path: string): number => machine.call("stat", path).outs.statbuf.st_nlink;
  machine.call("mkdir", "/tmp/a", 0o755);
  machine.call("mkdir", "/tmp/b", 0o755);
  machine.call("mkdir", "/tmp/a/x", 0o755);
  assert.equal([links("/tmp"), links("/tmp/a"), links("/tmp/b"), links("/tmp/a/x")], [4, 3, 2, 2]);
  machine.call("rename", "/tmp/a/x", "/tmp/b/x");
  assert.equal([links("/tmp/a"), links("/tmp/b")], [2, 3]);
  machine.call("renameat2", AT_FDCWD, "/tmp/b", AT_FDCWD, "/etc/motd", 2);
  assert.equal([links("/tmp"), links("/etc")], [3, 3]);
  assert.is(machine.textOf("/tmp/b"), "hello\n");
});

test("a directory read while it is emptied skips no name", () => {
  const machine = new FileKernel();
  for (let i = 0; i < 100; i++) machine.call("close", machine.call("creat", `/tmp/${i}`, 0o644).value);
  const { value: fd } = machine.call("open", "/tmp", 0, 0);
  let seen = 0;
  for (;;) {
    const { outs } = machine.call("getdents64", fd, 0, 200);
    if (outs.dirp.length === 0) break;
    const view = new DataView(outs.dirp.buffer, outs.dirp.byteOffset, outs.dirp.length);
    for (let at = 0; at < view.byteLength; at += view.getUint16(at + 16, true)) {
      let name = "";
      for (let i = at + 19; view.getUint8(i) !== 0; i++) name += String.fromCharCode(view.getUint8(i));
      if (name.startsWith(".")) continue;
      seen++;
      assert.is(machine.call("unlink", `/tmp/${name}`).value, 0);
    }
  }
  assert.is(seen, 100);
});

test("who is not root is refused what the mode refuses, in sticky directories too", () => {
  const machine = new FileKernel();
  machine.call("close", machine.call("creat", "/tmp/roots", 0o600).value);
  become(machine, 1000);
  assert.is(machine.call("open", "/tmp/roots", 0, 0).value, "EACCES");
  assert.is(machine.call("unlink", "/tmp/roots").value, "EPERM");
  assert.is(machine.call("creat", "/etc/mine", 0o644).value, "EACCES");
  assert.is(machine.call("chmod", "/etc/motd", 0o777).value, "EPERM");
  assert.is(machine.call("access", "/etc/motd", 2).value, "EACCES");
  assert.is(machine.call("mknod", "/tmp/null", 0o020666, 0x103).value, "EPERM");
  assert.is(machine.call("creat", "/tmp/mine", 0o644).value, 3);
  assert.is(machine.call("unlink", "/tmp/mine").value, 0);
});

test("a folder of the host is mounted; read-only it stays as it is", () => {
  const entries = [{ path: "/", kind: "directory", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 5 } as const, file("/a", "text")];
  const machine = new FileKernel([{ path: "/mnt/host", isReadOnly: true, entries }]);
  assert.is(machine.textOf("/mnt/host/a"), "text");
  assert.is(machine.call("unlink", "/mnt/host/a").value, "EROFS");
  assert.is(machine.call("open", "/mnt/host/a", 1, 0).value, "EROFS");
  assert.is(machine.call("rename", "/mnt/host/a", "/tmp/a").value, "EXDEV");
  assert.is(machine.call("rmdir", "/mnt/host").value, "EBUSY");
  assert.is.not(machine.call("stat", "/mnt/host").outs.statbuf.st_dev, machine.call("stat", "/").outs.statbuf.st_dev);
});

test("tmpfs is mounted, busy while used, and gone with its files", () => {
  const machine = new FileKernel();
  machine.call("mkdir", "/tmp/m", 0o755);
  const inodes = machine.kernel.vfs.freeInodes.length;
  assert.is(machine.call("mount", "none", "/tmp/m", "tmpfs", 0, 0).value, 0);
  const { value: fd } = machine.call("creat", "/tmp/m/f", 0o644);
  assert.is(machine.call("umount2", "/tmp/m", 0).value, "EBUSY");
  machine.call("close", fd);
  assert.is(machine.call("umount2", "/tmp/m", 0).value, 0);
  assert.is(machine.call("stat", "/tmp/m/f").value, "ENOENT");
  assert.is(machine.kernel.vfs.freeInodes.length, inodes + 2);
});

test("an open file outlives its name; O_TMPFILE has none until it is linked", () => {
  const machine = new FileKernel();
  const { value: fd } = machine.call("open", "/tmp", 0o20200002, 0o644);
  machine.call("write", fd, "late");
  assert.is(machine.call("fstat", fd).outs.statbuf.st_nlink, 0);
  assert.is(machine.call("linkat", fd, "", AT_FDCWD, "/tmp/named", 0x1000).value, 0);
  machine.call("unlink", "/tmp/named");
  assert.is(String.fromCharCode(...machine.call("pread64", fd, 0, 9, 0).outs.buf), "late");
  assert.is(machine.call("linkat", fd, "", AT_FDCWD, "/tmp/again", 0x1000).value, "ENOENT");
});

test("the machine's limits: inodes, open files, descriptors", () => {
  const machine = new FileKernel();
  const { kernel } = machine;
  const { limits } = kernel.system;
  limits.inodes = kernel.vfs.inodes.length - 1;
  assert.is(machine.call("creat", "/tmp/a", 0o644).value, "ENOSPC");
  assert.is(machine.call("mkdir", "/tmp/a", 0o755).value, "ENOSPC");
  limits.openFiles = kernel.vfs.openFiles.length;
  assert.is(machine.call("open", "/etc/motd", 0, 0).value, "ENFILE");
  kernel.procTable.processes.get(2)!.limits[7] = [3, 3];
  assert.is(machine.call("open", "/etc/motd", 0, 0).value, "EMFILE");
  assert.is(machine.call("dup", 0).value, "EMFILE");
  assert.is(machine.call("dup2", 0, 3).value, "EBADF");
});
test.run();
