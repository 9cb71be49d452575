// What a signal does to the task that takes it: its handler, or the default action. And the signals that a processor's exceptions raise.
import type { Draft } from "immer";
import type { FaultEvent } from "../../../events/kernel-event.ts";
import { actionFlags, bitOf, childCodes, hasSignal, originCodes, SIG_DFL, SIG_IGN, signals, UNBLOCKABLE } from "../../abi/constants/signals.ts";
import { killedStatus } from "../../abi/constants/wait-options.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, SignalInfo, Task } from "../state/proc-table.ts";
import { exitProcess } from "./exits.ts";
import { demandAttention, put, refreshAttention, setMask } from "./pending.ts";
import { leaveRunQueue } from "./scheduling.ts";
import { type ActionKind, type NextAction, nextAction, type Restart, settleCall, takeRestart, takeSignal } from "./signal-choice.ts";
import { tellParent } from "./signals.ts";
import { handlersOf, liveTasks, processOf, taskOf } from "./tasks.ts";
import { callForStop, isReparented } from "./traces.ts";

/** What the machine needs to enter a handler: see signal-frame.ts. Plain data. */
export interface FrameRequest {
  readonly handler: number;
  readonly restorer: number;
  readonly flags: number;
  /** The mask that rt_sigreturn puts back. */
  readonly oldMask: bigint;
  readonly info: SignalInfo;
  readonly alternateStack: Task["alternateStack"];
  /** What becomes of the call that the signal interrupted. */
  readonly restart: Restart | null;
}

/** The `signal` event: the task takes the signal that `nextAction` told of. Answers the frame to build where its handler runs. */
export function takeAction(kernel: Kernel, tid: number, action: ActionKind): FrameRequest | null {
  const next = nextAction(kernel, tid);
  if (next?.action !== action)
    throw new Error(`Task ${tid} shall ${action} at tick ${kernel.tick}, but ${next ? `${next.action}s signal ${next.info.signal}` : "has no signal"}.`);
  const task = taskOf(kernel, tid);
  takeSignal(kernel, task);
  refreshAttention(kernel, task);
  const frame = takers[action](kernel, task, next);
  // A signal of the whole process may have been what other tasks' calls were interrupted for.
  const process = kernel.procTable.processes.get(task.pid);
  if (process) for (const one of liveTasks(kernel, process)) settleCall(kernel, one);
  return frame;
}
const takers: Readonly<Record<ActionKind, (kernel: Kernel, task: Draft<Task>, next: NextAction) => FrameRequest | null>> = {
  handle: enterHandler,
  ignore: () => null,
  continue: () => null,
  terminate: endBySignal,
  core: endBySignal,
  stop(kernel, task, { info }) {
    stopProcess(kernel, processOf(kernel, task.pid), info.signal);
    return null;
  },
};
function endBySignal(kernel: Kernel, task: Draft<Task>, { info }: NextAction): null {
  // The core file, where one is left, is written already: the `dump` event comes before this one.
  exitProcess(kernel, task.pid, killedStatus(info.signal, processOf(kernel, task.pid).hasDumpedCore));
  return null;
}

function enterHandler(kernel: Kernel, task: Draft<Task>, { info, handler }: NextAction): FrameRequest {
  const has = (flag: number): boolean => (handler.flags & flag) !== 0;
  const oldMask = task.savedMask ?? task.blocked;
  task.savedMask = null;
  const { address, size, flags } = task.alternateStack;
  const request: FrameRequest = {
    handler: handler.handler,
    restorer: handler.restorer,
    flags: handler.flags,
    oldMask,
    info,
    alternateStack: { address, size, flags },
    restart: takeRestart(task, has(actionFlags.SA_RESTART)),
  };
  if (has(actionFlags.SA_RESETHAND)) handlersOf(kernel, processOf(kernel, task.pid)).actions[info.signal]!.handler = SIG_DFL;
  setMask(kernel, task, task.blocked | (handler.mask & ~UNBLOCKABLE) | (has(actionFlags.SA_NODEFER) ? 0n : bitOf(info.signal)));
  return request;
}

function stopProcess(kernel: Kernel, process: Draft<Process>, signal: number): void {
  process.isStopped = true;
  process.stopSignal = signal;
  process.stoppedBy = signal;
  process.hasContinued = false;
  for (const task of liveTasks(kernel, process)) {
    if (task.trace) {
      callForStop(kernel, task);
      continue;
    }
    if (task.state === "ready") leaveRunQueue(kernel, task.tid);
    if (task.state !== "lent") task.state = "stopped";
  }
  // A parent that traces it is told of each thread's stop instead.
  const leader = taskOf(kernel, process.pid);
  if (!leader.trace || isReparented(kernel, leader)) tellParent(kernel, process, childCodes.CLD_STOPPED, signal);
}

type Fault = Pick<FaultEvent, "signal" | "code" | "address" | "isFinal">;
/** An exception of the processor. A task that blocks or ignores such a signal could not go on: then the default action is taken (kernel/signal.c, force_sig_info). */
export function postFault(kernel: Kernel, tid: number, { signal, code, address, isFinal }: Fault): void {
  const task = taskOf(kernel, tid);
  const action = handlersOf(kernel, processOf(kernel, task.pid)).actions[signal]!;
  const isBlocked = hasSignal(task.blocked, signal);
  if (isFinal || isBlocked || action.handler === SIG_IGN) {
    action.handler = SIG_DFL;
    if (isBlocked) setMask(kernel, task, task.blocked & ~bitOf(signal));
  }
  if (task.tracedCall?.stage === "made" && signal !== signals.SIGTRAP) delete task.tracedCall;
  put(task, { signal, code, errno: 0, pid: 0, uid: 0, status: 0, value: code === originCodes.SI_KERNEL ? 0 : address });
  demandAttention(kernel, tid);
}
