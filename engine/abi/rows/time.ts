// Clocks, sleeping and interval timers. Handled by engine/kernel/services/time.ts.
import { Fd, flags, Int, inOutStruct, inStruct, oneOf, outStruct, outValue, Uint } from "../argument.ts";
import { remainingTime } from "../arguments/remaining-time.ts";
import { clocks, intervalTimers, sleepFlags } from "../constants/clocks.ts";
import { O_CLOEXEC, O_NONBLOCK } from "../constants/open-flags.ts";
import { i32 } from "../field.ts";
import { row } from "../row.ts";
import { sigevent } from "../structs/sigevent.ts";
import { itimerspec, itimerval, moment, timespec, timeval, timezone, tms } from "../structs/timespec.ts";
import { timex } from "../structs/timex.ts";

const clock = { classes: ["clock"] };
const Clock = oneOf(clocks, "CLOCK_???");
const Timer = oneOf(intervalTimers, "ITIMER_???");

const timerFlags = flags(sleepFlags);
const timerfdFlags = flags({ TFD_TIMER_ABSTIME: 1, TFD_TIMER_CANCEL_ON_SET: 2 });

export const timeRows = {
  nanosleep: row(35, "time", { req: inStruct(timespec), rem: remainingTime }),
  clock_nanosleep: row(230, "time", { clockid: Clock, flags: flags(sleepFlags), req: inStruct(timespec), rem: remainingTime }),
  restart_syscall: row(219, "time", {}),
  clock_gettime: row(228, "time", { clockid: Clock, tp: outStruct(timespec) }, clock),
  clock_getres: row(229, "time", { clockid: Clock, res: outStruct(timespec) }, clock),
  clock_settime: row(227, "time", { clockid: Clock, tp: inStruct(timespec) }, clock),
  gettimeofday: row(96, "time", { tv: outStruct(timeval), tz: outStruct(timezone) }, clock),
  settimeofday: row(164, "time", { tv: inStruct(timeval), tz: inStruct(timezone) }, { ...clock, missing: "the time zone" }),
  time: row(201, "time", { tloc: outStruct(moment) }, clock),
  times: row(100, "time", { buf: outStruct(tms) }),
  alarm: row(37, "time", { seconds: Uint }),
  adjtimex: row(159, "time", { buf: inOutStruct(timex) }, { ...clock, missing: "nothing can be adjusted" }),
  clock_adjtime: row(305, "time", { clockid: Clock, buf: inOutStruct(timex) }, { ...clock, missing: "nothing can be adjusted" }),
  timer_create: row(222, "time", { clockid: Clock, sevp: inStruct(sigevent), timerid: outValue(i32) }),
  timer_settime: row(223, "time", { timerid: Int, flags: timerFlags, new_value: inStruct(itimerspec), old_value: outStruct(itimerspec) }),
  timer_gettime: row(224, "time", { timerid: Int, curr_value: outValue(itimerspec) }),
  timer_getoverrun: row(225, "time", { timerid: Int }),
  timer_delete: row(226, "time", { timerid: Int }),
  timerfd_create: row(
    283,
    "time",
    { clockid: Clock, flags: flags({ TFD_CLOEXEC: O_CLOEXEC, TFD_NONBLOCK: O_NONBLOCK }) },
    { classes: ["desc"], returns: "fd" },
  ),
  timerfd_settime: row(
    286,
    "time",
    { fd: Fd, flags: timerfdFlags, new_value: inStruct(itimerspec), old_value: outStruct(itimerspec) },
    { classes: ["desc"], missing: "a clock that is set moves no timer, and cancels no read (TFD_TIMER_CANCEL_ON_SET)" },
  ),
  timerfd_gettime: row(287, "time", { fd: Fd, curr_value: outValue(itimerspec) }, { classes: ["desc"] }),
  getitimer: row(36, "time", { which: Timer, curr_value: outStruct(itimerval) }),
  setitimer: row(38, "time", { which: Timer, new_value: inStruct(itimerval), old_value: outStruct(itimerval) }),
};
