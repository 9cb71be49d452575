// The state of clocks and timers. Virtual time is integer arithmetic over ticks, calls and skipped idle time: see objects/clock.ts.

import type { BootParameters } from "../../../events/kernel-event.ts";
import type { Raw } from "../../abi/memory-view.ts";

export interface IntervalTimer {
  readonly pid: number;
  /** ITIMER_REAL 0, ITIMER_VIRTUAL 1, ITIMER_PROF 2. */
  readonly which: number;
  /** Since boot; for the other two, of the process's CPU time. */
  readonly expiresNanos: number;
  readonly intervalNanos: number;
  /** It has expired, and goes on when its signal is taken: see objects/real-timer.ts. */
  readonly isStill: boolean;
}
/** A timer of timerfd_create(2) or timer_create(2). */
export interface KernelTimer {
  readonly id: number;
  readonly clock: number;
  /** What expiring does: makes a descriptor readable, or sends a signal. */
  readonly target:
    | { readonly kind: "file" }
    | { readonly kind: "signal"; readonly pid: number; readonly timer: number; readonly signal: number; readonly tid: number; readonly value: Raw };
  /** Of its process or task, where it measures CPU time; else 0. */
  readonly measures: number;
  readonly expiresNanos: number | null;
  readonly intervalNanos: number;
  /** A descriptor's unread expirations; of a signal, how many were missed before it was taken last. */
  readonly count: number;
  /** Its signal is on the way, or its descriptor not read since: until then it stands still. */
  readonly isQueued: boolean;
}
export interface TimeState {
  /** CLOCK_REALTIME at boot, in seconds since 1970. */
  readonly epochSeconds: number;
  /** Added to CLOCK_REALTIME by clock_settime. */
  readonly realtimeOffsetNanos: number;
  /** Idle time that was skipped. */
  readonly skippedNanos: number;
  readonly timers: readonly IntervalTimer[];
  /** Of waiting tasks, earliest first: so that the next one is found at once. */
  readonly deadlines: readonly Deadline[];
  readonly kernelTimers: ReadonlyMap<number, KernelTimer>;
  /** Those that measure CPU time and are armed. */
  readonly cpuTimers: readonly number[];
  /** timer_create's numbers of each process, in order: the kernel's, 0 where it was deleted. */
  readonly processTimers: ReadonlyMap<number, readonly number[]>;
  readonly nextTimer: number;
}
export interface Deadline {
  readonly nanos: number;
  /** Who gives up waiting; 0 for a timer. */
  readonly tid: number;
  readonly timer: number;
}

export const initialTime = (parameters: BootParameters): TimeState => ({
  epochSeconds: parameters.epochSeconds,
  realtimeOffsetNanos: 0,
  skippedNanos: 0,
  timers: [],
  deadlines: [],
  kernelTimers: new Map(),
  cpuTimers: [],
  processTimers: new Map(),
  nextTimer: 1,
});
