// What stops a traced task, and how its tracer lets it go on (ptrace(2), "Stopped states"; kernel/signal.c, ptrace_stop). Reads no registers: what they show at a stop is set by effects.
import type { Draft } from "immer";
import type { CallResult, TrapEvent } from "../../../events/kernel-event.ts";
import { cloneFlags } from "../../abi/constants/clone-flags.ts";
import { callMessages, optionOf, ptraceEvents, ptraceOptions, SYSGOOD_BIT } from "../../abi/constants/ptrace.ts";
import { childCodes, hasSignal, originCodes, signals } from "../../abi/constants/signals.ts";
import { errnoNumber } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { SignalInfo, Task, Trace, TraceStop } from "../state/proc-table.ts";
import { put, refreshAttention, take } from "./pending.ts";
import { charge, countSwitch, leaveRunQueue } from "./scheduling.ts";
import { settleCall } from "./signal-choice.ts";
import { kernelSignal, postToTask, signalFrom, tellOfStop } from "./signals.ts";
import { processOf, processOfTask, taskOf } from "./tasks.ts";
import { link, standUp, tracerOf, unlink } from "./traces.ts";

const { SIGTRAP } = signals;
/** What a call's result register shows until it has one. */
const NO_RESULT = -errnoNumber("ENOSYS");
const has = (trace: Draft<Trace>, option: number): boolean => (trace.options & option) !== 0;
const codeOf = (event: number, signal: number = SIGTRAP): number => signal | (event << 8);
/** What a task tells of itself (kernel/signal.c, ptrace_do_notify). */
function notice(kernel: Kernel, task: Draft<Task>, signal: number, code: number): SignalInfo {
  const { ruid } = processOf(kernel, task.pid).credentials;
  // Both stand in the place of si_addr, where the code reads as a fault's.
  return { ...kernelSignal(signal, code), pid: task.tid, uid: ruid, value: BigInt(task.tid) | (BigInt(ruid) << 32n) };
}

function enter(kernel: Kernel, task: Draft<Task>, stop: Pick<TraceStop, "kind" | "code" | "info">, message = 0): void {
  const trace = task.trace!;
  if (trace.isStepping) kernel.effect({ kind: "step", task: task.tid, isOn: false });
  Object.assign(trace, { isStepping: false, message, stop: { ...stop, isReported: false, isListening: false } });
  if (task.state === "ready") leaveRunQueue(kernel, task.tid);
  task.state = "traced";
  countSwitch(kernel, task.tid, "voluntary");
  kernel.disturb();
  const isGroup = stop.kind === "group";
  const status = isGroup ? (processOf(kernel, task.pid).stoppedBy ?? 0) : stop.code & 0x7f;
  const news = notice(kernel, task, signals.SIGCHLD, isGroup ? childCodes.CLD_STOPPED : childCodes.CLD_TRAPPED);
  tellOfStop(kernel, tracerOf(kernel, task), { ...news, status });
}
function enterEvent(kernel: Kernel, task: Draft<Task>, event: number, message: number, kind: "event" | "filter" | "ending" = "event"): void {
  kernel.effect({ kind: "setRegisters", task: task.tid, set: { rax: NO_RESULT } });
  enter(kernel, task, { kind, code: codeOf(event), info: notice(kernel, task, SIGTRAP, codeOf(event)) }, message);
}
function enterAtCall(kernel: Kernel, task: Draft<Task>, kind: "call" | "left"): void {
  const code = has(task.trace!, ptraceOptions.PTRACE_O_TRACESYSGOOD) ? SIGTRAP | SYSGOOD_BIT : SIGTRAP;
  enter(kernel, task, { kind, code, info: notice(kernel, task, SIGTRAP, code) }, kind === "call" ? callMessages.ENTRY : callMessages.EXIT);
}

const traps: { readonly [At in Exclude<TrapEvent["at"], "rest">]: (kernel: Kernel, task: Draft<Task>, event: Omit<TrapEvent, "kind">) => void } = {
  call(kernel, task, { number }) {
    const { isEmulating } = task.trace!;
    task.tracedCall = { number: number!, stage: isEmulating ? "skipped" : "entered", ticks: 0 };
    kernel.effect({ kind: "setRegisters", task: task.tid, set: { rax: NO_RESULT } });
    enterAtCall(kernel, task, "call");
  },
  filter(kernel, task, { number, message }) {
    task.tracedCall = { number: number!, stage: "checked", ticks: 0 };
    enterEvent(kernel, task, ptraceEvents.PTRACE_EVENT_SECCOMP, message!, "filter");
  },
  signal(kernel, task) {
    const info = take(kernel, task, ~task.blocked)!;
    refreshAttention(kernel, task);
    enter(kernel, task, { kind: "signal", code: info.signal, info });
  },
  group(kernel, task) {
    const trace = task.trace!;
    trace.isTrapDue = false;
    refreshAttention(kernel, task);
    const process = processOf(kernel, task.pid);
    const signal = (process.isStopped ? process.stoppedBy : undefined) ?? SIGTRAP;
    const code = trace.isSeized ? codeOf(ptraceEvents.PTRACE_EVENT_STOP, signal) : signal;
    enter(kernel, task, { kind: "group", code, info: trace.isSeized ? notice(kernel, task, signal, code) : null });
  },
  handler: (kernel, task) => enter(kernel, task, { kind: "handler", code: SIGTRAP, info: notice(kernel, task, SIGTRAP, SIGTRAP) }),
};
/** The `trap` event, but for what is left of a task's end (exits.ts). */
export function trap(kernel: Kernel, event: Omit<TrapEvent, "kind">): void {
  const task = taskOf(kernel, event.task);
  if (event.at === "rest") leaveCall(kernel, task);
  else traps[event.at](kernel, task, event);
}

/** A traced task makes a call. */
export function beginCall(kernel: Kernel, tid: number, number: number): void {
  const task = kernel.procTable.tasks.get(tid);
  if (!task || task.state === "dead" || (!task.trace && !task.tracedCall) || task.tracedCall?.stage === "running") return;
  task.tracedCall = { number: task.tracedCall && task.tracedCall.stage !== "made" ? task.tracedCall.number : number, stage: "running", ticks: 0 };
}
/** It has answered. Where the task has stopped within the call, or waits for a vfork child, its result comes when it goes on. */
export function endCall(kernel: Kernel, tid: number, number: number, result: CallResult): void {
  const task = kernel.procTable.tasks.get(tid);
  const call = task?.tracedCall;
  if (!task || call?.stage !== "running" || result.kind === "block" || task.state === "dead" || task.ending !== undefined) return;
  if (task.state !== "ready") {
    if (result.kind === "done") call.value = result.value;
    return;
  }
  if (number === RT_SIGRETURN && result.kind === "gone") call.number = -1;
  finishCall(kernel, task);
}
const RT_SIGRETURN = 15;
function finishCall(kernel: Kernel, task: Draft<Task>): void {
  const call = task.tracedCall!;
  call.stage = "made";
  charge(kernel);
  call.ticks = task.ticks;
  if (!task.trace) delete task.tracedCall;
  if (task.trace?.stopsAtCalls) enterAtCall(kernel, task, "left");
  else settleCall(kernel, task);
}
/** What was left of a call when its task stopped. */
function leaveCall(kernel: Kernel, task: Draft<Task>): void {
  const call = task.tracedCall!;
  const { child } = call;
  if (child !== undefined) {
    delete call.child;
    if (isEnabled(task, ptraceEvents.PTRACE_EVENT_VFORK_DONE)) {
      call.stage = "running";
      enterEvent(kernel, task, ptraceEvents.PTRACE_EVENT_VFORK_DONE, child);
      return;
    }
  }
  if (call.value !== undefined) kernel.effect({ kind: "setRegisters", task: task.tid, set: { rax: call.value } });
  finishCall(kernel, task);
}

const isEnabled = (task: Draft<Task>, event: number): boolean => task.trace !== undefined && has(task.trace, optionOf(event));
/** The task has made another: its tracer may be told, and trace that too (kernel/fork.c, kernel_clone; include/linux/ptrace.h, ptrace_init_task). */
export function noteBirth(kernel: Kernel, task: Draft<Task>, tid: number, flags: number, exitSignal: number): void {
  const { trace, tracedCall } = task;
  if (!trace) return;
  const isVfork = (flags & cloneFlags.CLONE_VFORK) !== 0;
  if (isVfork && tracedCall) tracedCall.child = tid;
  const { PTRACE_EVENT_VFORK, PTRACE_EVENT_CLONE, PTRACE_EVENT_FORK } = ptraceEvents;
  const event = isVfork ? PTRACE_EVENT_VFORK : exitSignal === signals.SIGCHLD ? PTRACE_EVENT_FORK : PTRACE_EVENT_CLONE;
  const isTold = (flags & cloneFlags.CLONE_UNTRACED) === 0 && isEnabled(task, event);
  if (isTold || (flags & cloneFlags.CLONE_PTRACE) !== 0) {
    const child = taskOf(kernel, tid);
    link(kernel, child, trace.tracer, trace.isSeized, trace.options);
    if (trace.isSeized) child.trace!.isTrapDue = true;
    else put(child, kernelSignal(signals.SIGSTOP, originCodes.SI_USER));
    refreshAttention(kernel, child);
  }
  if (isTold) enterEvent(kernel, task, event, tid);
}
/** The task executes another program. `before`: its number until now. */
export function noteExecution(kernel: Kernel, task: Draft<Task>, before: number): void {
  const { trace, tracedCall } = task;
  if (!trace || !tracedCall) return;
  tracedCall.value = 0;
  if (isEnabled(task, ptraceEvents.PTRACE_EVENT_EXEC)) {
    enterEvent(kernel, task, ptraceEvents.PTRACE_EVENT_EXEC, before);
    return;
  }
  if (!trace.isSeized) postToTask(kernel, task.tid, signalFrom(processOf(kernel, task.pid), SIGTRAP));
  finishCall(kernel, task);
}
/** Whether the task stops before it ends, with that status. */
export function stopsBeforeEnd(kernel: Kernel, task: Draft<Task>, status: number): boolean {
  if (!isEnabled(task, ptraceEvents.PTRACE_EVENT_EXIT) || task.ending !== undefined) return false;
  task.ending = status;
  enterEvent(kernel, task, ptraceEvents.PTRACE_EVENT_EXIT, status, "ending");
  return true;
}

export type Going = Pick<Trace, "stopsAtCalls" | "isStepping" | "isEmulating">;
export const FREELY: Going = { stopsAtCalls: false, isStepping: false, isEmulating: false };
/** The tracer lets the task go on; `signal`: which one it lets through, 0 for none. */
export function resume(kernel: Kernel, task: Draft<Task>, going: Going, signal: number): void {
  const stop = task.trace!.stop!;
  letThrough(kernel, task, stop, signal);
  Object.assign(task.trace!, going);
  if (going.isStepping) kernel.effect({ kind: "step", task: task.tid, isOn: true });
  goOn(kernel, task, stop);
}
/** kernel/signal.c, ptrace_signal; and ptrace_report_syscall for stops at calls. Elsewhere the signal is not looked at. */
function letThrough(kernel: Kernel, task: Draft<Task>, { kind, info }: Draft<TraceStop>, signal: number): void {
  if (signal === 0) return;
  if (kind === "call" || kind === "left") postToTask(kernel, task.tid, kernelSignal(signal));
  if (kind !== "signal") return;
  const tracer = processOfTask(kernel, task.trace!.tracer);
  const through = info?.signal === signal ? { ...info } : signalFrom(tracer, signal);
  if (hasSignal(task.blocked, signal)) put(task, through);
  else task.delivering = through;
}
function goOn(kernel: Kernel, task: Draft<Task>, { kind }: Draft<TraceStop>): void {
  const call = task.tracedCall;
  if (kind === "event" && call?.stage === "running") {
    const isLent = [...kernel.procTable.tasks.values()].some(one => one.lender === task.tid);
    if (isLent && call.child !== undefined) {
      if (task.trace) task.trace.stop = null;
      task.state = "lent";
      return;
    }
    call.stage = "returned";
  }
  standUp(kernel, task);
  settleCall(kernel, task);
}
/** The tracer lets go of the task for good. */
export function detach(kernel: Kernel, task: Draft<Task>, signal: number): void {
  const stop = task.trace!.stop;
  if (stop) letThrough(kernel, task, stop, signal);
  unlink(kernel, task);
  if (stop) goOn(kernel, task, stop);
  else if (processOf(kernel, task.pid).isStopped && (task.state === "ready" || task.state === "waiting")) {
    if (task.state === "ready") leaveRunQueue(kernel, task.tid);
    task.state = "stopped";
  }
  refreshAttention(kernel, task);
}
/** The signal that a tracee takes when its tracer ends: that of a stop which nobody has waited for. */
export const signalLeft = ({ stop }: Draft<Trace>): number => (stop && !stop.isReported && stop.code <= 64 ? stop.code : 0);

/** What the tracer makes of the registers decides whether an interrupted call is made again: Linux looks at them only when the task goes on (arch/x86/kernel/signal.c). */
export function reconsiderRestart(task: Draft<Task>, number: bigint, result: bigint): void {
  const kind = task.trace?.stop?.kind;
  if (kind === undefined || kind === "call" || kind === "filter" || kind === "event" || kind === "ending") return;
  const errno = restarts.find(one => BigInt.asIntN(64, result) === BigInt(-errnoNumber(one)));
  task.restart = errno && BigInt.asIntN(64, number) >= 0n ? { number: Number(number), errno } : null;
}
const restarts = ["ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK"] as const;
