// Signals: sending, handling, masking, waiting for them. Handled by engine/kernel/services/signal.ts.
import { type Arg, inStruct, oneOf, outStruct, Pid, Size } from "../argument.ts";
import { SignalFrame } from "../arguments/signal-frame.ts";
import { LAST_SIGNAL, maskChanges, SIGRTMIN, signals } from "../constants/signals.ts";
import { row } from "../row.ts";
import { sigaction, sigset, stack_t } from "../structs/sigaction.ts";
import { siginfo } from "../structs/siginfo.ts";
import { timespec } from "../structs/timespec.ts";

const signal = { classes: ["signal"] };
const sending = { classes: ["signal", "process"] };
const StackPointer: Arg<number> = { ...Size, format: () => "" };
/** Real-time ones by their distance from the first, as strace names them. */
const realTime = Object.fromEntries(Array.from({ length: LAST_SIGNAL - SIGRTMIN + 1 }, (_, i) => [i === 0 ? "SIGRTMIN" : `SIGRT_${i}`, SIGRTMIN + i]));
const Signal = oneOf({ "0": 0, ...signals, ...realTime }, "SIG???");

export const signalRows = {
  rt_sigaction: row(13, "signal", { signum: Signal, act: inStruct(sigaction), oldact: outStruct(sigaction), sigsetsize: Size }, signal),
  rt_sigprocmask: row(14, "signal", { how: oneOf(maskChanges, "SIG_???"), set: inStruct(sigset), oldset: outStruct(sigset), sigsetsize: Size }, signal),
  rt_sigreturn: row(15, "signal", { frame: SignalFrame }, { ...signal, from: "rsp" }),
  rt_sigpending: row(127, "signal", { set: outStruct(sigset), sigsetsize: Size }, signal),
  rt_sigsuspend: row(130, "signal", { mask: inStruct(sigset), sigsetsize: Size }, signal),
  rt_sigtimedwait: row(128, "signal", { set: inStruct(sigset), info: outStruct(siginfo), timeout: inStruct(timespec), sigsetsize: Size }, signal),
  rt_sigqueueinfo: row(129, "signal", { tgid: Pid, sig: Signal, info: inStruct(siginfo) }, sending),
  rt_tgsigqueueinfo: row(297, "signal", { tgid: Pid, tid: Pid, sig: Signal, info: inStruct(siginfo) }, sending),
  kill: row(62, "signal", { pid: Pid, sig: Signal }, sending),
  tkill: row(200, "signal", { tid: Pid, sig: Signal }, sending),
  tgkill: row(234, "signal", { tgid: Pid, tid: Pid, sig: Signal }, sending),
  sigaltstack: row(131, "signal", { ss: inStruct(stack_t), old_ss: outStruct(stack_t), sp: StackPointer }, { ...signal, from: "rsp" }),
  pause: row(34, "signal", {}, signal),
};
