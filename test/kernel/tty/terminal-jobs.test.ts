// Terminals with processes around them: VMIN and VTIME, background readers and writers, hang-up, window size, pseudo-terminals.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { signals } from "../../../engine/abi/constants/signals.ts";
import { CHARACTERS, LOCAL_FLAGS } from "../../../engine/abi/constants/termios-flags.ts";
import { terminalIoctls } from "../../../engine/abi/ioctls/terminal.ts";
import { ptmx } from "../../../engine/kernel/kinds/ptmx.ts";
import { terminal as kind } from "../../../engine/kernel/kinds/terminal.ts";
import { binary, bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import { bear, FORK } from "../../../engine/kernel/objects/births.ts";
import type { IoctlAnswer, IoResult } from "../../../engine/kernel/objects/file-kinds.ts";
import { bootProcess } from "../../../engine/kernel/objects/first-process.ts";
import { bootFiles } from "../../../engine/kernel/objects/root-files.ts";
import { createFirstContext, openStandardFiles } from "../../../engine/kernel/objects/standard-files.ts";
import { processOf, taskOf } from "../../../engine/kernel/objects/tasks.ts";
import { changeTermios, createTerminal, feedTerminal, hangUp, resizeTerminal, terminalOf } from "../../../engine/kernel/objects/terminals.ts";
import type { OpenFile } from "../../../engine/kernel/state/vfs.ts";
import { PARAMETERS, quietKernel } from "./quiet-kernel.ts";

const SHELL = 2;
const [O_RDWR, O_NOCTTY] = [2, 0o400];
function booted() {
  const kernel = quietKernel();
  bootFiles(kernel, { name: "none", entries: [], buffer: new Uint8Array(0) } as never, []);
  createTerminal(kernel, 0, { columns: 80, rows: 24 });
  bootProcess(kernel, PARAMETERS, { files: openStandardFiles(kernel, PARAMETERS), fsContext: createFirstContext(kernel, "/") });
  kernel.vmm.spaces.set(0, { users: 1, areas: [] } as never);
  const open = { flags: O_RDWR, object: 0, kind: "terminal" } as OpenFile;
  const calls = (tid: number, file = open) => {
    const request = { task: taskOf(kernel, tid), open: file as never, due: "run" as const, memo: null as unknown };
    return {
      read: (more: { due?: "run" | "resume" | "timeout" | "interrupt"; memo?: unknown; count?: number } = {}) =>
        kind.read(kernel, { ...request, count: 100, offset: null, ...more }),
      write: (text: string) => kind.write(kernel, { ...request, bytes: bytesOf(text), offset: null, isContinued: false }),
      ioctl: (name: keyof typeof terminalIoctls, argument: unknown): IoResult<IoctlAnswer> =>
        kind.ioctls![terminalIoctls[name].code]!(kernel, { ...request, argument }),
    };
  };
  /** A child of the shell in a group of its own. */
  const job = (): number => {
    const tid = bear(kernel, SHELL, { ...FORK, flags: 0x100 });
    processOf(kernel, tid).group = tid;
    return tid;
  };
  const pending = (pid: number): readonly number[] => processOf(kernel, pid).pending.map(info => info.signal);
  return { kernel, calls, job, pending };
}
const raw = (kernel: ReturnType<typeof booted>["kernel"], minimum: number, tenths: number): void => {
  const terminal = terminalOf(kernel, 0);
  const characters = [...terminal.termios.characters];
  characters[CHARACTERS.VMIN] = minimum;
  characters[CHARACTERS.VTIME] = tenths;
  changeTermios(kernel, terminal, { ...terminal.termios, local: 0, characters });
};
const textOf = (result: IoResult<Readonly<Uint8Array>>): string => (result.kind === "done" ? binary(result.value) : result.kind);

test("VMIN 0, VTIME 0: what there is, at once", () => {
  const { kernel, calls } = booted();
  raw(kernel, 0, 0);
  assert.is(textOf(calls(SHELL).read()), "");
  feedTerminal(kernel, 0, bytesOf("ab"));
  assert.is(textOf(calls(SHELL).read()), "ab");
});
test("VMIN 3, VTIME 0: waits for three, or for as many as are asked for", () => {
  const { kernel, calls } = booted();
  raw(kernel, 3, 0);
  feedTerminal(kernel, 0, bytesOf("ab"));
  assert.is(calls(SHELL).read().kind, "block");
  assert.is(textOf(calls(SHELL).read({ due: "interrupt" })), "ab");
  feedTerminal(kernel, 0, bytesOf("cd"));
  assert.is(textOf(calls(SHELL).read({ count: 2 })), "cd");
});
test("VMIN 0, VTIME 5: half a second from the start", () => {
  const { kernel, calls } = booted();
  raw(kernel, 0, 5);
  const waiting = calls(SHELL).read();
  assert.is(waiting.kind === "block" && waiting.deadlineNanos, 500_000_000);
  assert.is(textOf(calls(SHELL).read({ due: "timeout" })), "");
});
test("VMIN 3, VTIME 5: half a second from each byte", () => {
  const { kernel, calls } = booted();
  raw(kernel, 3, 5);
  const first = calls(SHELL).read();
  assert.is(first.kind === "block" && first.deadlineNanos, undefined);
  feedTerminal(kernel, 0, bytesOf("a"));
  kernel.nowNanos = 1_000;
  const second = calls(SHELL).read({ due: "resume" });
  assert.ok(second.kind === "block" && second.deadlineNanos === 500_001_000);
  kernel.nowNanos = 2_000;
  const spurious = calls(SHELL).read({ due: "resume", memo: second.memo });
  assert.is(spurious.kind === "block" && spurious.deadlineNanos, 500_001_000);
  assert.is(textOf(calls(SHELL).read({ due: "timeout", memo: second.memo })), "a");
});
test("keys signal the foreground group", () => {
  const { kernel, calls, job, pending } = booted();
  const one = job();
  assert.is(calls(SHELL).ioctl("TIOCSPGRP", one).kind, "done");
  feedTerminal(kernel, 0, bytesOf("\x03"));
  assert.equal(pending(one), [signals.SIGINT]);
  assert.equal(pending(SHELL), []);
  assert.equal(
    kernel.effects.filter(effect => effect.kind === "output").map(effect => binary(effect.bytes)),
    ["^C"],
  );
});
test("a background reader is stopped; one that ignores it gets EIO", () => {
  const { kernel, calls, job, pending } = booted();
  const one = job();
  assert.equal(calls(one).read(), { kind: "fail", errno: "ERESTARTSYS" });
  assert.equal(pending(one), [signals.SIGTTIN]);
  const two = job();
  taskOf(kernel, two).blocked = 1n << BigInt(signals.SIGTTIN - 1);
  assert.equal(calls(two).read(), { kind: "fail", errno: "EIO" });
});
test("a background writer is stopped only with TOSTOP", () => {
  const { kernel, calls, job, pending } = booted();
  const one = job();
  assert.is(calls(one).write("x").kind, "done");
  const terminal = terminalOf(kernel, 0);
  changeTermios(kernel, terminal, { ...terminal.termios, characters: [...terminal.termios.characters], local: terminal.termios.local | LOCAL_FLAGS.TOSTOP });
  assert.equal(calls(one).write("x"), { kind: "fail", errno: "ERESTARTSYS" });
  assert.equal(pending(one), [signals.SIGTTOU]);
});
test("the foreground is set within the session only", () => {
  const { calls, job } = booted();
  assert.equal(calls(SHELL).ioctl("TIOCSPGRP", 99), { kind: "fail", errno: "ESRCH" });
  assert.equal(calls(SHELL).ioctl("TIOCSPGRP", -1), { kind: "fail", errno: "EINVAL" });
  assert.equal(calls(SHELL).ioctl("TIOCSPGRP", 1), { kind: "fail", errno: "EPERM" });
  assert.is(calls(SHELL).ioctl("TIOCSPGRP", job()).kind, "done");
});
test("a new size is told to the foreground, an old one is not", () => {
  const { kernel, calls, pending } = booted();
  const handlers = kernel.signal.tables.get(taskOf(kernel, SHELL).handlers)!;
  handlers.actions[signals.SIGWINCH] = { ...handlers.actions[signals.SIGWINCH]!, handler: 4096 };
  resizeTerminal(kernel, 0, 80, 24);
  assert.equal(pending(SHELL), []);
  resizeTerminal(kernel, 0, 132, 43);
  assert.equal(pending(SHELL), [signals.SIGWINCH]);
  assert.equal(calls(SHELL).ioctl("TIOCGWINSZ", 4096), { kind: "done", value: { out: { ws_row: 43, ws_col: 132, ws_xpixel: 0, ws_ypixel: 0 } } });
});
test("after a hang-up readers find the end, writers an error, the leader a signal", () => {
  const { kernel, calls, pending } = booted();
  hangUp(kernel, 0);
  assert.ok(pending(SHELL).includes(signals.SIGHUP));
  assert.is(processOf(kernel, SHELL).terminal, null);
  assert.is(textOf(calls(SHELL).read()), "");
  assert.equal(calls(SHELL).write("x"), { kind: "fail", errno: "EIO" });
});
test("a pseudo-terminal is locked at first, then carries bytes both ways, and its node goes with its master", () => {
  const { kernel, calls } = booted();
  const task = taskOf(kernel, SHELL);
  const made = ptmx.open!(kernel, { task, inode: 0, object: -1, flags: O_RDWR });
  assert.ok(made.kind === "done" && made.object === 1);
  const master = { flags: O_RDWR, object: 1, kind: "ptmx" } as never;
  const request = { task, open: master, due: "run" as const, memo: null };
  const nodes = (): readonly string[] => [...kernel.vfs.inodes].flatMap(inode => (inode?.device?.[0] === 136 ? [String(inode.device[1])] : []));
  assert.equal(nodes(), ["0", "1"]);
  assert.equal(kind.open!(kernel, { task, inode: 0, object: 1, flags: O_RDWR }), { kind: "fail", errno: "EIO" });
  ptmx.ioctls![terminalIoctls.TIOCSPTLCK.code]!(kernel, { ...request, argument: 0 });
  assert.is(kind.open!(kernel, { task, inode: 0, object: 1, flags: O_RDWR | O_NOCTTY }).kind, "done");
  const slave = { flags: O_RDWR, object: 1, kind: "terminal" } as OpenFile;
  assert.is(ptmx.read(kernel, { ...request, count: 10, offset: null }).kind, "block");
  calls(SHELL, slave).write("hi\n");
  assert.is(textOf(ptmx.read(kernel, { ...request, count: 10, offset: null })), "hi\r\n");
  ptmx.write(kernel, { ...request, bytes: bytesOf("go\r"), offset: null, isContinued: false });
  assert.is(textOf(calls(SHELL, slave).read()), "go\n");
  ptmx.close!(kernel, master);
  assert.equal(nodes(), ["0"]);
  assert.equal(calls(SHELL, slave).write("x"), { kind: "fail", errno: "EIO" });
  kind.close!(kernel, slave as never);
  assert.is(kernel.tty.terminals.has(1), false);
});
test("a master whose slave was closed reads EIO once all is read", () => {
  const { kernel, calls } = booted();
  const task = taskOf(kernel, SHELL);
  ptmx.open!(kernel, { task, inode: 0, object: -1, flags: O_RDWR });
  const request = { task, open: { flags: O_RDWR, object: 1, kind: "ptmx" } as never, due: "run" as const, memo: null };
  ptmx.ioctls![terminalIoctls.TIOCSPTLCK.code]!(kernel, { ...request, argument: 0 });
  kind.open!(kernel, { task, inode: 0, object: 1, flags: O_RDWR });
  const slave = { flags: O_RDWR, object: 1, kind: "terminal" } as OpenFile;
  calls(SHELL, slave).write("bye");
  kind.close!(kernel, slave as never);
  assert.is(textOf(ptmx.read(kernel, { ...request, count: 10, offset: null })), "bye");
  assert.equal(ptmx.read(kernel, { ...request, count: 10, offset: null }), { kind: "fail", errno: "EIO" });
});
test.run();
