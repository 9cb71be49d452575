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
import { exitProcess, exitTask, reap } from "../objects/exits.ts";
import { processFile, processOfDescriptor } from "../objects/pidfds.ts";
import { usageOfReaped } from "../objects/resource-usage.ts";
import { processOf, taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, GONE, type Outcome, wait } from "../service.ts";
import type { Process } from "../state/proc-table.ts";

const { WNOHANG, WUNTRACED, WEXITED, WCONTINUED, WNOWAIT, __WNOTHREAD, __WALL, __WCLONE } = waitOptions;
const WAIT4_OPTIONS = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE;
const WAITID_OPTIONS = WAIT4_OPTIONS | WNOWAIT | WEXITED;

type Selects = (child: Draft<Process>) => boolean;
/** A child's news: what wait4 calls its status, and what waitid tells. */
interface News {
  readonly child: Draft<Process>;
  readonly status: number;
  readonly code: number;
  /** Exit code or signal. */
  readonly detail: number;
  /** It is told once. */
  consume(): void;
}
function newsOf(kernel: Kernel, child: Draft<Process>, options: number): News | null {
  const { exitStatus, stopSignal } = child;
  if (exitStatus !== null) {
    if ((options & WEXITED) === 0) return null;
    const signal = endingSignal(exitStatus);
    const [code, detail] =
      signal === 0 ? [childCodes.CLD_EXITED, exitCode(exitStatus)] : [hasDumpedCore(exitStatus) ? childCodes.CLD_DUMPED : childCodes.CLD_KILLED, signal];
    return { child, status: exitStatus, code, detail, consume: () => reap(kernel, child.pid) };
  }
  if (stopSignal !== null && (options & WUNTRACED) !== 0) {
    const consume = (): void => {
      child.stopSignal = null;
    };
    return { child, status: stoppedStatus(stopSignal), code: childCodes.CLD_STOPPED, detail: stopSignal, consume };
  }
  if (child.hasContinued && (options & WCONTINUED) !== 0) {
    const consume = (): void => {
      child.hasContinued = false;
    };
    return { child, status: CONTINUED_STATUS, code: childCodes.CLD_CONTINUED, detail: signals.SIGCONT, consume };
  }
  return null;
}
/** wait(2), "Linux notes": children that do not report by SIGCHLD are waited for only with __WCLONE or __WALL. */
const isEligible = (child: Draft<Process>, options: number): boolean =>
  (options & __WALL) !== 0 || (child.exitSignal !== signals.SIGCHLD) === ((options & __WCLONE) !== 0);

type Found = { readonly kind: "news"; readonly news: News } | { readonly kind: "none" } | { readonly kind: "outcome"; readonly outcome: Outcome<never> };
function awaitNews(kernel: Kernel, call: Call<unknown>, options: number, selects: Selects): Found {
  const children = processOf(kernel, call.pid)
    .children.map(pid => processOf(kernel, pid))
    .filter(child => isEligible(child, options) && selects(child));
  if (children.length === 0) return { kind: "outcome", outcome: fail("ECHILD") };
  for (const child of children) {
    const news = newsOf(kernel, child, options);
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
    const { child, status, consume } = found.news;
    const outs = { wstatus: status, rusage: usageOfReaped(kernel, child) };
    const value = child.pid;
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
    const { child, code, detail, consume } = found.news;
    const infop: SignalInfo = { ...NO_INFO, signal: signals.SIGCHLD, code, pid: child.pid, uid: child.credentials.ruid, status: detail };
    const rusage = usageOfReaped(kernel, child);
    if ((options & WNOWAIT) === 0) consume();
    return done(0, { infop, rusage });
  },
};
