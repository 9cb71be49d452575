// Signals on their way: the queues of tasks and processes, which of them is next, and which tasks have one to act upon. Not how they come to be (signals.ts) nor what they do (signal-delivery.ts).
import type { Draft } from "immer";
import { bitOf, hasSignal, SIGRTMIN, SYNCHRONOUS, signals, UNBLOCKABLE } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { SignalInfo, Task } from "../state/proc-table.ts";
import { continueTimer, withOverrun } from "./kernel-timers.ts";
import { continueRealTimer } from "./real-timer.ts";
import { liveTasks, processOf, taskOf } from "./tasks.ts";
import { wakeTask } from "./waiting.ts";

type Queue = { pending: Draft<Task>["pending"] };

export const maskOfPending = (queue: { readonly pending: readonly SignalInfo[] }): bigint =>
  queue.pending.reduce((mask, info) => mask | bitOf(info.signal), 0n);
export const isPending = (queue: { readonly pending: readonly SignalInfo[] }, signal: number): boolean => queue.pending.some(info => info.signal === signal);

/** A standard signal that is pending already is not queued again; real-time signals are queued each (signal(7)). */
export function put(queue: Queue, info: SignalInfo): void {
  if (info.signal < SIGRTMIN && isPending(queue, info.signal)) return;
  // A copy: one signal may be told to several (kill(2) of a group).
  queue.pending = [...queue.pending, { ...info }];
}
export function flush(queue: Queue, mask: bigint): void {
  if (queue.pending.some(info => hasSignal(mask, info.signal))) queue.pending = queue.pending.filter(info => !hasSignal(mask, info.signal));
}

/** The place of the signal to take first: the lowest number, the oldest of that. */
function lowest(queue: Queue, mask: bigint): number {
  let found = -1;
  queue.pending.forEach((info, i) => {
    if (hasSignal(mask, info.signal) && (found < 0 || info.signal < queue.pending[found]!.signal)) found = i;
  });
  return found;
}
interface Place {
  readonly queue: Queue;
  readonly index: number;
}
/** Linux's order (kernel/signal.c, dequeue_signal): SIGKILL, then the task's own before the process's, and what its instructions raised before all else. */
function nextPlace(kernel: Kernel, task: Draft<Task>, mask: bigint): Place | null {
  const process = processOf(kernel, task.pid);
  for (const queue of [task, process]) {
    const kill = hasSignal(mask, signals.SIGKILL) ? queue.pending.findIndex(info => info.signal === signals.SIGKILL) : -1;
    if (kill >= 0) return { queue, index: kill };
  }
  if (task.pending.length > 0) {
    const raised = lowest(task, mask & SYNCHRONOUS);
    const index = raised >= 0 ? raised : lowest(task, mask);
    if (index >= 0) return { queue: task, index };
  }
  const index = process.pending.length > 0 ? lowest(process, mask) : -1;
  return index < 0 ? null : { queue: process, index };
}
const copyOf = ({ queue, index }: Place): SignalInfo => ({ ...queue.pending[index]! });
export function peek(kernel: Kernel, task: Draft<Task>, mask: bigint): SignalInfo | null {
  const place = nextPlace(kernel, task, mask);
  return place && withOverrun(kernel, copyOf(place));
}
export function take(kernel: Kernel, task: Draft<Task>, mask: bigint): SignalInfo | null {
  const place = nextPlace(kernel, task, mask);
  if (!place) return null;
  const taken = copyOf(place);
  const info = withOverrun(kernel, taken);
  continueTimer(kernel, taken);
  if (taken.signal === signals.SIGALRM && place.queue !== task) continueRealTimer(kernel, task.pid);
  place.queue.pending = place.queue.pending.toSpliced(place.index, 1);
  if (place.queue !== task) refreshOthers(kernel, task);
  return info;
}

export const hasAttention = (kernel: Kernel, tid: number): boolean => {
  const { attention } = kernel.procTable;
  return attention.length > 0 && attention.includes(tid);
};
export function demandAttention(kernel: Kernel, tid: number): void {
  if (hasAttention(kernel, tid)) return;
  kernel.disturb();
  kernel.procTable.attention.push(tid);
}
export function dropAttention(kernel: Kernel, tid: number): void {
  if (!hasAttention(kernel, tid)) return;
  kernel.disturb();
  kernel.procTable.attention = kernel.procTable.attention.filter(other => other !== tid);
}
/** Brings it up to date with the queues and the mask. */
export function refreshAttention(kernel: Kernel, task: Draft<Task>): void {
  const open = ~task.blocked;
  const isDue =
    task.delivering !== undefined ||
    task.trace?.isTrapDue === true ||
    (maskOfPending(task) & open) !== 0n ||
    (maskOfPending(processOf(kernel, task.pid)) & open) !== 0n;
  (isDue ? demandAttention : dropAttention)(kernel, task.tid);
}

/** A signal of the process is taken: it interrupts no other task's calls any more. */
function refreshOthers(kernel: Kernel, task: Draft<Task>): void {
  if (kernel.procTable.attention.length === 0) return;
  for (const other of liveTasks(kernel, processOf(kernel, task.pid)))
    if (other.tid !== task.tid && hasAttention(kernel, other.tid)) refreshAttention(kernel, other);
}

/** A new mask. The process's signals that it keeps this task from taking go to other tasks. */
export function setMask(kernel: Kernel, task: Draft<Task>, mask: bigint): void {
  const newlyBlocked = hasAttention(kernel, task.tid) ? mask & ~task.blocked : 0n;
  task.blocked = mask;
  refreshAttention(kernel, task);
  if (newlyBlocked !== 0n) retarget(kernel, task, newlyBlocked);
}
/** Signals of the process that the task will not take go to the first others that would: those are interrupted, and nobody else (kernel/signal.c, retarget_shared_pending). */
export function retarget(kernel: Kernel, task: Draft<Task>, mask: bigint): void {
  const process = processOf(kernel, task.pid);
  let left = process.pending.length === 0 ? 0n : maskOfPending(process) & mask;
  for (const other of liveTasks(kernel, process)) {
    if (left === 0n) return;
    if (other.tid === task.tid || (left & ~other.blocked) === 0n) continue;
    left &= other.blocked;
    if (hasAttention(kernel, other.tid)) continue;
    demandAttention(kernel, other.tid);
    wakeTask(kernel, other.tid, "interrupt");
  }
}

/** sigsuspend, ppoll, pselect: another mask until the call ends. Where a handler is entered, its frame puts the old one back. */
export function setTemporaryMask(kernel: Kernel, tid: number, mask: bigint): void {
  const task = taskOf(kernel, tid);
  task.savedMask = task.blocked;
  setMask(kernel, task, mask & ~UNBLOCKABLE);
}
export function restoreMask(kernel: Kernel, tid: number): void {
  const task = taskOf(kernel, tid);
  if (task.savedMask === null) return;
  const mask = task.savedMask;
  task.savedMask = null;
  setMask(kernel, task, mask);
}
/** A signal waits for the task that it does not block. */
export const hasDeliverable = (kernel: Kernel, task: { readonly tid: number }): boolean => hasAttention(kernel, task.tid);
/** Pending signals, the task's and its process's, that it blocks. */
export const blockedPending = (kernel: Kernel, task: Draft<Task>): bigint => (maskOfPending(task) | maskOfPending(processOf(kernel, task.pid))) & task.blocked;
