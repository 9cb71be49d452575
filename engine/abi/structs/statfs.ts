// struct statfs of x86-64 (asm-generic/statfs.h), 120 bytes.
import { array, i32, i64, shown, struct, u64 } from "../field.ts";

export const statfs = struct({
  f_type: shown(i64, value => `0x${value.toString(16)}`),
  f_bsize: i64,
  f_blocks: u64,
  f_bfree: u64,
  f_bavail: u64,
  f_files: u64,
  f_ffree: u64,
  f_fsid: array(i32, 2),
  f_namelen: i64,
  f_frsize: i64,
  f_flags: i64,
  _spare: array(i64, 4),
});
