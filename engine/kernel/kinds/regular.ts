// Regular files.
import type { Draft } from "immer";
import { O_APPEND, O_NOATIME } from "../../abi/constants/open-flags.ts";
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import { seals, WRITE_SEALS } from "../../abi/constants/seals.ts";
import { signals } from "../../abi/constants/signals.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { dropSetIds } from "../objects/attributes.ts";
import { readContent, roomFor, writeContent } from "../objects/content.ts";
import type { FileKind, IoResult } from "../objects/file-kinds.ts";
import { inodeOf, touchAccessed, touchModified } from "../objects/inodes.ts";
import { kernelSignal, postToTask } from "../objects/signals.ts";
import { processOf } from "../objects/tasks.ts";
import type { Task } from "../state/proc-table.ts";

const RLIMIT_FSIZE = 1;
/** The largest file, as ext4 has it. */
export const MAX_FILE_BYTES = 2 ** 44;
const NONE = new Uint8Array(0);

/** How far a write at `offset` may reach: the file size limit of the process, which also signals it (setrlimit(2), RLIMIT_FSIZE). `null`: EFBIG. */
export function reachOf(kernel: Kernel, task: Draft<Task>, offset: number, length: number): number | null {
  const limit = processOf(kernel, task.pid).limits[RLIMIT_FSIZE]![0];
  if (offset + length > limit && offset >= limit) {
    postToTask(kernel, task.tid, kernelSignal(signals.SIGXFSZ));
    return null;
  }
  const end = Math.min(offset + length, limit, MAX_FILE_BYTES);
  return end > offset ? end - offset : null;
}

/** RLIMIT_FSIZE again, for a file that is to become so long: all of it or nothing (inode_newsize_ok in fs/attr.c). */
export function mayGrowTo(kernel: Kernel, task: Draft<Task>, size: number): boolean {
  const isAllowed = size <= processOf(kernel, task.pid).limits[RLIMIT_FSIZE]![0];
  if (!isAllowed) postToTask(kernel, task.tid, kernelSignal(signals.SIGXFSZ));
  return isAllowed;
}

function write(kernel: Kernel, task: Draft<Task>, id: number, offset: number, bytes: Bytes): IoResult<number> {
  if (bytes.length === 0) return { kind: "done", value: 0 };
  const inode = inodeOf(kernel, id);
  if (inode.seals !== undefined) {
    if ((inode.seals & WRITE_SEALS) !== 0) return { kind: "fail", errno: "EPERM" };
    if ((inode.seals & seals.F_SEAL_GROW) !== 0 && offset + bytes.length > inode.size) return { kind: "fail", errno: "EPERM" };
  }
  const reach = reachOf(kernel, task, offset, bytes.length);
  if (reach === null) return { kind: "fail", errno: "EFBIG" };
  const room = roomFor(kernel, inode, offset, reach);
  if (room === 0) return { kind: "fail", errno: "ENOSPC" };
  if ((inode.mode & 0o6000) !== 0) dropSetIds(kernel, task, inode);
  writeContent(kernel, inode, offset, room === bytes.length ? bytes : bytes.subarray(0, room));
  touchModified(kernel, inode);
  return { kind: "done", value: room };
}

export const regular: FileKind = {
  isSeekable: true,
  read(kernel, { open, count, offset }) {
    if (count === 0) return { kind: "done", value: NONE };
    const { inode: id, offset: own, flags } = open;
    const inode = inodeOf(kernel, id);
    const at = offset ?? own;
    const bytes = readContent(kernel, inode, at, count);
    if (offset === null && bytes.length > 0) open.offset = at + bytes.length;
    if ((flags & O_NOATIME) === 0) touchAccessed(kernel, inode);
    return { kind: "done", value: bytes };
  },
  write(kernel, { task, open, bytes, offset }) {
    // pwrite(2), BUGS: with O_APPEND Linux appends whatever the offset.
    const { inode, offset: own, flags } = open;
    const at = (flags & O_APPEND) !== 0 ? inodeOf(kernel, inode).size : (offset ?? own);
    const result = write(kernel, task, inode, at, bytes);
    if (result.kind === "done" && offset === null) open.offset = at + result.value;
    return result;
  },
  poll: () => READY,
};
const READY = { mask: READABLE | WRITABLE, channels: [] };
