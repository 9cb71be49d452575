// The state of clocks and timers. Virtual time is integer arithmetic over ticks, calls and skipped idle time: see objects/clock.ts.

export interface IntervalTimer {
  readonly pid: number;
  /** ITIMER_REAL 0, ITIMER_VIRTUAL 1, ITIMER_PROF 2. */
  readonly which: number;
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
}
