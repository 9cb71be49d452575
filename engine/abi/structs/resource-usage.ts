// struct rusage and struct rlimit (getrusage(2), getrlimit(2)).
import { type Field, i64, shown, struct, u64 } from "../field.ts";
import { timeval } from "./timespec.ts";

export const rusage = struct({
  ru_utime: timeval,
  ru_stime: timeval,
  ru_maxrss: i64,
  ru_ixrss: i64,
  ru_idrss: i64,
  ru_isrss: i64,
  ru_minflt: i64,
  ru_majflt: i64,
  ru_nswap: i64,
  ru_inblock: i64,
  ru_oublock: i64,
  ru_msgsnd: i64,
  ru_msgrcv: i64,
  ru_nsignals: i64,
  ru_nvcsw: i64,
  ru_nivcsw: i64,
});

const RLIM_INFINITY = 2n ** 64n - 1n;
/** RLIM_INFINITY is Infinity here. */
const limit: Field<number> = {
  ...shown(u64, value =>
    value === Number.POSITIVE_INFINITY ? "RLIM64_INFINITY" : value > 1024 && value % 1024 === 0 ? `${value / 1024}*1024` : String(value),
  ),
  get(view, at) {
    const value = view.getBigUint64(at, true);
    return value === RLIM_INFINITY ? Number.POSITIVE_INFINITY : Number(value);
  },
  put: (view, at, value) => view.setBigUint64(at, value === Number.POSITIVE_INFINITY ? RLIM_INFINITY : BigInt(value), true),
};
export const rlimit = struct({ rlim_cur: limit, rlim_max: limit });
