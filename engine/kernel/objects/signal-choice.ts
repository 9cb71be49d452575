// Which signal a task must act upon now, and how; and what becomes of a call that a signal interrupted.
import type { Draft } from "immer";
import { CORE_SIGNALS, hasSignal, IGNORED_BY_DEFAULT, SIG_DFL, SIG_IGN, STOP_SIGNALS, signals } from "../../abi/constants/signals.ts";
import type { Kernel } from "../kernel.ts";
import type { SignalInfo, Task } from "../state/proc-table.ts";
import type { SignalAction } from "../state/signal.ts";
import { isOrphaned } from "./groups.ts";
import { hasAttention, peek, restoreMask, take } from "./pending.ts";
import { handlersOf, processOf, taskOf } from "./tasks.ts";

export type ActionKind = "handle" | "ignore" | "terminate" | "core" | "stop" | "continue";
export interface NextAction {
  readonly info: SignalInfo;
  readonly action: ActionKind;
  readonly handler: SignalAction;
}

export const isIgnoredByAction = (handler: number, signal: number): boolean =>
  handler === SIG_IGN || (handler === SIG_DFL && hasSignal(IGNORED_BY_DEFAULT, signal));

/** What the task must do before it executes on; null where nothing is pending that it does not block. */
export function nextAction(kernel: Kernel, tid: number): NextAction | null {
  if (!hasAttention(kernel, tid)) return null;
  const task = taskOf(kernel, tid);
  const info = nextSignal(kernel, task);
  if (!info) return null;
  const handler = { ...handlersOf(kernel, processOf(kernel, task.pid)).actions[info.signal]! };
  return { info, handler, action: actionOn(kernel, task, info.signal, handler.handler) };
}
/** The one that a tracer has let through comes first, but for SIGKILL. */
function nextSignal(kernel: Kernel, task: Draft<Task>): SignalInfo | null {
  const info = peek(kernel, task, ~task.blocked);
  return task.delivering && info?.signal !== signals.SIGKILL ? { ...task.delivering } : info;
}
export function takeSignal(kernel: Kernel, task: Draft<Task>): void {
  if (task.delivering && peek(kernel, task, ~task.blocked)?.signal !== signals.SIGKILL) delete task.delivering;
  else take(kernel, task, ~task.blocked);
}
/** What a traced task must stop for before it executes on (ptrace(2)): a signal that it is about to take, or because it shall (kernel/signal.c, get_signal). */
export function nextTrap(kernel: Kernel, tid: number): "signal" | "group" | null {
  const task = taskOf(kernel, tid);
  if (!task.trace || !hasAttention(kernel, tid)) return null;
  const info = peek(kernel, task, ~task.blocked);
  if (info?.signal === signals.SIGKILL) return null;
  if (task.trace.isTrapDue) return "group";
  return info && !task.delivering ? "signal" : null;
}
function actionOn(kernel: Kernel, task: Draft<Task>, signal: number, handler: number): ActionKind {
  if (isIgnoredByAction(handler, signal)) return "ignore";
  if (handler !== SIG_DFL) return "handle";
  if (hasSignal(CORE_SIGNALS, signal)) return "core";
  if (!hasSignal(STOP_SIGNALS, signal)) return "terminate";
  // Nobody could continue a process of an orphaned group: only SIGSTOP stops it (setpgid(2), signal(7)).
  return signal !== signals.SIGSTOP && isOrphaned(kernel, processOf(kernel, task.pid).group) ? "ignore" : "stop";
}

/** A call ended with a restart code (errno.ts): signal delivery decides whether the guest sees EINTR or the call made again. */
export function interruptCall(kernel: Kernel, tid: number, number: number, errno: string): void {
  const task = taskOf(kernel, tid);
  task.restart = { number, errno };
  settleCall(kernel, task);
}
const RESTART_SYSCALL = 219;
/** Where no signal is left that might have a handler, an interrupted call is made again, and a temporary mask ends. */
export function settleCall(kernel: Kernel, task: Draft<Task>): void {
  if (task.state === "stopped" || task.state === "traced" || task.state === "dead" || nextAction(kernel, task.tid)) return;
  // What stops the task comes first, and shows the call as interrupted.
  if (task.trace?.isTrapDue || task.tracedCall?.stage === "running") return;
  // A call that ended with EINTR by itself leaves its mask for a handler's frame; there was none.
  if (!task.restart && task.savedMask !== null && !task.waiting) restoreMask(kernel, task.tid);
  if (!task.restart) return;
  const { number, errno } = task.restart;
  task.restart = null;
  restoreMask(kernel, task.tid);
  kernel.effect({ kind: "restartCall", task: task.tid, number: errno === "ERESTART_RESTARTBLOCK" ? RESTART_SYSCALL : number });
}

export type Restart = { readonly kind: "interrupted" } | { readonly kind: "again"; readonly number: number };
/** What a handler's frame makes of an interrupted call (signal(7), "Interruption of system calls"). Clears it. */
export function takeRestart(task: Draft<Task>, isRestarting: boolean): Restart | null {
  if (!task.restart) return null;
  const { number, errno } = task.restart;
  task.restart = null;
  const isAgain = errno === "ERESTARTNOINTR" || (errno === "ERESTARTSYS" && isRestarting);
  return isAgain ? { kind: "again", number } : { kind: "interrupted" };
}
