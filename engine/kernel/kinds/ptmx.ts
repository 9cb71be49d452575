// Open masters of pseudo-terminals (pty(7)). Each open of /dev/ptmx makes a new one; the open file's object is the slave's number.
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { POLLHUP, POLLPRI, READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { closeMaster, createPseudoTerminal, isForsaken, masterRead, masterRoom, masterWrite } from "../objects/pseudo-terminals.ts";
import { processOf } from "../objects/tasks.ts";
import { masterChannel, terminalOf } from "../objects/terminals.ts";
import { MOST_TERMINALS } from "../state/tty.ts";
import { masterIoctls } from "./terminal-ioctls.ts";

export const ptmx: FileKind = {
  isSeekable: false,
  read(kernel, { open, count }) {
    const terminal = terminalOf(kernel, open.object);
    const bytes = masterRead(kernel, terminal, count);
    if (bytes) return { kind: "done", value: bytes };
    if (isForsaken(terminal)) return { kind: "fail", errno: "EIO" };
    if (open.flags & O_NONBLOCK) return { kind: "fail", errno: "EAGAIN" };
    return { kind: "block", channels: [masterChannel(open.object)] };
  },
  write(kernel, { open, bytes }) {
    const terminal = terminalOf(kernel, open.object);
    if (terminal.opens <= 0) return { kind: "fail", errno: "EIO" };
    const moved = masterWrite(kernel, terminal, bytes);
    if (moved === bytes.length) return { kind: "done", value: moved };
    if (open.flags & O_NONBLOCK) return moved > 0 ? { kind: "done", value: moved } : { kind: "fail", errno: "EAGAIN" };
    return { kind: "block", channels: [masterChannel(open.object)], moved };
  },
  poll(kernel, open) {
    const terminal = terminalOf(kernel, open.object);
    const { isPacket, packetStatus, output } = terminal.master!;
    const hasNews = isPacket && packetStatus !== 0;
    const mask =
      (hasNews ? POLLPRI | READABLE : 0) |
      (output.length > 0 ? READABLE : 0) |
      (isForsaken(terminal) ? POLLHUP : 0) |
      (masterRoom(terminal) > 0 ? WRITABLE : 0);
    return { mask, channels: [masterChannel(open.object)] };
  },
  ioctls: masterIoctls,
  open(kernel, { task }) {
    if (kernel.tty.terminals.size >= MOST_TERMINALS) return { kind: "fail", errno: "ENOSPC" };
    return { kind: "done", object: createPseudoTerminal(kernel, processOf(kernel, task.pid).credentials) };
  },
  close: (kernel, open) => closeMaster(kernel, terminalOf(kernel, open.object)),
};
