// Signal-driven input: a file with O_ASYNC sends its owner a signal when something can be read (fcntl(2), F_SETOWN, F_SETSIG; kill_fasync and send_sigio in fs/fcntl.c).
import type { Draft } from "immer";
import { O_ASYNC } from "../../abi/constants/open-flags.ts";
import { POLLIN, POLLRDNORM } from "../../abi/constants/poll-events.ts";
import { signals } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { Signalling } from "../state/poll.ts";
import type { Process } from "../state/proc-table.ts";
import type { FileKindName, OpenFile, SignalOwner } from "../state/vfs.ts";
import { kernelSignal, postToProcess, postToTask } from "./signals.ts";
import { groupMembers, isZombie, processOf } from "./tasks.ts";

/** si_code of a file that can be read. */
const POLL_IN = 1;
/** Those that Linux has fasync for, and that exist here. */
const ABLE: readonly FileKindName[] = ["socket", "pipe", "terminal", "ptmx", "inotify"];
export const canSignal = ({ kind }: Draft<OpenFile>): boolean => ABLE.includes(kind);

/** Sets or clears O_ASYNC, for a file that tells by these channels; others than those of `ABLE` keep the flag and never tell. */
export function setSignalling(
  kernel: Kernel,
  open: Draft<OpenFile>,
  fd: number,
  { isOn, channels }: { readonly isOn: boolean; readonly channels: readonly string[] },
): void {
  const { signalling } = kernel.poll;
  open.flags = isOn ? open.flags | O_ASYNC : open.flags & ~O_ASYNC;
  forgetSignalling(kernel, open.id);
  if (!isOn || !canSignal(open)) return;
  for (const channel of channels) if (!channel.endsWith(":write")) signalling.set(channel, [...(signalling.get(channel) ?? []), { openFile: open.id, fd }]);
}
export function forgetSignalling(kernel: Kernel, openFile: number): void {
  const { signalling } = kernel.poll;
  for (const [channel, all] of [...signalling]) {
    const left = all.filter(one => one.openFile !== openFile);
    if (left.length === all.length) continue;
    if (left.length > 0) signalling.set(channel, left);
    else signalling.delete(channel);
  }
}

/** As for kill(2), by whoever named the owner. */
function mayTell({ euid, uid }: SignalOwner, { credentials: { suid, ruid } }: Draft<Process>): boolean {
  return euid === 0 || euid === suid || euid === ruid || uid === suid || uid === ruid;
}
/** A channel was woken: files that can be read now tell their owners. */
export function tellOwners(kernel: Kernel, all: readonly Signalling[]): void {
  for (const { openFile, fd } of [...all]) {
    const open = kernel.vfs.openFiles[openFile];
    if (!open?.owner || (open.flags & O_ASYNC) === 0) continue;
    const owner = { ...open.owner };
    for (const { process, tid } of ownersOf(kernel, owner)) if (mayTell(owner, process)) tellOne(kernel, owner, process.pid, tid, fd);
  }
}
function ownersOf(kernel: Kernel, { kind, id }: SignalOwner): readonly { readonly process: Draft<Process>; readonly tid?: number }[] {
  const { processes, tasks } = kernel.procTable;
  if (kind === "thread") {
    const task = tasks.get(id);
    return task && task.state !== "dead" ? [{ process: processOf(kernel, task.pid), tid: id }] : [];
  }
  if (kind === "group") return groupMembers(kernel, id).map(process => ({ process }));
  const process = kind === "process" ? processes.get(id) : undefined;
  return process && !isZombie(process) ? [{ process }] : [];
}
function tellOne(kernel: Kernel, { signal }: SignalOwner, pid: number, tid: number | undefined, fd: number): void {
  const post = (info: ReturnType<typeof kernelSignal>) => (tid === undefined ? postToProcess(kernel, pid, info) : postToTask(kernel, tid, info));
  if (signal !== 0 && post({ ...kernelSignal(signal, POLL_IN), pid: POLLIN | POLLRDNORM, value: fd }) !== "overflow") return;
  post(kernelSignal(signals.SIGIO));
}
