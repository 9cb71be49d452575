// Open terminals: /dev/pts/N, /dev/console, /dev/tty. The open file's object is the terminal's number.
import type { Draft } from "immer";
import { O_ACCMODE, O_NOCTTY, O_NONBLOCK, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { POLLERR, POLLHUP, READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import { signals } from "../../abi/constants/signals.ts";
import { CHARACTERS, LOCAL_FLAGS } from "../../abi/constants/termios-flags.ts";
import { isPrivileged } from "../objects/credentials.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { isCanonical } from "../objects/line-discipline.ts";
import { countClose, countOpen } from "../objects/pseudo-terminals.ts";
import { processOf } from "../objects/tasks.ts";
import { acquireTerminal, checkForeground, isSessionLeader } from "../objects/terminal-jobs.ts";
import { readWhenReady } from "../objects/terminal-reading.ts";
import { hasLine, outputRoom, terminalChannel, terminalOf, terminalWrite } from "../objects/terminals.ts";
import type { Terminal } from "../state/tty.ts";
import { slaveIoctls } from "./terminal-ioctls.ts";

/** What the device table says for /dev/tty: whichever terminal controls the process. */
export const CONTROLLING_TERMINAL = -1;

/** poll(2): with VMIN and without VTIME a terminal is ready only when a read would have enough. */
function hasInput(terminal: Draft<Terminal>): boolean {
  if (isCanonical(terminal.termios)) return hasLine(terminal);
  const { characters } = terminal.termios;
  const wanted = characters[CHARACTERS.VTIME] === 0 ? characters[CHARACTERS.VMIN]! : 0;
  return terminal.discipline.queue.length >= Math.max(1, wanted);
}

export const terminal: FileKind = {
  isSeekable: false,
  read(kernel, { task, open, count, due, memo }) {
    const read = terminalOf(kernel, open.object);
    if (read.isHungUp) return { kind: "done", value: new Uint8Array(0) };
    if (due === "run") {
      const errno = checkForeground(kernel, task, read, signals.SIGTTIN);
      if (errno) return { kind: "fail", errno };
    }
    return readWhenReady(kernel, read, { count, isNonBlocking: (open.flags & O_NONBLOCK) !== 0, due, memo });
  },
  write(kernel, { task, open, bytes, due, isContinued }) {
    const written = terminalOf(kernel, open.object);
    if (written.isHungUp) return { kind: "fail", errno: "EIO" };
    if (due === "run" && !isContinued && written.termios.local & LOCAL_FLAGS.TOSTOP) {
      const errno = checkForeground(kernel, task, written, signals.SIGTTOU);
      if (errno) return { kind: "fail", errno };
    }
    const moved = outputRoom(written) > 0 ? terminalWrite(kernel, written, bytes) : 0;
    if (moved === bytes.length) return { kind: "done", value: moved };
    if (open.flags & O_NONBLOCK) return moved > 0 ? { kind: "done", value: moved } : { kind: "fail", errno: "EAGAIN" };
    return { kind: "block", channels: [terminalChannel(open.object)], moved };
  },
  poll(kernel, open) {
    const polled = terminalOf(kernel, open.object);
    const channels = [terminalChannel(open.object)];
    if (polled.isHungUp) return { mask: READABLE | WRITABLE | POLLERR | POLLHUP, channels };
    return { mask: (hasInput(polled) ? READABLE : 0) | (outputRoom(polled) > 0 ? WRITABLE : 0), channels };
  },
  ioctls: slaveIoctls,
  open(kernel, { task, object, flags }) {
    const process = processOf(kernel, task.pid);
    const id = object === CONTROLLING_TERMINAL ? process.terminal : object;
    if (id === null) return { kind: "fail", errno: "ENXIO" };
    const opened = kernel.tty.terminals.get(id);
    if (!opened || opened.isHungUp || opened.master?.isLocked) return { kind: "fail", errno: "EIO" };
    if (opened.isExclusive && !isPrivileged(process.credentials)) return { kind: "fail", errno: "EBUSY" };
    const isReadable = (flags & O_ACCMODE) !== O_WRONLY;
    if (!(flags & O_NOCTTY) && isReadable && isSessionLeader(process) && process.terminal === null && opened.session === 0)
      acquireTerminal(kernel, process.pid, id);
    countOpen(kernel, opened);
    return { kind: "done", object: id };
  },
  close: (kernel, open) => countClose(kernel, terminalOf(kernel, open.object)),
};
