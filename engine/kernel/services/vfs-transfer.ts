// Calls that move bytes between files and memory, or between files (read(2), write(2), pread(2), readv(2), lseek(2), sendfile(2)).

import type { Draft } from "immer";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import { O_ACCMODE, O_APPEND, O_RDONLY, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { type Bytes, countFromBytes } from "../../abi/memory-view.ts";
import { awaitAnswer } from "../answers.ts";
import type { Kernel } from "../kernel.ts";
import { MAX_FILE_BYTES } from "../kinds/regular.ts";
import { nextData, nextHole } from "../objects/content.ts";
import { isWatchedByGroups, notifyOpenFile } from "../objects/file-events.ts";
import { fileKinds, type IoResult } from "../objects/file-kinds.ts";
import { inodeOf } from "../objects/inodes.ts";
import { openFileOf } from "../objects/open-files.ts";
import { askToRead, Questions } from "../objects/permission-events.ts";
import { contentNow, type MemoryFile, memoryFile } from "../objects/proc-tree.ts";
import { whyNotFlags, withFlags } from "../objects/rw-flags.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";

type Waiting = Extract<IoResult<unknown>, { kind: "block" }>;
/** What a transfer that waits keeps: the kind's own memo, and how much was written already. */
interface TransferMemo {
  readonly moved: number;
  readonly memo: unknown;
}
const memoOf = (call: Call<unknown>): TransferMemo | null => call.memo as TransferMemo | null;
const NO_OUTS = {};

function block(call: Call<unknown>, { channels, deadlineNanos, memo }: Waiting, moved: number): Outcome<never> {
  const kept: TransferMemo = { moved, memo: memo ?? null };
  return wait(call, deadlineNanos === undefined ? { channels, memo: kept } : { channels, deadlineNanos, memo: kept });
}
/** `null`: whoever watches the file has nothing against it. */
export function allowedToRead(kernel: Kernel, call: Call<unknown>, task: Draft<Task>, open: Draft<OpenFile>): Outcome<never> | null {
  if (!task.permission && !isWatchedByGroups(kernel)) return null;
  const questions = new Questions(kernel, task);
  const refused = askToRead(kernel, questions, open);
  if (refused !== null && typeof refused !== "string") return awaitAnswer(kernel, call, refused);
  questions.end();
  return refused === null ? null : fail(refused);
}
function read(kernel: Kernel, call: Call<unknown>, fd: number, count: number, offset: number | null, rw = 0): Bytes | Outcome<never> {
  const task = taskOf(kernel, call.tid);
  const open = openFileOf(kernel, task, fd);
  if (!open) return fail("EBADF");
  const { kind: kindName, flags } = open;
  const kind = fileKinds[kindName];
  if (offset !== null && !kind.isSeekable) return fail("ESPIPE");
  if ((flags & O_ACCMODE) === O_WRONLY) return fail("EBADF");
  const refused = rw !== 0 && count > 0 ? whyNotFlags(open, rw) : null;
  if (refused) return fail(refused);
  const pending = call.memo === null ? allowedToRead(kernel, call, task, open) : null;
  if (pending) return pending;
  const request = { task, open, count, offset, due: call.due, memo: memoOf(call)?.memo ?? null, shown: call.shown };
  const result = rw === 0 ? kind.read(kernel, request) : withFlags(open, rw, () => kind.read(kernel, request));
  if (result.kind === "done") {
    if (result.value.length > 0) notifyOpenFile(kernel, open, inotifyEvents.IN_ACCESS);
    return result.value;
  }
  return result.kind === "fail" ? result : block(call, result, 0);
}
function write(kernel: Kernel, call: Call<unknown>, fd: number, bytesOf: () => Bytes | null, offset: number | null, rw = 0): PlainOutcome {
  const task = taskOf(kernel, call.tid);
  const open = openFileOf(kernel, task, fd);
  if (!open) return fail("EBADF");
  const { kind: kindName, flags } = open;
  const kind = fileKinds[kindName];
  if (offset !== null && !kind.isSeekable) return fail("ESPIPE");
  if ((flags & O_ACCMODE) === O_RDONLY) return fail("EBADF");
  const bytes = bytesOf();
  if (!bytes) return fail("EINVAL");
  const refused = rw !== 0 && bytes.length > 0 ? whyNotFlags(open, rw) : null;
  if (refused) return fail(refused);
  const memo = memoOf(call);
  const before = memo?.moved ?? 0;
  const rest = before === 0 ? bytes : bytes.subarray(before);
  const request = {
    task,
    open,
    bytes: rest,
    offset,
    isContinued: before > 0,
    due: call.due,
    memo: memo?.memo ?? null,
    room: call.shown && countFromBytes(call.shown),
  };
  const result = rw === 0 ? kind.write(kernel, request) : withFlags(open, rw, () => kind.write(kernel, request));
  if (result.kind === "done") {
    if (result.value > 0) notifyOpenFile(kernel, open, inotifyEvents.IN_MODIFY);
    return done(before + result.value, NO_OUTS);
  }
  const moved = before + (result.kind === "block" ? (result.moved ?? 0) : 0);
  // What is written is written: a signal or an error then only ends the call (signal(7), write(2)).
  if (moved > 0 && (result.kind === "fail" || call.due === "interrupt")) return done(moved, NO_OUTS);
  return result.kind === "fail" ? result : block(call, result, moved);
}
const isBytes = (value: Bytes | Outcome<never>): value is Bytes => value instanceof Uint8Array;

function readInto(kernel: Kernel, call: Call<{ fd: number; buf: number; count: number }>, offset: number | null): Outcome<{ buf: Bytes }> {
  const { fd, count } = call.args;
  const bytes = read(kernel, call, fd, Math.min(count, MAX_COUNT), offset);
  return isBytes(bytes) ? done(bytes.length, { buf: bytes }) : bytes;
}
const MAX_COUNT = 0x7fff_f000;

type ScatterCall = Call<{ fd: number; iov: { readonly length: number; readonly segments: readonly { address: number; length: number }[] } | null }>;
function scatter(kernel: Kernel, call: ScatterCall, offset: number | null, rw = 0): Outcome<{ iov: any }> {
  const { fd } = call.args;
  if (!openFileOf(kernel, taskOf(kernel, call.tid), fd)) return fail("EBADF");
  const space = call.args.iov;
  if (!space) return fail("EINVAL");
  const bytes = read(kernel, call, fd, space.length, offset, rw);
  return isBytes(bytes) ? done(bytes.length, { iov: { space, bytes } }) : bytes;
}

const whences: readonly ((kernel: Kernel, inode: number, offset: number, current: number) => number | null)[] = [
  (_, __, offset) => offset,
  (_, __, offset, current) => current + offset,
  (kernel, inode, offset) => (inode === 0 ? null : inodeOf(kernel, inode).size + offset),
  (kernel, inode, offset) => (inode === 0 ? null : nextData(inodeOf(kernel, inode), offset)),
  (kernel, inode, offset) => (inode === 0 ? null : nextHole(inodeOf(kernel, inode), offset)),
];
const SEEK_CUR = 1;
const SEEK_END = 2;
const SEEK_DATA = 3;

/** MAX_NON_LFS: /proc says nothing else of how long its files may be. */
const MOST_OF_PROC = 2 ** 31 - 1;
/** Files that show memory have no length, and no pages to give (fs/splice.c, do_splice_read). */
export const cannotSplice = (kernel: Kernel, task: Draft<Task>, { virtual }: Draft<OpenFile>): boolean =>
  virtual !== undefined && memoryFile(kernel, task, virtual) !== undefined;
function seekInMemory(open: Draft<OpenFile>, { isMemory }: MemoryFile, offset: number, whence: number): PlainOutcome {
  if (whence > SEEK_CUR && isMemory) return fail("EINVAL");
  if (whence >= SEEK_DATA) return fail("ENXIO");
  const to = whence === SEEK_CUR ? open.offset + offset : offset;
  if (to < 0 && !isMemory) return fail("EINVAL");
  open.offset = to;
  return done(to, NO_OUTS);
}

export const transferCalls = {
  read: (kernel, call) => readInto(kernel, call, null),
  pread64: (kernel, call) => (call.args.offset < 0 ? fail("EINVAL") : readInto(kernel, call, call.args.offset)),
  write: (kernel, call) => write(kernel, call, call.args.fd, () => call.args.buf, null),
  pwrite64: (kernel, call) => (call.args.offset < 0 ? fail("EINVAL") : write(kernel, call, call.args.fd, () => call.args.buf, call.args.offset)),
  readv: (kernel, call) => scatter(kernel, call, null),
  preadv: (kernel, call) => (call.args.pos_l < 0 ? fail("EINVAL") : scatter(kernel, call, call.args.pos_l)),
  preadv2: (kernel, call) => (call.args.pos_l < -1 ? fail("EINVAL") : scatter(kernel, call, call.args.pos_l === -1 ? null : call.args.pos_l, call.args.flags)),
  writev: (kernel, call) => write(kernel, call, call.args.fd, () => call.args.iov, null),
  pwritev: (kernel, call) => (call.args.pos_l < 0 ? fail("EINVAL") : write(kernel, call, call.args.fd, () => call.args.iov, call.args.pos_l)),
  pwritev2(kernel, call) {
    const { fd, pos_l: at, flags } = call.args;
    return at < -1 ? fail("EINVAL") : write(kernel, call, fd, () => call.args.iov, at === -1 ? null : at, flags);
  },
  lseek(kernel, { tid, args: { fd, offset, whence } }) {
    const task = taskOf(kernel, tid);
    const open = openFileOf(kernel, task, fd);
    if (!open) return fail("EBADF");
    const seek = whences[whence];
    if (!seek) return fail("EINVAL");
    if (!fileKinds[open.kind].isSeekable) return fail("ESPIPE");
    if (open.kind === "directory" && whence > SEEK_CUR) return fail("EINVAL");
    // null(4): a memory device has no positions.
    if (open.kind === "device") return done(0, NO_OUTS);
    const inode = open.kind === "proc" ? 0 : open.inode;
    const file = open.virtual && memoryFile(kernel, task, open.virtual);
    if (file) return seekInMemory(open, file, offset, whence);
    const end = whence === SEEK_END && open.virtual ? (open.virtual.content ?? contentNow(kernel, task, open.virtual))?.length : undefined;
    const to = end === undefined ? seek(kernel, inode, offset, open.offset) : end + offset;
    if (to === null) return fail(whence >= SEEK_DATA && inode !== 0 ? "ENXIO" : "EINVAL");
    if (to < 0 || to > Number.MAX_SAFE_INTEGER) return fail("EINVAL");
    if (open.kind === "regular" && to > MAX_FILE_BYTES) return fail("EINVAL");
    open.offset = to;
    return done(to, NO_OUTS);
  },
  sendfile(kernel, call) {
    const { in_fd: inFd, out_fd: outFd, count } = call.args;
    const task = taskOf(kernel, call.tid);
    const start = call.args.offset;
    if (start !== null && start < 0) return fail("EINVAL");
    const source = openFileOf(kernel, task, inFd);
    if (!source || (source.flags & O_ACCMODE) === O_WRONLY) return fail("EBADF");
    if (start !== null && !fileKinds[source.kind].isSeekable) return fail("ESPIPE");
    const target = openFileOf(kernel, task, outFd);
    if (!target || (target.flags & O_ACCMODE) === O_RDONLY) return fail("EBADF");
    if (!fileKinds[source.kind].isSeekable || source.kind === "directory" || (target.flags & O_APPEND) !== 0) return fail("EINVAL");
    const from = start ?? source.offset;
    if (cannotSplice(kernel, task, source)) return fail(from >= MOST_OF_PROC ? "EOVERFLOW" : "EINVAL");
    const result = transfer(kernel, call, inFd, outFd, from, null, Math.min(count, MOST_AT_ONCE));
    if (result.kind !== "done") return result;
    if (start === null) source.offset = from + result.value;
    return done(result.value, { offset: start === null ? undefined : start + result.value });
  },
  copy_file_range(kernel, call) {
    const { fd_in: inFd, fd_out: outFd, len, flags } = call.args;
    const task = taskOf(kernel, call.tid);
    const [source, target] = [openFileOf(kernel, task, inFd), openFileOf(kernel, task, outFd)];
    if (!source || !target) return fail("EBADF");
    const [offIn, offOut] = [call.args.off_in, call.args.off_out];
    if (flags !== 0) return fail("EINVAL");
    if (source.kind === "directory" || target.kind === "directory") return fail("EISDIR");
    if (target.kind === "regular" && cannotSplice(kernel, task, source)) return fail("EXDEV");
    if (source.kind !== "regular" || target.kind !== "regular") return fail("EINVAL");
    if ((source.flags & O_ACCMODE) === O_WRONLY || (target.flags & O_ACCMODE) === O_RDONLY || (target.flags & O_APPEND) !== 0) return fail("EBADF");
    const [from, to] = [offIn ?? source.offset, offOut ?? target.offset];
    if (from < 0 || to < 0) return fail("EINVAL");
    const length = Math.min(len, MOST_AT_ONCE);
    if (source.inode === target.inode && from < to + length && to < from + length) return fail("EINVAL");
    const result = transfer(kernel, call, inFd, outFd, from, to, length);
    if (result.kind !== "done") return result;
    if (offIn === null) source.offset = from + result.value;
    if (offOut === null) target.offset = to + result.value;
    return done(result.value, { off_in: offIn === null ? undefined : from + result.value, off_out: offOut === null ? undefined : to + result.value });
  },
  sync: () => OK,
  fsync: (kernel, { tid, args }) => synchronise(kernel, tid, args.fd),
  fdatasync: (kernel, { tid, args }) => synchronise(kernel, tid, args.fd),
  syncfs: (kernel, { tid, args }) => (openFileOf(kernel, taskOf(kernel, tid), args.fd) ? OK : fail("EBADF")),
  sync_file_range(kernel, { tid, args }) {
    const open = openFileOf(kernel, taskOf(kernel, tid), args.fd);
    if (!open) return fail("EBADF");
    if ((args.flags & ~7) !== 0 || args.offset < 0 || args.nbytes < 0) return fail("EINVAL");
    return open.kind === "regular" || open.kind === "directory" ? OK : fail("ESPIPE");
  },
  fadvise64(kernel, { tid, args }) {
    const open = openFileOf(kernel, taskOf(kernel, tid), args.fd);
    if (!open) return fail("EBADF");
    if (!fileKinds[open.kind].isSeekable) return fail("ESPIPE");
    return args.len < 0 || args.advice < 0 || args.advice > 5 ? fail("EINVAL") : OK;
  },
  readahead(kernel, { tid, args }) {
    const open = openFileOf(kernel, taskOf(kernel, tid), args.fd);
    if (!open || (open.flags & O_ACCMODE) === O_WRONLY) return fail("EBADF");
    return open.kind === "regular" ? OK : fail("EINVAL");
  },
} satisfies Partial<Calls<"vfs">>;

/** One call moves no more than this: the rest is for the next one, as Linux allows itself. */
const MOST_AT_ONCE = 1 << 20;
function transfer(kernel: Kernel, call: Call<unknown>, inFd: number, outFd: number, from: number, to: number | null, count: number): PlainOutcome {
  // A transfer that goes on has been allowed when it began.
  const bytes = read(kernel, call, inFd, count, from);
  if (!isBytes(bytes)) return bytes;
  return bytes.length === 0 ? done(0, NO_OUTS) : write(kernel, call, outFd, () => bytes, to);
}
function synchronise(kernel: Kernel, tid: number, fd: number): PlainOutcome {
  const open = openFileOf(kernel, taskOf(kernel, tid), fd);
  if (!open) return fail("EBADF");
  return ["regular", "directory", "proc-directory"].includes(open.kind) ? OK : fail("EINVAL");
}
