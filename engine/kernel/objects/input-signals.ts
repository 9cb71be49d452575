// Signals for input and output (fcntl(2), F_SETOWN, O_ASYNC): who is told that a file may have become ready, and by which signal (fs/fcntl.c, send_sigio).
import type { Draft } from "immer";
import { signals } from "../../abi/constants/signals.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, SignalInfo } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";
import { kernelSignal, postToProcess, postToTask } from "./signals.ts";
import { groupMembers, isZombie, processOf } from "./tasks.ts";

export const ownerTypes = { F_OWNER_TID: 0, F_OWNER_PID: 1, F_OWNER_PGRP: 2 } as const;
/** POLL_IN and POLL_OUT of sigaction(2), and what poll(2) would say. */
const IN = { code: 1, band: 0x41 } as const;
const OUT = { code: 2, band: 0x304 } as const;
/** POLL_MSG. */
const NEWS = { code: 3, band: 0x441 } as const;
/** POLL_PRI. */
const URGENT = { code: 5, band: 0x82 } as const;

/** The file is closed, or tells no more. */
export function forgetAsync(kernel: Kernel, open: Draft<OpenFile>): void {
  const { asyncs } = kernel.poll;
  for (const channel of open.telling?.channels ?? []) {
    const left = (asyncs?.get(channel) ?? []).filter(id => id !== open.id);
    if (left.length > 0) asyncs?.set(channel, left);
    else asyncs?.delete(channel);
  }
  delete open.telling;
}

/** Where nobody is named yet, the process that asks to be told (f_setown in fs/fcntl.c). */
export function ownByDefault(kernel: Kernel, pid: number, open: Draft<OpenFile>): void {
  if (!open.owner || open.owner.id === 0) setOwner(kernel, pid, open, ownerTypes.F_OWNER_PID, pid);
}
/** 0 names nobody: nobody is told any more. */
export function setOwner(kernel: Kernel, pid: number, open: Draft<OpenFile>, type: number, id: number): Errno | null {
  const { tasks, processes } = kernel.procTable;
  const isThere = type === ownerTypes.F_OWNER_PGRP ? groupMembers(kernel, id).length > 0 : tasks.has(id) || processes.has(id);
  if (id !== 0 && !isThere) return "ESRCH";
  const { ruid: uid, euid } = processOf(kernel, pid).credentials;
  open.owner = { type, id, uid, euid };
  return null;
}
const INT_MIN = -0x8000_0000;
/** A process, or with a sign a group (F_SETOWN, SIOCSPGRP). */
export function setOwnerBySign(kernel: Kernel, pid: number, open: Draft<OpenFile>, who: number): Errno | null {
  if (who === INT_MIN) return "EINVAL";
  return setOwner(kernel, pid, open, who < 0 ? ownerTypes.F_OWNER_PGRP : ownerTypes.F_OWNER_PID, Math.abs(who));
}
export function livingOwner(kernel: Kernel, { owner }: Draft<OpenFile>): Draft<OpenFile>["owner"] | null {
  if (!owner) return null;
  const { tasks, processes } = kernel.procTable;
  const isThere = owner.type === ownerTypes.F_OWNER_PGRP ? groupMembers(kernel, owner.id).length > 0 : tasks.has(owner.id) || processes.has(owner.id);
  return isThere ? owner : null;
}
export function signedOwner(kernel: Kernel, open: Draft<OpenFile>): number {
  const owner = livingOwner(kernel, open);
  return owner?.type === ownerTypes.F_OWNER_PGRP ? -owner.id : (owner?.id ?? 0);
}

type Owner = NonNullable<OpenFile["owner"]>;
const mayTell = ({ uid, euid }: Owner, { credentials }: Draft<Process>): boolean =>
  euid === 0 || [uid, euid].some(id => id === credentials.ruid || id === credentials.suid);
/** Whoever the owner names, and may be told. */
function postToOwner(kernel: Kernel, owner: Owner, info: SignalInfo): void {
  const isAllowed = (process: Draft<Process>): boolean => !isZombie(process) && mayTell(owner, process);
  if (owner.type === ownerTypes.F_OWNER_TID) {
    const task = kernel.procTable.tasks.get(owner.id);
    if (task && task.state !== "dead" && isAllowed(processOf(kernel, task.pid))) postToTask(kernel, owner.id, info);
  } else if (owner.type === ownerTypes.F_OWNER_PGRP)
    for (const member of groupMembers(kernel, owner.id).filter(isAllowed)) postToProcess(kernel, member.pid, info);
  else {
    const process = kernel.procTable.processes.get(owner.id);
    if (process && isAllowed(process)) postToProcess(kernel, owner.id, info);
  }
}
function tell(kernel: Kernel, open: Draft<OpenFile>, { code, band }: { readonly code: number; readonly band: number }, fd = open.telling?.fd ?? -1): void {
  const owner = open.owner as Owner | undefined;
  if (!owner || owner.id === 0) return;
  const signal = open.signal ?? 0;
  postToOwner(kernel, owner, signal === 0 ? kernelSignal(signals.SIGIO) : { ...kernelSignal(signal, code), value: band, status: fd });
}
/** Not of input: of what happens in a directory, or of a lease that is to be given back. */
export const tellNews = (kernel: Kernel, open: Draft<OpenFile>, fd: number): void => tell(kernel, open, NEWS, fd);
/** Urgent data came: its own signal, and where one was chosen that as well (sk_send_sigurg in net/core/sock.c). */
export function tellUrgent(kernel: Kernel, open: Draft<OpenFile>): void {
  const owner = open.owner as Owner | undefined;
  if (!owner || owner.id === 0) return;
  postToOwner(kernel, owner, kernelSignal(signals.SIGURG));
  if (open.telling && (open.signal ?? 0) !== 0) tell(kernel, open, URGENT);
}
/** A channel was woken. */
export function tellOwners(kernel: Kernel, channel: string, files: readonly number[]): void {
  for (const id of [...files]) {
    const open = kernel.vfs.openFiles[id];
    if (open) tell(kernel, open, channel.endsWith(":write") ? OUT : IN);
  }
}
