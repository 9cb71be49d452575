// The state of clocks and timers. Virtual time is integer arithmetic over ticks, calls and skipped idle time: see objects/clock.ts.

import type { BootParameters } from "../../../events/kernel-event.ts";

export interface IntervalTimer {
  readonly pid: number;
  /** ITIMER_REAL 0, ITIMER_VIRTUAL 1, ITIMER_PROF 2. */
  readonly which: number;
  /** Since boot; for the other two, of the process's CPU time. */
  readonly expiresNanos: number;
  readonly intervalNanos: number;
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
}
export interface Deadline {
  readonly nanos: number;
  readonly tid: number;
}

export const initialTime = (parameters: BootParameters): TimeState => ({
  epochSeconds: parameters.epochSeconds,
  realtimeOffsetNanos: 0,
  skippedNanos: 0,
  timers: [],
  deadlines: [],
});
