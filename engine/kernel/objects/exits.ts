// The end of tasks and processes: what they held is released, children find another parent, the parent is told (exit_group(2), wait(2)).
import type { Draft } from "immer";
import { ptraceOptions } from "../../abi/constants/ptrace.ts";
import { actionFlags, childCodes, LAST_SIGNAL, SIG_IGN, signals } from "../../abi/constants/signals.ts";
import { endingSignal, exitCode, hasDumpedCore } from "../../abi/constants/wait-options.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, SignalInfo, Task } from "../state/proc-table.ts";
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
import { kernelSignal, postToGroup, postToProcess, postToTask, recallLender, signalFrom } from "./signals.ts";
import { releaseSpace } from "./spaces.ts";
import { FIRST_PROCESS, handlersOf, INIT_PROCESS, isZombie, liveTasks, processesWhere, processOf, taskOf } from "./tasks.ts";
import { removeTimers } from "./timers.ts";
import { detach, signalLeft, stopsBeforeEnd } from "./trace-stops.ts";
import { isReparented, renumber, traceesOf, tracerOf, unlink } from "./traces.ts";
import { leaveChannels, wake } from "./waiting.ts";

/** One thread ends, once its tracer lets it; with the last one its process does. */
export function exitTask(kernel: Kernel, tid: number, status: number): void {
  const task = taskOf(kernel, tid);
  if (isHeld(kernel, task, status)) return;
  const process = processOf(kernel, task.pid);
  if (liveTasks(kernel, process).length === 1) exitProcess(kernel, process.pid, status);
  else endTask(kernel, task, status, false);
}

/** The process ends, with wait(2)'s status, once the tracers of all its threads let it. */
export function exitProcess(kernel: Kernel, pid: number, status: number): void {
  const process = processOf(kernel, pid);
  if (isZombie(process)) return;
  const living = liveTasks(kernel, process);
  const ends = living.filter(task => !isHeld(kernel, task, status));
  const last = ends.length === living.length ? living.at(-1) : undefined;
  for (const task of ends) {
    if (task === last) account(kernel, process, task, status);
    endTask(kernel, task, status, task === last);
  }
  if (ends.length < living.length) return;
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
  announceEnd(kernel, process);
  if (pid === FIRST_PROCESS) kernel.effect({ kind: "halt", status });
}
/** Whether its tracer has to let the task end first. */
function isHeld(kernel: Kernel, task: Draft<Task>, status: number): boolean {
  const isAlready = task.state === "traced" && task.ending !== undefined;
  if (!isAlready && !stopsBeforeEnd(kernel, task, status)) return false;
  task.ending = status;
  forgetCall(kernel, task);
  return true;
}
/** The call that the task waits in will not be presented again. */
function forgetCall(kernel: Kernel, task: Draft<Task>): void {
  if (task.waiting && task.due === "run") leaveChannels(kernel, task);
  removeDeadline(kernel, task.tid);
  if (task.permission) cancelQuestion(kernel, task);
  if (task.waiting?.memo) dropReserved(kernel, task);
  task.waiting = null;
  task.due = "run";
}
/** Its tracer lets the task end. */
export function finishEnd(kernel: Kernel, tid: number): void {
  exitTask(kernel, tid, taskOf(kernel, tid).ending!);
}
/** Whoever is to wait for the zombie is told: its tracer, then its parent; not while threads of it wait for their tracers. */
function announceEnd(kernel: Kernel, process: Draft<Process>): void {
  if (process.tasks.length > 1) return;
  const leader = taskOf(kernel, process.pid);
  if (leader.trace && isReparented(kernel, leader)) {
    tellTracerOfEnd(kernel, leader, process.exitStatus!);
    return;
  }
  const isForgotten = isForgottenAtEnd(kernel, process);
  announce(kernel, process, process.exitStatus!);
  if (isForgotten) forget(kernel, process.pid);
}
function tellTracerOfEnd(kernel: Kernel, task: Draft<Task>, status: number): void {
  const tracer = tracerOf(kernel, task);
  const { uid } = signalFrom(processOf(kernel, task.pid), signals.SIGCHLD);
  postToProcess(kernel, tracer, { ...kernelSignal(signals.SIGCHLD), pid: task.tid, uid, ...detailOf(status) });
  wake(kernel, `child:${tracer}`);
}
const detailOf = (status: number): Pick<SignalInfo, "code" | "status"> => {
  const signal = endingSignal(status);
  if (signal === 0) return { code: childCodes.CLD_EXITED, status: exitCode(status) };
  return { code: hasDumpedCore(status) ? childCodes.CLD_DUMPED : childCodes.CLD_KILLED, status: signal };
};
/** The tracer has waited for the end of a task, or lets go of a dead one. */
export function letDeadGo(kernel: Kernel, task: Draft<Task>): void {
  const process = processOf(kernel, task.pid);
  unlink(kernel, task);
  if (task.tid !== task.pid) {
    process.tasks = process.tasks.filter(other => other !== task.tid);
    kernel.procTable.tasks.delete(task.tid);
  }
  if (isZombie(process)) announceEnd(kernel, process);
}
/** A thread that traces others ends. */
function letTraceesGo(kernel: Kernel, tracer: number): void {
  for (const task of traceesOf(kernel, tracer)) {
    // The end of one may have been the end of its whole process.
    if (!task.trace) continue;
    if (task.state === "dead") {
      letDeadGo(kernel, task);
      continue;
    }
    if (task.trace!.options & ptraceOptions.PTRACE_O_EXITKILL) postToTask(kernel, task.tid, kernelSignal(signals.SIGKILL));
    detach(kernel, task, signalLeft(task.trace!));
  }
}

/** Nobody will wait for it: its parent ignores SIGCHLD or has SA_NOCLDWAIT (sigaction(2)), or is init. */
function isForgottenAtEnd(kernel: Kernel, process: Draft<Process>): boolean {
  if (taskOf(kernel, process.pid).trace) return false;
  if (process.parent === INIT_PROCESS) return process.pid !== FIRST_PROCESS;
  if (process.exitSignal !== signals.SIGCHLD) return false;
  const { handler, flags } = handlersOf(kernel, processOf(kernel, process.parent)).actions[signals.SIGCHLD]!;
  return handler === SIG_IGN || (flags & actionFlags.SA_NOCLDWAIT) !== 0;
}
function announce(kernel: Kernel, process: Draft<Process>, status: number): void {
  if (process.parent === INIT_PROCESS) return;
  // clone(2) takes any number for it; of one that is no signal nobody is told (kernel/signal.c, do_notify_parent).
  if (process.exitSignal !== 0 && process.exitSignal <= LAST_SIGNAL) {
    postToProcess(kernel, process.parent, { ...signalFrom(process, process.exitSignal), ...detailOf(status) });
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
    const task = taskOf(kernel, tid);
    if (task.trace) unlink(kernel, task);
    leaveDomain(kernel, task);
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
  if (procTable.traced) letTraceesGo(kernel, tid);
  leaveMemory(kernel, task, task.space);
  forgetCall(kernel, task);
  dropAttention(kernel, tid);
  // It is still its turn: what is closed, it closes.
  releaseTable(kernel, task.files);
  leaveRunQueue(kernel, tid);
  releaseContext(kernel, task.fsContext);
  releaseHandlers(kernel, task.handlers);
  releaseSpace(kernel, task.space);
  Object.assign(task, { state: "dead", pending: [], restart: null, space: 0, files: 0, fsContext: 0 });
  for (const key of ["tracedCall", "delivering", "ending"] as const) delete task[key];
  if (task.trace) task.trace.stop = null;
  if (tid !== task.pid) leaveDomain(kernel, task);
  if (tid !== task.pid && task.trace) {
    // Its tracer will wait for it.
    task.endStatus = status;
    tellTracerOfEnd(kernel, task, status);
  } else if (tid !== task.pid) {
    const process = processOf(kernel, task.pid);
    process.tasks = process.tasks.filter(other => other !== tid);
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
  process.tasks = [pid, ...process.tasks.filter(other => other !== pid && other !== tid)];
  renumber(kernel, tid, pid);
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
  if (!taskOf(kernel, zombie.pid).trace) announceEnd(kernel, zombie);
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
