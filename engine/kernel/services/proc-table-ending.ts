// exit, exit_group, wait4 and waitid.
import type { Draft } from "immer";
import { O_NONBLOCK } from "../../abi/constants/open-flags.ts";
import { childCodes, signals } from "../../abi/constants/signals.ts";
import {
  CONTINUED_STATUS,
  endingSignal,
  exitCode,
  exitedStatus,
  hasDumpedCore,
  idKinds,
  stoppedStatus,
  waitOptions,
} from "../../abi/constants/wait-options.ts";
import type { SignalInfo } from "../../abi/structs/siginfo.ts";
import type { Kernel } from "../kernel.ts";
import { exitProcess, exitTask, letDeadGo, reap } from "../objects/exits.ts";
import { processFile, processOfDescriptor } from "../objects/pidfds.ts";
import { usageOfReaped } from "../objects/resource-usage.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { isReparented, tracedTasks, tracerOf } from "../objects/traces.ts";
import { type Call, type Calls, done, fail, GONE, type Outcome, wait } from "../service.ts";
import type { Process, Task } from "../state/proc-table.ts";

const { WNOHANG, WUNTRACED, WEXITED, WCONTINUED, WNOWAIT, __WNOTHREAD, __WALL, __WCLONE } = waitOptions;
const WAIT4_OPTIONS = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE;
const WAITID_OPTIONS = WAIT4_OPTIONS | WNOWAIT | WEXITED;

type Selects = (child: { readonly pid: number; readonly group: number }) => boolean;
/** News of a child or a tracee: what wait4 calls its status, and what waitid tells. */
interface News {
  readonly pid: number;
  readonly process: Draft<Process>;
  readonly status: number;
  readonly code: number;
  /** Exit code or signal. */
  readonly detail: number;
  /** It is told once. */
  consume(): void;
}
function newsOfEnd(pid: number, process: Draft<Process>, status: number, consume: () => void): News {
  const signal = endingSignal(status);
  const [code, detail] =
    signal === 0 ? [childCodes.CLD_EXITED, exitCode(status)] : [hasDumpedCore(status) ? childCodes.CLD_DUMPED : childCodes.CLD_KILLED, signal];
  return { pid, process, status, code, detail, consume };
}
function newsOfContinuing(child: Draft<Process>, options: number): News | null {
  if (!child.hasContinued || (options & WCONTINUED) === 0) return null;
  const consume = (): void => {
    child.hasContinued = false;
  };
  return { pid: child.pid, process: child, status: CONTINUED_STATUS, code: childCodes.CLD_CONTINUED, detail: signals.SIGCONT, consume };
}
/** A zombie is waited for when no thread of it is left that its tracer has to wait for. */
const isWhole = (process: Draft<Process>): boolean => process.exitStatus !== null && process.tasks.length === 1;
function newsOf(kernel: Kernel, child: Draft<Process>, options: number): News | null {
  const { exitStatus, stopSignal } = child;
  if (exitStatus !== null) {
    // Its tracer comes first.
    if ((options & WEXITED) === 0 || !isWhole(child) || taskOf(kernel, child.pid).trace) return null;
    return newsOfEnd(child.pid, child, exitStatus, () => reap(kernel, child.pid));
  }
  if (stopSignal !== null && (options & WUNTRACED) !== 0) {
    const consume = (): void => {
      child.stopSignal = null;
    };
    return { pid: child.pid, process: child, status: stoppedStatus(stopSignal), code: childCodes.CLD_STOPPED, detail: stopSignal, consume };
  }
  return newsOfContinuing(child, options);
}
/** Tracees are waited for whatever the options say, one by one (ptrace(2), "Death under ptrace"). */
function newsOfTracee(kernel: Kernel, task: Draft<Task>, options: number): News | null {
  const { tid, trace, endStatus } = task;
  const process = processOf(kernel, task.pid);
  if (task.state === "dead") {
    if ((options & WEXITED) === 0) return null;
    if (endStatus !== undefined) return newsOfEnd(tid, process, endStatus, () => letDeadGo(kernel, task));
    if (tid !== task.pid || !isWhole(process)) return null;
    return newsOfEnd(tid, process, process.exitStatus!, () => (isReparented(kernel, task) ? letDeadGo(kernel, task) : reap(kernel, tid)));
  }
  const stop = trace?.stop;
  if (stop && !stop.isReported && !stop.isListening) {
    const consume = (): void => {
      stop.isReported = true;
    };
    return { pid: tid, process, status: stoppedStatus(stop.code), code: childCodes.CLD_TRAPPED, detail: stop.code, consume };
  }
  return tid === task.pid ? newsOfContinuing(process, options) : null;
}
/** wait(2), "Linux notes": children that do not report by SIGCHLD are waited for only with __WCLONE or __WALL. */
const isEligible = (child: Draft<Process>, options: number): boolean =>
  (options & __WALL) !== 0 || (child.exitSignal !== signals.SIGCHLD) === ((options & __WCLONE) !== 0);

function traceesFor(kernel: Kernel, call: Call<unknown>, options: number): readonly Draft<Task>[] {
  if (!kernel.procTable.traced) return [];
  return tracedTasks(kernel).filter(task => ((options & __WNOTHREAD) !== 0 ? task.trace!.tracer === call.tid : tracerOf(kernel, task) === call.pid));
}

type Found = { readonly kind: "news"; readonly news: News } | { readonly kind: "none" } | { readonly kind: "outcome"; readonly outcome: Outcome<never> };
function awaitNews(kernel: Kernel, call: Call<unknown>, options: number, selects: Selects): Found {
  const tracees = traceesFor(kernel, call, options).filter(task => selects({ pid: task.tid, group: processOf(kernel, task.pid).group }));
  // What the caller's own process traces is its tracee, and its child no more.
  const children = processOf(kernel, call.pid)
    .children.map(pid => processOf(kernel, pid))
    .filter(child => selects(child) && isEligible(child, options) && !tracees.some(task => task.tid === child.pid));
  if (children.length === 0 && tracees.length === 0) return { kind: "outcome", outcome: fail("ECHILD") };
  for (const child of children) {
    const news = newsOf(kernel, child, options);
    if (news) return { kind: "news", news };
  }
  for (const task of tracees) {
    const news = newsOfTracee(kernel, task, options);
    if (news) return { kind: "news", news };
  }
  return (options & WNOHANG) !== 0 ? { kind: "none" } : { kind: "outcome", outcome: wait(call, { channels: [`child:${call.pid}`] }) };
}

function byPid(kernel: Kernel, call: Call<unknown>, pid: number): Selects {
  if (pid > 0) return child => child.pid === pid;
  if (pid === -1) return () => true;
  const group = pid === 0 ? processOf(kernel, call.pid).group : -pid;
  return child => child.group === group;
}
/** No process has this number. */
const NOBODY = 0x7fff_ffff;
const INT_MIN = -0x8000_0000;
const NO_INFO: SignalInfo = { signal: 0, code: 0, errno: 0, pid: 0, uid: 0, status: 0, value: 0 };

export const endingCalls: Pick<Calls<"procTable">, "exit" | "exit_group" | "wait4" | "waitid"> = {
  exit(kernel, call) {
    exitTask(kernel, call.tid, exitedStatus(call.args.status));
    return GONE;
  },
  exit_group(kernel, call) {
    exitProcess(kernel, call.pid, exitedStatus(call.args.status));
    return GONE;
  },
  wait4(kernel, call) {
    const { pid, options } = call.args;
    if ((options & ~WAIT4_OPTIONS) !== 0) return fail("EINVAL");
    if (pid === INT_MIN) return fail("ESRCH");
    const found = awaitNews(kernel, call, options | WEXITED, byPid(kernel, call, pid));
    if (found.kind === "outcome") return found.outcome;
    if (found.kind === "none") return done(0, { wstatus: undefined, rusage: undefined });
    const { pid: value, process, status, consume } = found.news;
    const outs = { wstatus: status, rusage: usageOfReaped(kernel, process) };
    consume();
    return done(value, outs);
  },
  waitid(kernel, call) {
    const { idtype, id, options } = call.args;
    if ((options & ~WAITID_OPTIONS) !== 0 || (options & (WEXITED | WUNTRACED | WCONTINUED)) === 0) return fail("EINVAL");
    const descriptor = idtype === idKinds.P_PIDFD && id >= 0 ? processFile(kernel, taskOf(kernel, call.tid), id) : null;
    if (idtype === idKinds.P_PIDFD && !descriptor) return fail(id < 0 ? "EINVAL" : "EBADF");
    const byDescriptor = descriptor ? (processOfDescriptor(kernel, descriptor.object)?.pid ?? NOBODY) : NOBODY;
    const asPid = { [idKinds.P_ALL]: -1, [idKinds.P_PID]: id, [idKinds.P_PGID]: -id, [idKinds.P_PIDFD]: byDescriptor }[idtype];
    if (asPid === undefined || (idtype === idKinds.P_PID && id <= 0) || (idtype === idKinds.P_PGID && id < 0)) return fail("EINVAL");
    // Group 1 would read as "all".
    const selects: Selects = idtype === idKinds.P_PGID && id > 0 ? child => child.group === id : byPid(kernel, call, asPid);
    const isImpatient = descriptor !== null && (descriptor.flags & O_NONBLOCK) !== 0;
    const found = awaitNews(kernel, call, isImpatient ? options | WNOHANG : options, selects);
    if (found.kind === "outcome") return found.outcome;
    if (found.kind === "none" && isImpatient && (options & WNOHANG) === 0) return fail("EAGAIN");
    if (found.kind === "none") return done(0, { infop: NO_INFO, rusage: undefined });
    const { pid, process, code, detail, consume } = found.news;
    const infop: SignalInfo = { ...NO_INFO, signal: signals.SIGCHLD, code, pid, uid: process.credentials.ruid, status: detail };
    const rusage = usageOfReaped(kernel, process);
    if ((options & WNOWAIT) === 0) consume();
    return done(0, { infop, rusage });
  },
};
