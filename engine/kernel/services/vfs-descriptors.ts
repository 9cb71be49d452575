// Calls on descriptors themselves: copying them, their flags, the status of what they refer to (dup(2), fcntl(2), ioctl(2)).
import type { Draft } from "immer";
import { FD_CLOEXEC, fcntlCommands } from "../../abi/constants/fcntl-commands.ts";
import { O_ACCMODE, O_APPEND, O_ASYNC, O_CLOEXEC, O_DIRECT, O_NOATIME, O_NONBLOCK, O_PATH, O_RDONLY } from "../../abi/constants/open-flags.ts";
import { ALL_SEALS, seals } from "../../abi/constants/seals.ts";
import { LAST_SIGNAL } from "../../abi/constants/signals.ts";
import type { Errno } from "../../abi/errno.ts";
import { fileIoctls } from "../../abi/ioctls/file.ts";
import type { Kernel } from "../kernel.ts";
import { setAsync, tellsOfInput } from "../objects/async-files.ts";
import { isOwner } from "../objects/attributes.ts";
import { can } from "../objects/credentials.ts";
import { setNotice } from "../objects/directory-notices.ts";
import { fileKinds, type Ioctl, type IoResult } from "../objects/file-kinds.ts";
import { inodeOf } from "../objects/inodes.ts";
import { livingOwner, ownerTypes, setOwner, setOwnerBySign, signedOwner } from "../objects/input-signals.ts";
import { leaseOf, setLease } from "../objects/leases.ts";
import { anyOpenFileOf, closeDescriptor, descriptor, descriptorLimit, install, isReserved, openFileOf, place } from "../objects/open-files.ts";
import { plainCredentials } from "../objects/paths.ts";
import { MAX_PIPE_CAPACITY, PIPE_BUF, pipeOf, writeChannel } from "../objects/pipes.ts";
import { taskOf } from "../objects/tasks.ts";
import { wake } from "../objects/waiting.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { Task } from "../state/proc-table.ts";
import type { Descriptor, OpenFile } from "../state/vfs.ts";
import { changeLock, type FlockValue, queryLock } from "./vfs-locks.ts";

interface Subject {
  readonly call: Call<{ readonly fd: number }>;
  readonly task: Draft<Task>;
  readonly slot: Draft<Descriptor>;
  readonly open: Draft<OpenFile>;
  readonly argument: unknown;
  readonly fd: number;
}
type Command = (kernel: Kernel, subject: Subject) => Outcome<any>;

function duplicate(kernel: Kernel, { task, slot, argument }: Subject, isCloseOnExec: boolean): PlainOutcome {
  const minimum = Number(argument);
  if (minimum < 0 || minimum >= descriptorLimit(kernel, task)) return fail("EINVAL");
  const fd = install(kernel, task, slot.openFile, minimum, isCloseOnExec);
  return fd === null ? fail("EMFILE") : done(fd, {});
}
/** dup2 and dup3, which fail differently where both descriptors are the same. */
function duplicateTo(kernel: Kernel, tid: number, from: number, to: number, isCloseOnExec: boolean): PlainOutcome {
  const task = taskOf(kernel, tid);
  if (to < 0 || to >= descriptorLimit(kernel, task)) return fail("EBADF");
  const slot = descriptor(kernel, task, from);
  if (!slot) return fail("EBADF");
  if (isReserved(kernel, task, to)) return fail("EBUSY");
  const { openFile } = slot;
  // Referred to from both places before the old one goes: it may be the same file's last.
  kernel.vfs.openFiles[openFile]!.references++;
  closeDescriptor(kernel, task, to);
  place(kernel, task, to, openFile, isCloseOnExec);
  kernel.vfs.openFiles[openFile]!.references--;
  return done(to, {});
}

/** Flags that F_SETFL changes; it ignores the others. */
const CHANGEABLE = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK;
function setStatus(kernel: Kernel, { task, open, argument, fd }: Subject): PlainOutcome {
  const wanted = Number(argument) & CHANGEABLE;
  if ((wanted & ~open.flags & O_NOATIME) !== 0 && open.inode !== 0 && !isOwner(plainCredentials(kernel, task), inodeOf(kernel, open.inode)))
    return fail("EPERM");
  if ((wanted & O_DIRECT) !== 0 && open.kind !== "regular") return fail("EINVAL");
  if (((wanted ^ open.flags) & O_ASYNC) !== 0) setAsync(kernel, task, open, fd, (wanted & O_ASYNC) !== 0);
  open.flags = (open.flags & ~CHANGEABLE) | wanted;
  return OK;
}

const MEGABYTES_TOP = 0x8000_0000;
function setPipeSize(kernel: Kernel, { task, open, argument }: Subject): PlainOutcome {
  if (open.kind !== "pipe") return fail("EBADF");
  const asked = Number(argument) >>> 0;
  if (asked === 0 || asked > MEGABYTES_TOP) return fail("EINVAL");
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(asked, PIPE_BUF)));
  const pipe = pipeOf(kernel, open.object);
  if (capacity > pipe.capacity && capacity > MAX_PIPE_CAPACITY && !can(plainCredentials(kernel, task), "CAP_SYS_RESOURCE")) return fail("EPERM");
  if (pipe.length > capacity) return fail("EBUSY");
  pipe.capacity = capacity;
  wake(kernel, writeChannel(open.object));
  return done(capacity, {});
}

/** A seal on writing waits for shared mappings that may write to go. */
function addSeals(kernel: Kernel, { open, argument }: Subject): PlainOutcome {
  const wanted = Number(argument);
  const inode = open.kind === "regular" ? inodeOf(kernel, open.inode) : null;
  if ((open.flags & O_ACCMODE) === O_RDONLY) return fail("EPERM");
  if ((wanted & ~ALL_SEALS) !== 0 || inode?.seals === undefined) return fail("EINVAL");
  if ((inode.seals & seals.F_SEAL_SEAL) !== 0) return fail("EPERM");
  if ((wanted & seals.F_SEAL_WRITE) !== 0 && kernel.vmm.sharedFiles.includes(inode.id)) return fail("EBUSY");
  inode.seals |= wanted;
  return OK;
}
const lock =
  (kind: "posix" | "ofd", waits: boolean): Command =>
  (kernel, { call, open, argument }) =>
    argument === null ? fail("EFAULT") : changeLock(kernel, call, open, argument as FlockValue, { kind, waits });
const query =
  (kind: "posix" | "ofd"): Command =>
  (kernel, { task, open, argument }) => {
    if (argument === null) return fail("EFAULT");
    const found = queryLock(kernel, task, open, argument as FlockValue, kind);
    return typeof found === "string" ? fail(found) : done(0, { arg: found });
  };
const answered = (errno: Errno | null): PlainOutcome => (errno ? fail(errno) : OK);

const commands: { readonly [K in keyof typeof fcntlCommands]: Command } = {
  F_DUPFD: (kernel, subject) => duplicate(kernel, subject, false),
  F_DUPFD_CLOEXEC: (kernel, subject) => duplicate(kernel, subject, true),
  F_GETFD: (_, { slot }) => done(slot.isCloseOnExec ? FD_CLOEXEC : 0, {}),
  F_SETFD(_, { slot, argument }) {
    slot.isCloseOnExec = (Number(argument) & FD_CLOEXEC) !== 0;
    return OK;
  },
  F_GETFL: (_, { open }) => done(open.flags, {}),
  F_SETFL: setStatus,
  F_GETLK: query("posix"),
  F_SETLK: lock("posix", false),
  F_SETLKW: lock("posix", true),
  F_OFD_GETLK: query("ofd"),
  F_OFD_SETLK: lock("ofd", false),
  F_OFD_SETLKW: lock("ofd", true),
  F_SETOWN: (kernel, { call, open, argument }) => answered(setOwnerBySign(kernel, call.pid, open, Number(argument))),
  F_GETOWN: (kernel, { open }) => done(signedOwner(kernel, open), {}),
  F_SETOWN_EX(kernel, { call, open, argument }) {
    const wanted = argument as { readonly type: number; readonly pid: number } | null;
    if (!wanted) return fail("EFAULT");
    const isKnown = wanted.type >= 0 && wanted.type <= ownerTypes.F_OWNER_PGRP;
    return isKnown ? answered(setOwner(kernel, call.pid, open, wanted.type, wanted.pid)) : fail("EINVAL");
  },
  F_GETOWN_EX(kernel, { open }) {
    const owner = livingOwner(kernel, open);
    return done(0, { arg: { type: open.owner?.type ?? ownerTypes.F_OWNER_TID, pid: owner?.id ?? 0 } });
  },
  F_SETSIG(_, { open, argument }) {
    const signal = Number(argument);
    if (signal < 0 || signal > LAST_SIGNAL) return fail("EINVAL");
    open.signal = signal;
    return OK;
  },
  F_GETSIG: (_, { open }) => done(open.signal ?? 0, {}),
  F_SETLEASE: (kernel, { task, open, fd, argument }) => answered(setLease(kernel, task, open, fd, Number(argument))),
  F_GETLEASE: (kernel, { open }) => done(leaseOf(kernel, open), {}),
  F_NOTIFY: (kernel, { task, open, fd, argument }) => answered(setNotice(kernel, task, open, fd, Number(argument))),
  F_SETPIPE_SZ: setPipeSize,
  F_GETPIPE_SZ: (kernel, { open }) => (open.kind === "pipe" ? done(pipeOf(kernel, open.object).capacity, {}) : fail("EBADF")),
  F_ADD_SEALS: addSeals,
  F_GET_SEALS: (kernel, { open }) => {
    const held = open.kind === "regular" ? inodeOf(kernel, open.inode).seals : undefined;
    return held === undefined ? fail("EINVAL") : done(held, {});
  },
};
const commandByCode = new Map(Object.entries(fcntlCommands).map(([name, { code }]) => [code, commands[name as keyof typeof fcntlCommands]]));
/** What can be asked of a file opened with O_PATH (open(2)). */
const allowedForPath = new Set<number>(
  ["F_DUPFD", "F_DUPFD_CLOEXEC", "F_GETFD", "F_SETFD", "F_GETFL"].map(name => fcntlCommands[name as keyof typeof fcntlCommands].code),
);

const answer = (value: { value?: number; out?: unknown } = {}): IoResult<{ value?: number; out?: unknown }> => ({ kind: "done", value });
const NOT_A_TERMINAL: IoResult<never> = { kind: "fail", errno: "ENOTTY" };
const isContent = (open: Draft<OpenFile>): boolean => open.kind === "regular" || open.kind === "directory";
/** Commands that every open file knows (fs/ioctl.c, do_vfs_ioctl); those of its kind come after. */
const commonIoctls: { readonly [code: number]: Ioctl } = {
  [fileIoctls.FIONBIO.code](_, { open, argument }) {
    if (argument === null) return { kind: "fail", errno: "EFAULT" };
    open.flags = Number(argument) !== 0 ? open.flags | O_NONBLOCK : open.flags & ~O_NONBLOCK;
    return answer();
  },
  [fileIoctls.FIONREAD.code]: (kernel, { open }) =>
    open.kind === "regular" ? answer({ out: inodeOf(kernel, open.inode).size - open.offset }) : NOT_A_TERMINAL,
  [fileIoctls.FIOQSIZE.code]: (kernel, { open }) => (isContent(open) ? answer({ out: inodeOf(kernel, open.inode).size }) : NOT_A_TERMINAL),
  [fileIoctls.FIGETBSZ.code]: (_, { open }) => (isContent(open) ? answer({ out: PIPE_BUF }) : { kind: "fail", errno: "EINVAL" }),
};

/** FIOASYNC: as F_SETFL with O_ASYNC, but only for files that tell. */
function setAsyncBy(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>, fd: number, wanted: number | null): PlainOutcome {
  if (wanted === null) return fail("EFAULT");
  const isOn = wanted !== 0;
  if (isOn === ((open.flags & O_ASYNC) !== 0)) return OK;
  if (!tellsOfInput(open)) return fail("ENOTTY");
  setAsync(kernel, task, open, fd, isOn);
  return OK;
}

export const descriptorCalls = {
  dup(kernel, { tid, args }) {
    const task = taskOf(kernel, tid);
    const slot = descriptor(kernel, task, args.oldfd);
    if (!slot) return fail("EBADF");
    const fd = install(kernel, task, slot.openFile);
    return fd === null ? fail("EMFILE") : done(fd, {});
  },
  dup2(kernel, { tid, args: { oldfd, newfd } }) {
    if (oldfd === newfd) return descriptor(kernel, taskOf(kernel, tid), oldfd) ? done(newfd, {}) : fail("EBADF");
    return duplicateTo(kernel, tid, oldfd, newfd, false);
  },
  dup3(kernel, { tid, args: { oldfd, newfd, flags } }) {
    if ((flags & ~O_CLOEXEC) !== 0 || oldfd === newfd) return fail("EINVAL");
    return duplicateTo(kernel, tid, oldfd, newfd, (flags & O_CLOEXEC) !== 0);
  },
  fcntl(kernel, call) {
    const { fd, op } = call.args;
    const task = taskOf(kernel, call.tid);
    const slot = descriptor(kernel, task, fd);
    const open = anyOpenFileOf(kernel, task, fd);
    if (!slot || !open) return fail("EBADF");
    if ((open.flags & O_PATH) !== 0 && !allowedForPath.has(op)) return fail("EBADF");
    const command = commandByCode.get(op);
    return command ? command(kernel, { call, task, slot, open, fd, argument: call.args.arg }) : fail("EINVAL");
  },
  ioctl(kernel, call) {
    const { fd } = call.args;
    const op = call.args.op >>> 0;
    const task = taskOf(kernel, call.tid);
    const open = openFileOf(kernel, task, fd);
    if (!open) return fail("EBADF");
    if (op === fileIoctls.FIOCLEX.code || op === fileIoctls.FIONCLEX.code) {
      descriptor(kernel, task, fd)!.isCloseOnExec = op === fileIoctls.FIOCLEX.code;
      return done(0, { argp: undefined });
    }
    if (op === fileIoctls.FIOASYNC.code) {
      const outcome = setAsyncBy(kernel, task, open, fd, call.args.argp as number | null);
      return outcome.kind === "done" ? done(0, { argp: undefined }) : outcome;
    }
    const ioctl = fileKinds[open.kind].ioctls?.[op] ?? commonIoctls[op];
    if (!ioctl) return fail("ENOTTY");
    const result = ioctl(kernel, { task, open, argument: call.args.argp, due: call.due, memo: call.memo });
    if (result.kind === "done") return done(result.value.value ?? 0, { argp: result.value.out });
    if (result.kind === "fail") return result;
    return wait(call, {
      channels: result.channels,
      ...(result.deadlineNanos === undefined ? {} : { deadlineNanos: result.deadlineNanos }),
      memo: result.memo ?? null,
    });
  },
} satisfies Partial<Calls<"vfs">>;
