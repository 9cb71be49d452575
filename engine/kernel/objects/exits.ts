// The end of tasks and processes: what they held is released, children find another parent, the parent is told (exit_group(2), wait(2)).
import type { Draft } from "immer";
import { actionFlags, childCodes, LAST_SIGNAL, SIG_IGN, signals } from "../../abi/constants/signals.ts";
import { endingSignal, exitCode, hasDumpedCore } from "../../abi/constants/wait-options.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Task } from "../state/proc-table.ts";
import { account } from "./accounting.ts";
import { removeDeadline } from "./deadlines.ts";
import { releaseContext } from "./fs-contexts.ts";
import { wakeFutex } from "./futexes.ts";
import { hasStoppedMembers, isOrphaned } from "./groups.ts";
import { releaseHandlers } from "./handler-tables.ts";
import { undoSemaphores } from "./ipc.ts";
import { destroyProcessTimers } from "./kernel-timers.ts";
import { leaveDomain } from "./landlock-domains.ts";
import { dropReserved, releaseTable } from "./open-files.ts";
import { dropAttention } from "./pending.ts";
import { cancelQuestion } from "./permission-events.ts";
import { endChannel } from "./process-channels.ts";
import { sumOfSwitches } from "./resource-usage.ts";
import { leaveRunQueue } from "./scheduling.ts";
import { kernelSignal, postToGroup, postToProcess, recallLender, signalFrom } from "./signals.ts";
import { releaseSpace } from "./spaces.ts";
import { FIRST_PROCESS, handlersOf, INIT_PROCESS, isZombie, liveTasks, processesWhere, processOf, taskOf } from "./tasks.ts";
import { removeTimers } from "./timers.ts";
import { leaveChannels, wake } from "./waiting.ts";

/** One thread ends; with the last one its process does. */
export function exitTask(kernel: Kernel, tid: number, status: number): void {
  const task = taskOf(kernel, tid);
  const process = processOf(kernel, task.pid);
  if (liveTasks(kernel, process).length === 1) exitProcess(kernel, process.pid, status);
  else endTask(kernel, task, status, false);
}

/** The process ends, with wait(2)'s status. */
export function exitProcess(kernel: Kernel, pid: number, status: number): void {
  const process = processOf(kernel, pid);
  if (isZombie(process)) return;
  const isAutoReaped = isForgottenAtEnd(kernel, process);
  const living = liveTasks(kernel, process);
  for (const task of living) {
    if (task === living.at(-1)) account(kernel, process, task, status);
    endTask(kernel, task, status, task === living.at(-1));
  }
  process.exitStatus = status;
  process.isStopped = false;
  process.pending = [];
  removeTimers(kernel, pid);
  destroyProcessTimers(kernel, pid);
  undoSemaphores(kernel, pid);
  const wasOrphaned = isOrphaned(kernel, process.group);
  if (process.session === pid) leaveTerminal(kernel, process);
  giveAwayChildren(kernel, process);
  if (!wasOrphaned) rouseOrphans(kernel, process.group);
  wake(kernel, endChannel(pid));
  announce(kernel, process, status);
  if (isAutoReaped) forget(kernel, pid);
  if (pid === FIRST_PROCESS) kernel.effect({ kind: "halt", status });
}

/** Nobody will wait for it: its parent ignores SIGCHLD or has SA_NOCLDWAIT (sigaction(2)), or is init. */
function isForgottenAtEnd(kernel: Kernel, process: Draft<Process>): boolean {
  if (process.parent === INIT_PROCESS) return process.pid !== FIRST_PROCESS;
  if (process.exitSignal !== signals.SIGCHLD) return false;
  const { handler, flags } = handlersOf(kernel, processOf(kernel, process.parent)).actions[signals.SIGCHLD]!;
  return handler === SIG_IGN || (flags & actionFlags.SA_NOCLDWAIT) !== 0;
}
function announce(kernel: Kernel, process: Draft<Process>, status: number): void {
  if (process.parent === INIT_PROCESS) return;
  // clone(2) takes any number for it; of one that is no signal nobody is told (kernel/signal.c, do_notify_parent).
  if (process.exitSignal !== 0 && process.exitSignal <= LAST_SIGNAL) {
    const signal = endingSignal(status);
    const [code, how] =
      signal === 0 ? [childCodes.CLD_EXITED, exitCode(status)] : [hasDumpedCore(status) ? childCodes.CLD_DUMPED : childCodes.CLD_KILLED, signal];
    postToProcess(kernel, process.parent, { ...signalFrom(process, process.exitSignal, code), status: how });
  }
  wake(kernel, `child:${process.parent}`);
}
/** No trace of it is left. */
function forget(kernel: Kernel, pid: number): void {
  const { procTable } = kernel;
  const process = processOf(kernel, pid);
  const parent = processOf(kernel, process.parent);
  parent.children = parent.children.filter(child => child !== pid);
  for (const tid of process.tasks) {
    leaveDomain(kernel, taskOf(kernel, tid));
    procTable.tasks.delete(tid);
  }
  procTable.processes.delete(pid);
}
/** A zombie has been waited for: its parent's children have used its CPU time. */
export function reap(kernel: Kernel, pid: number): void {
  const process = processOf(kernel, pid);
  const parent = processOf(kernel, process.parent);
  parent.childTicks += process.ticks + process.childTicks;
  parent.childCalls += process.calls + process.childCalls;
  parent.childSwitches = sumOfSwitches(parent.childSwitches, sumOfSwitches(process.switches, process.childSwitches));
  forget(kernel, pid);
}

/** Releases what the task holds. The leader stays as a dead task until its process is reaped. */
function endTask(kernel: Kernel, task: Draft<Task>, status: number, isLast: boolean): void {
  const { procTable } = kernel;
  const { tid } = task;
  leaveMemory(kernel, task, task.space);
  if (task.waiting && task.due === "run") leaveChannels(kernel, task);
  removeDeadline(kernel, tid);
  dropAttention(kernel, tid);
  if (task.permission) cancelQuestion(kernel, task);
  if (task.waiting?.memo) dropReserved(kernel, task);
  // It is still its turn: what is closed, it closes.
  releaseTable(kernel, task.files);
  leaveRunQueue(kernel, tid);
  releaseContext(kernel, task.fsContext);
  releaseHandlers(kernel, task.handlers);
  releaseSpace(kernel, task.space);
  Object.assign(task, { state: "dead", due: "run", waiting: null, pending: [], restart: null, space: 0, files: 0, fsContext: 0 });
  if (tid !== task.pid) {
    const process = processOf(kernel, task.pid);
    process.tasks = process.tasks.filter(other => other !== tid);
    leaveDomain(kernel, task);
    procTable.tasks.delete(tid);
  }
  kernel.effect({ kind: "dropTask", task: isLast ? task.pid : tid, status, isLast });
  if (isLast && tid !== task.pid) kernel.effect({ kind: "dropTask", task: tid, status, isLast: false });
}
/** The task uses that memory no more, because it ends or has executed: whoever joins it or lent it the memory learns of that (kernel/fork.c, mm_release). */
export function leaveMemory(kernel: Kernel, task: Draft<Task>, space: number): void {
  if (task.clearTid !== 0) {
    const users = kernel.vmm.spaces.get(space)?.users ?? 0;
    if (users > (task.space === space ? 1 : 0)) {
      kernel.effect({ kind: "write", space, store: { address: task.clearTid, bytes: new Uint8Array(4) } });
      wakeFutex(kernel, { space }, task.clearTid, 1);
    }
    task.clearTid = 0;
  }
  task.robustList = 0;
  if (task.lender === 0) return;
  const lender = kernel.procTable.tasks.get(task.lender);
  task.lender = 0;
  if (lender) recallLender(kernel, lender);
}

/** execve: one task goes on alone. */
export function endOtherTasks(kernel: Kernel, process: Draft<Process>, tid: number): void {
  for (const task of liveTasks(kernel, process)) if (task.tid !== tid) endTask(kernel, task, 0, false);
}
/** execve by another thread than the first: it takes over the process's number (execve(2)). */
export function becomeLeader(kernel: Kernel, process: Draft<Process>, tid: number): Draft<Task> {
  const { procTable } = kernel;
  const task = taskOf(kernel, tid);
  const { pid } = process;
  if (tid === pid) return task;
  procTable.tasks.delete(tid);
  procTable.tasks.set(pid, { ...task, tid: pid });
  process.tasks = [pid];
  kernel.disturb();
  for (const list of ["runQueue", "attention"] as const) procTable[list] = procTable[list].map(other => (other === tid ? pid : other));
  kernel.effect({ kind: "copyRegisters", from: tid, to: pid, set: {} });
  kernel.effect({ kind: "dropTask", task: tid, status: 0, isLast: false });
  return taskOf(kernel, pid);
}

/** A session's leader ends: its terminal is free again, and the foreground group learns that (exit_group(2), tty_ioctl(4)). */
export function leaveTerminal(kernel: Kernel, leader: Draft<Process>): void {
  const terminal = leader.terminal === null ? undefined : kernel.tty.terminals.get(leader.terminal);
  if (!terminal || terminal.session !== leader.session) return;
  if (terminal.foreground > 0) {
    postToGroup(kernel, terminal.foreground, kernelSignal(signals.SIGHUP));
    postToGroup(kernel, terminal.foreground, kernelSignal(signals.SIGCONT));
  }
  terminal.session = 0;
  terminal.foreground = 0;
  for (const process of processesWhere(kernel, one => one.session === leader.session)) process.terminal = null;
}
/** Stopped processes that nobody could continue any more are told to end, and continued. */
function rouseOrphans(kernel: Kernel, group: number): void {
  if (!hasStoppedMembers(kernel, group) || !isOrphaned(kernel, group)) return;
  postToGroup(kernel, group, kernelSignal(signals.SIGHUP));
  postToGroup(kernel, group, kernelSignal(signals.SIGCONT));
}

/** Children go to the nearest living subreaper above, or to init (prctl(2), PR_SET_CHILD_SUBREAPER). */
function giveAwayChildren(kernel: Kernel, process: Draft<Process>): void {
  if (process.children.length === 0) return;
  const heir = heirOf(kernel, process);
  const children = process.children.map(pid => processOf(kernel, pid));
  process.children = [];
  const groups = [...new Set(children.filter(child => child.group !== process.group).map(child => child.group))].filter(group =>
    hasStoppedMembers(kernel, group),
  );
  for (const child of children) {
    child.parent = heir;
    processOf(kernel, heir).children.push(child.pid);
    if (child.parentDeathSignal !== 0) postToProcess(kernel, child.pid, signalFrom(process, child.parentDeathSignal));
    if (isZombie(child)) announceAgain(kernel, child);
  }
  for (const group of groups) rouseOrphans(kernel, group);
}
function announceAgain(kernel: Kernel, zombie: Draft<Process>): void {
  zombie.exitSignal = signals.SIGCHLD;
  const isForgotten = isForgottenAtEnd(kernel, zombie);
  announce(kernel, zombie, zombie.exitStatus!);
  if (isForgotten) forget(kernel, zombie.pid);
}
function heirOf(kernel: Kernel, process: Draft<Process>): number {
  let { parent } = process;
  while (parent !== INIT_PROCESS) {
    const ancestor = processOf(kernel, parent);
    if (ancestor.isSubreaper && !isZombie(ancestor)) return parent;
    ({ parent } = ancestor);
  }
  return INIT_PROCESS;
}
