// Descriptors and what they share: dup, fcntl, locks, ioctl, devices.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { closeOnExec, copyTable, releaseTable } from "../../../engine/kernel/objects/open-files.ts";
import { taskOf } from "../../../engine/kernel/objects/tasks.ts";
import { expire } from "../../../engine/kernel/objects/timers.ts";
import { FileKernel } from "./file-kernel.ts";

const lock = (type: number, start: number, length: number) => ({ l_type: type, l_whence: 0, l_start: start, l_len: length, l_pid: 0 });
const [F_RDLCK, F_WRLCK, F_UNLCK] = [0, 1, 2];
const [F_GETLK, F_SETLK, F_SETLKW] = [5, 6, 7];

test("duplicates share the offset; descriptors have close-on-exec for themselves", () => {
  const machine = new FileKernel();
  const { value: fd } = machine.call("open", "/etc/motd", 0o2000000, 0);
  const { value: copy } = machine.call("dup", fd);
  machine.call("read", fd, 0, 2);
  assert.is(machine.call("lseek", copy, 0, 1).value, 2);
  assert.equal([machine.call("fcntl", fd, 1, null).value, machine.call("fcntl", copy, 1, null).value], [1, 0]);
  assert.is(machine.call("fcntl", fd, 1030, 10).value, 10);
  closeOnExec(machine.kernel, taskOf(machine.kernel, machine.tid).files);
  assert.equal([machine.call("fstat", fd).value, machine.call("fstat", copy).value, machine.call("fstat", 10).value], ["EBADF", 0, "EBADF"]);
});

test("a copied table keeps files open until both are gone", () => {
  const machine = new FileKernel();
  const { kernel } = machine;
  const before = kernel.vfs.freeOpenFiles.length;
  const { value: fd } = machine.call("open", "/etc/motd", 0, 0);
  const copy = copyTable(kernel, taskOf(kernel, machine.tid).files);
  machine.call("close", fd);
  assert.is(kernel.vfs.freeOpenFiles.length, before);
  releaseTable(kernel, copy);
  assert.is(kernel.vfs.freeOpenFiles.length, before + 1);
});

test("locks of processes: conflicts, splitting, waiting, deadlock, release by any close", () => {
  const machine = new FileKernel();
  const { value: fd } = machine.call("open", "/tmp/a", 0o102, 0o644);
  const parent = machine.tid;
  const child = machine.fork();
  assert.is(machine.call("fcntl", fd, F_SETLK, lock(F_WRLCK, 0, 100)).value, 0);
  assert.is(machine.call("fcntl", fd, F_SETLK, lock(F_UNLCK, 40, 20)).value, 0);
  machine.tid = child;
  assert.is(machine.call("fcntl", fd, F_SETLK, lock(F_RDLCK, 30, 20)).value, "EAGAIN");
  assert.is(machine.call("fcntl", fd, F_SETLK, lock(F_WRLCK, 40, 20)).value, 0);
  const found = machine.call("fcntl", fd, F_GETLK, lock(F_WRLCK, 0, 0)).outs.arg;
  assert.equal([found.l_type, found.l_start, found.l_len, found.l_pid], [F_WRLCK, 0, 40, parent]);
  assert.is(machine.call("fcntl", fd, F_SETLKW, lock(F_WRLCK, 60, 1)).value, "waits");
  machine.tid = parent;
  assert.is(machine.call("fcntl", fd, F_SETLKW, lock(F_WRLCK, 40, 1)).value, "EDEADLK");
  machine.call("close", machine.call("open", "/tmp/a", 0, 0).value);
  machine.tid = child;
  assert.is(machine.again().value, 0);
});

test("a lease that nobody gives back is taken when its time is over", () => {
  const machine = new FileKernel();
  const { value: fd } = machine.call("open", "/tmp/a", 0o100, 0o644);
  const [F_SETLEASE, F_GETLEASE] = [1024, 1025];
  const parent = machine.tid;
  const child = machine.fork();
  assert.is(machine.call("fcntl", fd, F_SETLEASE, F_WRLCK).value, 0);
  machine.tid = child;
  assert.is(machine.call("open", "/tmp/a", 0, 0).value, "waits");
  machine.tid = parent;
  assert.is(machine.call("fcntl", fd, F_GETLEASE, null).value, F_RDLCK);
  assert.is(machine.call("truncate", "/tmp/a", 0).value, "waits");
  assert.is(machine.call("fcntl", fd, F_GETLEASE, null).value, F_UNLCK);
  machine.kernel.skip(46e9);
  expire(machine.kernel);
  machine.tid = child;
  assert.type(machine.again().value, "number");
  machine.tid = parent;
  assert.is(machine.again().value, 0);
  assert.is(machine.call("fcntl", fd, F_SETLEASE, F_UNLCK).value, "EAGAIN");
});

test("flock is by open file, not by process", () => {
  const machine = new FileKernel();
  const { value: one } = machine.call("open", "/tmp/a", 0o102, 0o644);
  const { value: two } = machine.call("open", "/tmp/a", 0, 0);
  assert.is(machine.call("flock", one, 2 | 4).value, 0);
  assert.is(machine.call("flock", two, 1 | 4).value, "EAGAIN");
  assert.is(machine.call("flock", machine.call("dup", one).value, 1 | 4).value, 0);
  assert.is(machine.call("flock", two, 1 | 4).value, 0);
});

test("devices read and write as their kinds say", () => {
  const machine = new FileKernel();
  const open = (path: string): number => machine.call("open", path, 2, 0).value as number;
  assert.is(machine.call("read", open("/dev/null"), 0, 10).value, 0);
  assert.equal([...machine.call("read", open("/dev/zero"), 0, 3).outs.buf], [0, 0, 0]);
  assert.is(machine.call("write", open("/dev/full"), "x").value, "ENOSPC");
  const random = machine.call("read", open("/dev/urandom"), 0, 16).outs.buf;
  assert.is(random.length, 16);
  assert.is.not(new Set(random).size, 1);
  assert.is(machine.call("stat", "/dev/null").outs.statbuf.st_rdev, 0x103);
  assert.is(machine.call("open", "/dev/tty", 2, 0).value, "ENXIO");
  machine.call("mknod", "/tmp/d", 0o060644, 0x801);
  assert.is(machine.call("open", "/tmp/d", 0, 0).value, "ENXIO");
});

test("a file opened as a path is only a place", () => {
  const machine = new FileKernel();
  const { value: fd } = machine.call("open", "/etc", 0o10000000, 0);
  assert.is(machine.call("read", fd, 0, 1).value, "EBADF");
  assert.is(machine.call("fstat", fd).value, 0);
  assert.is(machine.call("openat", fd, "motd", 0, 0).value, 4);
  assert.is(machine.call("fchdir", fd).value, 0);
});

test("ioctls of files, and ENOTTY for a terminal's", () => {
  const machine = new FileKernel();
  const { value: fd } = machine.call("open", "/etc/motd", 0, 0);
  assert.is(machine.call("ioctl", fd, 0x541b, 1).outs.argp, 6);
  assert.is(machine.call("ioctl", fd, 0x5401, 1).value, "ENOTTY");
  assert.is(machine.call("ioctl", fd, 0x5421, 1).value, 0);
  assert.is(Number(machine.call("fcntl", fd, 3, null).value) & 0o4000, 0o4000);
  assert.is(machine.call("ioctl", fd, 0x5451, null).value, 0);
  assert.is(machine.call("fcntl", fd, 1, null).value, 1);
});
test.run();
