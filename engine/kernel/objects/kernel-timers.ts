// Timers of timerfd_create(2) and timer_create(2): arming, expiring, and what was missed meanwhile. Interval timers of setitimer(2) are timers.ts.
import type { Draft } from "immer";
import { originCodes } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { SignalInfo } from "../state/proc-table.ts";
import type { KernelTimer } from "../state/time.ts";
import { CALL_NANOS } from "./clock.ts";
import { addTimerDeadline, removeTimerDeadline } from "./deadlines.ts";

/** Of Linux's own clock, 250 times a second. */
const TICK_NANOS = 4_000_000;

export const timerChannel = (id: number): string => `timer:${id}:read`;
export type NewTimer = Pick<KernelTimer, "clock" | "target" | "measures">;
export function createTimer(kernel: Kernel, timer: NewTimer): number {
  const { time } = kernel;
  const id = time.nextTimer++;
  time.kernelTimers.set(id, { id, ...timer, expiresNanos: null, intervalNanos: 0, count: 0, isQueued: false });
  return id;
}
export function kernelTimerOf(kernel: Kernel, id: number): Draft<KernelTimer> {
  const timer = kernel.time.kernelTimers.get(id);
  if (!timer) throw new Error(`Timer ${id} is referred to but does not exist.`);
  return timer;
}
export function destroyTimer(kernel: Kernel, id: number): void {
  disarm(kernel, kernelTimerOf(kernel, id));
  kernel.time.kernelTimers.delete(id);
}

/** What the timer goes by now: time since boot, or the CPU time of what it measures, a process or a task. Charges nothing: it is asked between events. */
export function timerNow(kernel: Kernel, { measures }: Pick<KernelTimer, "measures">): number {
  if (measures === 0) return kernel.nowNanos;
  const { procTable } = kernel;
  const running = procTable.tasks.get(procTable.runQueue[0] ?? 0);
  const isTask = measures < 0;
  const used = isTask ? procTable.tasks.get(-measures) : procTable.processes.get(measures);
  if (!used) return 0;
  const isRunning = isTask ? running?.tid === -measures : running?.pid === measures;
  const ticks = used.ticks + (isRunning ? kernel.tick - procTable.chargedTicks : 0);
  return ticks + (used.calls + (isRunning ? kernel.calls - procTable.chargedCalls : 0)) * CALL_NANOS;
}
function disarm(kernel: Kernel, timer: Draft<KernelTimer>): void {
  if (timer.measures === 0) removeTimerDeadline(kernel, timer.id);
  else kernel.time.cpuTimers = kernel.time.cpuTimers.filter(other => other !== timer.id);
  timer.expiresNanos = null;
  kernel.disturb();
}
export function armTimerAt(kernel: Kernel, timer: Draft<KernelTimer>, expiresNanos: number | null, intervalNanos: number): void {
  disarm(kernel, timer);
  timer.intervalNanos = intervalNanos;
  timer.expiresNanos = expiresNanos;
  if (expiresNanos === null) return;
  if (timer.measures === 0) addTimerDeadline(kernel, timer.id, expiresNanos);
  else kernel.time.cpuTimers.push(timer.id);
}
/** It has expired and stands still, until it is taken notice of: then what it missed since is made up for. */
export function standStill(kernel: Kernel, timer: Draft<KernelTimer>): void {
  const { expiresNanos, intervalNanos } = timer;
  armTimerAt(kernel, timer, null, intervalNanos);
  timer.isQueued = true;
  timer.expiresNanos = intervalNanos === 0 ? null : expiresNanos;
}
/** What is left, and how often: as timer_gettime tells. */
export function timerRemaining(kernel: Kernel, timer: Draft<KernelTimer>): { readonly valueNanos: number; readonly intervalNanos: number } {
  const { expiresNanos, intervalNanos } = timer;
  if (expiresNanos === null) return { valueNanos: 0, intervalNanos };
  const late = timerNow(kernel, timer) - expiresNanos;
  if (late < 0) return { valueNanos: -late, intervalNanos };
  return { valueNanos: intervalNanos === 0 ? (timer.isQueued ? 0 : 1) : intervalNanos - (late % intervalNanos), intervalNanos };
}
/** How often a timer that is due has expired by now. */
export function expirationsOf(kernel: Kernel, timer: Draft<KernelTimer>): number {
  const late = timerNow(kernel, timer) - timer.expiresNanos!;
  return timer.intervalNanos === 0 ? 1 : 1 + Math.floor(late / timer.intervalNanos);
}
/** A timer that is due goes on to its next moment; answers how often it had expired. */
export function advance(kernel: Kernel, timer: Draft<KernelTimer>): number {
  const expirations = expirationsOf(kernel, timer);
  const { expiresNanos, intervalNanos } = timer;
  armTimerAt(kernel, timer, intervalNanos === 0 ? null : expiresNanos! + expirations * intervalNanos, intervalNanos);
  return expirations;
}
/** A descriptor's timer goes on that stood still since it expired: what it missed counts. */
export function continueDescriptorTimer(kernel: Kernel, timer: Draft<KernelTimer>): void {
  if (timer.target.kind !== "file" || !timer.isQueued) return;
  timer.isQueued = false;
  timer.count += advance(kernel, timer) - 1;
}
/** Nobody sees when a timer expires whose signal is ignored: it does so at most once in a tick, as in Linux (posix_timer_fn), or a nanosecond's would let nobody sleep in peace. */
export function passOver(kernel: Kernel, timer: Draft<KernelTimer>): void {
  advance(kernel, timer);
  const { expiresNanos, intervalNanos } = timer;
  if (expiresNanos === null || intervalNanos >= TICK_NANOS) return;
  armTimerAt(kernel, timer, expiresNanos + Math.ceil(TICK_NANOS / intervalNanos) * intervalNanos, intervalNanos);
}

const senderOf = (kernel: Kernel, info: SignalInfo): Draft<KernelTimer> | undefined => {
  if (info.code !== originCodes.SI_TIMER || info.status === 0) return undefined;
  const timer = kernel.time.kernelTimers.get(info.status);
  return timer?.isQueued ? timer : undefined;
};
/** A timer's signal as it would be taken now: how often the timer has expired since it was sent is told by the signal (timer_getoverrun(2)). */
export function withOverrun(kernel: Kernel, info: SignalInfo): SignalInfo {
  const timer = senderOf(kernel, info);
  const uid = timer && timer.intervalNanos > 0 && timer.expiresNanos !== null ? expirationsOf(kernel, timer) - 1 : 0;
  return info.code === originCodes.SI_TIMER && info.status !== 0 ? { ...info, uid, status: 0 } : info;
}
/** The signal is taken: the timer goes on. */
export function continueTimer(kernel: Kernel, info: SignalInfo): void {
  const timer = senderOf(kernel, info);
  if (!timer) return;
  timer.isQueued = false;
  timer.count = timer.intervalNanos > 0 && timer.expiresNanos !== null ? advance(kernel, timer) - 1 : 0;
}

export const processTimer = (kernel: Kernel, pid: number, number: number): Draft<KernelTimer> | null => {
  const id = kernel.time.processTimers.get(pid)?.[number] ?? 0;
  return id === 0 ? null : kernelTimerOf(kernel, id);
};
/** exec and exit. */
export function destroyProcessTimers(kernel: Kernel, pid: number): void {
  const timers = kernel.time.processTimers.get(pid);
  if (!timers) return;
  for (const id of timers) if (id !== 0) destroyTimer(kernel, id);
  kernel.time.processTimers.delete(pid);
}
