// Leases on files (fcntl(2), F_SETLEASE): who holds one is told before somebody else opens the file, who waits until the lease is given back or its time is over (fs/locks.c).
import type { Draft } from "immer";
import { O_ACCMODE, O_NONBLOCK, O_PATH, O_RDONLY } from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import { lockTypes } from "../../abi/structs/flock.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../state/proc-table.ts";
import { type Inode, LEASE_BREAK_SECONDS, type Lease, type OpenFile } from "../state/vfs.ts";
import { can } from "./credentials.ts";
import { inodeOf } from "./inodes.ts";
import { ownByDefault, tellNews } from "./input-signals.ts";
import { isExecuted } from "./opening.ts";
import { plainCredentials } from "./paths.ts";
import type { Pending } from "./permission-events.ts";
import { wake } from "./waiting.ts";

const { F_RDLCK, F_WRLCK, F_UNLCK } = lockTypes;
const channelOf = (inode: number): string => `lease:${inode}`;

const leasesOn = (kernel: Kernel, inode: number): Draft<Lease>[] => kernel.vfs.leases?.get(inode) ?? [];
function store(kernel: Kernel, inode: number, leases: Draft<Lease>[]): void {
  kernel.vfs.leases ??= new Map();
  if (leases.length > 0) kernel.vfs.leases.set(inode, leases);
  else kernel.vfs.leases.delete(inode);
  wake(kernel, channelOf(inode));
}
/** Given back, or taken away. */
function remove(kernel: Kernel, inode: number, lease: Draft<Lease>): void {
  const open = kernel.vfs.openFiles[lease.openFile];
  if (open) {
    delete open.owner;
    open.signal = 0;
  }
  store(
    kernel,
    inode,
    leasesOn(kernel, inode).filter(one => one !== lease),
  );
}
/** What should have been given back by now. */
function takeOverdue(kernel: Kernel, inode: number): void {
  const isOver = (nanos: number | undefined): boolean => nanos !== undefined && kernel.nowNanos >= nanos;
  for (const lease of [...leasesOn(kernel, inode)]) {
    if (isOver(lease.releaseNanos)) remove(kernel, inode, lease);
    else if (isOver(lease.shareNanos)) change(kernel, inode, lease, false);
  }
}
function change(kernel: Kernel, inode: number, lease: Draft<Lease>, isExclusive: boolean): void {
  lease.isExclusive = isExclusive;
  if (!isExclusive) delete lease.shareNanos;
  wake(kernel, channelOf(inode));
}

/** F_SETLEASE. */
export function setLease(kernel: Kernel, task: Draft<Task>, open: Draft<OpenFile>, fd: number, wanted: number): Errno | null {
  if (wanted !== F_RDLCK && wanted !== F_WRLCK && wanted !== F_UNLCK) return "EINVAL";
  const credentials = plainCredentials(kernel, task);
  const inode = open.inode === 0 ? undefined : inodeOf(kernel, open.inode);
  if (inode && inode.uid !== credentials.fsuid && !can(credentials, "CAP_LEASE")) return "EACCES";
  if (inode?.kind !== "file") return "EINVAL";
  takeOverdue(kernel, inode.id);
  const own = leasesOn(kernel, inode.id).find(lease => lease.openFile === open.id);
  if (wanted === F_UNLCK) {
    if (own) remove(kernel, inode.id, own);
    return own ? null : "EAGAIN";
  }
  const isExclusive = wanted === F_WRLCK;
  if (isExclusive && isExecuted(kernel, inode)) return "EAGAIN";
  const others = leasesOn(kernel, inode.id).filter(lease => lease !== own);
  if (isOpenOtherwise(kernel, open, isExclusive) || others.some(lease => isExclusive || lease.releaseNanos !== undefined)) return "EAGAIN";
  if (own) change(kernel, inode.id, own, isExclusive);
  else {
    store(kernel, inode.id, [...others, { openFile: open.id, fd, isExclusive }]);
    ownByDefault(kernel, task.pid, open);
  }
  return null;
}
/** A lease for reading wants nobody to write, one for writing nobody else at all. */
function isOpenOtherwise(kernel: Kernel, { id, inode }: Draft<OpenFile>, isExclusive: boolean): boolean {
  return kernel.vfs.openFiles.some(other => {
    if (other?.inode !== inode || (other.flags & O_PATH) !== 0) return false;
    return isExclusive ? other.id !== id : (other.flags & O_ACCMODE) !== O_RDONLY;
  });
}
/** F_GETLEASE: what it will be, where it is to be given back. */
export function leaseOf(kernel: Kernel, open: Draft<OpenFile>): number {
  takeOverdue(kernel, open.inode);
  const lease = leasesOn(kernel, open.inode).find(({ openFile }) => openFile === open.id);
  if (!lease || lease.releaseNanos !== undefined) return F_UNLCK;
  return lease.isExclusive && lease.shareNanos === undefined ? F_WRLCK : F_RDLCK;
}

/** The file is about to be opened, or cut: holders of leases that forbid that are told. `null`: there are none, or no more. */
export function breakLeases(kernel: Kernel, { id }: Pick<Inode, "id">, flags: number): Errno | Pending | null {
  if (leasesOn(kernel, id).length === 0) return null;
  const isWriting = (flags & O_ACCMODE) !== O_RDONLY;
  takeOverdue(kernel, id);
  const inTheWay = leasesOn(kernel, id).filter(lease => isWriting || lease.isExclusive);
  if (inTheWay.length === 0) return null;
  const due = kernel.nowNanos + LEASE_BREAK_SECONDS * 1e9;
  for (const lease of inTheWay) {
    if (lease.releaseNanos !== undefined || (!isWriting && lease.shareNanos !== undefined)) continue;
    if (isWriting) lease.releaseNanos = due;
    else lease.shareNanos = due;
    tellNews(kernel, kernel.vfs.openFiles[lease.openFile]!, lease.fd);
  }
  if ((flags & O_NONBLOCK) !== 0) return "EAGAIN";
  return { kind: "wait", channel: channelOf(id), deadlineNanos: Math.max(...inTheWay.map(lease => lease.releaseNanos ?? lease.shareNanos ?? due)) };
}

/** The open file is closed for good. */
export function dropLease(kernel: Kernel, { id, inode }: Draft<OpenFile>): void {
  const left = leasesOn(kernel, inode).filter(lease => lease.openFile !== id);
  if (left.length !== leasesOn(kernel, inode).length) store(kernel, inode, left);
}
