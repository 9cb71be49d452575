// Calls that open and close files (open(2), close(2), pipe(2)).
import type { Draft } from "immer";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import {
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
  openFlags,
} from "../../abi/constants/open-flags.ts";
import { resolveFlags } from "../../abi/constants/resolve-flags.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import { awaitAnswer } from "../answers.ts";
import type { Kernel } from "../kernel.ts";
import { binary } from "../objects/binary-string.ts";
import { notify, notifyOpenFile } from "../objects/file-events.ts";
import { hasRoomForInode, inodeOf } from "../objects/inodes.ts";
import {
  closeDescriptor,
  copyTable,
  createOpenFile,
  dropReserved,
  freeDescriptor,
  hasRoomForOpenFile,
  place,
  releaseTable,
  reserve,
  reservedOpenFile,
  settleReserved,
  tableOf,
} from "../objects/open-files.ts";
import { areFlagsInvalid, openOrAsk } from "../objects/opening.ts";
import { AT_FDCWD } from "../objects/paths.ts";
import { Questions } from "../objects/permission-events.ts";
import { attachPipe, createPipeInode, isNameless, pipeOf, readChannel, writeChannel } from "../objects/pipes.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";

/** What is known of a FIFO's open while its other end is not: its descriptor, taken already, and how often the other end had been opened. */
interface FifoMemo {
  readonly fd: number;
  readonly opens: number;
}

function open(kernel: Kernel, call: Call<unknown>, dirfd: number, path: Bytes | null, flags: number, mode: number, confinement = 0): PlainOutcome {
  const task = taskOf(kernel, call.tid);
  if (call.memo) return awaitOtherEnd(kernel, call, task, call.memo as FifoMemo);
  if (areFlagsInvalid(flags)) return fail("EINVAL");
  const name = path && binary(path);
  if (name === null) return fail("ENAMETOOLONG");
  if (name === "") return fail("ENOENT");
  const fd = freeDescriptor(kernel, task);
  if (fd === null) return fail("EMFILE");
  if (!hasRoomForOpenFile(kernel)) return fail("ENFILE");
  const questions = new Questions(kernel, task);
  const opened = openOrAsk(kernel, task, { dirfd, path: name, flags, mode, confinement }, questions);
  if (opened.kind === "wait") return awaitAnswer(kernel, call, opened);
  questions.end();
  if (opened.kind === "fail") return fail(opened.errno);
  place(kernel, task, fd, opened.openFile, (flags & O_CLOEXEC) !== 0);
  const file = kernel.vfs.openFiles[opened.openFile]!;
  if (file.inode !== 0 && (flags & O_PATH) === 0) {
    notifyOpenFile(kernel, file, inotifyEvents.IN_OPEN);
    if (opened.isCutOff) notify(kernel, inodeOf(kernel, file.inode), inotifyEvents.IN_MODIFY);
  }
  return file.kind === "pipe" ? meetOtherEnd(kernel, call, task, fd, file) : done(fd, {});
}
/** fifo(7): opening one end waits for the other, save where it is opened for both, or without blocking; a pipe without a name never waits (fs/pipe.c, fifo_open). */
function meetOtherEnd(kernel: Kernel, call: Call<unknown>, task: Draft<Task>, fd: number, file: Draft<OpenFile>): PlainOutcome {
  const pipe = pipeOf(kernel, file.object);
  const access = file.flags & O_ACCMODE;
  if (isNameless(kernel, file.inode) || access === O_RDWR || (access === O_RDONLY ? pipe.writers : pipe.readers) > 0) return done(fd, {});
  if ((file.flags & O_NONBLOCK) === 0) {
    reserve(kernel, task, fd);
    return awaitOtherEnd(kernel, call, task, { fd, opens: access === O_RDONLY ? pipe.writerOpens : pipe.readerOpens });
  }
  if (access === O_RDONLY) return done(fd, {});
  closeDescriptor(kernel, task, fd);
  return fail("ENXIO");
}
function awaitOtherEnd(kernel: Kernel, call: Call<unknown>, task: Draft<Task>, memo: FifoMemo): PlainOutcome {
  const file = reservedOpenFile(kernel, task, memo.fd);
  const pipe = pipeOf(kernel, file.object);
  const isReader = (file.flags & O_ACCMODE) === O_RDONLY;
  if ((isReader ? pipe.writerOpens : pipe.readerOpens) !== memo.opens) {
    settleReserved(kernel, task, memo.fd);
    return done(memo.fd, {});
  }
  const channels = [isReader ? readChannel(file.object) : writeChannel(file.object)];
  if (call.due === "interrupt") dropReserved(kernel, task);
  return wait(call, { channels, memo });
}

function pipe(kernel: Kernel, call: Call<unknown>, flags: number): Outcome<{ pipefd: readonly number[] }> {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0 || (flags & O_DIRECT) !== 0) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  const reader = freeDescriptor(kernel, task);
  const writer = reader === null ? null : freeDescriptor(kernel, task, reader + 1);
  if (!hasRoomForOpenFile(kernel, 2) || !hasRoomForInode(kernel)) return fail("ENFILE");
  if (reader === null || writer === null) return fail("EMFILE");
  const { fsuid, fsgid } = processOf(kernel, call.pid).credentials;
  const inode = createPipeInode(kernel, fsuid, fsgid);
  const status = flags & O_NONBLOCK;
  const path = `pipe:[${inode}]`;
  const object = attachPipe(kernel, inode, O_RDWR);
  const ends = [O_RDONLY, O_WRONLY].map(access => createOpenFile(kernel, { kind: "pipe", flags: access | status, inode, object, path }));
  [reader, writer].forEach((fd, i) => {
    place(kernel, task, fd, ends[i]!, (flags & O_CLOEXEC) !== 0);
  });
  return done(0, { pipefd: [reader, writer] });
}

const PAGE = 4096;
const TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;
const KNOWN_OPEN_FLAGS = Object.values(openFlags).reduce((all, flag) => all | flag, O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK);
const RESOLVE_ALL = Object.values(resolveFlags).reduce((all, flag) => all | flag, 0);
const BENEATH_AND_ROOT = resolveFlags.RESOLVE_BENEATH | resolveFlags.RESOLVE_IN_ROOT;
const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

export const openingCalls = {
  open: (kernel, call) => open(kernel, call, AT_FDCWD, call.args.pathname, call.args.flags, call.args.mode),
  openat: (kernel, call) => open(kernel, call, call.args.dirfd, call.args.pathname, call.args.flags, call.args.mode),
  creat: (kernel, call) => open(kernel, call, AT_FDCWD, call.args.pathname, O_CREAT | O_WRONLY | O_TRUNC, call.args.mode),
  openat2(kernel, call) {
    const { dirfd, pathname, how, size } = call.args;
    if (size > PAGE) return fail("E2BIG");
    if (!how) return fail("EINVAL");
    if (how.hasUnknown) return fail("E2BIG");
    const { flags, mode, resolve } = how.fields;
    const isMaking = (flags & (O_CREAT | TMPFILE_BIT)) !== 0;
    if (flags > 0xffff_ffff || (flags & ~KNOWN_OPEN_FLAGS) !== 0 || (isMaking ? mode > 0o7777 : mode !== 0)) return fail("EINVAL");
    if (resolve > RESOLVE_ALL || (resolve & BENEATH_AND_ROOT) === BENEATH_AND_ROOT) return fail("EINVAL");
    // Everything is in memory: RESOLVE_CACHED finds it, unless something would be made or cut.
    if ((resolve & resolveFlags.RESOLVE_CACHED) !== 0 && (flags & (O_TRUNC | O_CREAT | TMPFILE_BIT)) !== 0) return fail("EAGAIN");
    return open(kernel, call, dirfd, pathname, flags | 0, mode, resolve);
  },
  close: (kernel, { tid, args }) => (closeDescriptor(kernel, taskOf(kernel, tid), args.fd) ? OK : fail("EBADF")),
  pipe: (kernel, call) => pipe(kernel, call, 0),
  pipe2: (kernel, call) => pipe(kernel, call, call.args.flags),
  close_range(kernel, { tid, args }) {
    const { first, last, flags } = args;
    if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0 || first > last) return fail("EINVAL");
    const task = taskOf(kernel, tid);
    if ((flags & CLOSE_RANGE_UNSHARE) !== 0 && tableOf(kernel, task).users > 1) {
      const shared = task.files;
      task.files = copyTable(kernel, shared);
      releaseTable(kernel, shared);
    }
    const { slots } = tableOf(kernel, task);
    for (let fd = first; fd <= Math.min(last, slots.length - 1); fd++) {
      if ((flags & CLOSE_RANGE_CLOEXEC) === 0) closeDescriptor(kernel, task, fd);
      else if (slots[fd]) slots[fd]!.isCloseOnExec = true;
    }
    return OK;
  },
} satisfies Partial<Calls<"vfs">>;
