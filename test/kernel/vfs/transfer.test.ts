// Reading, writing and seeking: regular files, holes, appending, limits.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import { FileKernel } from "./file-kernel.ts";

const O_RDWR_CREAT = 0o102;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

test("what is written is read back, across pieces and from the image", () => {
  const machine = new FileKernel();
  assert.is(machine.textOf("/etc/motd"), "hello\n");
  const fd = machine.call("open", "/tmp/a", O_RDWR_CREAT, 0o644).value;
  assert.is(machine.call("write", fd, "x".repeat(5000)).value, 5000);
  assert.is(machine.call("pwrite64", fd, "yy", 2, 4095).value, 2);
  assert.is(machine.call("lseek", fd, 0, 1).value, 5000);
  assert.is(text(machine.call("pread64", fd, 0, 4, 4094).outs.buf), "xyyx");
  assert.is(machine.call("read", fd, 0, 10).value, 0);
});

test("a hole reads as zeros, takes no blocks, and SEEK_DATA passes over it", () => {
  const machine = new FileKernel();
  const fd = machine.call("open", "/tmp/a", O_RDWR_CREAT, 0o644).value;
  machine.call("pwrite64", fd, "end", 3, 20_000);
  const { outs } = machine.call("fstat", fd);
  assert.is(outs.statbuf.st_size, 20_003);
  assert.is(outs.statbuf.st_blocks, 8);
  assert.is(machine.call("lseek", fd, 0, 3).value, 16_384);
  assert.is(machine.call("lseek", fd, 17_000, 4).value, 20_003);
  assert.is(machine.call("lseek", fd, 20_003, 3).value, "ENXIO");
  assert.equal([...machine.call("pread64", fd, 0, 3, 19_998).outs.buf], [0, 0, 101]);
});

test("what was cut off reads as zeros when the file grows again", () => {
  const machine = new FileKernel();
  const fd = machine.call("open", "/tmp/a", O_RDWR_CREAT, 0o644).value;
  machine.call("write", fd, "abcdef");
  assert.is(machine.call("ftruncate", fd, 2).value, 0);
  assert.is(machine.call("ftruncate", fd, 5).value, 0);
  assert.equal([...machine.call("pread64", fd, 0, 10, 0).outs.buf], [97, 98, 0, 0, 0]);
});

test("O_APPEND writes at the end, and so does pwrite with it", () => {
  const machine = new FileKernel();
  const fd = machine.call("open", "/tmp/a", O_RDWR_CREAT | 0o2000, 0o644).value;
  machine.call("write", fd, "one");
  machine.call("lseek", fd, 0, 0);
  machine.call("write", fd, "two");
  machine.call("pwrite64", fd, "three", 5, 0);
  assert.is(machine.textOf("/tmp/a"), "onetwothree");
});

test("pieces are replaced: who holds the old one keeps what it saw", () => {
  const machine = new FileKernel();
  const fd = machine.call("open", "/tmp/a", O_RDWR_CREAT, 0o644).value;
  machine.call("write", fd, "before");
  const seen = machine.call("pread64", fd, 0, 6, 0).outs.buf;
  const state = machine.store.current;
  machine.call("pwrite64", fd, "after!", 6, 0);
  assert.is(text(seen), "before");
  assert.is.not(machine.store.current, state);
  assert.is(machine.textOf("/tmp/a"), "after!");
});

test("a file cannot outgrow the machine, nor the process's limit", () => {
  const machine = new FileKernel();
  const { kernel } = machine;
  const fd = machine.call("open", "/tmp/a", O_RDWR_CREAT, 0o644).value;
  kernel.system.limits.fileBytes = kernel.system.fileBytesInUse + 3 * 4096;
  assert.is(machine.call("write", fd, "x".repeat(20_000)).value, 8192);
  assert.is(machine.call("write", fd, "x").value, "ENOSPC");
  assert.is(machine.call("pwrite64", fd, "x", 1, 2 ** 40).value, "ENOSPC");
  machine.call("unlink", "/tmp/a");
  machine.call("close", fd);
  kernel.procTable.processes.get(2)!.limits[1] = [100, 100];
  const again = machine.call("open", "/tmp/b", O_RDWR_CREAT, 0o644).value;
  assert.is(machine.call("write", again, "x".repeat(150)).value, 100);
  assert.is(machine.call("write", again, "x").value, "EFBIG");
  assert.is(kernel.procTable.tasks.get(2)!.pending[0]?.signal, 25);
});

test("all that a file took is given back when its last name and descriptor go", () => {
  const machine = new FileKernel();
  const before = machine.kernel.system.fileBytesInUse;
  const fd = machine.call("open", "/tmp/a", O_RDWR_CREAT, 0o644).value;
  machine.call("pwrite64", fd, "x".repeat(9000), 9000, 50_000);
  machine.call("fallocate", fd, 0, 0, 30_000);
  machine.call("fallocate", fd, 3, 4096, 8192);
  machine.call("ftruncate", fd, 51_000);
  assert.is(machine.call("unlink", "/tmp/a").value, 0);
  assert.ok(machine.kernel.system.fileBytesInUse > before);
  machine.call("close", fd);
  assert.is(machine.kernel.system.fileBytesInUse, before);
});

test("readv and writev, sendfile and copy_file_range", () => {
  const machine = new FileKernel();
  const a = machine.call("open", "/tmp/a", O_RDWR_CREAT, 0o644).value;
  const b = machine.call("open", "/tmp/b", O_RDWR_CREAT, 0o644).value;
  assert.is(machine.call("writev", a, bytesOf("onetwo"), 2).value, 6);
  machine.call("lseek", a, 0, 0);
  assert.is(machine.call("sendfile", b, a, null, 4).value, 4);
  assert.is(machine.call("copy_file_range", a, 0, b, null, 2, 0).value, 2);
  assert.is(machine.textOf("/tmp/b"), "oneton");
  assert.is(machine.call("lseek", a, 0, 1).value, 4);
});
test.run();
