// Open files and the tables of descriptors that refer to them (open(2)). What an open file can do is told by its kind: objects/file-kinds.ts.
import type { Draft } from "immer";
import { inotifyEvents } from "../../abi/constants/inotify-events.ts";
import { O_ACCMODE, O_PATH, O_RDONLY } from "../../abi/constants/open-flags.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import type { BinaryString, Descriptor, DescriptorTable, FileKindName, OpenFile } from "../state/vfs.ts";
import { forgetNotices, hasDirectoryNotices } from "./directory-notices.ts";
import { notifyOpenFile } from "./file-events.ts";
import { fileKinds } from "./file-kinds.ts";
import { hold, release } from "./inodes.ts";
import { forgetAsync } from "./input-signals.ts";
import { dropLease } from "./leases.ts";
import { dropFileLocks, dropProcessLocks } from "./locks.ts";
import { removeMount } from "./mounts.ts";
import { processOf } from "./tasks.ts";
import { forgetOpenFile } from "./watching.ts";

const RLIMIT_NOFILE = 7;
type FileUser = Pick<Draft<Task>, "files">;

export function tableOf(kernel: Kernel, task: FileUser): Draft<DescriptorTable> {
  const table = kernel.vfs.tables.get(task.files);
  if (!table) throw new Error(`Descriptor table ${task.files} is referred to but does not exist.`);
  return table;
}
/** `null`: EBADF. */
export function descriptor(kernel: Kernel, task: FileUser, fd: number): Draft<Descriptor> | null {
  const slot = tableOf(kernel, task).slots[fd];
  return slot && slot.reservedBy === undefined ? slot : null;
}
/** A number that is taken, and not open yet: dup2(2) answers EBUSY. */
export const isReserved = (kernel: Kernel, task: FileUser, fd: number): boolean => tableOf(kernel, task).slots[fd]?.reservedBy !== undefined;
/** A descriptor just placed is nobody's but the task's, until it is `settled` or dropped. */
export function reserve(kernel: Kernel, task: Pick<Draft<Task>, "files" | "tid">, fd: number): void {
  tableOf(kernel, task).slots[fd]!.reservedBy = task.tid;
}
export function settleReserved(kernel: Kernel, task: FileUser, fd: number): void {
  delete tableOf(kernel, task).slots[fd]!.reservedBy;
}
export const reservedOpenFile = (kernel: Kernel, task: FileUser, fd: number): Draft<OpenFile> =>
  kernel.vfs.openFiles[tableOf(kernel, task).slots[fd]!.openFile]!;
/** What the task has reserved is free again: its call ended otherwise, or it ended itself. */
export function dropReserved(kernel: Kernel, task: Pick<Draft<Task>, "files" | "tid">): void {
  const { slots } = tableOf(kernel, task);
  for (let fd = 0; fd < slots.length; fd++) if (slots[fd]?.reservedBy === task.tid) clear(kernel, task, fd);
}
/** Whatever the descriptor refers to, a file opened with O_PATH too; `null`: EBADF. */
export function anyOpenFileOf(kernel: Kernel, task: FileUser, fd: number): Draft<OpenFile> | null {
  const slot = descriptor(kernel, task, fd);
  return slot && kernel.vfs.openFiles[slot.openFile]!;
}
/** The open file, for calls that do something with it: those opened with O_PATH are EBADF (open(2)). */
export function openFileOf(kernel: Kernel, task: FileUser, fd: number): Draft<OpenFile> | null {
  const open = anyOpenFileOf(kernel, task, fd);
  return open && (open.flags & O_PATH) === 0 ? open : null;
}

/** The lowest free descriptor from `minimum` on; `null` where RLIMIT_NOFILE forbids it (EMFILE). */
export function freeDescriptor(kernel: Kernel, task: Draft<Task>, minimum = 0): number | null {
  const { slots, fullTo = 0 } = tableOf(kernel, task);
  let fd = Math.max(minimum, fullTo);
  while (fd < slots.length && slots[fd]) fd++;
  return fd < descriptorLimit(kernel, task) ? fd : null;
}
export const descriptorLimit = (kernel: Kernel, task: Draft<Task>): number => processOf(kernel, task.pid).limits[RLIMIT_NOFILE]![0];
/** Whether there may be more open files: ENFILE otherwise. */
export const hasRoomForOpenFile = ({ vfs, system }: Kernel, count = 1): boolean =>
  vfs.openFiles.length - vfs.freeOpenFiles.length + count <= system.limits.openFiles;

export interface NewOpenFile {
  readonly kind: FileKindName;
  readonly flags: number;
  readonly inode: number;
  readonly object?: number;
  readonly path: BinaryString;
  readonly virtual?: NonNullable<OpenFile["virtual"]>;
}
/** An open file to which no descriptor refers yet: `install` it. It holds its inode (0 for virtual files). */
export function createOpenFile(kernel: Kernel, { kind, flags, inode, object = 0, path, virtual }: NewOpenFile): number {
  const { vfs } = kernel;
  const id = vfs.freeOpenFiles.pop() ?? vfs.openFiles.length;
  if (inode !== 0) hold(kernel, inode);
  vfs.openFiles[id] = { id, kind, flags, offset: 0, references: 0, inode, object, path, ...(virtual === undefined ? {} : { virtual }) } as Draft<OpenFile>;
  return id;
}

/** The lowest free descriptor from `minimum` on refers to the open file; `null`: EMFILE, and nothing has changed. */
export function install(kernel: Kernel, task: Draft<Task>, openFile: number, minimum = 0, isCloseOnExec = false): number | null {
  const fd = freeDescriptor(kernel, task, minimum);
  if (fd !== null) place(kernel, task, fd, openFile, isCloseOnExec);
  return fd;
}
/** This very descriptor, which must be free, refers to the open file. */
export function place(kernel: Kernel, task: FileUser, fd: number, openFile: number, isCloseOnExec: boolean): void {
  const table = tableOf(kernel, task);
  const { slots } = table;
  while (slots.length < fd) slots.push(null);
  slots[fd] = { openFile, isCloseOnExec };
  let free = table.fullTo ?? 0;
  while (free < fd && slots[free]) free++;
  if (free === fd) table.fullTo = fd + 1;
  kernel.vfs.openFiles[openFile]!.references++;
}

/** The descriptor is free again; `false`: it was (EBADF). Closing drops the process's own locks on the file, whichever descriptor it is (fcntl(2)). */
export function closeDescriptor(kernel: Kernel, task: FileUser, fd: number): boolean {
  const { slots } = tableOf(kernel, task);
  if (!slots[fd] || slots[fd].reservedBy !== undefined) return false;
  clear(kernel, task, fd);
  return true;
}
function clear(kernel: Kernel, task: FileUser, fd: number): void {
  const table = tableOf(kernel, task);
  const { openFile } = table.slots[fd]!;
  table.slots[fd] = null;
  if (fd < (table.fullTo ?? 0)) table.fullTo = fd;
  const open = kernel.vfs.openFiles[openFile]!;
  fileKinds[open.kind].flush?.(kernel, open, task.files);
  if (kernel.vfs.locks.size > 0) dropProcessLocks(kernel, task.files, open.inode);
  if (hasDirectoryNotices(kernel)) forgetNotices(kernel, open, task.files);
  drop(kernel, openFile);
}
/** One reference less; the last one closes the open file. */
function drop(kernel: Kernel, id: number): void {
  const { vfs } = kernel;
  const open = vfs.openFiles[id]!;
  if (--open.references > 0) return;
  if (vfs.locks.size > 0) dropFileLocks(kernel, id, open.inode);
  if (vfs.leases && vfs.leases.size > 0) dropLease(kernel, open);
  if (kernel.poll.watching.size > 0) forgetOpenFile(kernel, id);
  if (open.telling) forgetAsync(kernel, open);
  if ((open.flags & O_PATH) === 0) {
    fileKinds[open.kind].close?.(kernel, open);
    notifyOpenFile(kernel, open, (open.flags & O_ACCMODE) === O_RDONLY ? inotifyEvents.IN_CLOSE_NOWRITE : inotifyEvents.IN_CLOSE_WRITE);
  }
  vfs.openFiles[id] = null;
  vfs.freeOpenFiles.push(id);
  if (open.inode !== 0) release(kernel, open.inode);
  // A mount that was never attached ends with the descriptor that made it.
  if (open.detached !== undefined && kernel.vfs.mounts[open.detached]?.point === null) removeMount(kernel, open.detached);
}
/** For open files that are not installed after all. */
export function discardOpenFile(kernel: Kernel, id: number): void {
  kernel.vfs.openFiles[id]!.references++;
  drop(kernel, id);
}
/** A reference that is no descriptor: an open file on its way to another process. */
export function addReference(kernel: Kernel, id: number): void {
  kernel.vfs.openFiles[id]!.references++;
}
export const discardReference = (kernel: Kernel, id: number): void => drop(kernel, id);

export function createTable(kernel: Kernel): number {
  const id = kernel.vfs.nextId++;
  kernel.vfs.tables.set(id, { users: 1, slots: [] });
  return id;
}
/** fork: the same open files under the same descriptors. */
export function copyTable(kernel: Kernel, tableId: number): number {
  const { vfs } = kernel;
  const copy: (Descriptor | null)[] = [];
  for (const slot of vfs.tables.get(tableId)!.slots) {
    const isOpen = slot && slot.reservedBy === undefined;
    copy.push(isOpen ? { openFile: slot.openFile, isCloseOnExec: slot.isCloseOnExec } : null);
    if (isOpen) vfs.openFiles[slot.openFile]!.references++;
  }
  const id = vfs.nextId++;
  vfs.tables.set(id, { users: 1, slots: copy });
  return id;
}
/** CLONE_FILES: one more task uses the table. */
export function shareTable(kernel: Kernel, tableId: number): number {
  kernel.vfs.tables.get(tableId)!.users++;
  return tableId;
}
/** A task uses the table no longer (exit, unshare); its last user closes everything. */
export function releaseTable(kernel: Kernel, tableId: number): void {
  const table = kernel.vfs.tables.get(tableId)!;
  if (--table.users > 0) return;
  closeWhere(kernel, tableId, () => true);
  kernel.vfs.tables.delete(tableId);
}
/** execve: descriptors marked close-on-exec go. */
export const closeOnExec = (kernel: Kernel, tableId: number): void => closeWhere(kernel, tableId, slot => slot.isCloseOnExec);

function closeWhere(kernel: Kernel, files: number, isMeant: (slot: Descriptor) => boolean): void {
  const { slots } = kernel.vfs.tables.get(files)!;
  for (let fd = 0; fd < slots.length; fd++) {
    const slot = slots[fd];
    if (slot && isMeant(slot)) clear(kernel, { files }, fd);
  }
}
