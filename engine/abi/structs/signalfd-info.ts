// struct signalfd_siginfo (signalfd(2)), 128 bytes.
import { childCodes, isFault, originCodes, signals } from "../constants/signals.ts";
import { bytes, i32, struct, u32, u64 } from "../field.ts";
import { bigOf } from "../memory-view.ts";
import type { SignalInfo } from "./siginfo.ts";

export const signalfdInfo = struct({
  ssi_signo: u32,
  ssi_errno: i32,
  ssi_code: i32,
  ssi_pid: u32,
  ssi_uid: u32,
  ssi_fd: i32,
  ssi_tid: u32,
  ssi_band: u32,
  ssi_overrun: u32,
  ssi_trapno: u32,
  ssi_status: i32,
  ssi_int: i32,
  ssi_ptr: u64,
  ssi_utime: u64,
  ssi_stime: u64,
  ssi_addr: u64,
  _pad: bytes(48),
});
export function signalfdInfoOf(info: SignalInfo): ReturnType<(typeof signalfdInfo)["get"]> {
  const isTimer = info.code === originCodes.SI_TIMER;
  const isQueued = info.code < 0 && info.code !== originCodes.SI_TKILL;
  const isChild = info.signal === signals.SIGCHLD && info.code > 0 && info.code <= childCodes.CLD_CONTINUED;
  const value = Number(BigInt.asUintN(64, bigOf(info.value)));
  return {
    ssi_signo: info.signal,
    ssi_errno: info.errno,
    ssi_code: info.code,
    ssi_pid: isTimer ? 0 : info.pid,
    ssi_uid: isTimer ? 0 : info.uid,
    ssi_fd: 0,
    ssi_tid: isTimer ? info.pid : 0,
    ssi_band: 0,
    ssi_overrun: isTimer ? info.uid : 0,
    ssi_trapno: 0,
    ssi_status: isChild ? info.status : 0,
    ssi_int: isQueued ? Number(BigInt.asIntN(32, bigOf(info.value))) : 0,
    ssi_ptr: isQueued ? value : 0,
    ssi_utime: 0,
    ssi_stime: 0,
    ssi_addr: isFault(info.signal, info.code) ? value : 0,
    _pad: new Uint8Array(0),
  };
}
