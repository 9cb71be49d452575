// What an open file can do, by its kind: the interface, and the table from a kind's name to the code that serves it.
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { device } from "../kinds/device.ts";
import { directory } from "../kinds/directory.ts";
import { epoll } from "../kinds/epoll.ts";
import { eventfd } from "../kinds/eventfd.ts";
import { fanotify } from "../kinds/fanotify.ts";
import { fscontext } from "../kinds/fscontext.ts";
import { inotify } from "../kinds/inotify.ts";
import { landlock } from "../kinds/landlock.ts";
import { mqueue } from "../kinds/mqueue.ts";
import { pidfd } from "../kinds/pidfd.ts";
import { pipe } from "../kinds/pipe.ts";
import { proc } from "../kinds/proc.ts";
import { procDirectory } from "../kinds/proc-directory.ts";
import { ptmx } from "../kinds/ptmx.ts";
import { regular } from "../kinds/regular.ts";
import { secretmem } from "../kinds/secretmem.ts";
import { signalfd } from "../kinds/signalfd.ts";
import { socket } from "../kinds/socket.ts";
import { terminal } from "../kinds/terminal.ts";
import { timerfd } from "../kinds/timerfd.ts";
import { worldInput } from "../kinds/world-input.ts";
import { worldOutput } from "../kinds/world-output.ts";
import type { Due, Task } from "../state/proc-table.ts";
import type { FileKindName, OpenFile } from "../state/vfs.ts";

/** As an Outcome, but without the call: a kind does not know which call asks. `moved`: bytes that this try has already transferred before it must wait. */
export type IoResult<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "fail"; readonly errno: Errno }
  | { readonly kind: "block"; readonly channels: readonly string[]; readonly deadlineNanos?: number; readonly memo?: unknown; readonly moved?: number };

/** What every request tells. `due` and `memo` are the call's: on "timeout" a result is owed, on "interrupt" a `block` becomes an errno by itself. */
export interface IoRequest {
  readonly task: Draft<Task>;
  readonly open: Draft<OpenFile>;
  readonly due: Due;
  readonly memo: unknown;
}
export interface ReadRequest extends IoRequest {
  readonly count: number;
  /** pread's; `null`: at the open file's own offset, which then moves. */
  readonly offset: number | null;
  /** What the file shows of a process's memory there, where it is one that does (/proc/PID/cmdline). */
  readonly shown?: Bytes | undefined;
}
export interface WriteRequest extends IoRequest {
  readonly bytes: Bytes;
  readonly offset: number | null;
  /** Part of this write is done already (see `moved`): `bytes` is the rest. */
  readonly isContinued: boolean;
  /** How many of the bytes memory takes, where the file shows a process's memory. */
  readonly room?: number | undefined;
}
export interface Readiness {
  /** POLLIN, POLLOUT, POLLHUP… (engine/abi/constants/poll-events.ts) that hold now. */
  readonly mask: number;
  /** What is woken when that may change. */
  readonly channels: readonly string[];
}
export interface IoctlRequest extends IoRequest {
  /** As the row's variant for the command decoded it. */
  readonly argument: unknown;
}
/** `out` is what the variant's argument encodes, where it is an out-argument. */
export interface IoctlAnswer {
  readonly value?: number;
  readonly out?: unknown;
}
export type Ioctl = (kernel: Kernel, request: IoctlRequest) => IoResult<IoctlAnswer>;
export interface OpenRequest {
  readonly task: Draft<Task>;
  readonly inode: number;
  /** What the device table says: the terminal's or device's id. */
  readonly object: number;
  /** open(2)'s flags, O_NOCTTY among them. */
  readonly flags: number;
}

export interface FileKind {
  /** Not seekable: lseek, pread and pwrite fail with ESPIPE, and `offset` is meaningless. */
  readonly isSeekable: boolean;
  /** O_NONBLOCK is the kind's to look at: EAGAIN instead of `block`. The caller has checked the access mode. */
  read(kernel: Kernel, request: ReadRequest): IoResult<Bytes>;
  write(kernel: Kernel, request: WriteRequest): IoResult<number>;
  /** `task` is who asks. */
  poll(kernel: Kernel, open: Draft<OpenFile>, task: Draft<Task>): Readiness;
  /** By command number; a command that is not there is ENOTTY. */
  readonly ioctls?: Readonly<Record<number, Ioctl>>;
  /** Before the open file is made: may refuse, and says which object it will refer to (a new pseudo-terminal's id). Without it: `request.object`. */
  open?(kernel: Kernel, request: OpenRequest): { readonly kind: "done"; readonly object: number } | { readonly kind: "fail"; readonly errno: Errno };
  /** A descriptor of this table is closed, not always the last (the `flush` of Linux's files). */
  flush?(kernel: Kernel, open: Draft<OpenFile>, table: number): void;
  /** The last descriptor is gone. */
  close?(kernel: Kernel, open: Draft<OpenFile>): void;
}

export const fileKinds: { readonly [K in FileKindName]: FileKind } = {
  regular,
  directory,
  pipe,
  device,
  terminal,
  ptmx,
  proc,
  "proc-directory": procDirectory,
  "world-input": worldInput,
  "world-output": worldOutput,
  epoll,
  eventfd,
  signalfd,
  socket,
  pidfd,
  mqueue,
  fanotify,
  fscontext,
  inotify,
  landlock,
  secretmem,
  timerfd,
};
