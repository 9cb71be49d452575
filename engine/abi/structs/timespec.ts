// Structures that hold times: timespec, timeval, itimerval, timezone, tms.
import { i32, i64, shown, struct } from "../field.ts";

export const timespec = struct({ tv_sec: i64, tv_nsec: i64 });
export const timeval = struct({ tv_sec: i64, tv_usec: i64 });
export const itimerval = struct({ it_interval: timeval, it_value: timeval });
export const itimerspec = struct({ it_interval: timespec, it_value: timespec });
export const timezone = struct({ tz_minuteswest: i32, tz_dsttime: i32 });
/** times(2): clock ticks of a hundredth of a second. */
export const tms = struct({ tms_utime: i64, tms_stime: i64, tms_cutime: i64, tms_cstime: i64 });

/** As strace dates moments: in UTC, with a fraction where there is one. */
export function formatMoment(seconds: number, nanos: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  const fraction = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0")}`;
  return `${date.toISOString().slice(0, -5)}${fraction}+0000`;
}
const UTIME_NOW = 0x3fff_ffff;
const UTIME_OMIT = 0x3fff_fffe;
/** A file's time as utimensat(2) sets it. */
export const fileTime = shown(timespec, time => {
  if (time.tv_nsec === UTIME_NOW) return "UTIME_NOW";
  if (time.tv_nsec === UTIME_OMIT) return "UTIME_OMIT";
  return `${timespec.format(time)} /* ${formatMoment(time.tv_sec, time.tv_nsec)} */`;
});
/** time_t. */
export const moment = shown(i64, seconds => `${seconds} /* ${formatMoment(seconds, 0)} */`);

export type Timespec = ReturnType<(typeof timespec)["get"]>;
export type Timeval = ReturnType<(typeof timeval)["get"]>;

const NANOS = 1_000_000_000;
export const nanosOf = (time: Timespec): number => time.tv_sec * NANOS + time.tv_nsec;
export const timespecOf = (nanos: number): Timespec => ({ tv_sec: Math.floor(nanos / NANOS), tv_nsec: Math.floor(nanos % NANOS) });
export const isValid = (time: Timespec): boolean => time.tv_sec >= 0 && time.tv_nsec >= 0 && time.tv_nsec < NANOS;
export const nanosOfTimeval = (time: Timeval): number => time.tv_sec * NANOS + time.tv_usec * 1000;
export const timevalOf = (nanos: number): Timeval => ({ tv_sec: Math.floor(nanos / NANOS), tv_usec: Math.floor((nanos % NANOS) / 1000) });
