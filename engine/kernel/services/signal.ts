// The calls about signals: sending, handling, masking and waiting for them. The dispositions are the state here; what is pending lies with tasks and processes.
import type { Draft } from "immer";
import { maskOfFrame } from "../../abi/arguments/signal-frame.ts";
import { actionFlags, bitOf, hasSignal, LAST_SIGNAL, maskChanges, originCodes, signals, UNBLOCKABLE } from "../../abi/constants/signals.ts";
import type { Errno } from "../../abi/errno.ts";
import { decodeField } from "../../abi/field.ts";
import { MINSIGSTKSZ, SIGSET_SIZE, stack_t, stackFlags } from "../../abi/structs/sigaction.ts";
import { frameOffsets } from "../../abi/structs/signal-frame.ts";
import { isValid, nanosOf } from "../../abi/structs/timespec.ts";
import type { Kernel } from "../kernel.ts";
import { deadlineAfter } from "../objects/clock.ts";
import { can } from "../objects/credentials.ts";
import { blockedPending, refreshAttention, setMask, setTemporaryMask, take } from "../objects/pending.ts";
import { isIgnoredByAction } from "../objects/signal-choice.ts";
import { postFault } from "../objects/signal-delivery.ts";
import { flushAll, type Posted, postToProcess, postToTask, signalChannel, signalFrom } from "../objects/signals.ts";
import { groupMembers, handlersOf, INIT_PROCESS, processesWhere, processOf, taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, GONE, OK, type PlainOutcome, wait } from "../service.ts";
import type { Process, SignalInfo, Task } from "../state/proc-table.ts";

/** Others are dropped, so that programs can find out what is supported (sigaction(2), SA_UNSUPPORTED). */
const KNOWN_FLAGS = Object.values(actionFlags).reduce((all, flag) => all | flag, 0) >>> 0;
const isSignal = (signal: number): boolean => signal >= 1 && signal <= LAST_SIGNAL;

/** kill(2): who may send. Signal 0 only asks that. */
function mayNotSend(sender: Draft<Process>, target: Draft<Process>, signal: number): Errno | null {
  if (signal !== 0 && !isSignal(signal)) return "EINVAL";
  const [mine, theirs] = [sender.credentials, target.credentials];
  const isSameUser = [mine.euid, mine.ruid].some(uid => uid === theirs.suid || uid === theirs.ruid);
  if (isSameUser || can(mine, "CAP_KILL") || (signal === signals.SIGCONT && sender.session === target.session)) return null;
  return "EPERM";
}
/** Sends to all of them; it has worked where it worked for one. */
function killAll(kernel: Kernel, sender: Draft<Process>, targets: readonly Draft<Process>[], signal: number): PlainOutcome {
  let error: Errno | null = "ESRCH";
  for (const { pid } of targets) {
    // An earlier one's end may have ended this one too.
    const target = kernel.procTable.processes.get(pid);
    const refused = target ? mayNotSend(sender, target, signal) : "ESRCH";
    if (refused === null && signal !== 0) postToProcess(kernel, pid, signalFrom(sender, signal));
    if (error !== null) error = refused;
  }
  return error === null ? OK : fail(error);
}
const posted = (result: Posted): PlainOutcome => (result === "overflow" ? fail("EAGAIN") : OK);

function killTask(kernel: Kernel, call: Call<unknown>, tgid: number | null, tid: number, signal: number, info?: SignalInfo): PlainOutcome {
  if (tid <= 0 || (tgid !== null && tgid <= 0)) return fail("EINVAL");
  const task = kernel.procTable.tasks.get(tid);
  if (!task || (tgid !== null && task.pid !== tgid)) return fail("ESRCH");
  const [sender, target] = [processOf(kernel, call.pid), processOf(kernel, task.pid)];
  const refused = mayNotSend(sender, target, signal);
  if (refused) return fail(refused);
  return signal === 0 ? OK : posted(postToTask(kernel, tid, info ?? signalFrom(sender, signal, originCodes.SI_TKILL)));
}
/** A process may claim to be the kernel, or kill, only towards itself (rt_sigqueueinfo(2)). */
const isForged = (info: SignalInfo, isOwn: boolean): boolean => (info.code >= 0 || info.code === originCodes.SI_TKILL) && !isOwn;

const isDisarmed = ({ alternateStack: { flags } }: Draft<Task>): boolean => ((flags >>> 0) & stackFlags.SS_AUTODISARM) !== 0;
/** Whether that is where it runs; with SS_AUTODISARM it counts as left (sigaltstack(2)). */
const isOnStack = (task: Draft<Task>, sp: number): boolean => {
  const { address, size } = task.alternateStack;
  return !isDisarmed(task) && sp > address && sp - address <= size;
};
const stackOf = (task: Draft<Task>, sp: number): { ss_sp: number; ss_flags: number; ss_size: number } => {
  const { address, size, flags } = task.alternateStack;
  const kept = (flags & stackFlags.SS_AUTODISARM) | 0;
  return { ss_sp: address, ss_flags: kept | (size === 0 ? stackFlags.SS_DISABLE : isOnStack(task, sp) ? stackFlags.SS_ONSTACK : 0), ss_size: size };
};
function setStack(task: Draft<Task>, stack: { readonly ss_sp: number; readonly ss_flags: number; readonly ss_size: number }): Errno | null {
  const mode = stack.ss_flags & ~stackFlags.SS_AUTODISARM;
  if (mode !== stackFlags.SS_DISABLE && mode !== stackFlags.SS_ONSTACK && mode !== 0) return "EINVAL";
  if (mode === stackFlags.SS_DISABLE) task.alternateStack = { address: 0, size: 0, flags: stack.ss_flags };
  else if (stack.ss_size < MINSIGSTKSZ) return "ENOMEM";
  else task.alternateStack = { address: stack.ss_sp, size: stack.ss_size, flags: stack.ss_flags };
  return null;
}

const masks: Readonly<Record<number, (old: bigint, set: bigint) => bigint>> = {
  [maskChanges.SIG_BLOCK]: (old, set) => old | set,
  [maskChanges.SIG_UNBLOCK]: (old, set) => old & ~set,
  [maskChanges.SIG_SETMASK]: (_, set) => set,
};

interface TimedWait {
  readonly deadlineNanos: number | null;
}

export const signalCalls: Calls<"signal"> = {
  rt_sigaction(kernel, call) {
    const { signum, sigsetsize, act } = call.args;
    if (sigsetsize !== SIGSET_SIZE) return fail("EINVAL");
    if (!isSignal(signum) || (act && hasSignal(UNBLOCKABLE, signum))) return fail("EINVAL");
    const process = processOf(kernel, call.pid);
    const action = handlersOf(kernel, process).actions[signum]!;
    const oldact = { sa_handler: action.handler, sa_flags: action.flags, sa_restorer: action.restorer, sa_mask: action.mask };
    if (act) {
      Object.assign(action, {
        handler: act.sa_handler,
        flags: (act.sa_flags & KNOWN_FLAGS) >>> 0,
        restorer: act.sa_restorer,
        mask: act.sa_mask & ~UNBLOCKABLE,
      });
      // What is pending is discarded once it is ignored, blocked or not (POSIX, sigaction).
      if (isIgnoredByAction(act.sa_handler, signum)) flushAll(kernel, process, bitOf(signum));
    }
    return done(0, { oldact });
  },
  rt_sigprocmask(kernel, call) {
    const { how, set, sigsetsize } = call.args;
    if (sigsetsize !== SIGSET_SIZE) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const oldset = task.blocked;
    if (set !== null) {
      const change = masks[how];
      if (!change) return fail("EINVAL");
      const mask = change(oldset, set & ~UNBLOCKABLE);
      if (mask !== oldset) setMask(kernel, task, mask);
    }
    return done(0, { oldset });
  },
  rt_sigpending(kernel, call) {
    // A shorter set is filled as far as it goes: only longer ones are refused.
    if (call.args.sigsetsize > SIGSET_SIZE) return fail("EINVAL");
    return done(0, { set: blockedPending(kernel, taskOf(kernel, call.tid)) });
  },
  rt_sigsuspend(kernel, call) {
    const { mask, sigsetsize } = call.args;
    if (sigsetsize !== SIGSET_SIZE) return fail("EINVAL");
    if (mask === null) return fail("EFAULT");
    if (call.due === "run") setTemporaryMask(kernel, call.tid, mask);
    return wait(call, { channels: [] }, "ERESTARTNOHAND");
  },
  pause: (_, call) => wait(call, { channels: [] }, "ERESTARTNOHAND"),
  rt_sigtimedwait(kernel, call) {
    const { set, timeout, sigsetsize } = call.args;
    if (sigsetsize !== SIGSET_SIZE) return fail("EINVAL");
    if (set === null) return fail("EFAULT");
    if (timeout && !isValid(timeout)) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const info = take(kernel, task, set & ~UNBLOCKABLE);
    if (info) {
      refreshAttention(kernel, task);
      return done(info.signal, { info });
    }
    const memo: TimedWait = (call.memo as TimedWait | null) ?? { deadlineNanos: timeout && deadlineAfter(kernel, nanosOf(timeout)) };
    if (call.due === "timeout" || (memo.deadlineNanos !== null && memo.deadlineNanos <= kernel.nowNanos)) return fail("EAGAIN");
    return wait(call, { channels: [signalChannel(call.pid)], ...(memo.deadlineNanos === null ? {} : { deadlineNanos: memo.deadlineNanos }), memo }, "EINTR");
  },

  kill(kernel, call) {
    const { pid, sig } = call.args;
    const sender = processOf(kernel, call.pid);
    if (pid > 0) {
      // A thread's number is its process's too (kernel/signal.c, kill_pid_info).
      const task = kernel.procTable.tasks.get(pid);
      const target = kernel.procTable.processes.get(task?.pid ?? pid);
      return target ? killAll(kernel, sender, [target], sig) : fail("ESRCH");
    }
    if (pid === -1)
      return killAll(
        kernel,
        sender,
        processesWhere(kernel, one => one.pid !== INIT_PROCESS && one.pid !== call.pid),
        sig,
      );
    return killAll(kernel, sender, groupMembers(kernel, pid === 0 ? sender.group : -pid), sig);
  },
  tkill: (kernel, call) => killTask(kernel, call, null, call.args.tid, call.args.sig),
  tgkill: (kernel, call) => killTask(kernel, call, call.args.tgid, call.args.tid, call.args.sig),
  rt_sigqueueinfo(kernel, call) {
    const { tgid, sig, info } = call.args;
    if (!info) return fail("EFAULT");
    if (isForged(info, tgid === call.pid)) return fail("EPERM");
    const target = kernel.procTable.processes.get(tgid);
    if (!target) return fail("ESRCH");
    const refused = mayNotSend(processOf(kernel, call.pid), target, sig);
    if (refused) return fail(refused);
    return sig === 0 ? OK : posted(postToProcess(kernel, tgid, { ...info, signal: sig }));
  },
  rt_tgsigqueueinfo(kernel, call) {
    const { tgid, tid, sig, info } = call.args;
    if (!info) return fail("EFAULT");
    if (tid <= 0 || tgid <= 0) return fail("EINVAL");
    if (isForged(info, tid === call.tid)) return fail("EPERM");
    return killTask(kernel, call, tgid, tid, sig, { ...info, signal: sig });
  },

  sigaltstack(kernel, call) {
    const { ss, sp } = call.args;
    const task = taskOf(kernel, call.tid);
    const old_ss = stackOf(task, sp);
    if (ss && isOnStack(task, sp)) return fail("EPERM");
    const refused = ss && setStack(task, ss);
    return refused ? fail(refused) : done(0, { old_ss });
  },
  rt_sigreturn(kernel, call) {
    const saved = call.args.frame;
    // A frame that cannot be read: nothing to return to (arch/x86/kernel/signal_64.c).
    if (!saved) {
      postFault(kernel, call.tid, { signal: signals.SIGSEGV, code: originCodes.SI_KERNEL, address: 0 });
      return GONE;
    }
    const task = taskOf(kernel, call.tid);
    setMask(kernel, task, maskOfFrame(saved.frame) & ~UNBLOCKABLE);
    setStack(task, decodeField(stack_t, saved.frame, frameOffsets.stack));
    kernel.effect({ kind: "restoreContext", task: call.tid, frame: saved.frame, vectors: saved.vectors });
    return GONE;
  },
};
