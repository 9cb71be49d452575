// Who controls a terminal: sessions and their foreground groups, and what becomes of processes in the background (credentials(7), ioctl_tty(2)).
import type { Draft } from "immer";
import { hasSignal, SIG_IGN, signals } from "../../abi/constants/signals.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Task } from "../state/proc-table.ts";
import type { Terminal } from "../state/tty.ts";
import { isOrphaned } from "./groups.ts";
import { kernelSignal, postToGroup, postToProcess } from "./signals.ts";
import { processesWhere, processOf } from "./tasks.ts";

export const isSessionLeader = (process: Pick<Process, "pid" | "session">): boolean => process.pid === process.session;

/** Whether a background process may go on: SIGTTIN for readers, SIGTTOU for those who change or (TOSTOP) write. */
export function checkForeground(kernel: Kernel, task: Draft<Task>, terminal: Draft<Terminal>, signal: number): Errno | undefined {
  const process = processOf(kernel, task.pid);
  const { foreground } = terminal;
  if (process.terminal !== terminal.id || foreground === 0 || process.group === foreground) return undefined;
  const isIgnored = hasSignal(task.blocked, signal) || kernel.signal.tables.get(task.handlers)!.actions[signal]!.handler === SIG_IGN;
  if (isIgnored) return signal === signals.SIGTTIN ? "EIO" : undefined;
  if (isOrphaned(kernel, process.group)) return "EIO";
  postToGroup(kernel, process.group, kernelSignal(signal));
  return "ERESTARTSYS";
}
export function signalForeground(kernel: Kernel, terminal: Draft<Terminal>, signal: number): void {
  if (terminal.foreground !== 0) postToGroup(kernel, terminal.foreground, kernelSignal(signal));
}

/** The terminal becomes the controlling terminal of the process's session; its group is in the foreground. */
export function acquireTerminal(kernel: Kernel, pid: number, id: number): void {
  const process = processOf(kernel, pid);
  const terminal = kernel.tty.terminals.get(id)!;
  process.terminal = id;
  terminal.session = process.session;
  terminal.foreground = process.group;
}
/** Nobody in the session has a controlling terminal any more. */
function clearSession(kernel: Kernel, terminal: Draft<Terminal>): void {
  for (const process of processesWhere(kernel, one => one.session === terminal.session && one.terminal === terminal.id)) process.terminal = null;
  terminal.session = 0;
  terminal.foreground = 0;
}
const AVAILABLE_TO_THIEVES = 1;
/** TIOCSCTTY: `argument` 1 lets the superuser take a terminal away from another session. */
export function takeTerminal(
  kernel: Kernel,
  pid: number,
  terminal: Draft<Terminal>,
  how: { readonly argument: number; readonly isReadable: boolean; readonly isPrivileged: boolean },
): Errno | undefined {
  const process = processOf(kernel, pid);
  if (isSessionLeader(process) && process.session === terminal.session) return undefined;
  if (!isSessionLeader(process) || process.terminal !== null) return "EPERM";
  if (terminal.session !== 0 && !(how.argument === AVAILABLE_TO_THIEVES && how.isPrivileged)) return "EPERM";
  if (!how.isReadable && !how.isPrivileged) return "EPERM";
  if (terminal.session !== 0) clearSession(kernel, terminal);
  acquireTerminal(kernel, pid, terminal.id);
  return undefined;
}
/** TIOCNOTTY: a session leader takes the terminal from its whole session. */
export function leaveTerminal(kernel: Kernel, pid: number): void {
  const process = processOf(kernel, pid);
  const terminal = process.terminal === null ? undefined : kernel.tty.terminals.get(process.terminal);
  process.terminal = null;
  if (!terminal || !isSessionLeader(process)) return;
  signalForeground(kernel, terminal, signals.SIGHUP);
  signalForeground(kernel, terminal, signals.SIGCONT);
  clearSession(kernel, terminal);
}
/** A process ends: where it led a session, the foreground group is told (setsid(2), _exit(2)). */
export function abandonTerminal(kernel: Kernel, pid: number): void {
  if (!isSessionLeader(processOf(kernel, pid))) return;
  for (const terminal of kernel.tty.terminals.values()) {
    if (terminal.abandoned?.leader !== pid) continue;
    postToGroup(kernel, terminal.abandoned.group, kernelSignal(signals.SIGHUP));
    postToGroup(kernel, terminal.abandoned.group, kernelSignal(signals.SIGCONT));
    terminal.abandoned = null;
  }
  leaveTerminal(kernel, pid);
}
/** The line was cut: the session's leader is told, and whoever is in the foreground when the leader ends. */
export function abandonSession(kernel: Kernel, terminal: Draft<Terminal>): void {
  const leader = processesWhere(kernel, one => one.session === terminal.session && isSessionLeader(one))[0];
  if (leader && terminal.foreground !== 0) terminal.abandoned = { leader: leader.pid, group: terminal.foreground };
  clearSession(kernel, terminal);
  if (!leader) return;
  postToProcess(kernel, leader.pid, kernelSignal(signals.SIGHUP));
  postToProcess(kernel, leader.pid, kernelSignal(signals.SIGCONT));
}
/** TIOCSPGRP, once the caller is known to be in the foreground. */
export function setForeground(kernel: Kernel, pid: number, terminal: Draft<Terminal>, group: number): Errno | undefined {
  const process = processOf(kernel, pid);
  if (group < 0) return "EINVAL";
  if (process.terminal !== terminal.id || terminal.session !== process.session) return "ENOTTY";
  // Linux looks for a group of that number, and else for a process.
  const member = processesWhere(kernel, one => one.group === group)[0] ?? kernel.procTable.processes.get(group);
  if (!member) return "ESRCH";
  if (member.session !== process.session) return "EPERM";
  terminal.foreground = group;
  return undefined;
}
