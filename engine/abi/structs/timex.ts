// struct timex (adjtimex(2)), 208 bytes.
import { abbreviated, array, i32, i64, struct, u32 } from "../field.ts";
import { timeval } from "./timespec.ts";

const whole = struct({
  modes: u32,
  offset: i64,
  freq: i64,
  maxerror: i64,
  esterror: i64,
  status: i32,
  constant: i64,
  precision: i64,
  tolerance: i64,
  time: timeval,
  tick: i64,
  ppsfreq: i64,
  jitter: i64,
  shift: i32,
  stabil: i64,
  jitcnt: i64,
  calcnt: i64,
  errcnt: i64,
  stbcnt: i64,
  tai: i32,
  _spare: array(i32, 11),
});
export const timex = { ...whole, ...abbreviated(whole, ({ modes, status }) => `modes=${modes}, status=${status}`) };
