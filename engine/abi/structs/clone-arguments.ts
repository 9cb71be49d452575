// struct clone_args of clone3(2): version 0 has 64 bytes; later ones append fields, of which those unknown here must be zero.
import { pointer, struct, u64 } from "../field.ts";

export const CLONE_ARGS_SIZE_VER0 = 64;
export const cloneArguments = struct({
  flags: u64,
  pidfd: pointer,
  child_tid: pointer,
  parent_tid: pointer,
  exit_signal: u64,
  stack: pointer,
  stack_size: u64,
  tls: pointer,
});
/** What versions 1 and 2 append. */
export const laterArguments = struct({ set_tid: pointer, set_tid_size: u64, cgroup: u64 });
