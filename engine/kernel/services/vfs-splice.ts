// Moving bytes between pipes and other files without a program's memory (splice(2), tee(2), vmsplice(2)), and files that only memory has (memfd_create(2), memfd_secret(2)).
import type { Draft } from "immer";
import { O_ACCMODE, O_APPEND, O_CLOEXEC, O_LARGEFILE, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from "../../abi/constants/open-flags.ts";
import { seals } from "../../abi/constants/seals.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { binary } from "../objects/binary-string.ts";
import { takeBytes } from "../objects/byte-queue.ts";
import { fileKinds } from "../objects/file-kinds.ts";
import { createInode, hasRoomForInode, inodeOf } from "../objects/inodes.ts";
import { anonymousInode } from "../objects/locations.ts";
import { createOpenFile, freeDescriptor, hasRoomForOpenFile, install, openFileOf } from "../objects/open-files.ts";
import { plainCredentials } from "../objects/paths.ts";
import { pipeOf, readChannel, writeChannel } from "../objects/pipes.ts";
import { taskOf } from "../objects/tasks.ts";
import { wake } from "../objects/waiting.ts";
import { type Call, type Calls, done, fail, type Outcome, type PlainOutcome, wait } from "../service.ts";
import type { OpenFile, Pipe } from "../state/vfs.ts";
import { cannotSplice } from "./vfs-transfer.ts";

const SPLICE_F_NONBLOCK = 2;
const ALL_FLAGS = 15;
const MOST = 1 << 20;
const canRead = (open: Draft<OpenFile>): boolean => (open.flags & O_ACCMODE) !== O_WRONLY;
const canWrite = (open: Draft<OpenFile>): boolean => (open.flags & O_ACCMODE) !== O_RDONLY;

/** What lies at the front of the pipe, without taking it. */
function front({ buffers }: Draft<Pipe>, count: number): Bytes {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const buffer of buffers as readonly Uint8Array[]) {
    if (length === count) break;
    const part = buffer.subarray(0, count - length);
    parts.push(part);
    length += part.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
interface Ends {
  readonly source: Draft<OpenFile>;
  readonly target: Draft<OpenFile>;
  readonly isImpatient: boolean;
}
type Moved = Outcome<{ off_in: number | undefined; off_out: number | undefined }>;
const NOTHING = { off_in: undefined, off_out: undefined };

function fromPipe(kernel: Kernel, call: Call<unknown>, { source, target, isImpatient }: Ends, count: number, offset: number | null): Moved {
  const pipe = pipeOf(kernel, source.object);
  if (pipe.length === 0) {
    if (pipe.writers === 0) return done(0, NOTHING);
    return isImpatient || (source.flags & O_NONBLOCK) !== 0 ? fail("EAGAIN") : wait(call, { channels: [readChannel(source.object)] });
  }
  const bytes = front(pipe, Math.min(count, pipe.length, MOST));
  const task = taskOf(kernel, call.tid);
  const result = fileKinds[target.kind].write(kernel, { task, open: target, bytes, offset, isContinued: true, due: call.due, memo: null });
  if (result.kind === "fail") return result;
  const moved = result.kind === "done" ? result.value : (result.moved ?? 0);
  if (moved === 0 && result.kind === "block") return isImpatient ? fail("EAGAIN") : wait(call, { channels: result.channels });
  takeBytes(pipe, moved);
  wake(kernel, writeChannel(source.object));
  return done(moved, { off_in: undefined, off_out: offset === null ? undefined : offset + moved });
}
function intoPipe(kernel: Kernel, call: Call<unknown>, { source, target, isImpatient }: Ends, count: number, offset: number | null): Moved {
  const pipe = pipeOf(kernel, target.object);
  const task = taskOf(kernel, call.tid);
  if (pipe.readers > 0 && pipe.length >= pipe.capacity)
    return isImpatient || (target.flags & O_NONBLOCK) !== 0 ? fail("EAGAIN") : wait(call, { channels: [writeChannel(target.object)] });
  const most = pipe.readers === 0 ? 1 : Math.min(count, pipe.capacity - pipe.length);
  const read = fileKinds[source.kind].read(kernel, { task, open: source, count: most, offset, due: call.due, memo: null });
  if (read.kind === "fail") return read;
  if (read.kind === "block") return isImpatient ? fail("EAGAIN") : wait(call, { channels: read.channels });
  if (read.value.length === 0) return done(0, NOTHING);
  const written = fileKinds.pipe.write(kernel, { task, open: target, bytes: read.value, offset: null, isContinued: true, due: call.due, memo: null });
  if (written.kind === "fail") return written;
  return done(read.value.length, { off_in: offset === null ? undefined : offset + read.value.length, off_out: undefined });
}

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_NOEXEC_SEAL = 8;
const MFD_EXEC = 16;
const MOST_NAME = 249;
function createMemoryFile(kernel: Kernel, call: Call<{ name: Bytes; flags: number }>): PlainOutcome {
  const { name, flags } = call.args;
  if ((flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)) !== 0) return fail("EINVAL");
  if ((flags & MFD_EXEC) !== 0 && (flags & MFD_NOEXEC_SEAL) !== 0) return fail("EINVAL");
  if (name.length > MOST_NAME) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  if (!hasRoomForOpenFile(kernel) || !hasRoomForInode(kernel)) return fail("ENFILE");
  if (freeDescriptor(kernel, task) === null) return fail("EMFILE");
  const { fsuid, fsgid } = plainCredentials(kernel, task);
  const isNoexec = (flags & MFD_NOEXEC_SEAL) !== 0;
  const fileSystem = kernel.vfs.mounts.findIndex(mount => mount?.type === "tmpfs");
  const inode = createInode(kernel, { fileSystem, kind: "file", mode: isNoexec ? 0o666 : 0o777, uid: fsuid, gid: fsgid });
  const isSealable = (flags & MFD_ALLOW_SEALING) !== 0 || isNoexec;
  inodeOf(kernel, inode).seals = isSealable ? (isNoexec ? seals.F_SEAL_EXEC : 0) : seals.F_SEAL_SEAL;
  const openFile = createOpenFile(kernel, { kind: "regular", flags: O_RDWR | O_LARGEFILE, inode, path: `/memfd:${binary(name)}` });
  return done(install(kernel, task, openFile, 0, (flags & MFD_CLOEXEC) !== 0)!, {});
}

/** memfd_secret(2): in a file system of no mount, which nothing can be executed from. */
function createSecretFile(kernel: Kernel, call: Call<{ flags: number }>): PlainOutcome {
  const { flags } = call.args;
  if ((flags & ~O_CLOEXEC) !== 0) return fail("EINVAL");
  const task = taskOf(kernel, call.tid);
  if (!hasRoomForOpenFile(kernel) || !hasRoomForInode(kernel)) return fail("ENFILE");
  if (freeDescriptor(kernel, task) === null) return fail("EMFILE");
  const { fsuid, fsgid } = plainCredentials(kernel, task);
  const { fileSystem } = inodeOf(kernel, anonymousInode(kernel));
  const inode = createInode(kernel, { fileSystem, kind: "file", mode: 0o600, uid: fsuid, gid: fsgid });
  const openFile = createOpenFile(kernel, { kind: "secretmem", flags: O_RDWR | O_LARGEFILE, inode, path: "/secretmem" });
  return done(install(kernel, task, openFile, 0, (flags & O_CLOEXEC) !== 0)!, {});
}

export const spliceCalls = {
  splice(kernel, call) {
    const { fd_in, off_in, fd_out, off_out, len, flags } = call.args;
    if (len === 0) return done(0, NOTHING);
    if ((flags & ~ALL_FLAGS) !== 0) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const [source, target] = [openFileOf(kernel, task, fd_in), openFileOf(kernel, task, fd_out)];
    if (!source || !target || !canRead(source) || !canWrite(target)) return fail("EBADF");
    const isImpatient = (flags & SPLICE_F_NONBLOCK) !== 0;
    if (source.kind === "pipe" && off_in !== null) return fail("ESPIPE");
    if (target.kind === "pipe" && off_out !== null) return fail("ESPIPE");
    if ((off_in !== null && off_in < 0) || (off_out !== null && off_out < 0)) return fail("EINVAL");
    if (source.kind !== "pipe" && target.kind !== "pipe") return fail("EINVAL");
    if (source.kind === "pipe" && target.kind === "pipe" && source.object === target.object) return fail("EINVAL");
    if (source.kind === "pipe") {
      if (off_out !== null && !fileKinds[target.kind].isSeekable) return fail("EINVAL");
      if ((target.flags & O_APPEND) !== 0) return fail("EINVAL");
      if (target.kind === "directory") return fail("EINVAL");
      return fromPipe(kernel, call, { source, target, isImpatient }, len, off_out);
    }
    if (off_in !== null && !fileKinds[source.kind].isSeekable) return fail("EINVAL");
    return source.kind === "directory" || cannotSplice(kernel, task, source)
      ? fail("EINVAL")
      : intoPipe(kernel, call, { source, target, isImpatient }, len, off_in);
  },
  tee(kernel, call) {
    const { fd_in, fd_out, len, flags } = call.args;
    if ((flags & ~ALL_FLAGS) !== 0) return fail("EINVAL");
    if (len === 0) return done(0, {});
    const task = taskOf(kernel, call.tid);
    const [source, target] = [openFileOf(kernel, task, fd_in), openFileOf(kernel, task, fd_out)];
    if (!source || !target || !canRead(source) || !canWrite(target)) return fail("EBADF");
    if (source.kind !== "pipe" || target.kind !== "pipe" || source.object === target.object) return fail("EINVAL");
    const [from, to] = [pipeOf(kernel, source.object), pipeOf(kernel, target.object)];
    const isImpatient = (flags & SPLICE_F_NONBLOCK) !== 0 || ((source.flags | target.flags) & O_NONBLOCK) !== 0;
    if (from.length === 0) {
      if (from.writers === 0) return done(0, {});
      return isImpatient ? fail("EAGAIN") : wait(call, { channels: [readChannel(source.object)] });
    }
    const room = to.capacity - to.length;
    if (room <= 0 && to.readers > 0) return isImpatient ? fail("EAGAIN") : wait(call, { channels: [writeChannel(target.object)] });
    const bytes = front(from, Math.min(len, from.length, Math.max(1, room)));
    const written = fileKinds.pipe.write(kernel, { task, open: target, bytes, offset: null, isContinued: true, due: call.due, memo: null });
    return written.kind === "fail" ? written : done(bytes.length, {});
  },
  vmsplice(kernel, call) {
    const { fd, iov, flags } = call.args;
    if ((flags & ~ALL_FLAGS) !== 0) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const open = openFileOf(kernel, task, fd);
    if (open?.kind !== "pipe") return fail("EBADF");
    if (!iov) return fail("EINVAL");
    const { segments, length, bytes } = iov;
    if (length === 0) return done(0, { iov: undefined });
    const common = { task, open, offset: null, due: call.due, memo: null };
    const isNonblocking = (flags & SPLICE_F_NONBLOCK) !== 0;
    if (!canWrite(open)) {
      // Out of the pipe: a copy, as in Linux (fs/splice.c, vmsplice_to_user).
      const taken = fileKinds.pipe.read(kernel, { ...common, count: length });
      if (taken.kind === "done") return done(taken.value.length, { iov: { segments, bytes: taken.value } });
      if (taken.kind === "fail") return taken;
      return isNonblocking ? fail("EAGAIN") : wait(call, { channels: taken.channels });
    }
    if (!bytes) return fail("EFAULT");
    const result = fileKinds.pipe.write(kernel, { ...common, bytes, isContinued: true });
    if (result.kind === "done") return done(result.value, { iov: undefined });
    if (result.kind === "fail") return result;
    if ((result.moved ?? 0) > 0) return done(result.moved!, { iov: undefined });
    return isNonblocking ? fail("EAGAIN") : wait(call, { channels: result.channels });
  },
  memfd_create: createMemoryFile,
  memfd_secret: createSecretFile,
} satisfies Partial<Calls<"vfs">>;
