// The calls about time: clocks, sleeping, interval timers. Moments come from objects/clock.ts, and sleeping is waiting with a deadline.
import { clocks, intervalTimers, sleepFlags, TICKS_PER_SECOND } from "../../abi/constants/clocks.ts";
import { encodeField } from "../../abi/field.ts";
import { isValid, nanosOf, nanosOfTimeval, type Timespec, type Timeval, timespec, timespecOf, timevalOf } from "../../abi/structs/timespec.ts";
import type { timex } from "../../abi/structs/timex.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAfter, deadlineAtRealtime, realtime, setRealtime } from "../objects/clock.ts";
import { clockBy } from "../objects/clocks.ts";
import { can } from "../objects/credentials.ts";
import { childrenCpuTime, cpuTime } from "../objects/scheduling.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { armTimer, remainingOf } from "../objects/timers.ts";
import { refreshVdso } from "../objects/vdso.ts";
import { type Call, type Calls, done, fail, OK, type Outcome, type PlainOutcome } from "../service.ts";
import { timerCalls } from "./time-timers.ts";

const SECOND = 1_000_000_000;
interface Sleep {
  readonly deadlineNanos: number;
  readonly clock: number;
  /** Where the rest is told; 0 where it is not. */
  readonly remainder: number;
  readonly isAbsolute: boolean;
}
/** Sleeps until the deadline. A handler ends the sleep (EINTR); without one it goes on: restart_syscall, or the same call where the moment is absolute (nanosleep(2)). */
function sleepUntil(kernel: Kernel, call: Call<unknown>, sleep: Sleep): PlainOutcome {
  if (call.due === "timeout" || sleep.deadlineNanos <= kernel.nowNanos) return OK;
  if (call.due !== "interrupt") return { kind: "block", until: { channels: [], deadlineNanos: sleep.deadlineNanos, memo: sleep } };
  if (sleep.isAbsolute) return fail("ERESTARTNOHAND");
  const task = taskOf(kernel, call.tid);
  const { deadlineNanos, clock, remainder } = sleep;
  task.restartBlock = { deadlineNanos, clock, remainder };
  if (remainder !== 0) {
    const bytes = encodeField(timespec, timespecOf(deadlineNanos - kernel.nowNanos));
    kernel.effect({ kind: "write", space: task.space, store: { address: remainder, bytes } });
  }
  return fail("ERESTART_RESTARTBLOCK");
}

const isTimerKnown = (which: number): boolean => which >= intervalTimers.ITIMER_REAL && which <= intervalTimers.ITIMER_PROF;
/** The largest ktime_t less thirty years, in which the machine may run on (include/linux/time64.h, TIME_SETTOD_SEC_MAX). */
const MOST_SETTABLE_SECONDS = Math.floor(2 ** 63 / 1e9) - 30 * 365 * 86_400;
/** CLOCK_REALTIME is never set to before the boot (kernel/time/timekeeping.c, do_settimeofday64). */
function setClock(kernel: Kernel, pid: number, time: Timespec): PlainOutcome {
  if (!isValid(time) || time.tv_sec >= MOST_SETTABLE_SECONDS) return fail("EINVAL");
  if (!can(processOf(kernel, pid).credentials, "CAP_SYS_TIME")) return fail("EPERM");
  if (nanosOf(time) < kernel.nowNanos) return fail("EINVAL");
  setRealtime(kernel, time);
  refreshVdso(kernel);
  return OK;
}
const isTimevalValid = ({ tv_sec, tv_usec }: Timeval): boolean => tv_sec >= 0 && tv_usec >= 0 && tv_usec < 1_000_000;
const timerValues = (kernel: Kernel, pid: number, which: number): { it_interval: Timeval; it_value: Timeval } => {
  const { valueNanos, intervalNanos } = remainingOf(kernel, pid, which);
  return { it_interval: timevalOf(intervalNanos), it_value: timevalOf(valueNanos) };
};
const ticks = (nanos: number): number => Math.floor(nanos / (SECOND / TICKS_PER_SECOND));

/** Nothing may be set: the clock is exact, and no one disciplines it. */
function adjusted(kernel: Kernel, call: Call<{ buf: Timex | null }>): Outcome<{ buf: Timex | undefined }> {
  const { buf } = call.args;
  if (!buf) return fail("EFAULT");
  if (buf.modes !== 0) return fail(can(processOf(kernel, call.pid).credentials, "CAP_SYS_TIME") ? "EINVAL" : "EPERM");
  const { seconds, nanos } = realtime(kernel);
  return done(TIME_ERROR, { buf: { ...UNDISCIPLINED, time: { tv_sec: seconds, tv_usec: Math.floor(nanos / 1000) } } });
}
type Timex = ReturnType<(typeof timex)["get"]>;
const TIME_ERROR = 5;
const STA_UNSYNC = 0x40;
const UNDISCIPLINED: Omit<Timex, "time"> = {
  modes: 0,
  offset: 0,
  freq: 0,
  maxerror: 16_000_000,
  esterror: 16_000_000,
  status: STA_UNSYNC,
  constant: 2,
  precision: 1,
  tolerance: 32_768_000,
  tick: 10_000,
  ppsfreq: 0,
  jitter: 0,
  shift: 0,
  stabil: 0,
  jitcnt: 0,
  calcnt: 0,
  errcnt: 0,
  stbcnt: 0,
  tai: 0,
  _spare: [],
};

export const timeCalls: Calls<"time"> = {
  ...timerCalls,
  adjtimex: adjusted,
  clock_adjtime: (kernel, call) =>
    call.args.clockid === clocks.CLOCK_REALTIME ? adjusted(kernel, call) : fail(clockBy(kernel, call, call.args.clockid) ? "EOPNOTSUPP" : "EINVAL"),
  nanosleep(kernel, call) {
    if (call.memo) return sleepUntil(kernel, call, call.memo as Sleep);
    const { req, rem } = call.args;
    if (!req) return fail("EFAULT");
    if (!isValid(req)) return fail("EINVAL");
    return sleepUntil(kernel, call, { deadlineNanos: deadlineAfter(kernel, nanosOf(req)), clock: clocks.CLOCK_MONOTONIC, remainder: rem, isAbsolute: false });
  },
  clock_nanosleep(kernel, call) {
    if (call.memo) return sleepUntil(kernel, call, call.memo as Sleep);
    const { clockid, flags, req, rem } = call.args;
    const clock = clockBy(kernel, call, clockid);
    if (!clock || clockid === clocks.CLOCK_THREAD_CPUTIME_ID) return fail("EINVAL");
    if (!clock.sleepsBy) return fail(clock.measures !== undefined ? "EINVAL" : "EOPNOTSUPP");
    if (!req) return fail("EFAULT");
    if (!isValid(req)) return fail("EINVAL");
    const isAbsolute = (flags & sleepFlags.TIMER_ABSTIME) !== 0;
    const absolute = clock.sleepsBy === "realtime" ? deadlineAtRealtime(kernel, req) : nanosOf(req);
    return sleepUntil(kernel, call, {
      deadlineNanos: isAbsolute ? absolute : deadlineAfter(kernel, nanosOf(req)),
      clock: clockid,
      remainder: isAbsolute ? 0 : rem,
      isAbsolute,
    });
  },
  restart_syscall(kernel, call) {
    if (call.memo) return sleepUntil(kernel, call, call.memo as Sleep);
    const task = taskOf(kernel, call.tid);
    // Nothing to go on with: a program called it itself (restart_syscall(2)).
    if (!task.restartBlock) return fail("EINTR");
    const block = { ...task.restartBlock };
    task.restartBlock = null;
    return sleepUntil(kernel, call, { ...block, isAbsolute: false });
  },

  clock_gettime(kernel, call) {
    const clock = clockBy(kernel, call, call.args.clockid);
    if (!clock) return fail("EINVAL");
    return call.args.tp === 0 ? fail("EFAULT") : done(0, { tp: clock.read(kernel) });
  },
  clock_getres(kernel, call) {
    const clock = clockBy(kernel, call, call.args.clockid);
    return clock ? done(0, { res: timespecOf(clock.resolutionNanos) }) : fail("EINVAL");
  },
  clock_settime(kernel, call) {
    const { clockid, tp } = call.args;
    // The other clocks exist, but cannot be set.
    if (clockid !== clocks.CLOCK_REALTIME) return fail("EINVAL");
    if (!tp) return fail("EFAULT");
    return setClock(kernel, call.pid, tp);
  },
  gettimeofday(kernel) {
    const { seconds, nanos } = realtime(kernel);
    return done(0, { tv: { tv_sec: seconds, tv_usec: Math.floor(nanos / 1000) }, tz: { tz_minuteswest: 0, tz_dsttime: 0 } });
  },
  settimeofday(kernel, call) {
    const { tv, tz } = call.args;
    if (tv && !isTimevalValid(tv)) return fail("EINVAL");
    const time = tv && { tv_sec: tv.tv_sec, tv_nsec: tv.tv_usec * 1000 };
    if (time && time.tv_sec >= MOST_SETTABLE_SECONDS) return fail("EINVAL");
    if (!can(processOf(kernel, call.pid).credentials, "CAP_SYS_TIME")) return fail("EPERM");
    if (tz && Math.abs(tz.tz_minuteswest) > 15 * 60) return fail("EINVAL");
    return time ? setClock(kernel, call.pid, time) : OK;
  },
  time(kernel) {
    const { seconds } = realtime(kernel);
    return done(seconds, { tloc: seconds });
  },
  times(kernel, call) {
    const process = processOf(kernel, call.pid);
    const [own, children] = [cpuTime(kernel, process), childrenCpuTime(process)];
    const buf = {
      tms_utime: ticks(own.userNanos),
      tms_stime: ticks(own.systemNanos),
      tms_cutime: ticks(children.userNanos),
      tms_cstime: ticks(children.systemNanos),
    };
    return done(ticks(kernel.nowNanos), { buf });
  },

  alarm(kernel, call) {
    const { valueNanos } = remainingOf(kernel, call.pid, intervalTimers.ITIMER_REAL);
    armTimer(kernel, call.pid, intervalTimers.ITIMER_REAL, { valueNanos: call.args.seconds * SECOND, intervalNanos: 0 });
    // Rounded to the nearest second, but never to 0, which would say that none was set (kernel/time/itimer.c, alarm_setitimer).
    const seconds = Math.floor(valueNanos / SECOND);
    const isUp = valueNanos % SECOND >= SECOND / 2 || (seconds === 0 && valueNanos > 0);
    return done(seconds + (isUp ? 1 : 0), {});
  },
  getitimer(kernel, call) {
    const { which } = call.args;
    return isTimerKnown(which) ? done(0, { curr_value: timerValues(kernel, call.pid, which) }) : fail("EINVAL");
  },
  setitimer(kernel, call) {
    const { which, new_value } = call.args;
    // NULL disarms, as an old mistake that programs rely on (setitimer(2)).
    const value = new_value ?? { it_interval: { tv_sec: 0, tv_usec: 0 }, it_value: { tv_sec: 0, tv_usec: 0 } };
    if (!isTimevalValid(value.it_value) || !isTimevalValid(value.it_interval) || !isTimerKnown(which)) return fail("EINVAL");
    const old_value = timerValues(kernel, call.pid, which);
    armTimer(kernel, call.pid, which, { valueNanos: nanosOfTimeval(value.it_value), intervalNanos: nanosOfTimeval(value.it_interval) });
    return done(0, { old_value });
  },
};
