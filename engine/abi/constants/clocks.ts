// Clocks and timers by number (clock_gettime(2), setitimer(2)).

export const clocks = {
  CLOCK_REALTIME: 0,
  CLOCK_MONOTONIC: 1,
  CLOCK_PROCESS_CPUTIME_ID: 2,
  CLOCK_THREAD_CPUTIME_ID: 3,
  CLOCK_MONOTONIC_RAW: 4,
  CLOCK_REALTIME_COARSE: 5,
  CLOCK_MONOTONIC_COARSE: 6,
  CLOCK_BOOTTIME: 7,
  CLOCK_REALTIME_ALARM: 8,
  CLOCK_BOOTTIME_ALARM: 9,
  CLOCK_TAI: 11,
} as const;
export const sleepFlags = { TIMER_ABSTIME: 1 } as const;
export const intervalTimers = { ITIMER_REAL: 0, ITIMER_VIRTUAL: 1, ITIMER_PROF: 2 } as const;
/** sysconf(_SC_CLK_TCK): the unit of times(2) and /proc/PID/stat. */
export const TICKS_PER_SECOND = 100;
/** A jiffy of CONFIG_HZ=250: the resolution of the coarse clocks. */
export const COARSE_NANOS = 4_000_000;
