// Structures that hold times: timespec, timeval, itimerval, timezone, tms.
import { i32, i64, struct } from "../field.ts";

export const timespec = struct({ tv_sec: i64, tv_nsec: i64 });
export const timeval = struct({ tv_sec: i64, tv_usec: i64 });
export const itimerval = struct({ it_interval: timeval, it_value: timeval });
export const timezone = struct({ tz_minuteswest: i32, tz_dsttime: i32 });
/** times(2): clock ticks of a hundredth of a second. */
export const tms = struct({ tms_utime: i64, tms_stime: i64, tms_cutime: i64, tms_cstime: i64 });

export type Timespec = ReturnType<(typeof timespec)["get"]>;
export type Timeval = ReturnType<(typeof timeval)["get"]>;

const NANOS = 1_000_000_000;
export const nanosOf = (time: Timespec): number => time.tv_sec * NANOS + time.tv_nsec;
export const timespecOf = (nanos: number): Timespec => ({ tv_sec: Math.floor(nanos / NANOS), tv_nsec: Math.floor(nanos % NANOS) });
export const isValid = (time: Timespec): boolean => time.tv_sec >= 0 && time.tv_nsec >= 0 && time.tv_nsec < NANOS;
export const nanosOfTimeval = (time: Timeval): number => time.tv_sec * NANOS + time.tv_usec * 1000;
export const timevalOf = (nanos: number): Timeval => ({ tv_sec: Math.floor(nanos / NANOS), tv_usec: Math.floor((nanos % NANOS) / 1000) });
