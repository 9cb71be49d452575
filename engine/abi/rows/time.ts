// Clocks, sleeping and interval timers. Handled by engine/kernel/services/time.ts.
import { flags, inStruct, oneOf, outStruct, Uint } from "../argument.ts";
import { remainingTime } from "../arguments/remaining-time.ts";
import { clocks, intervalTimers, sleepFlags } from "../constants/clocks.ts";
import { row } from "../row.ts";
import { itimerval, moment, timespec, timeval, timezone, tms } from "../structs/timespec.ts";

const clock = { classes: ["clock"] };
const Clock = oneOf(clocks, "CLOCK_???");
const Timer = oneOf(intervalTimers, "ITIMER_???");

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
  getitimer: row(36, "time", { which: Timer, curr_value: outStruct(itimerval) }),
  setitimer: row(38, "time", { which: Timer, new_value: inStruct(itimerval), old_value: outStruct(itimerval) }),
};
