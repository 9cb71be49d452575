// Signals for input and output (fcntl(2), F_SETOWN, O_ASYNC): who is told that a file may have become ready, and by which signal (fs/fcntl.c, send_sigio).
import type { Draft } from "immer";
import { signals } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../state/proc-table.ts";
import type { OpenFile } from "../state/vfs.ts";
import { kernelSignal, postToProcess, postToTask } from "./signals.ts";
import { groupMembers, isZombie, processOf } from "./tasks.ts";

export const ownerTypes = { F_OWNER_TID: 0, F_OWNER_PID: 1, F_OWNER_PGRP: 2 } as const;
/** POLL_IN and POLL_OUT of sigaction(2), and what poll(2) would say. */
const IN = { code: 1, band: 0x41 } as const;
const OUT = { code: 2, band: 0x304 } as const;

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

type Owner = NonNullable<OpenFile["owner"]>;
const mayTell = ({ uid, euid }: Owner, { credentials }: Draft<Process>): boolean =>
  euid === 0 || [uid, euid].some(id => id === credentials.ruid || id === credentials.suid);
function tell(kernel: Kernel, open: Draft<OpenFile>, isOutput: boolean): void {
  const owner = open.owner as Owner | undefined;
  if (!owner || owner.id === 0) return;
  const { code, band } = isOutput ? OUT : IN;
  const signal = open.signal ?? 0;
  const info = signal === 0 ? kernelSignal(signals.SIGIO) : { ...kernelSignal(signal, code), value: band, status: open.telling?.fd ?? -1 };
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
/** A channel was woken. */
export function tellOwners(kernel: Kernel, channel: string, files: readonly number[]): void {
  for (const id of [...files]) {
    const open = kernel.vfs.openFiles[id];
    if (open) tell(kernel, open, channel.endsWith(":write"));
  }
}
