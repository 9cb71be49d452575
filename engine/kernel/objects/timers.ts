// What happens by itself at a moment: waits that time out, and interval timers (setitimer(2)).
import type { Draft } from "immer";
import { intervalTimers } from "../../abi/constants/clocks.ts";
import { originCodes, signals } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { IntervalTimer } from "../state/time.ts";
import { CALL_NANOS } from "./clock.ts";
import { advance, kernelTimerOf, passOver, standStill, timerChannel, timerNow } from "./kernel-timers.ts";
import { cpuTime } from "./scheduling.ts";
import { kernelSignal, postToProcess, postToTask } from "./signals.ts";
import { processOf } from "./tasks.ts";
import { wake, wakeTask } from "./waiting.ts";

const SIGNALS: Readonly<Record<number, number>> = {
  [intervalTimers.ITIMER_REAL]: signals.SIGALRM,
  [intervalTimers.ITIMER_VIRTUAL]: signals.SIGVTALRM,
  [intervalTimers.ITIMER_PROF]: signals.SIGPROF,
};

/** The next moment at which something is due, in nanoseconds since boot. Called between any two events: it looks at what is sorted, and at the few interval timers. */
export function nextDeadline(kernel: Kernel): number | null {
  const { deadlines, timers, cpuTimers } = kernel.time;
  let next = deadlines.length > 0 ? deadlines[0]!.nanos : Number.POSITIVE_INFINITY;
  for (const id of cpuTimers) {
    const timer = kernelTimerOf(kernel, id);
    const running = kernel.procTable.tasks.get(kernel.procTable.runQueue[0] ?? 0);
    const isRunning = timer.measures < 0 ? running?.tid === -timer.measures : running?.pid === timer.measures;
    if (isRunning && !timer.isQueued) next = Math.min(next, kernel.nowNanos + Math.max(0, timer.expiresNanos! - timerNow(kernel, timer)));
  }
  if (timers.length > 0) {
    const running = kernel.procTable.tasks.get(kernel.procTable.runQueue[0] ?? 0)?.pid;
    for (const timer of timers) {
      if (timer.isStill) continue;
      if (timer.which === intervalTimers.ITIMER_REAL) next = Math.min(next, timer.expiresNanos);
      else if (timer.pid === running) next = Math.min(next, kernel.nowNanos + Math.max(0, timer.expiresNanos - measured(kernel, timer)));
    }
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}
/** What the timer measures: time since boot, or the process's CPU time (without that of calls for ITIMER_VIRTUAL). Charges nothing: it is asked between events. */
function measured(kernel: Kernel, timer: Pick<IntervalTimer, "pid" | "which">): number {
  if (timer.which === intervalTimers.ITIMER_REAL) return kernel.nowNanos;
  const { procTable } = kernel;
  const process = processOf(kernel, timer.pid);
  const isRunning = procTable.tasks.get(procTable.runQueue[0] ?? 0)?.pid === timer.pid;
  const ticks = process.ticks + (isRunning ? kernel.tick - procTable.chargedTicks : 0);
  if (timer.which === intervalTimers.ITIMER_VIRTUAL) return ticks;
  return ticks + (process.calls + (isRunning ? kernel.calls - procTable.chargedCalls : 0)) * CALL_NANOS;
}

/** The `timer` event: all that is due now happens, in the order in which it was due. */
export function expire(kernel: Kernel): void {
  const { time, nowNanos } = kernel;
  while (time.deadlines.length > 0 && time.deadlines[0]!.nanos <= nowNanos) {
    const { tid, timer } = time.deadlines[0]!;
    if (timer === 0) wakeTask(kernel, tid, "timeout");
    else expireTimer(kernel, timer);
  }
  for (const id of [...time.cpuTimers]) {
    const timer = time.kernelTimers.get(id);
    if (timer && timer.expiresNanos !== null && timer.expiresNanos <= timerNow(kernel, timer)) expireTimer(kernel, id);
  }
  const due = time.timers.filter(timer => !timer.isStill && timer.expiresNanos <= measured(kernel, timer));
  for (const timer of due) {
    const { pid, which, expiresNanos, intervalNanos } = timer;
    const late = measured(kernel, timer) - expiresNanos;
    const isStill = which === intervalTimers.ITIMER_REAL;
    const next = isStill ? expiresNanos : expiresNanos + intervalNanos * (1 + Math.floor(late / intervalNanos));
    setTimer(kernel, pid, which, intervalNanos === 0 ? null : { expiresNanos: next, intervalNanos, isStill });
    postToProcess(kernel, pid, kernelSignal(SIGNALS[which]!));
  }
}

/** Until its signal is taken, or its descriptor read, a timer stands still, however often it would expire (timer_create(2), "overrun"). */
function expireTimer(kernel: Kernel, id: number): void {
  const timer = kernelTimerOf(kernel, id);
  const { target } = timer;
  if (target.kind === "file") {
    timer.count++;
    if (timer.intervalNanos === 0) advance(kernel, timer);
    else standStill(kernel, timer);
    wake(kernel, timerChannel(id));
    return;
  }
  const info = { ...kernelSignal(target.signal, originCodes.SI_TIMER), pid: target.timer, status: id, value: target.value };
  const isThere = target.tid === 0 || kernel.procTable.tasks.has(target.tid);
  const posted =
    target.signal === 0 || !isThere ? "ignored" : target.tid === 0 ? postToProcess(kernel, target.pid, info) : postToTask(kernel, target.tid, info);
  if (posted === "sent") standStill(kernel, timer);
  else passOver(kernel, timer);
}

const timerOf = (kernel: Kernel, pid: number, which: number): Draft<IntervalTimer> | undefined =>
  kernel.time.timers.find(one => one.pid === pid && one.which === which);
export interface Remaining {
  readonly valueNanos: number;
  readonly intervalNanos: number;
}
export function remainingOf(kernel: Kernel, pid: number, which: number): Remaining {
  const timer = timerOf(kernel, pid, which);
  if (timer?.isStill) return { valueNanos: 0, intervalNanos: timer.intervalNanos };
  // A timer that is due but has not expired yet still has the least time there is (getitimer(2) would show it disarmed).
  return timer
    ? { valueNanos: Math.max(1000, timer.expiresNanos - measured(kernel, timer)), intervalNanos: timer.intervalNanos }
    : { valueNanos: 0, intervalNanos: 0 };
}
function setTimer(kernel: Kernel, pid: number, which: number, timer: Omit<IntervalTimer, "pid" | "which"> | null): void {
  const others = kernel.time.timers.filter(one => one.pid !== pid || one.which !== which);
  kernel.disturb();
  kernel.time.timers = timer ? [...others, { pid, which, ...timer }] : others;
}
/** Arms the timer, or disarms it where the value is 0. */
export function armTimer(kernel: Kernel, pid: number, which: number, { valueNanos, intervalNanos }: Remaining): void {
  cpuTime(kernel, processOf(kernel, pid));
  setTimer(kernel, pid, which, valueNanos === 0 ? null : { expiresNanos: measured(kernel, { pid, which }) + valueNanos, intervalNanos, isStill: false });
}
export function removeTimers(kernel: Kernel, pid: number): void {
  const { time } = kernel;
  if (time.timers.length === 0) return;
  kernel.disturb();
  time.timers = time.timers.filter(timer => timer.pid !== pid);
}
