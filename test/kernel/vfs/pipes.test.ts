// Pipes, FIFOs, the world's pipes, and waiting for them.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { feedInput } from "../../../engine/kernel/kinds/world-input.ts";
import { bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import { releaseTable } from "../../../engine/kernel/objects/open-files.ts";
import { taskOf } from "../../../engine/kernel/objects/tasks.ts";
import { isAwaited, joinChannel, leaveChannel, wakeTask } from "../../../engine/kernel/objects/waiting.ts";
import { FileKernel } from "./file-kernel.ts";

const O_NONBLOCK = 0o4000;
const POLLIN = 1;
const POLLOUT = 4;
const POLLHUP = 16;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

test("a reader waits for a writer, and meets the end when the last writer is gone", () => {
  const machine = new FileKernel();
  const [reader, writer] = machine.call("pipe").outs.pipefd;
  const parent = machine.tid;
  const child = machine.fork();
  assert.is(machine.call("read", reader, 0, 10).value, "waits");
  machine.tid = child;
  assert.is(machine.call("write", writer, "hello").value, 5);
  machine.tid = parent;
  assert.is(text(machine.again().outs.buf), "hello");
  machine.call("close", writer);
  assert.is(machine.call("read", reader, 0, 10).value, "waits");
  machine.tid = child;
  releaseTable(machine.kernel, taskOf(machine.kernel, child).files);
  machine.tid = parent;
  assert.is(machine.again().value, 0);
});

test("a write to a full pipe waits for room, keeps what it wrote, and says so when a signal comes", () => {
  const machine = new FileKernel();
  const [reader, writer] = machine.call("pipe").outs.pipefd;
  const parent = machine.tid;
  const child = machine.fork();
  assert.is(machine.call("write", writer, "x".repeat(70_000)).value, "waits");
  machine.tid = child;
  assert.is(machine.call("read", reader, 0, 65_536).value, 65_536);
  machine.tid = parent;
  assert.is(machine.again().value, 70_000);
  assert.is(machine.call("write", writer, "y".repeat(65_536)).value, "waits");
  wakeTask(machine.kernel, parent, "interrupt");
  assert.is(machine.again().value, 61_072);
});

test("a write of PIPE_BUF bytes is whole or waits", () => {
  const machine = new FileKernel();
  const [, writer] = machine.call("pipe2", 0, O_NONBLOCK).value === 0 ? machine.call("pipe2", 0, O_NONBLOCK).outs.pipefd : [];
  assert.is(machine.call("write", writer, "x".repeat(65_000)).value, 65_000);
  assert.is(machine.call("write", writer, "y".repeat(600)).value, "EAGAIN");
  assert.is(machine.call("write", writer, "y".repeat(5000)).value, 536);
});

test("a pipe without readers is broken: EPIPE and SIGPIPE", () => {
  const machine = new FileKernel();
  const [reader, writer] = machine.call("pipe").outs.pipefd;
  machine.call("close", reader);
  assert.is(machine.call("write", writer, "x").value, "EPIPE");
  assert.is(taskOf(machine.kernel, machine.tid).pending[0]?.signal, 13);
});

test("many small writes come out in other sizes", () => {
  const machine = new FileKernel();
  const [reader, writer] = machine.call("pipe").outs.pipefd;
  for (let i = 0; i < 3000; i++) machine.call("write", writer, String(i % 10).repeat(3));
  let all = "";
  for (const count of [1, 4095, 4096, 2, 100, 9000]) all += text(machine.call("read", reader, 0, count).outs.buf);
  assert.is(all, Array.from({ length: 3000 }, (_, i) => String(i % 10).repeat(3)).join(""));
  assert.is(machine.kernel.vfs.pipes.size, 1);
  machine.call("close", reader);
  machine.call("close", writer);
  assert.is(machine.kernel.vfs.pipes.size, 0);
});

test("opening a FIFO waits for the other end; without blocking a writer is refused", () => {
  const machine = new FileKernel();
  machine.call("mknod", "/tmp/f", 0o010644, 0);
  assert.is(machine.call("open", "/tmp/f", 1 | O_NONBLOCK, 0).value, "ENXIO");
  const parent = machine.tid;
  const child = machine.fork();
  assert.is(machine.call("open", "/tmp/f", 0, 0).value, "waits");
  machine.tid = child;
  assert.is(machine.call("open", "/tmp/f", 1, 0).value, 3);
  assert.is(machine.call("write", 3, "x").value, 1);
  assert.is(machine.call("close", 3).value, 0);
  machine.tid = parent;
  assert.is(machine.again().value, 3);
  assert.is(text(machine.call("read", 3, 0, 9).outs.buf), "x");
  assert.is(machine.call("read", 3, 0, 9).value, 0);
});

test("an interrupted open of a FIFO leaves no descriptor", () => {
  const machine = new FileKernel();
  machine.call("mknod", "/tmp/f", 0o010644, 0);
  assert.is(machine.call("open", "/tmp/f", 0, 0).value, "waits");
  wakeTask(machine.kernel, machine.tid, "interrupt");
  assert.is(machine.again().value, "ERESTARTSYS");
  assert.is(machine.call("close", 3).value, "EBADF");
  assert.is(machine.kernel.vfs.pipes.size, 0);
});

test("standard input from the world, and output to it", () => {
  const machine = new FileKernel();
  assert.is(machine.call("read", 0, 0, 10).value, "waits");
  feedInput(machine.kernel, bytesOf("abc"));
  assert.is(text(machine.again().outs.buf), "abc");
  feedInput(machine.kernel, null);
  assert.is(machine.call("read", 0, 0, 10).value, 0);
  assert.is(machine.call("fstat", 0).outs.statbuf.st_mode & 0o170000, 0o010000);
  assert.is(machine.call("write", 2, "oops").value, 4);
  const [effect] = machine.store.takeEffects();
  assert.is(effect?.kind === "output" && `${effect.to} ${text(effect.bytes as Uint8Array)}`, "stderr oops");
  assert.is(machine.call("lseek", 0, 0, 0).value, "ESPIPE");
});

test("poll tells what is ready, waits for channels, and gives up at its deadline", () => {
  const machine = new FileKernel();
  const [reader, writer] = machine.call("pipe").outs.pipefd;
  const ask = [
    { fd: reader, events: POLLIN },
    { fd: writer, events: POLLIN | POLLOUT },
    { fd: 99, events: POLLIN },
    { fd: -1, events: POLLIN },
  ];
  assert.equal(machine.call("poll", ask, 4, 0).outs.fds, [0, POLLOUT, 32, 0]);
  const parent = machine.tid;
  const child = machine.fork();
  assert.is(machine.call("poll", [{ fd: reader, events: POLLIN }], 1, -1).value, "waits");
  machine.tid = child;
  machine.call("write", writer, "x");
  machine.tid = parent;
  assert.equal(machine.again().outs.fds, [POLLIN]);
  machine.call("read", reader, 0, 1);
  assert.is(machine.call("poll", [{ fd: reader, events: POLLIN }], 1, 50).value, "waits");
  wakeTask(machine.kernel, parent, "timeout");
  assert.is(machine.again().value, 0);
  machine.call("close", writer);
  releaseTable(machine.kernel, taskOf(machine.kernel, child).files);
  assert.equal(machine.call("poll", [{ fd: reader, events: POLLIN }], 1, -1).outs.fds, [POLLHUP]);
});

test("select answers in the sets it was given", () => {
  const machine = new FileKernel();
  const [reader, writer] = machine.call("pipe").outs.pipefd;
  const both = Uint8Array.of((1 << reader) | (1 << writer), 0, 0, 0, 0, 0, 0, 0);
  machine.call("write", writer, "x");
  const { value, outs } = machine.call("select", 5, both, both, null, null);
  assert.is(value, 2);
  assert.is(outs.readfds[0], 1 << reader);
  assert.is(outs.writefds[0], 1 << writer);
  assert.is(outs.exceptfds, undefined);
  assert.is(machine.call("select", 9, Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0), null, null, null).value, "EBADF");
});
test("of channels where nobody waits any more only a few are kept", () => {
  const { kernel, tid } = new FileKernel();
  for (let i = 0; i < 1000; i++) {
    joinChannel(kernel, tid, `channel:${i}`);
    leaveChannel(kernel, tid, `channel:${i}`);
    assert.not(isAwaited(kernel, `channel:${i}`));
  }
  assert.ok(kernel.procTable.waiters.size < 100, `${kernel.procTable.waiters.size} are kept.`);
});

test.run();
