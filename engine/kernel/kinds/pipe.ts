// Both ends of pipes and FIFOs (pipe(7)). Which end an open file is, its access mode says.
import type { Draft } from "immer";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { POLLERR, POLLHUP, READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import { signals } from "../../abi/constants/signals.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { takeBytes } from "../objects/byte-queue.ts";
import type { FileKind, Ioctl } from "../objects/file-kinds.ts";
import { detachPipe, PIPE_BUF, pipeOf, readChannel, writeChannel } from "../objects/pipes.ts";
import { kernelSignal, postToTask } from "../objects/signals.ts";
import { wake } from "../objects/waiting.ts";
import type { Pipe } from "../state/vfs.ts";

const NONE = new Uint8Array(0);

/** Small writes share a buffer, as they share a page in Linux; so the list stays short. */
function append(pipe: Draft<Pipe>, bytes: Bytes): void {
  const { buffers } = pipe;
  const last = buffers.at(-1) as Uint8Array | undefined;
  if (last && last.length + bytes.length <= PIPE_BUF) {
    const joined = new Uint8Array(last.length + bytes.length);
    joined.set(last);
    joined.set(bytes as Uint8Array, last.length);
    buffers[buffers.length - 1] = joined;
  } else if (buffers.length === 0) pipe.buffers = [bytes as Uint8Array];
  else buffers.push(bytes as Uint8Array);
  pipe.length += bytes.length;
}

const countUnread: Ioctl = (kernel, { open }) => ({ kind: "done", value: { out: pipeOf(kernel, open.object).length } });
const FIONREAD = 0x541b;

export const pipe: FileKind = {
  isSeekable: false,
  read(kernel, { open: draft, count }) {
    const open = draft;
    const pipe = pipeOf(kernel, open.object);
    const state = pipe;
    if (count === 0) return { kind: "done", value: NONE };
    if (state.length > 0) {
      const value = takeBytes(pipe, count);
      wake(kernel, writeChannel(open.object));
      return { kind: "done", value };
    }
    if (state.writers === 0) return { kind: "done", value: NONE };
    if ((open.flags & O_NONBLOCK) !== 0) return { kind: "fail", errno: "EAGAIN" };
    return { kind: "block", channels: [readChannel(open.object)] };
  },
  write(kernel, { task, open: draft, bytes, isContinued }) {
    if (bytes.length === 0) return { kind: "done", value: 0 };
    const open = draft;
    const pipe = pipeOf(kernel, open.object);
    const state = pipe;
    if (state.readers === 0) {
      postToTask(kernel, task.tid, kernelSignal(signals.SIGPIPE));
      return { kind: "fail", errno: "EPIPE" };
    }
    const room = state.capacity - state.length;
    const isWhole = bytes.length <= PIPE_BUF && !isContinued;
    const moved = isWhole && room < bytes.length ? 0 : Math.min(room, bytes.length);
    if (moved > 0) {
      append(pipe, moved === bytes.length ? bytes : bytes.subarray(0, moved));
      wake(kernel, readChannel(open.object));
    }
    if (moved === bytes.length) return { kind: "done", value: moved };
    if ((open.flags & O_NONBLOCK) === 0) return { kind: "block", channels: [writeChannel(open.object)], moved };
    return moved > 0 ? { kind: "done", value: moved } : { kind: "fail", errno: "EAGAIN" };
  },
  poll(kernel, draft) {
    const open = draft;
    const state = pipeOf(kernel, open.object);
    const access = open.flags & O_ACCMODE;
    const channels: string[] = [];
    let mask = 0;
    if (access !== O_WRONLY) {
      channels.push(readChannel(open.object));
      if (state.length > 0) mask |= READABLE;
      if (state.writers === 0 && state.writerOpens > 0) mask |= POLLHUP;
    }
    if (access !== O_RDONLY) {
      channels.push(writeChannel(open.object));
      if (state.capacity - state.length >= PIPE_BUF) mask |= WRITABLE;
      if (state.readers === 0) mask |= POLLERR;
    }
    return { mask, channels };
  },
  ioctls: { [FIONREAD]: countUnread },
  close: (kernel, open) => detachPipe(kernel, open.inode, open.flags),
};
