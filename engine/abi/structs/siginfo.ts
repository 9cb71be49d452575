// siginfo_t (sigaction(2)): a union in C, one record here. Which members of the union count follows from the signal and its code.
import { AUDIT_ARCH_X86_64 } from "../constants/seccomp.ts";
import { childCodes, codeName, isFault, originCodes, signalName, signals } from "../constants/signals.ts";
import { type Field, i32, u32 } from "../field.ts";
import { bigOf, type Raw } from "../memory-view.ts";

export interface SignalInfo {
  readonly signal: number;
  readonly code: number;
  readonly errno: number;
  readonly pid: number;
  readonly uid: number;
  /** si_status of SIGCHLD, si_overrun of timers. */
  readonly status: number;
  /** si_addr of faults, si_value of queued signals. */
  readonly value: Raw;
}
/** The only code of SIGSYS: of a call that a filter forbids. */
const SYS_SECCOMP = 1;
type Shape = "system" | "poll" | "fault" | "child" | "timer" | "queued" | "sender";
/** POLL_IN to POLL_HUP: of signals that have no codes of their own (kernel/signal.c, siginfo_layout). */
const MOST_POLL = 6;
const hasOwnCodes = (signal: number): boolean =>
  [signals.SIGILL, signals.SIGFPE, signals.SIGSEGV, signals.SIGBUS, signals.SIGTRAP, signals.SIGCHLD, signals.SIGSYS].includes(signal as 4);
const shapeOf = ({ signal, code }: { signal: number; code: number }): Shape =>
  signal === signals.SIGSYS && code === SYS_SECCOMP
    ? "system"
    : isFault(signal, code)
      ? "fault"
      : signal === signals.SIGCHLD && code > 0 && code <= childCodes.CLD_CONTINUED
        ? "child"
        : code > 0 && code <= MOST_POLL && !hasOwnCodes(signal)
          ? "poll"
          : code === originCodes.SI_TIMER
            ? "timer"
            : code < 0 && code !== originCodes.SI_TKILL
              ? "queued"
              : "sender";

const UNION = 16;
const wide = (view: DataView, at: number): Raw => {
  const value = view.getBigUint64(at, true);
  return value < 1n << 53n ? Number(value) : value;
};
const put: Readonly<Record<Shape, (view: DataView, at: number, info: SignalInfo) => void>> = {
  fault: (view, at, info) => view.setBigUint64(at, bigOf(info.value), true),
  // si_band, and in `status` si_fd.
  poll(view, at, info) {
    put.fault(view, at, info);
    i32.put(view, at + 8, info.status);
  },
  // The call's number stands in `status`, its architecture in `uid`.
  system(view, at, info) {
    put.fault(view, at, info);
    i32.put(view, at + 8, info.status);
    u32.put(view, at + 12, info.uid);
  },
  sender(view, at, info) {
    i32.put(view, at, info.pid);
    u32.put(view, at + 4, info.uid);
  },
  child(view, at, info) {
    put.sender(view, at, info);
    i32.put(view, at + 8, info.status);
  },
  // The timer's number and how often it was missed lie where a sender's ids do.
  timer: (view, at, info) => put.queued(view, at, info),
  queued(view, at, info) {
    put.sender(view, at, info);
    view.setBigUint64(at + 8, bigOf(info.value), true);
  },
};
const valueText = ({ value }: SignalInfo): string => `si_value={si_int=${Number(BigInt.asIntN(32, bigOf(value)))}, si_ptr=0x${bigOf(value).toString(16)}}`;
const details: Readonly<Record<Shape, (info: SignalInfo) => string>> = {
  fault: info => `si_addr=${bigOf(info.value) === 0n ? "NULL" : `0x${BigInt.asUintN(64, bigOf(info.value)).toString(16)}`}`,
  system: info =>
    `si_call_addr=0x${bigOf(info.value).toString(16)}, si_syscall=${info.status}, si_arch=${info.uid === AUDIT_ARCH_X86_64 ? "AUDIT_ARCH_X86_64" : info.uid}`,
  poll: info => `si_band=${Number(info.value)}, si_fd=${info.status}`,
  sender: info => (info.code === 0x80 ? "" : `si_pid=${info.pid}, si_uid=${info.uid}`),
  child: info =>
    `si_pid=${info.pid}, si_uid=${info.uid}, si_status=${info.code === childCodes.CLD_EXITED ? info.status : signalName(info.status)}, si_utime=0, si_stime=0`,
  timer: info => `si_timerid=${info.pid}, si_overrun=${info.uid}, ${valueText(info)}`,
  queued: info => `si_pid=${info.pid}, si_uid=${info.uid}, ${valueText(info)}`,
};

export const siginfo: Field<SignalInfo> = {
  size: 128,
  alignment: 8,
  get(view, at) {
    const [signal, errno, code] = [view.getInt32(at, true), view.getInt32(at + 4, true), view.getInt32(at + 8, true)];
    const shape = shapeOf({ signal, code });
    if (shape === "poll") return { signal, code, errno, pid: 0, uid: 0, status: view.getInt32(at + UNION + 8, true), value: wide(view, at + UNION) };
    if (shape === "system") {
      const [status, uid] = [view.getInt32(at + UNION + 8, true), view.getUint32(at + UNION + 12, true)];
      return { signal, code, errno, pid: 0, uid, status, value: wide(view, at + UNION) };
    }
    const isValue = shape === "fault" || shape === "queued" || shape === "timer";
    return {
      signal,
      code,
      errno,
      pid: shape === "fault" ? 0 : view.getInt32(at + UNION, true),
      uid: shape === "fault" ? 0 : view.getUint32(at + UNION + 4, true),
      status: shape === "child" ? view.getInt32(at + UNION + 8, true) : 0,
      value: isValue ? wide(view, at + UNION + (shape === "fault" ? 0 : 8)) : 0,
    };
  },
  put(view, at, info) {
    for (let i = 0; i < 128; i += 4) view.setInt32(at + i, 0, true);
    view.setInt32(at, info.signal, true);
    view.setInt32(at + 4, info.errno, true);
    view.setInt32(at + 8, info.code, true);
    put[shapeOf(info)](view, at + UNION, info);
  },
  format(info) {
    if (info.signal === 0) return "{}";
    const detail = details[shapeOf(info)](info);
    return `{si_signo=${signalName(info.signal)}, si_code=${codeName(info.signal, info.code)}${detail ? `, ${detail}` : ""}}`;
  },
};
