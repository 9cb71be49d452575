// Sending signals: to tasks, processes and groups, with what generation alone does (SIGCONT continues, stop signals and SIGCONT undo one another), and telling parents of their children's stops. What a signal then does is signal-delivery.ts.
import type { Draft } from "immer";
import { resources } from "../../abi/constants/resource-limits.ts";
import { actionFlags, bitOf, childCodes, hasSignal, originCodes, SIG_IGN, SIGRTMIN, STOP_SIGNALS, signals } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, SignalInfo, Task } from "../state/proc-table.ts";
import { demandAttention, flush, hasAttention, put, refreshAttention } from "./pending.ts";
import { enqueue } from "./scheduling.ts";
import { isIgnoredByAction, settleCall } from "./signal-choice.ts";
import { groupMembers, handlersOf, INIT_PROCESS, isZombie, liveTasks, processOf, taskOf } from "./tasks.ts";
import { noticeContinuation, standUp } from "./traces.ts";
import { wake, wakeTask } from "./waiting.ts";

/** A signal that the kernel itself sends. */
export const kernelSignal = (signal: number, code: number = originCodes.SI_KERNEL): SignalInfo => ({
  signal,
  code,
  errno: 0,
  pid: 0,
  uid: 0,
  status: 0,
  value: 0,
});
/** A signal as kill(2) and its kin send it. */
export const signalFrom = (sender: Draft<Process>, signal: number, code: number = originCodes.SI_USER): SignalInfo => ({
  ...kernelSignal(signal, code),
  pid: sender.pid,
  uid: sender.credentials.ruid,
});

/** Woken when a signal comes for the process or one of its tasks. */
export const signalChannel = (pid: number): string => `signal:${pid}`;

/** `overflow`: RLIMIT_SIGPENDING is reached. */
export type Posted = "sent" | "ignored" | "overflow";

export const postToProcess = (kernel: Kernel, pid: number, info: SignalInfo): Posted => send(kernel, pid, null, info);
export const postToTask = (kernel: Kernel, tid: number, info: SignalInfo): Posted => send(kernel, taskOf(kernel, tid).pid, tid, info);
export function postToGroup(kernel: Kernel, group: number, info: SignalInfo): void {
  for (const process of groupMembers(kernel, group)) postToProcess(kernel, process.pid, info);
}

const isIgnored = (kernel: Kernel, process: Draft<Process>, target: Draft<Task>, signal: number): boolean => {
  // A blocked signal is kept: its action may change before it is unblocked.
  if (hasSignal(target.blocked, signal)) return false;
  // A tracer wants to know of ignored ones, too.
  if (target.trace && signal !== signals.SIGKILL) return false;
  return isIgnoredByAction(handlersOf(kernel, process).actions[signal]!.handler, signal);
};

function send(kernel: Kernel, pid: number, tid: number | null, info: SignalInfo): Posted {
  const process = processOf(kernel, pid);
  if (pid === INIT_PROCESS || isZombie(process)) return "ignored";
  const { signal } = info;
  if (hasSignal(STOP_SIGNALS, signal)) flushAll(kernel, process, bitOf(signals.SIGCONT));
  if (signal !== signals.SIGCONT) return queue(kernel, process, tid, info);
  flushAll(kernel, process, STOP_SIGNALS);
  for (const task of liveTasks(kernel, process)) noticeContinuation(kernel, task);
  const wasStopped = process.isStopped;
  if (wasStopped) continueProcess(kernel, process);
  const posted = queue(kernel, process, tid, info);
  // Only now is it known whether a handler of SIGCONT ends the calls that the stop interrupted.
  if (wasStopped) for (const task of liveTasks(kernel, process)) settleCall(kernel, task);
  return posted;
}
function queue(kernel: Kernel, process: Draft<Process>, tid: number | null, info: SignalInfo): Posted {
  const { signal } = info;
  const target = taskOf(kernel, tid ?? process.tasks[0]!);
  if (isIgnored(kernel, process, target, signal)) return "ignored";
  const isForced = signal < SIGRTMIN || info.code === originCodes.SI_USER || info.code === originCodes.SI_KERNEL;
  if (!isForced && pendingCount(kernel, process) >= process.limits[resources.RLIMIT_SIGPENDING]![0]) return "overflow";
  put(tid === null ? process : target, info);
  const chosen = (tid === null ? liveTasks(kernel, process) : [target]).find(task => wants(task, signal));
  if (chosen) arouse(kernel, process, chosen, signal);
  // Who waits for signals without taking them: rt_sigtimedwait, signalfd.
  wake(kernel, signalChannel(process.pid));
  return "sent";
}
/** They are pending no more, neither for the process nor for its tasks. */
export const flushAll = (kernel: Kernel, process: Draft<Process>, mask: bigint): void => {
  flush(process, mask);
  for (const task of liveTasks(kernel, process)) {
    flush(task, mask);
    if (hasAttention(kernel, task.tid)) refreshAttention(kernel, task);
  }
};
const pendingCount = (kernel: Kernel, process: Draft<Process>): number =>
  liveTasks(kernel, process).reduce((sum, task) => sum + task.pending.length, process.pending.length);
const wants = (task: Draft<Task>, signal: number): boolean =>
  task.state !== "dead" && !hasSignal(task.blocked, signal) && (signal === signals.SIGKILL || (task.state !== "stopped" && task.state !== "traced"));

function arouse(kernel: Kernel, process: Draft<Process>, task: Draft<Task>, signal: number): void {
  demandAttention(kernel, task.tid);
  if (signal === signals.SIGKILL && process.isStopped) resumeStopped(kernel, process);
  // A vfork parent waits for its child undisturbed, unless it is to die.
  if (task.state === "lent" && signal === signals.SIGKILL) recallLender(kernel, task);
  if (signal === signals.SIGKILL && task.tracedCall && task.ending === undefined) delete task.tracedCall;
  if (signal === signals.SIGKILL)
    for (const one of liveTasks(kernel, process)) if (one.state === "traced" && (one.tid === task.tid || one.ending !== undefined)) standUp(kernel, one);
  wakeTask(kernel, task.tid, "interrupt");
}
/** The vfork child has its own memory now, or its parent shall not wait for that. */
export function recallLender(kernel: Kernel, task: Draft<Task>): void {
  if (task.state !== "lent") return;
  if (processOf(kernel, task.pid).isStopped) task.state = "stopped";
  else {
    task.state = "ready";
    if (task.tracedCall?.stage === "running") task.tracedCall.stage = "returned";
    enqueue(kernel, task.tid);
  }
}

/** Its tasks go on where they were stopped. */
function resumeStopped(kernel: Kernel, process: Draft<Process>): void {
  process.isStopped = false;
  process.stopSignal = null;
  delete process.stoppedBy;
  for (const task of liveTasks(kernel, process)) {
    refreshAttention(kernel, task);
    if (task.state !== "stopped") continue;
    if (task.waiting && task.due === "run") {
      task.state = "waiting";
      if (hasAttention(kernel, task.tid)) wakeTask(kernel, task.tid, "interrupt");
    } else {
      task.state = "ready";
      enqueue(kernel, task.tid);
    }
  }
}
function continueProcess(kernel: Kernel, process: Draft<Process>): void {
  resumeStopped(kernel, process);
  process.hasContinued = true;
  tellParent(kernel, process, childCodes.CLD_CONTINUED, signals.SIGCONT);
}

/** A child has stopped or gone on. */
export function tellParent(kernel: Kernel, process: Draft<Process>, code: number, status: number): void {
  tellOfStop(kernel, process.parent, { ...signalFrom(process, signals.SIGCHLD, code), status });
}
/** SIGCHLD for a stop, unless the process will not have it for that (SA_NOCLDSTOP); and whoever waits looks again. */
export function tellOfStop(kernel: Kernel, pid: number, info: SignalInfo): void {
  if (pid === INIT_PROCESS) return;
  const { flags, handler } = handlersOf(kernel, processOf(kernel, pid)).actions[signals.SIGCHLD]!;
  if ((flags & actionFlags.SA_NOCLDSTOP) === 0 && handler !== SIG_IGN) postToProcess(kernel, pid, info);
  wake(kernel, `child:${pid}`);
}
